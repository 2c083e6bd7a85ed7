"""A user at an editor, for tests of actions: picks lines of the menu, answers dialogs, sees what comes of it."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from typing import TYPE_CHECKING, Any

from tests.lsp.client import LIMIT, Client
from tests.lsp.editor import Editor
from tests.wire.server import WireServer
from tests.wire.vendors import anthropic_stream, openai_stream

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence
    from pathlib import Path

DIALOGS = {"experimental": {"codefare": {"dialogs": True}}}
"""What codefare's own clients declare."""

_LANGUAGES = {".js": "javascript", ".ts": "typescript", ".go": "go", ".rs": "rust"}

EDITS = {"applyEdit": True, "workspaceEdit": {"documentChanges": True}}

STREAMS: Mapping[str, Callable[..., list[bytes]]] = {
    "anthropic": anthropic_stream,
    "openai": openai_stream,
}
"""How each vendor streams an answer."""


class User:
    """One document in one editor, with a scripted model behind the server.

    `picks` and `words` are what the user answers to dialogs, in order; what he was asked is in `asked`.
    """

    def __init__(
        self, client: Client, editor: Editor, wire: WireServer, path: Path, vendor: str
    ) -> None:
        self.client = client
        self.editor = editor
        self.wire = wire
        self.stream = STREAMS[vendor]
        self.path = path
        self.uri = path.as_uri()
        self.picks: list[str] = []
        self.words: list[str | None] = []
        self.asked: list[tuple[str, list[str]]] = []
        self.shown: list[str] = []
        self._happened = asyncio.Event()
        client.listeners.append(self._heard)
        client.answers["codefare/pick"] = self._pick
        client.answers["codefare/words"] = self._words
        client.answers["window/showMessageRequest"] = self._message
        client.answers["window/showDocument"] = self._document
        client.answers["window/workDoneProgress/create"] = lambda _: None

    @property
    def text(self) -> str:
        """The document as the user sees it."""
        return self.editor.buffers[self.uri].text

    def says(self, *answers: str) -> None:
        """The model's next answers, each in a request of its own."""
        for answer in answers:
            self.wire.sse(*self.stream(answer))

    @property
    def prompts(self) -> list[str]:
        """What the model was asked, request by request."""
        return [request.json["messages"][-1]["content"] for request in self.wire.requests]

    async def menu(
        self, line: int, *, only: list[str] | None = None, trigger: int = 1, **context: Any
    ) -> list[dict[str, Any]]:
        """The lines of the menu with the cursor at the start of a line."""
        at = {"line": line, "character": 4}
        asked = {"diagnostics": [], "triggerKind": trigger, **context}
        params = {
            "textDocument": {"uri": self.uri},
            "range": {"start": at, "end": at},
            "context": asked | ({"only": only} if only is not None else {}),
        }
        actions: list[dict[str, Any]] = await self.client.ask("textDocument/codeAction", params)
        return actions

    def place(self, line: int) -> dict[str, Any]:
        """The params of a request about the start of a line."""
        return {
            "textDocument": {"uri": self.uri},
            "position": {"line": line, "character": 0},
        }

    async def choose(self, title: str, line: int, **context: Any) -> dict[str, Any]:
        """Picks the first line of the menu that begins with `title`."""
        actions = await self.menu(line, **context)
        titles = [action["title"] for action in actions]
        action = next((a for a in actions if a["title"].startswith(title)), None)
        assert action is not None, titles
        await self.run(action)
        return action

    async def run(self, action: dict[str, Any]) -> None:
        """Runs a line of the menu."""
        command = action["command"]
        await self.client.ask(
            "workspace/executeCommand",
            {"command": command["command"], "arguments": command.get("arguments", [])},
        )

    async def told(self, part: str) -> str:
        """Waits until the user is told something with `part` in it."""
        message = await self.client.expect(
            lambda m: (
                m.get("method") in {"window/showMessage", "window/logMessage"}
                and part in m["params"]["message"]
            )
        )
        said: str = message["params"]["message"]
        return said

    async def until(self, holds: Callable[[], bool]) -> None:
        """Waits for a message after which something holds."""
        while not holds():
            self._happened.clear()
            await asyncio.wait_for(self._happened.wait(), LIMIT)

    def _heard(self, _message: dict[str, Any]) -> None:
        # Once the message is answered, too.
        asyncio.get_running_loop().call_soon(self._happened.set)

    def _pick(self, params: dict[str, Any]) -> Any:
        self.asked.append((params["title"], params["items"]))
        index = self._index(params["items"])
        return None if index is None else {"index": index}

    def _words(self, params: dict[str, Any]) -> Any:
        self.asked.append((params["title"], []))
        words = self.words.pop(0) if self.words else None
        return None if words is None else {"text": words}

    def _message(self, params: dict[str, Any]) -> Any:
        titles = [action["title"] for action in params["actions"]]
        self.asked.append((params["message"], titles))
        index = self._index(titles)
        return None if index is None else {"title": titles[index]}

    def _index(self, items: list[str]) -> int | None:
        wanted = self.picks.pop(0) if self.picks else None
        if wanted is None:
            return None
        return next(at for at, item in enumerate(items) if wanted in item)

    def _document(self, params: dict[str, Any]) -> Any:
        self.shown.append(params["uri"])
        return {"success": True}


@contextlib.asynccontextmanager
async def started(
    wire: WireServer,
    configure: Callable[[str], Any],
    path: Path,
    text: str,
    *,
    capabilities: dict[str, Any] | None = None,
    settings: str = "",
    vendor: str = "anthropic",
    program: Sequence[str | Path] = ("-m", "codefare"),
) -> AsyncIterator[User]:
    """A session with a document open, served by a vendor of the catalog; it ends as the test ends it."""
    command = f'["{sys.executable}", "-c", "print(5)"]'
    configure(
        f'{settings}\n[providers.{vendor}]\nbase_url = "{wire.url}"\napi_key_command = {command}\n'
    )
    path.write_bytes(text.encode())  # noqa: ASYNC240  a test may wait
    abilities = {
        "workspace": EDITS,
        "textDocument": {
            "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": []}}}
        },
        "window": {"showDocument": {"support": True}, "workDoneProgress": True},
        **(DIALOGS if capabilities is None else capabilities),
    }
    folder = {"uri": path.parent.as_uri(), "name": "project"}
    async with Client.start(*program, "serve") as client:
        await client.initialize(abilities, workspaceFolders=[folder])
        editor = Editor(client)
        editor.open(path.as_uri(), text, _LANGUAGES.get(path.suffix, "python"))
        yield User(client, editor, wire, path, vendor)


@contextlib.asynccontextmanager
async def acting(
    wire: WireServer, configure: Callable[[str], Any], path: Path, text: str, **more: Any
) -> AsyncIterator[User]:
    """The same; it ends well, or the test fails."""
    async with started(wire, configure, path, text, **more) as user:
        yield user
        assert await user.client.end() == 0
