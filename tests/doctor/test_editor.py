"""The doctor in an editor: what it can do there, and the report."""

# Nothing else runs on a test's loop that files could hold up.
# ruff: noqa: ASYNC240

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlparse

import pytest
from tests.doctor.conftest import KEY, Providers, listed, offered
from tests.lsp.client import Client

from codefare.doctor.finding import State
from codefare.lsp.abilities import abilities
from codefare.lsp.client import ClientFeatures

if TYPE_CHECKING:
    from codefare.doctor.finding import Finding

DECLARED = {
    "window": {"showDocument": {"support": True}, "workDoneProgress": True},
    "workspace": {"applyEdit": True, "workspaceEdit": {"documentChanges": True}},
}


def found(client: ClientFeatures, *, shares: bool = False) -> dict[str, Finding]:
    """What is found of an editor."""
    told = {one.id: one for one in abilities(client, shares_diagnostics=shares)}
    assert all(one.state is State.OK or one.text for one in told.values())
    return told


def test_an_editor_that_can_everything() -> None:
    """Every feature is there, and nothing is to be done."""
    client = ClientFeatures(
        name="Neovim",
        version="0.11.4",
        encoding="utf-8",
        work_done_progress=True,
        show_document=True,
        apply_edit=True,
        document_changes=True,
        confirmed_edits=True,
        code_action_literals=True,
        markdown_hover=True,
        dialogs=True,
    )
    told = found(client, shares=True)
    assert {one.state for one in told.values()} == {State.OK}
    assert told["editor.client"].text == "Neovim 0.11.4; counts characters in utf-8"


def test_an_editor_that_declares_nothing() -> None:
    """Each feature that is missing says what stands in for it."""
    told = found(ClientFeatures())
    assert told["editor.edits"].state is State.WARNING
    assert "--apply" in told["editor.edits"].remedy
    assert "a message says which file" in told["editor.reports"].text
    assert "a message when an action begins" in told["editor.progress"].text
    assert "the next menu lists the models" in told["editor.questions"].text
    assert "lines in the menu to apply or drop it" in told["editor.preview"].text
    assert "plain text" in told["editor.hover"].text
    assert "[checkers.LANGUAGE]" in told["editor.fixes"].remedy
    assert "does not tell its name" in told["editor.client"].text


@pytest.mark.parametrize(
    ("declared", "about", "said"),
    [
        ({"message_buttons": True}, "questions", "messages with buttons"),
        ({"dialogs": True}, "questions", "your own words"),
        ({"confirmed_edits": True}, "preview", "each to be ticked"),
        ({"document_changes": True}, "typing", "sent again"),
    ],
)
def test_each_ability_makes_its_difference(declared: dict[str, Any], about: str, said: str) -> None:
    """What is declared decides what is told."""
    id_ = f"editor.{about}"
    with_it = found(ClientFeatures(**declared))[id_]
    assert said in with_it.text
    assert found(ClientFeatures())[id_] != with_it


async def shown(client: Client) -> str:
    """The report that the editor is told to open."""
    params = (await client.asked("window/showDocument"))["params"]
    return Path(unquote(urlparse(params["uri"]).path)).read_text("utf-8")


async def test_the_report(providers: Providers) -> None:
    """It has the providers and this editor; that the server has to start anew for config.toml is seen."""
    server = await providers.serve("openai", **{"/models": listed(*offered("openai"))})
    async with Client.start("-m", "codefare", "serve") as client:
        client.answers["window/showDocument"] = lambda _: {"success": True}
        client.answers["window/workDoneProgress/create"] = lambda _: None
        info = {"name": "Test Editor", "version": "9"}
        await client.initialize(DECLARED, clientInfo=info)
        assert await client.command("codefare.doctor") == {"job": "1"}
        report = await shown(client)
        assert report.startswith("# codefare doctor\n")
        assert "**OpenAI key**: in OPENAI_API_KEY, taken" in report
        assert "**Editor**: Test Editor 9; counts characters in utf-16" in report
        assert "than when the server started" not in report
        await client.expect(lambda m: m.get("params", {}).get("value", {}).get("kind") == "end")
        providers.write("budget_mode = true\n[cache]\nmax_age_days = 2\n")
        await client.command("codefare.doctor")
        assert "of providers, network, cache or log_level than when" in await shown(client)
        assert KEY not in report + client.stderr
        assert await client.end() == 0
    assert {(r.method, r.path) for r in server.requests} == {("GET", "/models")}


async def test_where_a_wrong_file_keeps_codefare_from_starting(home: Path, configure: Any) -> None:
    """Then most of all: the report says which line, where every action is refused."""
    configure("[budget]\nper_day = 1\n")
    async with Client.start("-m", "codefare", "serve") as client:
        client.answers["window/showDocument"] = lambda _: {"success": True}
        client.answers["window/workDoneProgress/create"] = lambda _: None
        await client.initialize(DECLARED)
        await client.command("codefare.doctor")
        report = await shown(client)
        assert report.index("✗ **config.toml**") < report.index("## Providers")
        assert "per_day_usd" in report
        assert await client.end() == 0
