"""What real editors do that a server must not fall for: one place for each, with a fake that does just that."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

import pytest
import pytest_asyncio
from tests.lsp.client import LIMIT, NEVER, Error
from tests.lsp.editor import Buffer
from tests.lsp.editors import (
    AUTOMATIC,
    Ale,
    Eglot,
    Fake,
    Helix,
    Kate,
    Neovim,
    OldEglot,
    OldNeovim,
    VSCode,
    Zed,
)
from tests.wire.server import Step, WireServer
from tests.wire.vendors import anthropic_stream

from codefare.lsp import edits

TINY = Path(__file__).with_name("tiny_server.py")
SERVE = ("-m", "codefare", "serve")
ALL: list[type[Fake]] = [VSCode, Neovim, OldNeovim, Eglot, OldEglot, Kate, Ale, Zed, Helix]
URI = "file:///a%20folder/%C3%BC.py"
OTHER = "file:///other.py"
TEXT = "# 😋 before\ndef f():\n    a = '😋'; b = 1\n    return b\n\n\ndef g():\n    pass\n"
OLD = "def f():\n    a = '😋'; b = 1\n    return b\n"
NEW = "def f():\n    a = '😋'; b = 2\n    return b\n"
CODE = "def add(a, b):\n    return a + b\n\n\nclass Greeter:\n    def greet(self, name):\n        return name\n"
GREET = 6  # a line in the method

pytestmark = pytest.mark.asyncio(loop_scope="module")


def each_of(*fakes: type[Fake]) -> pytest.MarkDecorator:
    """The test in each of these editors."""
    return pytest.mark.parametrize("fake", fakes, ids=lambda fake: fake.__name__)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def tiny():
    """Editors with the small server; each is started once for all tests, and has nothing open for each."""
    async with contextlib.AsyncExitStack() as stack:
        started: dict[type[Fake], Fake] = {}

        async def get(fake: type[Fake]) -> Fake:
            if fake not in started:
                started[fake] = await stack.enter_async_context(fake.running(TINY))
            first = started[fake]
            first.client.received.clear()
            return fake(first.client, first.server)

        yield get


async def start(editor: Fake, old: str = OLD, new: str = NEW, uri: str = URI) -> int:
    """Opens a document and has the server replace a part of it; returns the request's id."""
    editor.open(uri, TEXT)
    at = TEXT.index(old)
    where = {"uri": uri, "start": at, "end": at + len(old)}
    place = await editor.client.ask("x/hold", where)
    return editor.client.request("x/apply", {"place": place, "text": new})


async def replace(editor: Fake, old: str = OLD, new: str = NEW) -> Any:
    """The same, and what became of it."""
    return await editor.client.response(await start(editor, old, new))


async def message(editor: Fake, part: str, method: str = "window/showMessage") -> str:
    """The next message to the user that has `part` in it."""
    told = await editor.client.expect(
        lambda m: m.get("method") == method and part in m["params"]["message"]
    )
    return str(told["params"]["message"])


async def done(editor: Fake, title: str) -> None:
    """Waits for the receipt of an action, which comes at its end."""
    await message(editor, f"{title}: ", "window/logMessage")


@pytest.fixture
def project(home: Path, tmp_path: Path) -> Path:
    """A project of one source file."""
    root = tmp_path / "project"
    (root / "tests").mkdir(parents=True)
    (root / "pyproject.toml").write_text("")
    (root / "sums.py").write_text(CODE, "utf-8")
    return root


@pytest_asyncio.fixture(loop_scope="module")
async def wire(home: Path, configure) -> AsyncIterator[WireServer]:
    """A scripted Anthropic, with a key for it."""
    async with WireServer().running() as running:
        command = f'["{sys.executable}", "-c", "print(5)"]'
        configure(
            f'[providers.anthropic]\nbase_url = "{running.url}"\napi_key_command = {command}\n'
        )
        yield running


def folder(project: Path) -> dict[str, Any]:
    """The params of a session in a project."""
    return {"workspaceFolders": [{"uri": project.as_uri(), "name": "project"}]}


# -- edits -------------------------------------------------------------------------------------


@each_of(*ALL)
async def test_an_edit_lands_in_each_editor(tiny, fake: type[Fake]) -> None:
    """Each in its own units and its own way: the range exactly, in one undo step, and asked for once."""
    editor = await tiny(fake)
    assert (await replace(editor))[0] == "applied"
    assert editor.text(URI) == TEXT.replace(OLD, NEW)
    assert (editor.undo_steps, editor.asked) == (1, 1)


