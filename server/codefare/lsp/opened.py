"""The menus that were opened: what a picked line means, though the text may have moved since."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from codefare.errors import TargetError, WrongUse
from codefare.source.target import Span

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from typing import Any

    from codefare.lsp.document import OpenDocument
    from codefare.lsp.offers import Picked
    from codefare.source.buffer import Anchor
    from codefare.source.diagnostic import Diagnostic
    from codefare.source.document import Document
    from codefare.source.target import Target

_MOST = 16
"""Documents whose last menu is remembered; each may hold a text of megabytes."""

Key = tuple[str, str, str]
"""What tells the lines of a menu apart: see `picks.key_of`."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A menu that was opened: where, on what, and what follows that through edits.

    `place` is where it was opened, in code points of the text as it was. No target where there was nothing to work on,
    no anchor for a whole file or for what was typed in meanwhile. `said` is the command of each line, with its price;
    `diagnostics` what was said of the place.
    """

    picked: Picked
    place: Span
    target: Target | None = None
    anchor: Anchor | None = None
    said: Mapping[Key, Picked] = field(default_factory=dict)
    diagnostics: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a picked line is meant now: the code, what the place means, the place itself, and how far it moved."""

    code: Document
    target: Target
    cursor: Span
    shift: int


class OpenedMenus:
    """The last menu of each of the documents that had one lately."""

    def __init__(self) -> None:
        self._menus: dict[str, Opened] = {}  # the latest at the end

    def keep(self, opened: Opened) -> None:
        """Remember a menu as the latest."""
        self._menus.pop(opened.picked.uri, None)
        self._menus[opened.picked.uri] = opened
        if len(self._menus) > _MOST:
            del self._menus[next(iter(self._menus))]

    def last(self, action: str) -> Picked | None:
        """An action as it was picked in the last menu, of whichever document; None if none was opened.

        Raises:
            WrongUse: The menu had several lines for it, none of which is the plain one.
        """
        opened = next(reversed(self._menus.values()), None)
        if opened is None:
            return None
        lines = {key: picked for key, picked in opened.said.items() if key[0] == action}
        plain = lines.get((action, "", ""))
        if plain is None and len(lines) > 1:
            raise WrongUse(
                "The editor did not say which line of the menu was picked.",
                remedy="Open the menu again, and pick it at once.",
            )
        return plain or next(iter(lines.values()), opened.picked)

    def diagnostics(self, picked: Picked, document: OpenDocument) -> tuple[Diagnostic, ...]:
        """What was said of a place when its menu was opened, if the text is as it was."""
        opened = self._menus.get(picked.uri)
        if opened is None or opened.picked.version != document.version:
            return ()
        return opened.diagnostics if opened.picked.range == picked.range else ()

    async def spot(
        self, picked: Picked, document: OpenDocument, in_thread: Callable[..., Awaitable[Any]]
    ) -> Spot:
        """What was picked, as it stands in the document now, and the document's code as it is now.

        Lines may be other ones than when the menu was opened, after another job's edit above them, say: then its own
        code is followed to where it went, if it is still what it was.

        Raises:
            TargetError: It changed, or there is nothing to work on.
        """
        place = Span(0, 0) if picked.range is None else document.span_of(picked.range)
        if picked.version in (None, document.version):
            code, target = await document.targeted(place, in_thread)
            return Spot(code, target, place, 0)
        opened = self._menus.get(picked.uri)
        if (
            opened is not None
            and (opened.picked.version, opened.picked.range) == (picked.version, picked.range)
            and opened.target is not None
            and opened.anchor is not None
            and not opened.anchor.broken
        ):
            code, now = await document.targeted(opened.anchor.span, in_thread)
            if (now.scope, now.text) == (opened.target.scope, opened.target.text):
                shift = now.span.start - opened.target.span.start
                cursor = Span(opened.place.start + shift, opened.place.end + shift)
                return Spot(code, now, cursor, shift)
        raise TargetError(
            "The text has changed since the menu was opened.", remedy="Open the menu again."
        )
