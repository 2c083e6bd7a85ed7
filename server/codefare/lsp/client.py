"""What the client on the other end can do, from its InitializeParams."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lsprotocol import types as lsp
from pygls.capabilities import ServerCapabilitiesBuilder

if TYPE_CHECKING:
    from codefare.source.positions import Encoding

_ENCODINGS: dict[str, Encoding] = {
    lsp.PositionEncodingKind.Utf8: "utf-8",
    lsp.PositionEncodingKind.Utf16: "utf-16",
    lsp.PositionEncodingKind.Utf32: "utf-32",
}


@dataclass(frozen=True, slots=True)
class ClientFeatures:
    """The client's declared abilities, as far as codefare asks; the defaults declare nothing.

    `encoding` is the unit of `character` in positions: the first one in the client's own list that
    we know. `document_changes` is true for Neovim too, which handles versioned edits but does not
    say so. `llm_tag` tells whether `CodeActionTag.LlmGenerated` is understood, `confirmed_edits`
    whether an edit may carry an annotation that asks the user first, `text_documents` whether
    `workspace/textDocumentContent` is, `dialogs` whether codefare's own clients are on the other end: they show lists
    and ask for words (`codefare/pick`, `codefare/words`). `message_buttons` tells whether a message may have buttons.
    """

    name: str = ""
    version: str = ""
    encoding: Encoding = "utf-16"
    work_done_progress: bool = False
    show_document: bool = False
    apply_edit: bool = False
    document_changes: bool = False
    confirmed_edits: bool = False
    llm_tag: bool = False
    code_action_literals: bool = False
    markdown_hover: bool = False
    diagnostic_versions: bool = False
    diagnostic_data: bool = False
    resource_operations: frozenset[str] = frozenset()
    configuration: bool = False
    text_documents: bool = False
    dialogs: bool = False
    message_buttons: bool = False

    @property
    def is_neovim(self) -> bool:
        """Whether this is Neovim, by its own name."""
        return self.name == "Neovim"

    @classmethod
    def of(cls, params: lsp.InitializeParams) -> ClientFeatures:
        """Reads a client's abilities; whatever is absent counts as not there."""
        info = params.client_info
        name = info.name if info else ""
        capabilities = params.capabilities
        window = capabilities.window or lsp.WindowClientCapabilities()
        workspace = capabilities.workspace or lsp.WorkspaceClientCapabilities()
        document = capabilities.text_document or lsp.TextDocumentClientCapabilities()
        edit = workspace.workspace_edit or lsp.WorkspaceEditClientCapabilities()
        action = document.code_action or lsp.CodeActionClientCapabilities()
        hover = document.hover or lsp.HoverClientCapabilities()
        diagnostics = document.publish_diagnostics or lsp.PublishDiagnosticsClientCapabilities()
        tags = action.tag_support.value_set if action.tag_support else ()
        changes = bool(edit.document_changes) or name == "Neovim"
        return cls(
            name=name,
            version=(info.version or "") if info else "",
            encoding=_ENCODINGS[ServerCapabilitiesBuilder.choose_position_encoding(capabilities)],
            work_done_progress=bool(window.work_done_progress),
            show_document=bool(window.show_document and window.show_document.support),
            apply_edit=bool(workspace.apply_edit),
            document_changes=changes,
            confirmed_edits=bool(changes and edit.change_annotation_support),
            llm_tag=lsp.CodeActionTag.LlmGenerated in tags,
            code_action_literals=action.code_action_literal_support is not None,
            markdown_hover=lsp.MarkupKind.Markdown in (hover.content_format or ()),
            diagnostic_versions=bool(diagnostics.version_support),
            diagnostic_data=bool(diagnostics.data_support),
            resource_operations=frozenset(kind.value for kind in edit.resource_operations or ()),
            configuration=bool(workspace.configuration),
            text_documents=workspace.text_document_content is not None,
            dialogs=_dialogs(capabilities.experimental),
            message_buttons=window.show_message is not None,
        )


def _dialogs(experimental: object) -> bool:
    """Whether `capabilities.experimental.codefare.dialogs` is true."""
    own = experimental.get("codefare") if isinstance(experimental, Mapping) else None
    return isinstance(own, Mapping) and own.get("dialogs") is True
