"""Models that a local server has, and the catalog does not know."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.wire.server import Answer, WireServer
from tests.wire.vendors import openai_stream

from codefare.assembly import assemble
from codefare.source.document import Document
from codefare.tasks.outcome import Edit

if TYPE_CHECKING:
    from pathlib import Path

CODE = "def add(a, b):\n    return a + b\n"
DOCSTRING = '```python\n"""Add two numbers."""\n```'


async def test_a_model_of_ones_own_is_quoted_and_run_for_free(configure, tmp_path: Path) -> None:
    """Where nothing else can be used it serves every action, its tokens counted in a wide band."""
    listing = json.dumps({"data": [{"id": "a-model-of-my-own", "max_model_len": 16384}]}).encode()
    document = Document("file:///sums.py", tmp_path / "sums.py", "python", CODE, 1)
    target = document.target(document.span_of_lines(1, 1))
    async with WireServer().running() as server:
        server.paths["/v1/models"] = Answer(
            (listing,), 200, {"content-type": "application/json"}, "length"
        )
        configure(f'[providers.local]\nbase_url = "{server.url}/v1"\n')
        made = assemble()
        await made.open()
        try:
            quotes = await made.quotes(made.quoter.asks(document, target))
            server.paths["/v1/chat/completions"] = Answer(
                tuple(openai_stream(DOCSTRING)), 200, {"content-type": "text/event-stream"}
            )
            result = await made.run(next(q for q in quotes if q.action.id == "document"))
        finally:
            await made.close()
    assert {q.choice and q.choice.model.id for q in quotes} == {"local/a-model-of-my-own"}
    assert all(q.cost is not None and q.cost.ceiling == 0 for q in quotes)
    sizes = [q.estimate.input for q in quotes if q.estimate]
    assert all(s.low < s.likely < s.high < s.bound and not s.exact for s in sizes)
    assert isinstance(result.outcome, Edit)
    assert result.cost_usd == 0
