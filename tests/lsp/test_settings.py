"""The real server and its settings: a wrong file is said and can be mended, an editor may set what is harmless."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types as lsp
from tests.lsp.presets import session
from tests.wire.server import WireServer

from codefare.places import state_folder


async def test_a_wrong_config_is_said_and_the_server_lives_on(
    home: Path, configure, tmp_path: Path
) -> None:
    """The user reads which key is wrong and what is meant, and again wherever he looks; in a message once."""
    configure("\nbudget_mod = true\n")
    async for editor in session("visual_studio_code", tmp_path):
        await editor.told()
        assert "budget_mode" in editor.messages[0]
        assert "line 2: `budget_mod` is not a setting" in await editor.hover(0, 5)
        (line,) = await editor.menu(0, 5)
        assert line.title.startswith("codefare cannot start: config.toml: line 2: `budget_mod`")
        assert "codefare.doctor" in str(line.command)
        with pytest.raises(Exception, match="budget_mode"):
            await editor.client.workspace_execute_command_async(
                lsp.ExecuteCommandParams("codefare.explain")
            )
        assert len(editor.messages) == 1


async def test_a_config_that_is_mended_serves_at_once(
    home: Path, configure, tmp_path: Path
) -> None:
    """The message says to correct the file and to save it: no more is needed. Another fault is another message."""
    configure("budget_mod = true\n")
    async for editor in session("visual_studio_code", tmp_path):
        await editor.told()
        configure("hovr = true\n")
        assert "`hover`" in (await editor.menu(0, 5))[0].title
        await editor.told(2)
        configure('complexity = "high"\n')
        assert await editor.menu(0, 5)
        assert "high complexity" in await editor.hover(0, 5)
        assert len(editor.messages) == 2


async def test_what_cannot_be_recorded_is_said_at_the_start(home: Path, tmp_path: Path) -> None:
    """A ledger that cannot be written is known before anything is spent."""
    state_folder().parent.mkdir(parents=True, exist_ok=True)
    state_folder().write_text("not a folder")
    async for editor in session("visual_studio_code", tmp_path):
        await editor.told()
        assert editor.messages[0].startswith("What is spent is not being recorded")


async def test_editor_settings_may_be_harmless_only(home: Path, tmp_path: Path) -> None:
    """A workspace can ask for budget mode, but not for another address for the keys."""
    options = {
        "complexity": "high",
        "providers": {"anthropic": {"base_url": "http://evil.example"}},
    }
    async for editor in session("visual_studio_code", tmp_path, options):
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
    async for editor in session("emacs", tmp_path, options):
        editor.client.workspace_did_change_configuration(lsp.DidChangeConfigurationParams(said))
        assert await editor.menu(0, 5) == []
        assert editor.client.log_messages == []


async def test_settings_that_change_replace_those_of_the_start(home: Path, tmp_path: Path) -> None:
    """With codefare's section or without it; an empty section takes all back."""
    async for editor in session("visual_studio_code", tmp_path, {"complexity": "high"}):
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
    async for editor in session("visual_studio_code", tmp_path):
        assert await editor.menu(0, 5) == []
        await editor.told()
        assert editor.messages[0].startswith("sums.py is on your list")


async def test_options_that_are_no_table_are_said(home: Path, tmp_path: Path) -> None:
    """Whoever put a text where a table belongs learns that it does nothing."""
    async for editor in session("visual_studio_code", tmp_path, {"codefare": "low"}):
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
        async for editor in session("visual_studio_code", tmp_path):
            await editor.pick("Explain", 5, 10)
            await editor.told()
            assert "Hello, {name}" in editor.messages[0]
    log = home / "state" / "codefare" / "log" / "codefare.log"
    text = log.read_text("utf-8")
    assert "job 1: KeyRefused" in text
    assert "canary-key" not in text
    assert "Hello, {name}" not in text
    assert log.stat().st_mode & 0o077 == 0