@each_of(VSCode, Neovim, Eglot, Helix)
async def test_a_stale_edit_that_was_dropped_comes_again(tiny, fake: type[Fake]) -> None:
    """VS Code says no without a reason, Neovim says yes, eglot fails: what was typed stays, and the edit lands."""
    editor = await tiny(fake)
    editor.typing = [(URI, 0, "# typed\n")]
    assert (await replace(editor))[0] == "applied"
    assert editor.text(URI) == f"# typed\n{TEXT.replace(OLD, NEW)}"
    assert (editor.undo_steps, editor.asked) == (1, 2)


@each_of(VSCode, Neovim, Eglot, Helix)
async def test_a_stale_edit_of_code_that_was_typed_in_does_not_come_again(
    tiny, fake: type[Fake]
) -> None:
    """The user works on the same code: it is his, and he is told to look."""
    typed = TEXT.index("b = 1")
    editor = await tiny(fake)
    editor.typing = [(URI, typed, "b")]
    assert await replace(editor) == edits.MOVED
    assert editor.text(URI) == f"{TEXT[:typed]}b{TEXT[typed:]}"
    assert editor.asked == 1


@each_of(VSCode, Eglot, Helix)
async def test_an_edit_that_is_stale_each_time_is_given_up(tiny, fake: type[Fake]) -> None:
    """Whoever types all the time is not raced for ever, and not told that the edit is there."""
    editor = await tiny(fake)
    editor.typing = [(URI, 0, "#") for _ in range(9)]
    assert (await replace(editor)).startswith((edits.REFUSED, edits.STALE))
    assert editor.text(URI) == f"###{TEXT}"
    assert editor.asked == 3


async def test_neovim_says_yes_to_an_edit_that_it_dropped() -> None:
    """Neovim 0.11 answers `applied: true` whatever it did: without the text, it is not believed."""
    async with Neovim.running(TINY, "--hurry") as editor:
        editor.client.answers["workspace/applyEdit"] = lambda _: {"applied": True}
        assert await replace(editor) == edits.STALE


async def test_neovim_checks_the_version_of_the_first_document_alone(tiny) -> None:
    """Neovim 0.11 overwrites what was typed in the second: an edit of ours never has a second one."""
    editor = await tiny(Neovim)
    requests = [await start(editor), await start(editor, uri=OTHER)]
    editor.typing = [(OTHER, 0, "# typed\n"), (URI, 0, "# typed\n")]
    for request in requests:
        assert (await editor.client.response(request))[0] == "applied"
    for uri in (URI, OTHER):
        assert editor.text(uri) == f"# typed\n{TEXT.replace(OLD, NEW)}"
    asked = [m["params"] for m in editor.client.received if "applyEdit" in m.get("method", "")]
    assert len(asked) == editor.asked >= 2
    assert all(len(each["edit"]["documentChanges"]) == 1 for each in asked)


async def test_neovim_takes_the_first_units_it_lists_and_versions_it_does_not_declare(tiny) -> None:
    """Neovim 0.11 lists utf-8 first, declares no `documentChanges`, and heeds their versions all the same."""
    editor = await tiny(Neovim)
    assert editor.encoding == "utf-8"
    assert (await replace(editor))[0] == "applied"
    asked = await editor.client.asked("workspace/applyEdit")
    [change] = asked["params"]["edit"]["documentChanges"]
    assert change["textDocument"]["version"] == 1
    # The two bytes of each quote and the four of the face count, not their characters.
    assert change["edits"][0]["range"]["start"] == {"line": 2, "character": 20}


async def test_neovim_takes_version_0_for_any(tiny) -> None:
    """Neovim counts from 0 and does not check it: the first edit of a file must be stale for it as well."""
    editor = await tiny(Neovim)
    editor.client.open(URI, TEXT, version=0)
    editor.buffers[URI] = Buffer(TEXT, version=0)
    at = TEXT.index(OLD)
    where = {"uri": URI, "start": at, "end": at + len(OLD)}
    place = await editor.client.ask("x/hold", where)

    def apply(params: dict[str, Any]) -> Any:
        # Neovim's next version is 3 or more.
        editor.buffers[URI].version = 2
        editor.type(URI, 0, "# typed\n")
        editor.client.answers["workspace/applyEdit"] = editor.apply
        return editor.apply(params)

    editor.client.answers["workspace/applyEdit"] = apply
    result = await editor.client.ask("x/apply", {"place": place, "text": NEW})
    assert result[0] == "applied"
    assert editor.text(URI) == f"# typed\n{TEXT.replace(OLD, NEW)}"


