"""What the editor knows of other servers' diagnostics.

LSP tells a server nothing of them, but for those in a request for code actions; so codefare's own
clients send all of a document's in a notification of ours, `codefare/diagnostics`, whenever they
change: `{uri, diagnostics}` with LSP's diagnostics, in the positions of the session. An empty list
means that there are none. Other clients send nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from lsprotocol.types import Diagnostic as LspDiagnostic
from lsprotocol.types import DiagnosticTag, Position

from codefare.lsp.proof import Proof, Watch
from codefare.source.diagnostic import Diagnostic, Severity
from codefare.source.target import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cattrs import Converter

    from codefare.lsp.document import OpenDocument
    from codefare.lsp.documents import Documents
    from codefare.lsp.proof import Pace
    from codefare.source.buffer import Anchor

__all__ = ["DIAGNOSTICS", "EditorDiagnostics", "Proof", "Watch"]

DIAGNOSTICS = "codefare/diagnostics"

_OWN = "codefare"
_MOST = 1000
_LONGEST = 10_000  # characters of a message
_TAGS = [int(tag) for tag in DiagnosticTag]
_SEVERITIES = {int(severity): severity for severity in Severity}


@dataclass(frozen=True, slots=True)
class _Known:
    """What was last told of a document, when it was at `version`."""

    entries: tuple[tuple[Anchor, Diagnostic], ...]
    version: int


class EditorDiagnostics:
    """The latest diagnostics of every open document; `receive` is the notification's handler.

    They move with what is typed until the next notification; one whose own text is changed is
    forgotten until then.
    """

    def __init__(self, documents: Callable[[], Documents]) -> None:
        self._documents = documents
        self._known: WeakKeyDictionary[OpenDocument, _Known] = WeakKeyDictionary()
        self._watches: list[Watch] = []
        self._heard = False

    @property
    def heard(self) -> bool:
        """Whether this client tells of diagnostics at all."""
        return self._heard

    def receive(self, params: Any) -> None:
        """Takes a notification. `params` is raw JSON: what cannot be read in it is left out.

        Not a coroutine: it must not be overtaken by the changes of the text that come after it.
        """
        if not isinstance(params, Mapping) or not isinstance(params.get("uri"), str):
            return
        self._heard = True
        document = self._documents().find(params["uri"])
        if document is None:
            return
        raw = params.get("diagnostics")
        entries = tuple(
            (document.anchor(found.span), found)
            for each in (raw[:_MOST] if isinstance(raw, list) else ())
            if (found := diagnostic_of(each, document)) is not None and found.source != _OWN
        )
        self._known[document] = _Known(entries, document.version or 0)
        for watch in tuple(self._watches):
            watch.told(document)

    def of(self, document: OpenDocument) -> list[Diagnostic]:
        """What is known of a document, in its places now."""
        known = self._known.get(document)
        return [
            replace(diagnostic, span=anchor.span)
            for anchor, diagnostic in (known.entries if known else ())
            if not anchor.broken
        ]

    def lost(self, document: OpenDocument) -> list[Diagnostic]:
        """Those whose own text was changed since they were told: whether they hold is not known."""
        known = self._known.get(document)
        return [one for anchor, one in (known.entries if known else ()) if anchor.broken]

    def at(self, document: OpenDocument, span: Span) -> list[Diagnostic]:
        """Those that touch `span`, the gravest first; for a cursor that touches none, those on its line."""
        every = self.of(document)
        touching = [
            one for one in every if one.span.start <= span.end and span.start <= one.span.end
        ]
        if not touching and span.start == span.end:
            line = document.buffer.line_at(span.start)
            touching = [one for one in every if document.buffer.line_at(one.span.start) == line]
        return sorted(touching, key=lambda one: (one.severity, one.span.end - one.span.start))

    def told_at(self, document: OpenDocument) -> int | None:
        """The document's version when the last notification came; None if there was none."""
        known = self._known.get(document)
        return known.version if known else None

    def watch(
        self, document: OpenDocument, diagnostic: Diagnostic, pace: Pace | None = None
    ) -> Watch:
        """Call it before a fix is applied, and `Watch.proof` once it has landed."""
        return Watch(self, document, diagnostic, self._watches, pace=pace)


def diagnostic_of(raw: Any, document: OpenDocument) -> Diagnostic | None:
    """One of LSP's diagnostics, as JSON, in a document; None if it cannot be read."""
    try:
        places = list(_places(raw["range"]))
        message = raw["message"]
    except (KeyError, TypeError, ValueError):  # a number that LSP does not allow
        return None
    if not all(places) or not isinstance(message, str) or not message.strip():
        return None
    start, end = (document.offset_at_position(place) for place in places if place)
    code = raw.get("code")
    source = raw.get("source")
    severity = raw.get("severity")
    return Diagnostic(
        Span(start, max(start, end)),
        message[:_LONGEST],
        _SEVERITIES.get(severity, Severity.ERROR) if isinstance(severity, int) else Severity.ERROR,
        source if isinstance(source, str) else "",
        str(code) if isinstance(code, (str, int)) else "",
    )


def leave_out_unreadable(params: Any, converter: Converter) -> None:
    """Makes the diagnostics of a request for code actions, raw JSON, what LSP allows.

    An editor hands on what any server told it: a severity or tag of a later LSP, or a text in Markdown, is no reason to
    answer with an error in place of a menu. What cannot be read is left out.
    """
    context = params.get("context") if isinstance(params, Mapping) else None
    told = context.get("diagnostics") if isinstance(context, dict) else None
    if isinstance(context, dict) and isinstance(told, list):
        context["diagnostics"] = [each for each in told if _is_readable(each, converter)]


def _is_readable(raw: Any, converter: Converter) -> bool:
    if not isinstance(raw, dict):
        return False
    if raw.get("severity") not in _SEVERITIES:
        raw.pop("severity", None)
    if isinstance(raw.get("tags"), list):
        raw["tags"] = [tag for tag in raw["tags"] if tag in _TAGS]
    if isinstance(raw.get("message"), Mapping):
        raw["message"] = raw["message"].get("value")
    if not isinstance(raw.get("message"), str) or not raw["message"].strip():
        return False
    try:
        converter.structure(raw, LspDiagnostic)
    except Exception:  # noqa: BLE001  # cattrs raises whatever the data provokes
        return False
    return True


def _places(raw: Any) -> Iterator[Any]:
    for end in ("start", "end"):
        line, character = raw[end]["line"], raw[end]["character"]
        whole = type(line) is int and type(character) is int and min(line, character) >= 0
        yield Position(line, character) if whole else None
