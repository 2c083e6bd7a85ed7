"""An editor that declares what VS Code, Neovim or Emacs declares, with the real server."""

from __future__ import annotations

import ast
import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from lsprotocol import types as lsp
from pytest_lsp import LanguageClient, client_capabilities, make_test_lsp_client

CODE = """def add(a, b):
    return a + b


class Greeter:
    def greet(self, name):
        if not name:
            raise ValueError("empty")
        return f"Hello, {name}"
"""
PRESETS = ("visual_studio_code", "neovim", "emacs")
LIMIT = 60.0


class Editor:
    """An editor with one document open: it applies edits as editors do, and keeps what it was shown."""

    def __init__(self, client: LanguageClient, path: Path) -> None:
        self.client = client
        self.path = path
        self.version = 1
        self.text = path.read_text("utf-8")
        self.happened = asyncio.Event()
        self.shown: list[Path] = []
        self.messages: list[str] = []
        for method, handler in (
            (lsp.WORKSPACE_APPLY_EDIT, self._apply),
            (lsp.WINDOW_SHOW_DOCUMENT, self._show),
            (lsp.WINDOW_SHOW_MESSAGE, self._message),
        ):
            client.protocol.fm.features.pop(method, None)  # pytest-lsp's own, which only records
            client.feature(method)(self._handler(handler))

    def _handler(self, method: Any) -> Any:
        async def handle(params: Any) -> Any:
            result = method(params)
            self.happened.set()
            return result

        return handle

    def open(self) -> None:
        """Opens the document."""
        item = lsp.TextDocumentItem(self.path.as_uri(), "python", self.version, self.text)
        self.client.text_document_did_open(lsp.DidOpenTextDocumentParams(item))

    async def hover(self, line: int, character: int) -> str:
        """The hover's text."""
        result = await self.client.text_document_hover_async(
            lsp.HoverParams(
                lsp.TextDocumentIdentifier(self.path.as_uri()), lsp.Position(line, character)
            )
        )
        assert result is not None
        assert isinstance(result.contents, lsp.MarkupContent)
        return result.contents.value

    async def menu(self, line: int, character: int, only: list[Any] | None = None) -> list[Any]:
        """The actions at a position: commands of the menu, as the client decodes them."""
        at = lsp.Position(line, character)
        params = lsp.CodeActionParams(
            lsp.TextDocumentIdentifier(self.path.as_uri()),
            lsp.Range(at, at),
            lsp.CodeActionContext([], only=only, trigger_kind=lsp.CodeActionTriggerKind.Invoked),
        )
        return list(await self.client.text_document_code_action_async(params) or [])

    async def pick(self, name: str, line: int, character: int) -> str:
        """Runs the action whose title begins with `name`; gives the title."""
        actions = await self.menu(line, character)
        action = next(a for a in actions if a.title.startswith(name))
        command = action.command if isinstance(action.command, lsp.Command) else action
        if command.command.startswith("{"):
            # lsprotocol decodes an action as a Command, and the real command inside it as that one's name.
            command = lsp.Command(**ast.literal_eval(command.command))
        self.happened.clear()
        await self.client.workspace_execute_command_async(
            lsp.ExecuteCommandParams(command.command, command.arguments)
        )
        return str(action.title)

    async def run(self, action: str, line: int) -> str:
        """Runs an action at the start of a line, as a key binding does; gives the job's id."""
        at = {"line": line, "character": 0}
        place = {"uri": self.path.as_uri(), "range": {"start": at, "end": at}}
        params = lsp.ExecuteCommandParams(f"codefare.{action}", [place])
        return str(await self.client.workspace_execute_command_async(params))

    def change(self, text: str) -> None:
        """The user makes `text` of the document."""
        self.text, self.version = text, self.version + 1
        self.client.text_document_did_change(
            lsp.DidChangeTextDocumentParams(
                lsp.VersionedTextDocumentIdentifier(self.version, self.path.as_uri()),
                [lsp.TextDocumentContentChangeWholeDocument(text)],
            )
        )

    async def until(self, condition: Any) -> None:
        """Waits for a condition that what the server sends brings about."""
        async with asyncio.timeout(LIMIT):
            while not condition():
                await self.happened.wait()
                self.happened.clear()

    async def edited(self) -> None:
        """Waits for the first edit."""
        await self.until(lambda: self.version > 1)

    async def told(self, times: int = 1) -> None:
        """Waits for so many messages."""
        await self.until(lambda: len(self.messages) >= times)

    def _apply(self, params: lsp.ApplyWorkspaceEditParams) -> lsp.ApplyWorkspaceEditResult:
        edit = params.edit
        edits: list[Any] = []
        if edit.document_changes:
            (change,) = edit.document_changes
            assert isinstance(change, lsp.TextDocumentEdit)
            assert change.text_document.version == self.version
            edits = list(change.edits)
        elif edit.changes:
            edits = list(edit.changes[self.path.as_uri()])
        lines = self.text.splitlines(keepends=True)
        for one in sorted(
            edits, key=lambda e: (e.range.start.line, e.range.start.character), reverse=True
        ):
            start, end = (
                sum(map(len, lines[: p.line])) + p.character
                for p in (one.range.start, one.range.end)
            )
            self.text = self.text[:start] + one.new_text + self.text[end:]
        self.version += 1
        self.client.text_document_did_change(
            lsp.DidChangeTextDocumentParams(
                lsp.VersionedTextDocumentIdentifier(self.version, self.path.as_uri()),
                [lsp.TextDocumentContentChangeWholeDocument(self.text)],
            )
        )
        return lsp.ApplyWorkspaceEditResult(applied=True)

    def _show(self, params: lsp.ShowDocumentParams) -> lsp.ShowDocumentResult:
        self.shown.append(Path(params.uri.removeprefix("file://")))
        return lsp.ShowDocumentResult(success=True)

    def _message(self, params: lsp.ShowMessageParams) -> None:
        self.messages.append(params.message)


async def session(preset: str, tmp_path: Path, options: Any = None) -> AsyncIterator[Editor]:
    """One editor with a project of its own, until the test is over."""
    root = tmp_path / "project"
    (root / "tests").mkdir(parents=True)
    (root / "pyproject.toml").write_text("")
    path = root / "sums.py"
    path.write_text(CODE, "utf-8")
    client = make_test_lsp_client()
    editor = Editor(client, path)
    await client.start_io(sys.executable, "-m", "codefare", "serve", env=dict(os.environ))
    params = lsp.InitializeParams(
        capabilities=client_capabilities(preset),
        root_uri=root.as_uri(),
        workspace_folders=[lsp.WorkspaceFolder(root.as_uri(), "project")],
        initialization_options=options,
    )
    await client.initialize_session(params)
    editor.open()
    yield editor
    await client.shutdown_session()
    await client.stop()
