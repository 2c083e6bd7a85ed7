"""Answers that were paid for and not used: what can still be done with them, whatever became of the code."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.lsp.acting import User, acting
from tests.lsp.client import LIMIT, Error
from tests.wire.server import WireServer
from tests.wire.vendors import anthropic_stream

CODE = "def add(a, b):\n    return a + b\n\n\n@wraps\ndef twice(a):\n    return a + a\n"
BETTER = "```python\ndef add(a, b):\n    total = a + b\n    return total\n```"
RENAMED = "```python\ndef sub(a, b):\n    return a - b\n```"
ADD = "def add(a, b):\n    print(a)\n    return a + b\n\n\n"
BUTTONS = {
    "window": {
        "showMessage": {},
        "showDocument": {"support": True},
        "workDoneProgress": True,
    }
}


@pytest.fixture
async def user(wire: WireServer, configure, tmp_path: Path) -> AsyncIterator[User]:
    """A user of codefare's own client."""
    async with acting(wire, configure, tmp_path / "sums.py", CODE) as user:
        yield user


async def kept(
    user: User, title: str, line: int, answer: str, typed: dict[str, str], **context: Any
) -> None:
    """An answer that comes after the user typed: before each key of `typed`, its value."""
    go, asked = asyncio.Event(), len(user.asked)
    user.wire.asked.clear()
    user.wire.sse(go, *anthropic_stream(answer))
    await user.choose(title, line, **context)
    await asyncio.wait_for(user.wire.asked.wait(), LIMIT)
    for before, text in typed.items():
        user.editor.type(user.uri, user.text.index(before), text)
    go.set()
    await user.until(lambda: len(user.asked) > asked)


def rewrite(user: User, old: str, new: str) -> None:
    """The user changes something else."""
    buffer = user.editor.buffers[user.uri]
    assert old in buffer.text
    buffer.text = buffer.text.replace(old, new, 1)
    buffer.version += 1
    user.editor.changed(user.uri)


async def why_not(user: User, title: str) -> str:
    """What the user is told when he picks a line that cannot be done."""
    with pytest.raises(Error) as error:
        await user.choose(title, 0)
    return error.value.message


async def test_an_answer_finds_its_code_after_the_file_was_opened_again(user: User) -> None:
    """The document is another one then; the answer is still good, and free."""
    await kept(user, "Refactor add", 0, BETTER, {"return a": "print(a)\n    "})
    text = user.text
    user.editor.close(user.uri)
    user.editor.open(user.uri, text)
    await user.choose("Apply the answer · Refactor add · free", 0)
    await user.until(lambda: "total" in user.text)
    assert user.text == CODE.replace("return a + b", "total = a + b\n    return total")


async def test_of_a_file_that_is_closed_it_is_said(user: User) -> None:
    """Nothing can be applied to it, and the answer waits until it is open again."""
    await kept(user, "Refactor add", 0, BETTER, {"return a": "print(a)\n    "})
    [apply] = [a for a in await user.menu(0) if a["title"].startswith("Apply the answer")]
    text = user.text
    user.editor.close(user.uri)
    with pytest.raises(Error, match="The file was closed"):
        await user.run(apply)
    user.editor.open(user.uri, text)
    await user.run(apply)
    await user.until(lambda: "total" in user.text)


@pytest.mark.parametrize(
    ("old", "new"),
    [("def add", "def plus"), (ADD, ""), ("@wraps", f"{ADD}@wraps")],
    ids=["renamed", "deleted", "there twice"],
)
async def test_code_that_is_not_to_be_found_is_not_replaced(user: User, old: str, new: str) -> None:
    """The answer stays, to be looked at or asked for anew; the file is as it was."""
    await kept(user, "Refactor add", 0, BETTER, {"return a": "print(a)\n    "})
    rewrite(user, old, new)
    text = user.text
    assert "cannot be found any more" in await why_not(user, "Apply the answer")
    assert user.text == text
    assert any(a["title"].startswith("Show the difference") for a in await user.menu(0))


async def test_a_fix_is_asked_for_again_where_its_code_is_now(user: User) -> None:
    """Typing above moved the diagnostic along: the same function is sent, not what stands there by now."""
    said = {
        "range": {"start": {"line": 6, "character": 11}, "end": {"line": 6, "character": 12}},
        "message": "a is odd",
    }
    user.picks = ["Run again on the text as it is"]
    fixed = "```python\n@wraps\ndef twice(a):\n    return 2 * a\n```"
    above = "def zero(x):\n    return x\n\n\ndef one(x):\n    return x + 1\n\n\n"
    go = asyncio.Event()
    user.wire.sse(go, *anthropic_stream(fixed))
    user.says(fixed)
    await user.choose("Fix “a is odd”", 6, diagnostics=[said])
    await asyncio.wait_for(user.wire.asked.wait(), LIMIT)
    user.editor.type(user.uri, 0, above)
    user.editor.type(user.uri, user.text.index("return a + a"), "print(a)\n    ")
    go.set()
    await user.until(lambda: "2 * a" in user.text)
    assert "def twice(a):\n    print(a)" in user.prompts[1]
    assert "def one" not in user.prompts[1]
    assert user.text == above + CODE.replace("return a + a", "return 2 * a")


