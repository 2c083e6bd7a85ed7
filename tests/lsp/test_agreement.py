"""What was agreed to is what runs, though more is known of the project by then."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from codefare.assembly import assemble
from codefare.engine import Engine
from codefare.errors import OverBudget
from codefare.lsp.agreement import Agreement
from codefare.lsp.base import Server
from codefare.lsp.dialogs import Dialogs
from codefare.quoting import Wish
from codefare.settings import Privacy, Settings
from codefare.source.document import Document
from codefare.source.target import Span
from codefare.tasks import Ask

CODE = "from rates import rate_of\n\n\ndef total(a):\n    return a * rate_of(a)\n"
RATES = 'def rate_of(amount: int, country: str = "none", year: int = 2020) -> float:\n    """Look it up."""\n'


@pytest.fixture
async def engine(configure, monkeypatch, tmp_path: Path) -> AsyncIterator[Engine]:
    """An engine for a workspace whose other file holds what the code calls."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "test-key-of-anthropic")
    configure("")
    made = assemble()
    made.adopt(made.settings.with_roots([tmp_path / "project"]))
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "rates.py").write_text(RATES)
    await made.open()
    yield made
    await made.close()


def ask(engine: Engine, tmp_path: Path, code: str = CODE) -> Ask:
    """What a menu offers for the function; each time in a copy of the document."""
    path = tmp_path / "project" / "total.py"
    document = Document(path.as_uri(), path, "python", code, 1)
    at = code.index("total")
    return engine.quoter.ask("explain", document, document.target(Span(at, at)))


def agreement(engine: Engine) -> Agreement:
    """With a client that shows nothing."""
    return Agreement(engine, Dialogs(Server()))


async def test_a_pick_is_quoted_with_what_its_menu_knew(engine: Engine, tmp_path: Path) -> None:
    """The folder was looked at since: the next menu says more of it to the model, and has another price."""
    menu = await engine.quote(ask(engine, tmp_path))
    await asyncio.to_thread(engine.around.look)
    later = await engine.quote(ask(engine, tmp_path))
    picked = await agreement(engine).quote(ask(engine, tmp_path), menu.promise, Wish())
    assert "rate_of(amount" in later.prompt.user
    assert not later.keeps(menu.promise)
    assert picked is not None
    assert picked.prompt == menu.prompt
    assert picked.promise == menu.promise


async def test_of_another_text_the_price_is_another(engine: Engine, tmp_path: Path) -> None:
    """What was known of the text before helps nothing."""
    menu = await engine.quote(ask(engine, tmp_path))
    longer = CODE.replace("return", "# " + "a long remark " * 40 + "\n    return")
    with pytest.raises(OverBudget, match="not what the menu said"):
        await agreement(engine).quote(ask(engine, tmp_path, longer), menu.promise, Wish())


async def test_what_has_become_private_is_forgotten(engine: Engine, tmp_path: Path) -> None:
    """Neither what was known of other files, nor what was made of a folder, outlives the settings it was read under."""
    around, root = engine.around, tmp_path / "project"
    await asyncio.to_thread(around.look)
    outline = around.outline(root)
    before = await engine.quote(ask(engine, tmp_path))
    settings: Settings = engine.settings
    engine.adopt(replace(settings, privacy=Privacy(paths=("rates.py",))))
    after = await engine.quote(ask(engine, tmp_path))
    assert "rate_of(amount" in before.prompt.user
    assert "rate_of(amount" not in after.prompt.user
    assert outline is not None
    assert around.known(outline.target.text_hash) is None
    assert around.outline(root) is None
    assert around.is_stale


async def test_a_folder_in_another_root_is_looked_at_as_the_menu_does(
    engine: Engine, tmp_path: Path
) -> None:
    """Of nested roots the innermost one counts, so that both say the same of it."""
    outer, inner = tmp_path / "project", tmp_path / "project" / "inner"
    inner.mkdir()
    (inner / "part.py").write_text("import rates\n")
    engine.adopt(engine.settings.with_roots([outer, inner]))
    await asyncio.to_thread(engine.around.look)
    menu = engine.around.outline(inner)
    now = await asyncio.to_thread(engine.around.look_at_folder, inner)
    assert menu is not None
    assert now.target.text == menu.target.text


async def test_what_git_ignores_is_no_sample_of_tests(engine: Engine, tmp_path: Path) -> None:
    """Nor what .codefareignore names, or what stands in an ignored folder: another file shows the style."""
    root = tmp_path / "project"
    (root / "tests" / "made").mkdir(parents=True)
    (root / ".gitignore").write_text("test_a.py\nmade/\n")
    (root / "tests" / ".codefareignore").write_text("test_b.py\n")
    for name in ("test_a.py", "test_b.py", "made/test_c.py", "test_rates.py"):
        case = f"def test_it():\n    assert '{name}'\n"
        (root / "tests" / name).write_text(f"from rates import rate_of\n\n\n{case}")
    path = root / "total.py"
    document = Document(path.as_uri(), path, "python", CODE, 1)
    at = CODE.index("total")
    tests = engine.quoter.ask("tests", document, document.target(Span(at, at)))
    prompt = (await engine.quote(tests)).prompt.user
    assert "assert 'test_rates.py'" in prompt
    (root / ".gitignore").write_text("tests/\n")
    engine.around.test_plan(document, tests.subject.target, anew=True)
    assert "assert '" not in (await engine.quote(tests)).prompt.user
