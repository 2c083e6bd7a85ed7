"""The loop that answers the editor does nothing that takes long of a large file, or reads files, by itself."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.lsp import watched_server
from tests.lsp.acting import acting
from tests.lsp.client import LIMIT
from tests.wire.server import WireServer
from tests.wire.vendors import anthropic_stream

CODE = "def add(a, b):\n    return a + b\n\n\n" * 3
BETTER = "```python\ndef add(a, b):\n    total = a + b\n    return total\n```"


async def test_slow_work_is_done_in_threads(home: Path, configure, tmp_path: Path) -> None:
    """From the start over menu, hover, an answer that came too late and what is offered then, to the end."""
    program = (watched_server.__file__,)
    code = CODE.replace("add", "plus", 1).replace("add", "minus", 1)
    async with (
        WireServer().running() as wire,
        acting(wire, configure, tmp_path / "sums.py", code, program=program) as user,
    ):
        for _ in range(2):
            go, asked = asyncio.Event(), len(user.asked)
            wire.asked.clear()
            wire.sse(go, *anthropic_stream(BETTER))
            await user.client.ask("textDocument/hover", user.place(8))
            user.picks.append("Run again")
            await user.choose("Refactor add", 8)
            await asyncio.wait_for(wire.asked.wait(), LIMIT)
            user.editor.type(user.uri, user.text.rindex("return"), "print(a)\n    ")
            go.set()
            await user.until(lambda asked=asked: len(user.asked) > asked)  # type: ignore[misc]
        complaints = [
            line for line in user.client.stderr.splitlines() if watched_server.COMPLAINT in line
        ]
        assert not complaints
