"""One finding of a review in the editor: how it looks now, and how it is told apart from others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from codefare.source.diagnostic import Diagnostic, Severity

if TYPE_CHECKING:
    from codefare.source.buffer import Buffer
    from codefare.source.positions import Encoding
    from codefare.source.target import Span
    from codefare.tasks.outcome import Finding

SOURCE = "codefare"
"""The source that our diagnostics carry."""

_CHANGED = "The code has changed since."


@dataclass(frozen=True, slots=True)
class LiveFinding:
    """A finding as it stands at this moment.

    `span` is where its lines are in the text of `uri`, and `code` what they hold; `touched` tells that this is not what
    was reviewed. `finding` is as the review had it, `title` and `receipt` are the review's.
    """

    id: str
    uri: str
    span: Span
    code: str
    touched: bool
    finding: Finding
    title: str
    receipt: str

    @property
    def severity(self) -> Severity:
        """How grave it is; what was touched is for information only."""
        grave = self.finding.severity
        return max(grave, Severity.INFORMATION) if self.touched else grave

    @property
    def message(self) -> str:
        """What the editor shows: the message, whether it still holds for sure, and the advice."""
        said = f"{self.finding.message} {_CHANGED}" if self.touched else self.finding.message
        return f"{said}\n{self.finding.advice}" if self.finding.advice else said

    @property
    def diagnostic(self) -> Diagnostic:
        """The finding for an action that fixes or explains it, as grave as it was found."""
        return Diagnostic(self.span, self.message, self.finding.severity, SOURCE)

    def range(self, buffer: Buffer, encoding: Encoding) -> lsp.Range:
        """Where it is in the lines of `buffer`, as the client counts."""
        start, end = (lsp.Position(*buffer.position_at(at, encoding)) for at in self.span)
        return lsp.Range(start, end)

    def published(self, buffer: Buffer, encoding: Encoding, *, data: bool) -> lsp.Diagnostic:
        """The diagnostic for the client, in the lines of `buffer`; `data` if the client gives it back."""
        return lsp.Diagnostic(
            self.range(buffer, encoding),
            self.message,
            severity=lsp.DiagnosticSeverity(self.severity.value),
            source=SOURCE,
            code=self.id,
            data=self.id if data else None,
        )

    def is_named_by(self, diagnostic: lsp.Diagnostic) -> bool:
        """Whether a client's diagnostic carries the id."""
        return diagnostic.source == SOURCE and self.id in (diagnostic.data, diagnostic.code)

    def says(self, message: str) -> bool:
        """Whether a diagnostic's message is this one's, be it of before it was touched."""
        return message in (self.message, replace(self, touched=False).message)