async def test_old_neovim_has_no_choice_of_units(tiny) -> None:
    """Neovim 0.7.2 lists no position encodings: UTF-16 it is."""
    editor = await tiny(OldNeovim)
    assert (editor.server["positionEncoding"], editor.encoding) == ("utf-16", "utf-16")
    assert (await replace(editor))[0] == "applied"
    assert editor.text(URI) == TEXT.replace(OLD, NEW)


async def test_eglot_asks_its_user_for_as_long_as_he_likes(tiny) -> None:
    """It answers when its user has: the server waits, serves meanwhile, and then the edit counts."""
    editor = await tiny(Eglot)
    editor.client.answers["workspace/applyEdit"] = lambda _: NEVER
    applying = await start(editor)
    asked = await editor.client.asked("workspace/applyEdit")
    for _ in range(20):
        assert await editor.client.ask("x/state")
    answer = {"jsonrpc": "2.0", "id": asked["id"], "result": editor.apply(asked["params"])}
    editor.client.send(answer)
    assert (await editor.client.response(applying))[0] == "applied"


async def test_eglot_is_not_asked_again_when_its_user_said_no(tiny) -> None:
    """Its no is an error like any other; with nothing typed meanwhile it is not for being stale."""

    def decline(_params: Any) -> Any:
        raise Error(-32603, "User canceled server edit")

    editor = await tiny(Eglot)
    editor.client.answers["workspace/applyEdit"] = decline
    assert await replace(editor) == f"{edits.REFUSED}: User canceled server edit"
    await editor.client.asked("workspace/applyEdit")
    assert not [m for m in editor.client.received if "applyEdit" in m.get("method", "")]


async def test_ale_applies_what_it_says_it_cannot_and_never_answers(tiny) -> None:
    """ALE declares `applyEdit: false`: it is asked all the same, and the text is the answer."""
    editor = await tiny(Ale)
    assert (await replace(editor))[0] == "applied"
    assert editor.text(URI) == TEXT.replace(OLD, NEW)


async def test_zed_moves_a_stale_edit_to_where_it_belongs(tiny) -> None:
    """Zed reads an edit by the text of its version: it lands among what was typed, and is seen to."""
    editor = await tiny(Zed)
    editor.typing = [(URI, 0, "# typed\n")]
    assert (await replace(editor))[0] == "applied"
    assert editor.text(URI) == f"# typed\n{TEXT.replace(OLD, NEW)}"
    assert editor.asked == 1


# -- new files and reports ---------------------------------------------------------------------


@each_of(Neovim, Helix, Eglot)
async def test_a_file_that_exists_is_not_created_by_the_editor(
    fake: type[Fake], project: Path
) -> None:
    """Neovim and Helix empty what `CreateFile` names, eglot does not know it: the server writes new files itself."""
    existing = project / "tests" / "test_greeter.py"
    existing.write_text("def test_mine():\n    assert True\n")
    async with fake.running(*SERVE, **folder(project)) as editor:
        uri = (project / "sums.py").as_uri()
        editor.open(uri, CODE)
        await editor.run(uri, GREET, "Write tests")
        await done(editor, "Write tests for Greeter.greet")
        made = project / "tests" / "test_sums.py"
        assert "def test_" in made.read_text("utf-8")
        assert existing.read_text() == "def test_mine():\n    assert True\n"
        # Again: what is there by now stays, whatever else becomes of the answer.
        made.write_text("# mine\n")
        await editor.run(uri, 0, "Write tests")
        await done(editor, "Write tests for add")
        assert made.read_text().startswith("# mine\n")
        kinds = [
            m for m in editor.client.received if '"kind": "create"' in str(m).replace("'", '"')
        ]
        assert kinds == []


@each_of(VSCode, OldNeovim, OldEglot)
async def test_a_report_reaches_the_user_of_each_editor(fake: type[Fake], project: Path) -> None:
    """Neovim 0.7.2 knows no `showDocument`, eglot 1.9 answers null: then a message says where the report is."""
    async with fake.running(*SERVE, **folder(project)) as editor:
        uri = (project / "sums.py").as_uri()
        editor.open(uri, CODE)
        await editor.run(uri, GREET, "Explain")
        if fake in {OldNeovim, OldEglot}:
            told = await message(editor, ".md")
            shown = Path(told.partition(": ")[2])
        else:
            asked = await editor.client.asked("window/showDocument")
            shown = Path(unquote(urlparse(asked["params"]["uri"]).path))
        assert "greet" in shown.read_text("utf-8")
        await message(editor, "no model was asked")


