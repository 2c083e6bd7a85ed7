"""Actions from the menu to their result, as a client with dialogs meets them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from tests.lsp.acting import User, acting
from tests.lsp.client import LIMIT
from tests.wire.server import WireServer
from tests.wire.vendors import anthropic_stream

CODE = "def add(a, b):\n    return a + b\n\n\ndef twice(a):\n    return a + a\n"
BETTER = "```python\ndef add(a, b):\n    total = a + b\n    return total\n```"
MISTAKE = {
    "range": {"start": {"line": 1, "character": 15}, "end": {"line": 1, "character": 16}},
    "message": "b is not what you think",
    "severity": 1,
    "source": "strict",
    "code": "S1",
}


@pytest.fixture
async def wire(home: Path) -> AsyncIterator[WireServer]:
    """A server that speaks Anthropic's protocol as it is told."""
    async with WireServer().running() as running:
        yield running


@pytest.fixture
async def user(wire: WireServer, configure, tmp_path: Path) -> AsyncIterator[User]:
    """A user of codefare's own client."""
    async with acting(wire, configure, tmp_path / "sums.py", CODE) as user:
        yield user


def report(uri: str) -> str:
    """The text of a report that was shown."""
    return Path(unquote(urlsplit(uri).path)).read_text("utf-8")


async def test_a_diagnostic_of_another_tool_is_fixed(user: User) -> None:
    """Its line in the menu names it and comes first, and the model is told what the tool says."""
    user.says(BETTER)
    action = await user.choose("Fix “b is not what you think”", 1, diagnostics=[MISTAKE])
    await user.until(lambda: "total" in user.text)
    assert action["kind"] == "quickfix.codefare"
    assert action["diagnostics"] == [MISTAKE]
    assert user.text == CODE.replace("return a + b", "total = a + b\n    return total")
    assert (
        "What a tool says of it (strict S1):\n```\nb is not what you think\n```" in user.prompts[0]
    )
    await user.told("Your editor does not say whether it is gone")


async def test_a_diagnostic_is_explained(user: User) -> None:
    """As a report, with a prompt of its own."""
    user.says("It means **nothing**.")
    action = await user.choose("Explain “b is not", 1, diagnostics=[MISTAKE])
    await user.until(lambda: bool(user.shown))
    assert action["kind"] == "quickfix.explain.codefare"
    assert "It means **nothing**." in report(user.shown[0])


async def test_unasked_only_fixes_are_offered(user: User) -> None:
    """An editor that asks at each move of the cursor gets what fixes the diagnostic there, and nothing else."""
    actions = await user.menu(1, trigger=2, diagnostics=[MISTAKE])
    assert [action["kind"] for action in actions] == ["quickfix.codefare"]
    assert await user.menu(1, trigger=2) == []


async def test_another_model_is_chosen_without_settings(user: User) -> None:
    """Each model that can serve has its price; the chosen one is asked, not the router's."""
    user.says(BETTER)
    user.picks = ["Refactor add", "Claude Opus 4.6"]
    await user.choose("codefare: other models", 0)
    await user.until(lambda: "total" in user.text)
    title, models = user.asked[1]
    assert title == "Refactor add"
    assert models[0].startswith("Claude Sonnet 4.5 · ~")
    assert models[0].endswith("· best")
    assert any(model.endswith("cheapest") for model in models)
    assert all("¢" in model for model in models if model.startswith("Claude"))
    assert user.wire.requests[0].json["model"] == "claude-opus-4-6"


async def test_a_filter_for_one_action_lists_every_model(user: User) -> None:
    """A key binding for one kind of action opens its models at once."""
    actions = await user.menu(0, only=["refactor.rewrite.document.codefare"])
    titles = [action["title"] for action in actions]
    assert all(title.startswith(("Document add · ", "Show what would be sent")) for title in titles)
    assert sum("Claude" in title for title in titles) >= 4


async def test_where_no_list_can_be_shown_the_next_menu_has_every_model(
    wire: WireServer, configure, tmp_path: Path
) -> None:
    """An editor without dialogs and without buttons has the menu alone."""
    path = tmp_path / "sums.py"
    async with acting(wire, configure, path, CODE, capabilities={}) as user:
        del user.client.answers["window/showMessageRequest"]
        user.says(BETTER)
        before = await user.menu(0)
        await user.choose("codefare: other models", 0)
        await user.told("Open the action menu again")
        await user.choose("Refactor add · Claude Opus 4.6", 0)
        await user.until(lambda: "total" in user.text)
        assert len(await user.menu(0)) == len(before)
    assert wire.requests[0].json["model"] == "claude-opus-4-6"


