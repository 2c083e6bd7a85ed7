"""Actions from the menu to their result, as a client with dialogs meets them."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from tests.lsp.acting import DIALOGS, User, acting
from tests.lsp.client import LIMIT, Error
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
async def user(wire: WireServer, configure, tmp_path: Path) -> AsyncIterator[User]:
    """A user of codefare's own client."""
    async with acting(wire, configure, tmp_path / "sums.py", CODE) as user:
        yield user


def report(uri: str) -> str:
    """The text of a report that was shown."""
    return Path(unquote(urlsplit(uri).path)).read_text("utf-8")


def committed(path: Path, text: str) -> None:
    """Makes the folder of a file a repository in which the file holds `text`."""
    git = ["git", "-C", str(path.parent), "-c", "user.name=a", "-c", "user.email=a@b"]
    path.write_text(text)
    for words in (["init", "-q"], ["add", path.name], ["commit", "-qm", "first"]):
        subprocess.run([*git, *words], check=True)


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


async def test_a_change_is_shown_before_it_is_made_where_the_user_wants_that(
    wire: WireServer, configure, tmp_path: Path
) -> None:
    """A diff document, then apply or discard: by a dialog, or by the menu; the answer is paid for once."""
    path = tmp_path / "sums.py"
    async with acting(wire, configure, path, CODE, settings="preview = true") as user:
        user.says(BETTER)
        await user.choose("Refactor add", 0)
        await user.until(lambda: bool(user.asked))
        assert user.asked[0] == ("Refactor add: apply it?", ["Apply", "Discard"])
        assert "-    return a + b\n+    total = a + b\n+    return total\n" in report(user.shown[0])
        assert user.text == CODE
        await user.choose("Apply the answer · Refactor add", 0)
        await user.until(lambda: "total" in user.text)
    assert len(wire.requests) == 1


async def test_vs_code_is_asked_to_confirm(wire: WireServer, configure, tmp_path: Path) -> None:
    """An editor that knows change annotations shows the change itself; one that is not confirmed is kept."""
    abilities = {
        "workspace": {
            "applyEdit": True,
            "workspaceEdit": {"documentChanges": True, "changeAnnotationSupport": {}},
        },
        **DIALOGS,
    }
    path, asked = tmp_path / "sums.py", []

    def refuse(params: dict[str, Any]) -> Any:
        asked.append(params["edit"])
        return {"applied": False}

    async with acting(
        wire, configure, path, CODE, capabilities=abilities, settings="preview = true"
    ) as user:
        user.client.answers["workspace/applyEdit"] = refuse
        user.says(BETTER)
        await user.choose("Refactor add", 0)
        await user.until(lambda: bool(user.asked))
        (annotation,) = asked[0]["changeAnnotations"].values()
        assert annotation["needsConfirmation"] is True
        assert "the editor did not apply the edit" in user.asked[0][0]
        assert any("Apply the answer" in action["title"] for action in await user.menu(0))
        assert user.text == CODE


async def test_a_review_becomes_findings_that_can_be_fixed_and_dismissed(user: User) -> None:
    """Each is a diagnostic of ours on the line that it quotes, with a fix, an explanation and a way to dismiss it."""
    user.says(
        '```json\n[{"line": 2, "code": "return a + b", "severity": "warning",'
        ' "message": "It overflows.", "advice": "Check it."}]\n```',
        BETTER,
    )
    await user.choose("Review add · Claude", 0)
    told = await user.client.notified("textDocument/publishDiagnostics")
    (diagnostic,) = told["diagnostics"]
    assert diagnostic["source"] == "codefare"
    assert diagnostic["range"]["start"]["line"] == 1
    await user.told("Review add: 1 finding")
    titles = [action["title"] for action in await user.menu(1)]
    assert titles[0].startswith("Fix “It overflows. Check it.” · Claude")
    assert any(title.startswith("Explain “It overflows.") for title in titles)
    await user.choose("Fix “It overflows.", 1)
    await user.until(lambda: "total" in user.text)
    faded = await user.client.notified("textDocument/publishDiagnostics")
    assert [each["severity"] for each in faded["diagnostics"]] == [3]
    await user.choose("Dismiss “It overflows.”", 1)
    gone = await user.client.notified("textDocument/publishDiagnostics")
    assert gone["diagnostics"] == []


