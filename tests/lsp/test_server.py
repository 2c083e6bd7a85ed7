"""The real server, end to end, for clients that declare what VS Code, Neovim and Emacs declare."""

from __future__ import annotations

import ast
import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types as lsp
from pytest_lsp import LanguageClient, client_capabilities, make_test_lsp_client
from tests.wire.server import Step, WireServer
from tests.wire.vendors import anthropic_stream

from codefare.places import state_folder

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


@pytest.fixture(params=PRESETS)
async def editor(request, home: Path, tmp_path: Path) -> AsyncIterator[Editor]:
    """A session of one of the presets, on a new user's machine."""
    async for opened in _session(request.param, tmp_path):
        yield opened


async def _session(preset: str, tmp_path: Path, options: Any = None) -> AsyncIterator[Editor]:
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


async def test_hover_quotes_the_actions_of_the_symbol(editor: Editor) -> None:
    """Without a key the hover names the offline engine, the recommended model, its price and the variable to set."""
    text = await editor.hover(0, 5)
    assert "`add`" in text or "add" in text
    assert "offline engine · free" in text
    assert "¢" in text
    assert "_API_KEY" in text
    assert "Nothing was sent" in text
    assert "<" not in text.replace("<0.01¢", "")
    assert len(text.splitlines()) <= 8


async def test_the_menu_prices_each_action(editor: Editor) -> None:
    """Each action with what it works on, who serves it and for how much; what cannot run yet comes last."""
    *titles, more = [action.title for action in await editor.menu(5, 10)]
    assert [title.split(" · ")[0] for title in titles] == [
        "Explain Greeter.greet",
        "Write tests for Greeter.greet",
        "Document Greeter.greet",
        "Refactor Greeter.greet",
        "Review Greeter.greet",
        "Optimise Greeter.greet",
    ]
    assert all("¢" in title for title in titles)
    assert "offline engine · free" in titles[0]
    assert "set " in titles[3]
    assert "other models" in more


async def test_a_filter_for_kinds_is_heeded(editor: Editor) -> None:
    """Kinds are prefixes, and nothing of ours runs on save."""
    refactorings = await editor.menu(5, 10, [lsp.CodeActionKind.Refactor])
    on_save = await editor.menu(5, 10, [lsp.CodeActionKind.Source])
    assert [a.title.split(" · ")[0] for a in refactorings] == [
        "Write tests for Greeter.greet",
        "Document Greeter.greet",
        "Refactor Greeter.greet",
        "Review Greeter.greet",
        "Optimise Greeter.greet",
    ]
    assert on_save == []


async def test_document_edits_exactly_the_symbol(editor: Editor) -> None:
    """A docstring appears in the function under the cursor and nowhere else, and the user is told who made it."""
    title = await editor.pick("Document", 0, 5)
    await editor.until(lambda: editor.text != CODE and editor.messages)
    head, _, tail = editor.text.partition('"""')
    assert head == "def add(a, b):\n    "
    assert tail.endswith(CODE.removeprefix("def add(a, b):\n"))
    assert "offline engine" in title
    assert any("no model was asked" in message for message in editor.messages)


async def test_explain_shows_a_report(editor: Editor) -> None:
    """The report is a Markdown file of the user's own, or a message that says where it is."""
    await editor.pick("Explain", 5, 10)
    await editor.until(lambda: editor.shown or any(".md" in m for m in editor.messages))
    if editor.shown:
        text = editor.shown[0].read_text("utf-8")
        assert "greet" in text
        assert "no model was asked" in text


async def test_write_tests_makes_a_new_file(editor: Editor) -> None:
    """The file stands in the project's tests folder and is shown."""
    made = editor.path.parent / "tests" / "test_sums.py"
    await editor.pick("Write tests", 5, 10)
    await editor.until(lambda: made.exists() and (editor.shown or editor.messages))
    assert "def test_" in made.read_text("utf-8")


async def test_the_second_time_it_is_cached_and_free(editor: Editor) -> None:
    """The menu says so before it runs."""
    await editor.pick("Explain", 5, 10)
    await editor.until(lambda: editor.messages)
    titles = [action.title for action in await editor.menu(5, 10)]
    assert "Explain Greeter.greet · cached · free" in titles


