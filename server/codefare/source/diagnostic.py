"""What a tool says of a place in the code: an error, a warning, a hint."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codefare.source.target import Span


class Severity(IntEnum):
    """How grave it is, with LSP's numbers."""

    ERROR = 1
    WARNING = 2
    INFORMATION = 3
    HINT = 4


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One remark. `span` is in code points; `source` names the tool, `code` the rule; "" if unknown."""

    span: Span
    message: str
    severity: Severity = Severity.ERROR
    source: str = ""
    code: str = ""
