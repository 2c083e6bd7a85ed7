"""What an editor shows where a wrong file keeps codefare from starting: what is wrong, wherever it is looked for."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from codefare.errors import ConfigError
from codefare.legible import message
from codefare.lsp.offers import CHOOSE_KIND, DOCTOR
from codefare.places import config_folder

if TYPE_CHECKING:
    from codefare.lsp.client import ClientFeatures

_TITLE = "codefare cannot start"


def hover(error: ConfigError) -> lsp.Hover:
    """The whole message. As plain text: it names paths and quotes nothing that is Markdown."""
    text = f"{_TITLE}: {message(error.text)}"
    return lsp.Hover(lsp.MarkupContent(lsp.MarkupKind.PlainText, text))


def menu(error: ConfigError, client: ClientFeatures) -> list[lsp.CodeAction | lsp.Command]:
    """One line, which opens the doctor. Without the folder, which would make it too long."""
    short = error.text
    with suppress(ConfigError):  # it may be what is wrong: there is no home folder
        short = short.replace(f"{config_folder()}{os.sep}", "")
    run = lsp.Command(f"{_TITLE}: {message(short)}", DOCTOR)
    if not client.code_action_literals:
        return [run]
    return [lsp.CodeAction(run.title, kind=CHOOSE_KIND, command=run)]
