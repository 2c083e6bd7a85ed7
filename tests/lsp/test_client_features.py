"""What a client can do is read from what it declares, as real clients do."""

from __future__ import annotations

from typing import Any

import pytest
from lsprotocol import types as lsp
from lsprotocol.converters import get_converter
from pytest_lsp import client_capabilities

from codefare.lsp.client import ClientFeatures


def features(preset: str) -> ClientFeatures:
    """The features of a real client, from its recorded capabilities."""
    capabilities = client_capabilities(preset)
    return ClientFeatures.of(lsp.InitializeParams(capabilities=capabilities))


def declared(capabilities: dict[str, Any], name: str = "") -> ClientFeatures:
    """The features of a client that declares `capabilities`."""
    params = {"capabilities": capabilities, "processId": None, "rootUri": None}
    if name:
        params["clientInfo"] = {"name": name}
    return ClientFeatures.of(get_converter().structure(params, lsp.InitializeParams))


def test_nothing_declared():
    """A client that declares nothing has the defaults."""
    assert declared({}) == ClientFeatures()


@pytest.mark.parametrize(
    ("preset", "expected"),
    [
        (
            "visual-studio-code@1.65.2",
            {
                "encoding": "utf-16",
                "work_done_progress": True,
                "show_document": True,
                "apply_edit": True,
                "document_changes": True,
                "confirmed_edits": True,
                "code_action_literals": True,
                "markdown_hover": True,
                "llm_tag": False,
                "resource_operations": frozenset({"create", "rename", "delete"}),
            },
        ),
        (
            "neovim@0.6.1",
            {
                "encoding": "utf-16",
                "work_done_progress": True,
                "apply_edit": True,
                "markdown_hover": True,
                "confirmed_edits": False,
            },
        ),
        (
            "neovim@0.11.0",
            {"encoding": "utf-8", "show_document": True, "work_done_progress": True},
        ),
        (
            "emacs@29.1",
            {"encoding": "utf-32", "apply_edit": True, "document_changes": True},
        ),
    ],
)
def test_real_clients(preset, expected):
    """VS Code, Neovim and Emacs as they introduced themselves."""
    found = features(preset)
    assert {name: getattr(found, name) for name in expected} == expected


def test_neovim_handles_versions():
    """Neovim is known by its name to handle versioned edits; others must say so."""
    assert declared({}, "Neovim").document_changes
    assert declared({}, "Neovim").is_neovim
    assert not declared({}, "Other").document_changes


@pytest.mark.parametrize(
    ("tags", "expected"), [(None, False), ({"valueSet": []}, False), ({"valueSet": [1]}, True)]
)
def test_tag(tags, expected):
    """Actions may be tagged where the client knows the tag."""
    action = {} if tags is None else {"tagSupport": tags}
    assert declared({"textDocument": {"codeAction": action}}).llm_tag is expected


def test_name_and_version():
    """A client may name itself."""
    found = declared({}, "Kate")
    assert (found.name, found.version) == ("Kate", "")
