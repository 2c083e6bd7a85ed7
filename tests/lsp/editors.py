"""The editors of the trap table as fake clients: strict as they are, and with what each does its own way."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, ClassVar, Self
from urllib.parse import unquote, urlparse

from tests.lsp.client import NEVER, Client, Error
from tests.lsp.editor import Editor, lines_of, units

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

INVOKED, AUTOMATIC = 1, 2
"""Why an editor asks for actions: the user did, or it does so by itself."""


class Fake(Editor):
    """What all of them have in common."""

    NAME = ""
    ENCODINGS: ClassVar[list[str]] = []
    DECLARES: ClassVar[dict[str, Any]] = {}

    @classmethod
    @contextlib.asynccontextmanager
    async def running(cls, *argv: str | Path, **params: Any) -> AsyncIterator[Self]:
        """The editor with a server of `python argv...`, from the start of the session to its end."""
        async with Client.start(*argv) as client:
            capabilities = dict(cls.DECLARES)
            if cls.ENCODINGS:
                capabilities["general"] = {"positionEncodings": cls.ENCODINGS}
            info = {"clientInfo": {"name": cls.NAME}} if cls.NAME else {}
            result = await client.initialize(capabilities, **info, **params)
            yield cls(client, result["capabilities"])
            assert await client.end() == 0
            assert client.surprises == []  # nothing was asked that this editor does not know

    def __init__(self, client: Client, server: dict[str, Any]) -> None:
        super().__init__(client, server["positionEncoding"])
        self.server = server
        self.asked = 0  # how many edits the server asked for
        self.typing: list[tuple[str, int, str]] = []  # each before the next edit arrives
        client.answers["workspace/applyEdit"] = self._apply
        if self.DECLARES.get("window", {}).get("showDocument"):
            client.answers["window/showDocument"] = self.show
        if self.DECLARES.get("window", {}).get("workDoneProgress"):
            client.answers["window/workDoneProgress/create"] = lambda _: None

    def text(self, uri: str) -> str:
        """What the editor shows."""
        return self.buffers[uri].text

    # -- edits ---------------------------------------------------------------------------------

    def _apply(self, params: dict[str, Any]) -> Any:
        self.asked += 1
        if self.typing:
            self.type(*self.typing.pop(0))
        return self.apply(params)

    def is_stale(self, uri: str, version: int | None) -> bool:
        """Whether an edit is for another version than the one that the editor has."""
        return version is not None and version != self.buffers[uri].version

    def apply(self, params: dict[str, Any]) -> Any:
        """Applies an edit, or does with a stale one what this editor does."""
        uri, version, edits = self.read(params)
        if self.is_stale(uri, version):
            return self.drop(uri, version)
        self.edit(uri, edits)
        self.changed(uri)
        return {"applied": True}

    def drop(self, _uri: str, _version: int | None) -> Any:
        """What the editor says of a stale edit."""
        raise NotImplementedError

    # -- reports -------------------------------------------------------------------------------

    def show(self, _params: dict[str, Any]) -> Any:
        """Shows a document."""
        return {"success": True}

    # -- actions -------------------------------------------------------------------------------

    def cursor(self, _uri: str, line: int) -> dict[str, Any]:
        """The range that the editor sends for a cursor in the code of a line."""
        text = self._line(_uri, line)
        indent = len(text) - len(text.lstrip())
        at = {"line": line, "character": indent}
        return {"start": at, "end": at}

    def _line(self, uri: str, line: int) -> str:
        return lines_of(self.text(uri))[line].rstrip("\r\n")

    async def actions(
        self,
        uri: str,
        line: int,
        *,
        only: list[str] | None = None,
        trigger: int | None = INVOKED,
    ) -> list[dict[str, Any]]:
        """The actions at a line, as raw JSON."""
        context: dict[str, Any] = {"diagnostics": []}
        if only is not None:
            context["only"] = only
        if trigger is not None:
            context["triggerKind"] = trigger
        params = {"textDocument": {"uri": uri}, "range": self.cursor(uri, line), "context": context}
        result: list[dict[str, Any]] = await self.client.ask("textDocument/codeAction", params)
        return result

    async def run(self, uri: str, line: int, title: str) -> Any:
        """Picks the action whose title begins so."""
        actions = await self.actions(uri, line)
        [action] = [each for each in actions if each["title"].startswith(title)]
        command = action["command"] if isinstance(action["command"], dict) else action
        return await self.client.command(command["command"], *command["arguments"])


LITERALS: dict[str, Any] = {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": []}}}
SHOWS: dict[str, Any] = {"showDocument": {"support": True}, "workDoneProgress": True}


def _can(*, changes: bool, operations: bool = False) -> dict[str, Any]:
    """Applying edits, with versions and resource operations or without."""
    edit: dict[str, Any] = {"documentChanges": True} if changes else {}
    if operations:
        edit["resourceOperations"] = ["create", "rename", "delete"]
    return {"applyEdit": True, "workspaceEdit": edit}


class VSCode(Fake):
    """A stale edit is `applied: false`, without a reason; asks for actions at each move of the cursor."""

    NAME = "Visual Studio Code"
    ENCODINGS: ClassVar = ["utf-16"]
    DECLARES: ClassVar = {
        "workspace": _can(changes=True, operations=True),
        "window": SHOWS,
        "textDocument": {"codeAction": {**LITERALS, "tagSupport": {"valueSet": [1]}}},
    }

    def drop(self, _uri: str, _version: int | None) -> Any:
        """Says no, and nothing more."""
        return {"applied": False}


class Neovim(Fake):
    """0.11: drops a stale edit and says yes; takes version 0 for any; does not check a second document."""

    NAME = "Neovim"
    ENCODINGS: ClassVar = ["utf-8", "utf-16", "utf-32"]
    DECLARES: ClassVar = {
        "workspace": {
            "applyEdit": True,
            "workspaceEdit": {"resourceOperations": ["rename", "create", "delete"]},
        },
        "window": SHOWS,
        "textDocument": {"codeAction": LITERALS},
    }

    def is_stale(self, uri: str, version: int | None) -> bool:
        """It takes an edit of a later version, too."""
        return bool(version) and (version or 0) < self.buffers[uri].version

    def apply(self, params: dict[str, Any]) -> Any:
        """Empties a file that is to be created, and checks the version of the first document alone."""
        changes = params["edit"].get("documentChanges", [])
        for change in changes:
            if change.get("kind") == "create" and not change.get("options", {}).get(
                "ignoreIfExists"
            ):
                with open(unquote(urlparse(change["uri"]).path), "w"):  # noqa: PTH123  # empties it
                    pass
        for change in changes[1:]:
            if "edits" in change:
                self.edit(change["textDocument"]["uri"], change["edits"])
                self.changed(change["textDocument"]["uri"])
        return super().apply(params)

    def drop(self, _uri: str, _version: int | None) -> Any:
        """Says that it was applied."""
        return {"applied": True}


class OldNeovim(Neovim):
    """0.7.2: knows no `window/showDocument` and no position encodings."""

    ENCODINGS: ClassVar = []
    DECLARES: ClassVar = {
        "workspace": {"applyEdit": True, "workspaceEdit": {}},
        "window": {"workDoneProgress": True},
        "textDocument": {"codeAction": LITERALS},
    }


class Eglot(Fake):
    """A stale edit is an error; there is no CreateFile; a cursor is its whole line."""

    NAME = "Emacs"
    ENCODINGS: ClassVar = ["utf-32", "utf-8", "utf-16"]
    DECLARES: ClassVar = {
        "workspace": _can(changes=True),
        "window": SHOWS,
        "textDocument": {"codeAction": LITERALS},
    }

    def apply(self, params: dict[str, Any]) -> Any:
        """Knows edits of text and no other."""
        assert all("kind" not in each for each in params["edit"].get("documentChanges", []))
        return super().apply(params)

    def drop(self, _uri: str, _version: int | None) -> Any:
        """Fails."""
        wrong = f"Edits on `{_uri}' require version {_version}, you have another"
        raise Error(-32603, wrong)

    def cursor(self, _uri: str, line: int) -> dict[str, Any]:
        """The line without its line break."""
        end = {"line": line, "character": units(self._line(_uri, line), self.encoding)}
        return {"start": {"line": line, "character": 0}, "end": end}


class OldEglot(Eglot):
    """1.9: answers null to `window/showDocument`, and sends the word at point for a cursor."""

    ENCODINGS: ClassVar = []

    def show(self, _params: dict[str, Any]) -> Any:
        """Shows it, and has nothing to say."""
        return None


class Kate(Fake):
    """A cursor is its line with the line break."""

    NAME = "Kate"
    DECLARES: ClassVar = {
        "workspace": _can(changes=True),
        "window": SHOWS,
        "textDocument": {"codeAction": LITERALS},
    }

    def cursor(self, _uri: str, line: int) -> dict[str, Any]:
        """From the start of the line to the start of the next."""
        return {
            "start": {"line": line, "character": 0},
            "end": {"line": line + 1, "character": 0},
        }


class Ale(Fake):
    """Applies edits though it declares that it does not, sends whole texts, and never answers."""

    DECLARES: ClassVar = {"workspace": {"applyEdit": False}}

    def apply(self, params: dict[str, Any]) -> Any:
        """Applies it and says nothing."""
        super().apply(params)
        return NEVER


class Zed(Fake):
    """Understands an edit by the text of its version; runs `source.*` actions on save."""

    NAME = "Zed"
    ENCODINGS: ClassVar = ["utf-16"]
    DECLARES: ClassVar = {
        "workspace": _can(changes=True, operations=True),
        "window": SHOWS,
        "textDocument": {"codeAction": LITERALS},
    }

    def __init__(self, client: Client, server: dict[str, Any]) -> None:
        super().__init__(client, server)
        self._shifted = 0  # by what was typed above, in lines

    def type(self, uri: str, offset: int, text: str, *, tell: bool = True) -> None:
        """Remembers by how much an edit's lines are off."""
        self._shifted += len(lines_of(text)) - 1
        super().type(uri, offset, text, tell=tell)

    def is_stale(self, _uri: str, _version: int | None) -> bool:
        """Nothing is."""
        return False

    def edit(self, uri: str, edits: list[dict[str, Any]]) -> None:
        """Moves the edit to where its text is by now."""
        for each in edits:
            for end in each["range"].values():
                end["line"] += self._shifted
        super().edit(uri, edits)


class Helix(Fake):
    """Empties a file that is to be created; blocks its screen in `resolve`; runs `source.*` actions on save."""

    NAME = "helix"
    ENCODINGS: ClassVar = ["utf-8", "utf-32", "utf-16"]
    DECLARES: ClassVar = {
        "workspace": _can(changes=True, operations=True),
        "window": SHOWS,
        "textDocument": {"codeAction": {**LITERALS, "isPreferredSupport": True}},
    }

    def drop(self, _uri: str, _version: int | None) -> Any:
        """Says what is wrong."""
        return {"applied": False, "failureReason": "outdated workspace edit"}
