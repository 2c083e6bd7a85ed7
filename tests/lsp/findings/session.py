"""An editor with a server that shows reviews, and the diagnostics that it gets."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

from tests.lsp.client import Client
from tests.lsp.editor import Editor, offset_of, position_of

TEXT = """\
# 😋 before
def f(a):
    b = "é😋"; c = 1 / a
    return c


def g(a):
    return a
"""
BUG = 'b = "é😋"; c = 1 / a'
ERROR, WARNING, INFORMATION = 1, 2, 3
REMARK = {
    "line": 3,
    "code": BUG,
    "severity": "error",
    "message": "Division by zero when `a` is 0.",
    "advice": "Check it.",
}
MESSAGE = "Division by zero when `a` is 0.\nCheck it."
TOUCHED = "Division by zero when `a` is 0. The code has changed since.\nCheck it."
OTHER = {"code": "return a", "severity": "low", "message": "Does nothing."}
ALL = {
    "textDocument": {"publishDiagnostics": {"versionSupport": True, "dataSupport": True}},
}


class Session:
    """An editor with a server, and the diagnostics that it shows."""

    def __init__(self, client: Client, encoding: str, uri: str) -> None:
        self.client = client
        self.uri = uri
        self.editor = Editor(client, encoding)

    @property
    def text(self) -> str:
        """The text of the one document."""
        return self.editor.buffers[self.uri].text

    async def review(self, *remarks: Any, text: str | None = None, **more: Any) -> Any:
        """Shows a review of the document; `text` is what was reviewed if that is not its text."""
        asked = {"uri": self.uri, "text": self.text if text is None else text, **more}
        asked["answer"] = f"```json\n{json.dumps(remarks)}\n```"
        return await self.client.command("review", asked)

    async def diff(self, files: dict[Path, str], *remarks: Any, origin: str = "diff") -> Any:
        """Shows a review of a diff."""
        texts = {str(path): text for path, text in files.items()}
        asked = {"files": texts, "answer": json.dumps(remarks), "origin": origin}
        return await self.client.command("diff", asked)

    async def published(self, uri: str = "") -> list[dict[str, Any]]:
        """The diagnostics that the server sends next."""
        uri = uri or self.uri
        message = await self.client.expect(
            lambda m: (
                m.get("method") == "textDocument/publishDiagnostics" and m["params"]["uri"] == uri
            )
        )
        diagnostics: list[dict[str, Any]] = message["params"]["diagnostics"]
        if uri in self.editor.buffers and "version" in message["params"]:
            assert message["params"]["version"] == self.editor.buffers[uri].version
        return diagnostics

    async def seen(self, uri: str = "") -> list[tuple[str, int, str]]:
        """The code, the severity and the message of the diagnostics that the server sends next."""
        uri = uri or self.uri
        text = self.editor.buffers[uri].text
        return [
            (self.code(one["range"], text), one["severity"], one["message"])
            for one in await self.published(uri)
        ]

    def code(self, place: dict[str, Any], text: str) -> str:
        """What an editor marks: strict about positions."""
        ends = (offset_of(text, place[end], self.editor.encoding) for end in ("start", "end"))
        return text[slice(*ends)]

    def edit(self, old: str, new: str, nth: int = 1) -> None:
        """The user replaces an occurrence of a text."""
        start = -1
        for _ in range(nth):
            start = self.text.index(old, start + 1)
        encoding = self.editor.encoding
        ends = [position_of(self.text, at, encoding) for at in (start, start + len(old))]
        buffer = self.editor.buffers[self.uri]
        buffer.text = buffer.text[:start] + new + buffer.text[start + len(old) :]
        buffer.version += 1
        self.editor.changed(self.uri, [{"range": {"start": ends[0], "end": ends[1]}, "text": new}])

    async def nothing_new(self, *uris: str) -> None:
        """Checks that the server has told nothing about the session's documents that was not looked at."""
        assert await self.client.command("get", "none") is None
        told = [one["params"] for one in self.client.received if "publish" in one.get("method", "")]
        assert [one for one in told if one["uri"] in (self.uri, *uris)] == []


Make = Callable[..., AbstractAsyncContextManager[Session]]
