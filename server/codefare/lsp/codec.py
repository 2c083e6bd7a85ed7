"""Positions as pygls converts them, with its clamping mended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types as lsp
from pygls.workspace import PositionCodec, ServerTextPosition

from codefare.source.positions import prefix_of, units_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codefare.source.positions import Encoding


class Codec(PositionCodec):
    """Positions in lines. Past the end they mean the end, and the params stay as they are."""

    def __init__(self, encoding: Encoding) -> None:
        super().__init__(encoding)
        self._units = encoding

    def position_from_client_units(
        self, lines: Sequence[str], position: lsp.Position
    ) -> ServerTextPosition:
        """The place in code points."""
        if position.line < len(lines):
            line = lines[position.line].rstrip("\r\n")
            return ServerTextPosition(
                position.line, prefix_of(line, position.character, self._units)
            )
        if not lines or lines[-1][-1:] in {"\r", "\n"}:
            return ServerTextPosition(len(lines), 0)
        return ServerTextPosition(len(lines) - 1, len(lines[-1]))

    def position_to_client_units(
        self, lines: Sequence[str], position: ServerTextPosition | lsp.Position
    ) -> lsp.Position:
        """The place in the client's units."""
        if position.line >= len(lines):
            return lsp.Position(len(lines), 0)
        line = lines[position.line][: position.character]
        return lsp.Position(position.line, units_of(line, self._units))