async def test_an_action_without_a_model_says_what_to_set(editor: Editor) -> None:
    """Refactor cannot be done offline: the message names the variable."""
    await editor.pick("Refactor", 5, 10)
    await editor.until(lambda: editor.messages)
    assert any("needs a model" in m and "_API_KEY" in m for m in editor.messages)


@pytest.mark.parametrize(
    "text", ["", "def broken(:\n  x = [1,\n", "\x00\x01binary\x00", "x = 1\n" * 100_000]
)
async def test_any_text_is_survived(home: Path, tmp_path: Path, text: str) -> None:
    """An empty, a broken, a binary and a huge document get an answer, and the server lives on."""
    async for editor in _session("visual_studio_code", tmp_path):
        editor.text = text
        editor.client.text_document_did_change(
            lsp.DidChangeTextDocumentParams(
                lsp.VersionedTextDocumentIdentifier(2, editor.path.as_uri()),
                [lsp.TextDocumentContentChangeWholeDocument(text)],
            )
        )
        async with asyncio.timeout(LIMIT):
            await editor.menu(0, 0)
            await editor.menu(99_999_999, 7)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "sums.py is empty: there is nothing to work on."),
        ("\x00\x01binary\x00", "sums.py is a binary file."),
        ("def f(x):\n    return x\n" * 100_000, "sums.py has 2.3 MB; the limit is 2 MB."),
    ],
)
async def test_an_empty_menu_says_why(home: Path, tmp_path: Path, text: str, said: str) -> None:
    """Once for a document, and never to an editor that asks for other kinds; commands get it as their error."""
    async for editor in _session("visual_studio_code", tmp_path):
        editor.client.text_document_did_change(
            lsp.DidChangeTextDocumentParams(
                lsp.VersionedTextDocumentIdentifier(2, editor.path.as_uri()),
                [lsp.TextDocumentContentChangeWholeDocument(text)],
            )
        )
        assert await editor.menu(0, 0, [lsp.CodeActionKind.Source]) == []
        assert editor.messages == []
        for _ in range(2):
            assert await editor.menu(0, 0) == []
        await editor.told()
        with pytest.raises(Exception, match=said):
            await editor.client.workspace_execute_command_async(
                lsp.ExecuteCommandParams("codefare.explain")
            )
        assert len(editor.messages) == 1
        assert editor.messages[0].startswith(said)


async def test_a_wrong_config_is_said_and_the_server_lives_on(
    home: Path, configure, tmp_path: Path
) -> None:
    """The user reads which key is wrong and what is meant; requests get the same answer instead of silence."""
    configure("budget_mod = true\n")
    async for editor in _session("visual_studio_code", tmp_path):
        await editor.told()
        assert "budget_mode" in editor.messages[0]
        for _ in range(2):
            with pytest.raises(Exception, match="budget_mode"):
                await editor.menu(0, 5)
        assert len(editor.messages) == 1


async def test_a_config_that_is_mended_serves_at_once(
    home: Path, configure, tmp_path: Path
) -> None:
    """The message says to correct the file and to save it: no more is needed. Another fault is another message."""
    configure("budget_mod = true\n")
    async for editor in _session("visual_studio_code", tmp_path):
        await editor.told()
        configure("hovr = true\n")
        with pytest.raises(Exception, match="hover"):
            await editor.menu(0, 5)
        await editor.told(2)
        configure('complexity = "high"\n')
        assert await editor.menu(0, 5)
        assert "high complexity" in await editor.hover(0, 5)
        assert len(editor.messages) == 2


async def test_a_real_model_is_asked_over_http(
    home: Path, configure, monkeypatch, tmp_path: Path
) -> None:
    """With a key the title names the model and its price, and its answer lands in the document."""
    async with WireServer().running() as wire:
        monkeypatch.setenv("ANTHROPIC_API_KEY", "test-key-of-anthropic")
        configure(f'complexity = "high"\n[providers.anthropic]\nbase_url = "{wire.url}"\n')
        wire.sse(*anthropic_stream('```python\n"""Add two ', 'numbers."""\n```'))
        async for editor in _session("visual_studio_code", tmp_path):
            title = await editor.pick("Document", 0, 5)
            await editor.edited()
            assert title.startswith("Document add · Claude Haiku 4.5 · ~")
            assert ", ≤ " in title
            assert editor.text == CODE.replace("b):\n", 'b):\n    """Add two numbers."""\n', 1)
        assert len(wire.requests) == 1


