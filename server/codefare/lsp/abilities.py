"""What the editor can do, as the doctor tells it: the features that the user gets, and what stands in for others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codefare.doctor.finding import Finding, Group, State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codefare.lsp.client import ClientFeatures

_OWN_CLIENT = "VS Code and Neovim have a client of codefare's own that can."


def abilities(client: ClientFeatures, *, shares_diagnostics: bool) -> Iterator[Finding]:
    """What the client declared, in terms of what comes of it.

    `shares_diagnostics` tells whether it sends what other servers found.
    """
    name = f"{client.name} {client.version}".strip() or "does not tell its name"
    yield _finding("client", "Editor", State.OK, f"{name}; counts characters in {client.encoding}")
    yield _edits(client)
    yield _typing(client)
    yield _preview(client)
    yield _reports(client)
    yield _progress(client)
    yield _questions(client)
    yield _menu(client)
    yield _hover(client)
    yield _fixes(shares_diagnostics=shares_diagnostics)


def restart(*, gone: bool) -> Finding:
    """What is said where config.toml has changed in what holds from the next start on, or is `gone` or empty."""
    changed = (
        "says something else of providers, network, cache or log_level than when the server started"
    )
    lost = "is gone or empty: what holds is what it said before"
    return _finding(
        "restart",
        "Settings",
        State.WARNING,
        f"config.toml {lost if gone else changed}",
        "Restart the server (`:CodefareRestart`, Codefare: Restart, or your editor's own way).",
    )


def _edits(client: ClientFeatures) -> Finding:
    if client.apply_edit:
        text = "go into the document, and are seen to be there"
        return _finding("edits", "Edits", State.OK, text)
    return _finding(
        "edits",
        "Edits",
        State.WARNING,
        "are sent, though the editor does not say that it applies them; what does not land is kept",
        "If they never land, write them from a terminal: `codefare run ACTION FILE:LINE --apply`.",
    )


def _typing(client: ClientFeatures) -> Finding:
    if client.document_changes:
        text = "does not disturb: edits name the version of the text, and are sent again if it has moved on"
        return _finding("typing", "Typing meanwhile", State.OK, text)
    return _finding(
        "typing",
        "Typing meanwhile",
        State.NOTE,
        "may disturb: edits cannot name the version of the text here; whether they landed is seen from the text",
        "Do not type in the moment in which an edit is applied.",
    )


def _preview(client: ClientFeatures) -> Finding:
    if client.confirmed_edits:
        text = "the editor's own list of changes, each to be ticked (`preview = true`)"
    else:
        text = "a difference in a report, with lines in the menu to apply or drop it (`preview = true`)"
    return _finding("preview", "Preview", State.OK, text)


def _reports(client: ClientFeatures) -> Finding:
    if client.show_document:
        return _finding("reports", "Reports", State.OK, "open in the editor")
    text = "do not open by themselves: a message says which file to open"
    return _finding("reports", "Reports", State.NOTE, text)


def _progress(client: ClientFeatures) -> Finding:
    if client.work_done_progress:
        text = "shown while an action runs, with its cost so far"
        return _finding("progress", "Progress", State.OK, text)
    return _finding(
        "progress",
        "Progress",
        State.NOTE,
        "not shown: a message when an action begins, and one when it has ended",
        "To cancel what runs, open the action menu again.",
    )


def _questions(client: ClientFeatures) -> Finding:
    if client.dialogs:
        text = "lists of models, and a line for your own words"
        return _finding("questions", "Questions", State.OK, text)
    remedy = (
        f'`codefare run ACTION FILE:LINE --instruction "…"` takes your own words. {_OWN_CLIENT}'
    )
    if client.message_buttons:
        text = "asked in messages with buttons; you cannot be asked for your own words"
    else:
        text = "not asked: the next menu lists the models; you cannot be asked for your own words"
    return _finding("questions", "Questions", State.NOTE, text, remedy)


def _menu(client: ClientFeatures) -> Finding:
    if client.code_action_literals:
        text = "each line has its kind, so that menus and key bindings can choose among them"
        return _finding("menu", "Action menu", State.OK, text)
    text = "its lines have no kinds: a key binding cannot ask for one kind of action"
    return _finding("menu", "Action menu", State.NOTE, text)


def _hover(client: ClientFeatures) -> Finding:
    how = "with some emphasis" if client.markdown_hover else "as plain text"
    return _finding("hover", "Hover", State.OK, f"prices are shown {how}")


def _fixes(*, shares_diagnostics: bool) -> Finding:
    if shares_diagnostics:
        text = "the editor's diagnostics tell afterwards whether one helped"
        return _finding("fixes", "Fixes", State.OK, text)
    return _finding(
        "fixes",
        "Fixes",
        State.NOTE,
        "the editor has not told what other servers find, so that only a checker of yours can tell whether one helps",
        "Name one for each language: [checkers.LANGUAGE] in config.toml.",
    )


def _finding(about: str, subject: str, state: State, text: str, remedy: str = "") -> Finding:
    return Finding(f"editor.{about}", Group.EDITOR, subject, state, text, remedy)
