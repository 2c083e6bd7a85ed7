"""What the VS Code extension lets a user set, against what the server takes from an editor."""

from __future__ import annotations

import json
from pathlib import Path

from codefare.settings.editor import _KEYS

PACKAGE = Path(__file__).parents[2] / "clients" / "vscode" / "package.json"
PROPERTIES = json.loads(PACKAGE.read_text())["contributes"]["configuration"]["properties"]


def test_the_extension_offers_every_setting_that_the_server_takes_and_no_other() -> None:
    """The names are the same, so that the extension hands them over as they are."""
    assert {name.removeprefix("codefare.") for name in PROPERTIES} - {"command"} == set(_KEYS)


def test_no_setting_overrides_the_users_own_unless_it_is_set() -> None:
    """A default would reach the server as if the user had chosen it, over config.toml."""
    values = {name: schema["default"] for name, schema in PROPERTIES.items()}
    assert values.pop("codefare.command") == "codefare"
    assert set(values.values()) == {None}


def test_a_workspace_can_set_neither_the_program_nor_privacy() -> None:
    """VS Code ignores these in a workspace's settings: their scope is the machine."""
    for name, schema in PROPERTIES.items():
        if name == "codefare.command" or name.startswith(("codefare.privacy", "codefare.models")):
            assert (
                schema["scope"] == "machine"
            )  # "machine-overridable" is one that workspaces override