async def test_a_todo_becomes_code_where_it_stands(
    wire: WireServer, configure, tmp_path: Path
) -> None:
    """The comment and its stand-in give way; the rest of the function is shown to the model and stays."""
    text = "def total(items):\n    s = 0\n    # TODO: add up the prices\n    pass\n    return s\n"
    async with acting(wire, configure, tmp_path / "shop.py", text) as user:
        user.says("```python\n    for item in items:\n        s += item.price\n```")
        await user.choose("Generate “add up the prices” · ", 2)
        await user.until(lambda: "price\n" in user.text)
        assert user.text == text.replace(
            "    # TODO: add up the prices\n    pass\n",
            "    for item in items:\n        s += item.price\n",
        )
        assert "The whole of total:" in user.prompts[0]


async def test_boilerplate_is_put_into_the_type(
    wire: WireServer, configure, tmp_path: Path
) -> None:
    """Only the new member comes back, and what is there stays as it is."""
    text = "class Point {\n  x = 0;\n  y = 0;\n}\n"
    async with acting(wire, configure, tmp_path / "point.js", text) as user:
        user.says("```js\nequals(other) {\n  return this.x === other.x;\n}\n```")
        await user.choose("Add equality to Point · ", 0)
        await user.until(lambda: "equals" in user.text)
        assert user.text == (
            "class Point {\n  x = 0;\n  y = 0;\n\n  equals(other) {\n    return this.x === other.x;\n  }\n}\n"
        )


async def test_cases_are_added_to_the_test_file_that_is_there(user: User) -> None:
    """On disk if it is not open in the editor, and nothing else of it changes."""
    tests = user.path.with_name("test_sums.py")
    old = "from sums import twice\n\n\ndef test_twice():\n    assert twice(1) == 2\n"
    tests.write_text(old)
    user.says(
        "```python\nfrom sums import add\n\n\ndef test_add():\n    assert add(1, 2) == 3\n```"
    )
    await user.choose("Write tests for add · ", 0)
    await user.until(lambda: bool(user.shown))
    assert tests.read_text().endswith("2\n\n\ndef test_add():\n    assert add(1, 2) == 3\n")
    assert "def test_twice():\n    assert twice(1) == 2\n" in tests.read_text()
    assert "test_twice" in user.prompts[0]


async def test_the_folder_and_what_is_not_committed_have_lines_beside_the_file(
    wire: WireServer, configure, tmp_path: Path
) -> None:
    """Outside of every symbol the menu has the architecture of the folder and the review of the changes."""
    path = tmp_path / "sums.py"
    committed(path, "def add(a, b):\n    return a - b\n")
    text = f"import os\n\n\n{CODE}"
    async with acting(wire, configure, path, text) as user:
        await user.client.ask("textDocument/hover", user.place(0))
        titles: list[str] = []
        while not any("uncommitted" in title for title in titles):
            titles = [action["title"] for action in await user.menu(0)]
        user.says(
            "It is **small**.",
            '```json\n[{"file": "sums.py", "line": 5, "code": "return a + b",'
            ' "severity": "error", "message": "Wrong sign before."}]\n```',
        )
        await user.choose(f"Describe the architecture of {tmp_path.name} · ", 0)
        await user.until(lambda: bool(user.shown))
        assert "It is **small**." in report(user.shown[0])
        await user.choose("Review uncommitted changes · ", 0)
        told = await user.client.notified("textDocument/publishDiagnostics")
        assert told["uri"] == user.uri
        assert told["diagnostics"][0]["range"]["start"]["line"] == 4
    assert "def add(a, b)" in wire.requests[0].json["messages"][0]["content"]
    assert "-    return a - b\n+    return a + b" in wire.requests[1].json["messages"][0]["content"]


async def test_the_menu_says_what_it_costs_to_ask_again_after_a_refusal(user: User) -> None:
    """For whoever closed the message: the line has its price, and asks once, with the failure explained."""
    user.says("I would rather not.", BETTER)
    await user.choose("Refactor add", 0)
    await user.until(lambda: bool(user.asked))
    action = await user.choose("Ask again with the failure explained · Refactor add · Claude", 0)
    await user.until(lambda: "total" in user.text)
    assert "¢" in action["title"]
    assert "The answer holds no code block." in user.prompts[1]
    assert not any("Ask again" in line["title"] for line in await user.menu(0))


async def test_a_retry_that_became_dearer_than_its_line_said_is_not_sent(user: User) -> None:
    """The title's price is the contract here, too."""
    user.says("I would rather not.")
    await user.choose("Refactor add", 0)
    await user.until(lambda: bool(user.asked))
    actions = await user.menu(0)
    action = next(a for a in actions if a["title"].startswith("Ask again"))
    answer, what, model, _ = action["command"]["arguments"]
    with pytest.raises(Error, match="not what the menu said any more"):
        await user.client.command("codefare.kept", answer, what, model, "0.0000001")
    assert len(user.wire.requests) == 1
