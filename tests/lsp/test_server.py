"""The real server, end to end, for clients that declare what VS Code, Neovim and Emacs declare."""

from __future__ import annotations

import ast
import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from lsprotocol import types as lsp
from tests.lsp.presets import CODE, LIMIT, PRESETS, Editor, session
from tests.wire.server import Step, WireServer
from tests.wire.vendors import anthropic_stream


@pytest.fixture(params=PRESETS)
async def editor(request, home: Path, tmp_path: Path) -> AsyncIterator[Editor]:
    """A session of one of the presets, on a new user's machine."""
    async for opened in session(request.param, tmp_path):
        yield opened


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
    async for editor in session("visual_studio_code", tmp_path):
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
    async for editor in session("visual_studio_code", tmp_path):
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


async def test_a_real_model_is_asked_over_http(
    home: Path, configure, monkeypatch, tmp_path: Path
) -> None:
    """With a key the title names the model and its price, and its answer lands in the document."""
    async with WireServer().running() as wire:
        monkeypatch.setenv("ANTHROPIC_API_KEY", "test-key-of-anthropic")
        configure(f'complexity = "high"\n[providers.anthropic]\nbase_url = "{wire.url}"\n')
        wire.sse(*anthropic_stream('```python\n"""Add two ', 'numbers."""\n```'))
        async for editor in session("visual_studio_code", tmp_path):
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
        async for editor in session("neovim", tmp_path):
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
        async for editor in session("neovim", tmp_path):
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