async def test_a_whole_file_can_be_asked_for_again(user: User) -> None:
    """It has no name to be found by, and needs none."""
    user.picks = ["Run again on the text as it is"]
    go = asyncio.Event()
    user.wire.sse(go, *anthropic_stream(f"```python\n{CODE.replace('a + a', '2 * a')}```"))
    user.says(f"```python\n{CODE.replace('a + a', 'a * 2')}```")
    await user.choose("Refactor sums.py", 2)
    await asyncio.wait_for(user.wire.asked.wait(), LIMIT)
    user.editor.type(user.uri, user.text.index("return a + a"), "print(a)\n    ")
    go.set()
    await user.until(lambda: "a * 2" in user.text)
    assert "print(a)" in user.prompts[1]


async def test_a_refusal_in_the_menu_has_its_price_and_keeps_it(user: User) -> None:
    """To ask again costs what the line says; where it would cost more by now, nothing is sent and nothing is lost."""
    user.says(RENAMED)
    await user.choose("Refactor add", 0)
    await user.until(lambda: bool(user.asked))
    [again] = [a for a in await user.menu(0) if a["title"].startswith("Ask again")]
    assert "· Claude Sonnet 4.5 · ~0.2¢, ≤ " in again["title"]
    user.editor.type(user.uri, user.text.index("return a"), f"print({'a + ' * 400}a)\n    ")
    with pytest.raises(Error, match="The price is not what the menu said any more"):
        await user.run(again)
    assert len(user.prompts) == 1
    user.says(BETTER)
    await user.choose("Ask again with the failure explained · Refactor add", 0)
    await user.until(lambda: "total" in user.text)
    assert "The answer renames add to sub" in user.prompts[1]
    assert not any("Ask again" in a["title"] for a in await user.menu(0))


async def test_an_unknown_choice_does_nothing_to_an_answer(user: User) -> None:
    """It is told what there is, and the answer is still there."""
    await kept(user, "Refactor add", 0, BETTER, {"return a": "print(a)\n    "})
    with pytest.raises(Error, match="There is no choice 'explode'"):
        await user.client.command("codefare.kept", "1", "explode")
    await user.choose("Apply the answer", 0)
    await user.until(lambda: "total" in user.text)


@pytest.mark.parametrize("reply", [None, {"index": True}, {"index": -1}, {"index": 9}, {"x": 1}, 7])
async def test_nonsense_from_a_list_picks_nothing(user: User, reply: Any) -> None:
    """What is no place in the list is no word of the user's."""

    def answer(params: dict[str, Any]) -> Any:
        user.asked.append((params["title"], params["items"]))
        return reply

    user.client.answers["codefare/pick"] = answer
    await kept(user, "Refactor add", 0, BETTER, {"return a": "print(a)\n    "})
    typed = user.text
    assert any(a["title"].startswith("Apply the answer") for a in await user.menu(0))
    assert user.text == typed
    assert len(user.prompts) == 1


async def test_tests_are_added_to_what_the_test_file_holds_by_now(
    wire: WireServer, configure, tmp_path: Path
) -> None:
    """Typed in while the model worked, it gets the cases all the same once the user says so; no character is lost."""
    (tmp_path / "tests").mkdir()
    tests = tmp_path / "tests" / "test_sums.py"
    old = "from sums import twice\n\n\ndef test_twice():\n    assert twice(2) == 4\n"
    tests.write_text(old)
    mine = "\n\ndef test_mine():\n    assert twice(1) == 2\n"
    case = "def test_add():\n    assert add(1, 2) == 3\n"
    async with acting(wire, configure, tmp_path / "sums.py", CODE) as user:
        user.editor.open(tests.as_uri(), old)
        buffer = user.editor.buffers[tests.as_uri()]

        def crossed(_params: dict[str, Any]) -> Any:
            user.client.answers["workspace/applyEdit"] = user.editor.apply
            user.editor.type(tests.as_uri(), len(buffer.text), mine)
            return {"applied": False}

        user.client.answers["workspace/applyEdit"] = crossed
        user.says(f"```python\nfrom sums import add\n\n\n{case}```")
        await user.choose("Write tests for add", 0)
        await user.until(lambda: bool(user.asked))
        assert buffer.text == old + mine
        await user.choose("Apply the answer · Write tests for add · free", 0)
        await user.until(lambda: case in buffer.text)
        assert mine.strip() in buffer.text
        assert len(wire.requests) == 1