async def test_cancel_ends_the_request_and_leaves_the_document(
    home: Path, configure, monkeypatch, tmp_path: Path
) -> None:
    """While a model thinks the menu offers to cancel; the connection is closed and nothing is changed."""
    async with WireServer().running() as wire:
        monkeypatch.setenv("ANTHROPIC_API_KEY", "test-key-of-anthropic")
        configure(f'complexity = "high"\n[providers.anthropic]\nbase_url = "{wire.url}"\n')
        wire.sse(*anthropic_stream("never")[:1], Step.HANG)
        async for editor in _session("neovim", tmp_path):
            await editor.pick("Document", 0, 5)
            async with asyncio.timeout(LIMIT):
                while not wire.requests:
                    await editor.hover(0, 5)
            menu = [action.title for action in await editor.menu(0, 5)]
            assert "Cancel: Document add" in menu
            cancelled = await editor.client.workspace_execute_command_async(
                lsp.ExecuteCommandParams("codefare.cancel")
            )
            assert cancelled == 1
            async with asyncio.timeout(LIMIT):
                while any("Cancel" in a.title for a in await editor.menu(0, 5)):
                    pass
            assert editor.text == CODE


async def test_the_same_action_on_the_same_code_is_one_job_wherever_the_code_went(
    home: Path, configure, monkeypatch, tmp_path: Path
) -> None:
    """While a model thinks, lines above its code may move it: asked again it is not paid again, but once changed."""
    async with WireServer().running() as wire:
        monkeypatch.setenv("ANTHROPIC_API_KEY", "test-key-of-anthropic")
        configure(f'complexity = "high"\n[providers.anthropic]\nbase_url = "{wire.url}"\n')
        for _ in range(2):
            wire.sse(*anthropic_stream("never")[:1], Step.HANG)
        async for editor in _session("neovim", tmp_path):
            first = await editor.run("document", 0)
            editor.change(f"\n\n{CODE}")
            assert await editor.run("document", 2) == first
            editor.change(f"\n\n{CODE.replace('a + b', 'b + a')}")
            assert await editor.run("document", 2) != first


async def test_a_command_without_arguments_means_the_last_menu(editor: Editor) -> None:
    """One VS Code release drops the arguments when its menu stays open for long."""
    await editor.menu(0, 5)
    await editor.client.workspace_execute_command_async(
        lsp.ExecuteCommandParams("codefare.document")
    )
    await editor.edited()
    assert editor.text.startswith('def add(a, b):\n    """')


async def _pick_late(editor: Editor, text: str, *, dropped: bool) -> None:
    """Opens the menu at `greet`, and picks Document once the document holds `text`."""
    (action,) = await editor.menu(5, 10, ["refactor.rewrite.document.codefare"])
    command = action.command if isinstance(action.command, lsp.Command) else action
    if command.command.startswith("{"):
        command = lsp.Command(**ast.literal_eval(command.command))
    editor.change(text)
    await editor.client.workspace_execute_command_async(
        lsp.ExecuteCommandParams(command.command, None if dropped else command.arguments)
    )


@pytest.mark.parametrize("dropped", [False, True])
async def test_what_a_menu_was_opened_for_is_followed(editor: Editor, dropped: bool) -> None:
    """Other lines stand there by now, after the edit of another job above: the action runs on its own code."""
    above = "def new():\n    return 1\n\n\n"
    await _pick_late(editor, above + CODE, dropped=dropped)
    await editor.until(lambda: editor.version > 2)
    documented = editor.text.index('"""')
    assert editor.text.startswith(above + CODE[: CODE.index("        if not name")])
    assert documented > editor.text.index("def greet")


@pytest.mark.parametrize("dropped", [False, True])
async def test_a_menu_for_what_was_changed_since_is_not_heeded(
    editor: Editor, dropped: bool
) -> None:
    """Its price and its prompt were for another text: nothing is run."""
    with pytest.raises(Exception, match="changed since the menu was opened"):
        await _pick_late(editor, CODE.replace("Hello", "Good day"), dropped=dropped)