async def test_the_users_own_words_reach_the_model(user: User) -> None:
    """They are asked for, come last in the prompt, and a higher price is agreed to first."""
    user.says(BETTER)
    user.picks = ["Refactor add", "In your own words", "Run"]
    user.words = ["call the sum total"]
    await user.choose("codefare: other models", 0)
    await user.until(lambda: "total" in user.text)
    assert user.prompts[0].endswith("What is wanted: call the sum total")


async def test_words_that_are_given_up_run_nothing(user: User) -> None:
    """An empty input line ends it."""
    user.picks = ["Refactor add", "In your own words"]
    user.words = [None]
    await user.choose("codefare: other models", 0)
    await user.until(lambda: len(user.asked) == len(["action", "model", "words"]))
    assert len(await user.menu(0)) > 1
    assert user.wire.requests == []


async def test_a_question_about_the_code_is_answered(user: User) -> None:
    """Research with the user's own question, as a report."""
    user.says("Because it adds.")
    user.picks = ["Ask a question", "Run"]
    user.words = ["why does this add?"]
    await user.choose("codefare: other models", 0)
    await user.until(lambda: bool(user.shown))
    assert "Because it adds." in report(user.shown[0])
    assert "What is wanted: why does this add?" in user.prompts[0]


async def test_what_would_be_sent_is_what_is_sent(user: User) -> None:
    """The report holds each part with its tokens and price, and the body byte for byte; nothing is sent by looking."""
    user.says(BETTER)
    user.picks = ["Refactor add", "Show what would be sent"]
    await user.choose("codefare: other models", 0)
    await user.until(lambda: bool(user.shown))
    text = report(user.shown[0])
    assert user.wire.requests == []
    assert "- the code: ≈" in text
    await user.choose("Refactor add", 0)
    await user.until(lambda: "total" in user.text)
    assert user.wire.requests[0].body.decode() in text


async def test_an_answer_to_code_that_changed_is_kept_and_can_be_applied_anyway(user: User) -> None:
    """What the user typed into it stays until he says so; the answer costs nothing more."""
    go = asyncio.Event()
    user.wire.sse(go, *anthropic_stream(BETTER))
    await user.choose("Refactor add", 0)
    await asyncio.wait_for(user.wire.asked.wait(), LIMIT)
    user.editor.type(user.uri, CODE.index("return a"), "print(a)\n    ")
    typed = user.text
    go.set()
    await user.until(lambda: bool(user.asked))
    title, choices = user.asked[0]
    assert "the code changed while the model worked" in title
    assert [choice.split(" · ")[0] for choice in choices] == [
        "Show the difference",
        "Apply anyway",
        "Run again on the text as it is",
        "Discard",
    ]
    assert user.text == typed
    await user.choose("Apply the answer · Refactor add · free", 0)
    await user.until(lambda: "total" in user.text)
    assert "print(a)" not in user.text
    assert len(user.wire.requests) == 1
    assert not any("Apply the answer" in a["title"] for a in await user.menu(0))


async def test_a_refusal_can_be_explained_to_the_model(user: User) -> None:
    """One click asks again, at the price that is said, with the reason; the file is untouched until then."""
    user.says("```python\ndef sub(a, b):\n    return a - b\n```", BETTER)
    user.picks = ["Run again with the failure explained"]
    await user.choose("Refactor add", 0)
    await user.until(lambda: "total" in user.text)
    title, choices = user.asked[0]
    assert "The answer renames add to sub" in title
    assert "¢" in choices[1]
    assert "Your last answer could not be used: " in user.prompts[1]
    assert "The answer renames add to sub" in user.prompts[1]


async def test_an_action_of_the_users_own_is_like_any_other(
    wire: WireServer, configure, home: Path, tmp_path: Path
) -> None:
    """A row and a prompt file: it has a line, a price, the guard and the cache."""
    folder = configure("").parent
    (folder / "catalog.toml").write_text(
        '[actions.translate]\ntitle = "Translate comments"\ntask_type = "boilerplate"\nprompt = "translate.md"\n'
    )
    (folder / "translate.md").write_text(
        "Translate the comments of this $language code into English. Answer with one code block.\n"
    )
    async with acting(wire, configure, tmp_path / "sums.py", CODE) as user:
        user.says(BETTER)
        action = await user.choose("Translate comments add · Claude Haiku 4.5 · ~", 0)
        await user.until(lambda: "total" in user.text)
        assert action["command"]["command"] == "codefare.run"
        assert (
            wire.requests[0]
            .json["system"][0]["text"]
            .startswith("Translate the comments of this Python")
        )
