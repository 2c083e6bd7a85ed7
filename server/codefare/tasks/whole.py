"""More than a file as a document: the outline of a folder, or what is not committed in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from codefare.source.document import Document
from codefare.source.target import Measure, Scope, Span, Target

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Whole:
    """A text made of a folder, as a document, and the target that is all of it."""

    document: Document
    target: Target


def whole(folder: Path, text: str, scope: Scope, reason: str) -> Whole:
    """`text` as a document of `folder`; `reason` says in a few words how much it tells of."""
    document = Document(folder.as_uri(), folder, None, text)
    measure = document.measure(Span(0, len(text)))
    return Whole(
        document,
        Target(
            uri=document.uri,
            path=folder,
            language=None,
            version=None,
            span=Span(0, len(text)),
            text=text,
            scope=scope,
            symbol=None,
            measure=Measure(measure.complexity, reason),
            parses=True,
        ),
    )