async def test_what_cannot_be_recorded_is_said_at_the_start(home: Path, tmp_path: Path) -> None:
    """A ledger that cannot be written is known before anything is spent."""
    state_folder().parent.mkdir(parents=True, exist_ok=True)
    state_folder().write_text("not a folder")
    async for editor in _session("visual_studio_code", tmp_path):
        await editor.told()
        assert editor.messages[0].startswith("What is spent is not being recorded")


async def test_editor_settings_may_be_harmless_only(home: Path, tmp_path: Path) -> None:
    """A workspace can ask for budget mode, but not for another address for the keys."""
    options = {
        "complexity": "high",
        "providers": {"anthropic": {"base_url": "http://evil.example"}},
    }
    async for editor in _session("visual_studio_code", tmp_path, options):
        text = await editor.hover(0, 5)
        assert "high complexity: set by you" in text or "Claude Haiku 4.5" in text
        assert any("providers" in m.message for m in editor.client.log_messages)


@pytest.mark.parametrize(
    "said", [None, {}, {"codefare": None}, {"python": {"analysis": {"typeCheckingMode": "strict"}}}]
)
async def test_settings_of_the_start_outlive_a_change_that_is_not_about_us(
    home: Path, tmp_path: Path, said: Any
) -> None:
    """Several editors send such right after the start: private paths must not fall, and no word is said."""
    options = {"complexity": "high", "privacy": {"never": ["*.py"]}}
    async for editor in _session("emacs", tmp_path, options):
        editor.client.workspace_did_change_configuration(lsp.DidChangeConfigurationParams(said))
        assert await editor.menu(0, 5) == []
        assert editor.client.log_messages == []


async def test_settings_that_change_replace_those_of_the_start(home: Path, tmp_path: Path) -> None:
    """With codefare's section or without it; an empty section takes all back."""
    async for editor in _session("visual_studio_code", tmp_path, {"complexity": "high"}):
        for said, expected in (
            ({"codefare": {"complexity": "medium"}}, "medium complexity"),
            ({"complexity": "high"}, "high complexity"),
            ({"codefare": {}}, "low complexity: 2 lines"),
        ):
            editor.client.workspace_did_change_configuration(lsp.DidChangeConfigurationParams(said))
            assert expected in await editor.hover(0, 5)


async def test_a_file_that_no_action_works_on_is_named(
    home: Path, configure, tmp_path: Path
) -> None:
    """The user's list is of files: the reason names the file, not the function under the cursor."""
    configure('[privacy]\nnever = ["sums.py"]\n')
    async for editor in _session("visual_studio_code", tmp_path):
        assert await editor.menu(0, 5) == []
        await editor.told()
        assert editor.messages[0].startswith("sums.py is on your list")


async def test_options_that_are_no_table_are_said(home: Path, tmp_path: Path) -> None:
    """Whoever put a text where a table belongs learns that it does nothing."""
    async for editor in _session("visual_studio_code", tmp_path, {"codefare": "low"}):
        await editor.hover(0, 5)
        assert any("not a table" in m.message for m in editor.client.log_messages)


async def test_the_log_is_the_users_own_and_holds_neither_code_nor_keys(
    home: Path, configure, monkeypatch, tmp_path: Path
) -> None:
    """At the most verbose level, after a failed action: a file of mode 0600 without a canary in it."""
    async with WireServer().running() as wire:
        monkeypatch.setenv("ANTHROPIC_API_KEY", "canary-key-of-anthropic")
        configure(
            f'log_level = "debug"\ncomplexity = "high"\n[providers.anthropic]\nbase_url = "{wire.url}"\n'
        )
        wire.refuse(
            401,
            {
                "type": "error",
                "error": {"type": "authentication_error", "message": "bad: Hello, {name}"},
            },
        )
        async for editor in _session("visual_studio_code", tmp_path):
            await editor.pick("Explain", 5, 10)
            await editor.told()
            assert "Hello, {name}" in editor.messages[0]
    log = home / "state" / "codefare" / "log" / "codefare.log"
    text = log.read_text("utf-8")
    assert "job 1: KeyRefused" in text
    assert "canary-key" not in text
    assert "Hello, {name}" not in text
    assert log.stat().st_mode & 0o077 == 0