async def test_a_null_for_a_request_of_ours_does_not_keep_the_server_from_ending(
    project: Path,
) -> None:
    """With pygls alone a null is waited on for ever, and `shutdown` fails with a request of its own open."""
    async with OldEglot.running(*SERVE, **folder(project)) as editor:
        uri = (project / "sums.py").as_uri()
        editor.open(uri, CODE)
        await editor.run(uri, GREET, "Explain")
        await message(editor, ".md")
        editor.client.answers["window/showDocument"] = lambda _: NEVER
        await editor.run(uri, 0, "Explain")
        await editor.client.expect(
            lambda m: m.get("method") == "window/showDocument" and "add" in m["params"]["uri"]
        )


# -- the menu ----------------------------------------------------------------------------------


@each_of(Eglot, Kate)
async def test_a_cursor_is_the_symbol_around_it_in_each_editor(
    fake: type[Fake], project: Path
) -> None:
    """Emacs sends a bare cursor as its whole line, Kate as the line with its break: neither is a selection."""
    async with fake.running(*SERVE, **folder(project)) as editor:
        uri = (project / "sums.py").as_uri()
        editor.open(uri, CODE)
        await editor.run(uri, GREET, "Explain")
        assert "Greeter.greet" in await message(editor, "no model was asked")


@each_of(VSCode, Eglot)
async def test_nothing_is_done_unasked(fake: type[Fake], project: Path) -> None:
    """VS Code and eglot ask at each move of the cursor, and eglot prints the first title: nothing is offered then."""
    async with fake.running(*SERVE, **folder(project)) as editor:
        uri = (project / "sums.py").as_uri()
        editor.open(uri, CODE)
        assert await editor.actions(uri, GREET, trigger=AUTOMATIC) == []
        invoked = await editor.actions(uri, GREET, trigger=None)  # older than the trigger's kind
        assert invoked
        # The first one, which eglot prints and Enter picks, can run.
        assert "offline engine · free" in invoked[0]["title"]
        assert not [m for m in editor.client.received if m.get("method") == "window/showMessage"]


@each_of(Zed, Helix)
async def test_nothing_of_ours_runs_on_save(fake: type[Fake], project: Path) -> None:
    """Zed and Helix run `source.*` actions on save, and others what is preferred: there is no such action."""
    async with fake.running(*SERVE, **folder(project)) as editor:
        uri = (project / "sums.py").as_uri()
        editor.open(uri, CODE)
        for only in (
            ["source"],
            ["source.fixAll"],
            ["source.organizeImports", "source.fixAll.codefare"],
        ):
            assert await editor.actions(uri, GREET, only=only) == []
        offered = await editor.actions(uri, GREET)
        assert offered
        assert not any(
            "isPreferred" in each or each.get("kind", "").startswith("source") for each in offered
        )
        kinds = editor.server["codeActionProvider"]["codeActionKinds"]
        assert not any(kind.startswith("source") for kind in kinds)


@each_of(VSCode, Helix, Ale)
async def test_an_action_is_whole_and_never_resolved(fake: type[Fake], project: Path) -> None:
    """Helix freezes in `codeAction/resolve`, VS Code shows its failure; lsprotocol misreads actions: as raw JSON."""
    async with fake.running(*SERVE, **folder(project)) as editor:
        uri = (project / "sums.py").as_uri()
        editor.open(uri, CODE)
        offered = await editor.actions(uri, GREET)
        assert not editor.server["codeActionProvider"].get("resolveProvider")
        for each in offered:
            command = each if fake is Ale else each["command"]
            assert command["command"].startswith("codefare.")
            assert command["arguments"][0]["uri"] == uri
            assert "edit" not in each
            assert "data" not in each
        assert offered[0].get("tags") == ([1] if fake is VSCode else None)
        with pytest.raises(Error) as caught:
            await editor.client.ask("codeAction/resolve", offered[0])
        assert caught.value.code == -32601


@each_of(Eglot, Helix)
async def test_a_command_is_answered_at_once(
    fake: type[Fake], project: Path, wire: WireServer
) -> None:
    """Emacs waits for a command with a frozen screen, Helix gives up after 20 s: a job works, the answer is there."""
    async with fake.running(*SERVE, **folder(project)) as editor:
        uri = (project / "sums.py").as_uri()
        editor.open(uri, CODE)
        wire.sse(*anthropic_stream("never")[:1], Step.HANG)
        assert await editor.run(uri, GREET, "Explain") == {"job": "1"}
        await asyncio.wait_for(wire.asked.wait(), LIMIT)
        assert [each["title"] for each in await editor.actions(uri, GREET)][-1] == (
            "Cancel: Explain Greeter.greet"
        )
