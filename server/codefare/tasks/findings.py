"""Findings: a model's review, each of its remarks put on the line that it quotes."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from codefare.source.buffer import Buffer
from codefare.source.target import Span
from codefare.tasks.answer import blocks
from codefare.tasks.outcome import Finding, Findings, Refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from codefare.tasks.remark import Remark

MOST = 50
"""Findings of one review: of more the gravest are taken."""

_LONGEST = 1_000_000  # characters of an answer that is read at all
_BARE = re.compile(r"^[ \t]*[\[{]", re.MULTILINE)  # where a list without a fence begins
# What a model puts before a line that it quotes, and at the end of one that it cuts.
_MARGIN = re.compile(r"^(?:[+-]|\s*\d+\s*[:|])\s*")
_ELLIPSIS = re.compile(r"\s*(?:\.{3}|…)$")


def read_findings(answer: str, title: str, text: str, span: Span) -> Findings | Refused:
    """What a review of `span` of `text` says. Nothing is ever placed outside of `span`.

    The answer's line numbers count from 1 at the first line of `span`. They only choose between lines that read the
    same, or stand in for a quote that is not found; without both a finding goes to the first line.
    """
    remarks = _remarks(answer)
    if isinstance(remarks, Refused):
        return remarks
    lines = _Lines(text, span)
    return Findings(title, _ordered(_finding(remark, None, lines) for remark in remarks))


def read_diff_findings(
    answer: str, title: str, files: Sequence[tuple[Path, str | None]]
) -> Findings | Refused:
    """What a review of a diff says. `files` are those of the diff, with the new text of each; None if it has none.

    The answer's line numbers count from 1 in the new file. A file is known by the end of its path. A finding in another
    file than these goes to the one that holds the line it quotes, if just one does, else to the first of them.
    """
    remarks = _remarks(answer)
    if isinstance(remarks, Refused):
        return remarks
    there = [(path, _Lines(text, Span(0, len(text)))) for path, text in files if text is not None]
    if remarks and not there:
        return _refused("The change leaves no file to which the review could be pinned", answer)
    found = _ordered(_finding(remark, *_file_of(remark, there)) for remark in remarks)
    order = {path: number for number, (path, _) in enumerate(there)}
    return Findings(title, tuple(sorted(found, key=lambda one: order[one.path or Path()])))


def _remarks(answer: str) -> list[Remark] | Refused:
    """The remarks of an answer: of its JSON blocks, of its only other block, or of the bare text."""
    from codefare.tasks.remark import remarks_in  # pydantic

    if len(answer) > _LONGEST:
        return _refused("The answer is too long to be a review", answer)
    fenced = blocks(answer)
    named = [block.text for block in fenced if block.label.startswith("json")]
    texts = named or [block.text for block in fenced if block.text.lstrip().startswith(("[", "{"))]
    if not fenced:
        texts = _bare(answer)
    if not texts:
        return _refused("The answer holds no list of findings", answer)
    if not named and len(texts) > 1:
        return _refused(f"The answer holds {len(texts)} lists; one was asked for", answer)
    read: list[Remark] = []
    for text in texts:
        remarks = remarks_in(text)
        if remarks is None:
            return _refused("The answer's list of findings cannot be read", answer)
        read += remarks
    once = dict.fromkeys(read)
    return sorted(once, key=lambda remark: remark.severity)[:MOST]


def _bare(answer: str) -> list[str]:
    """The list in an answer without a fence; none if that may be a box to tick, as people draw them: `[ ]`."""
    start = _BARE.search(answer)
    text = answer[start.start() : max(answer.rfind("]"), answer.rfind("}")) + 1] if start else ""
    return [text] if "{" in text or text.strip() == "[]" else []


def _refused(reason: str, answer: str) -> Refused:
    return Refused(
        f"{reason}.", "No finding was shown. Run the action again, or pick another model.", answer
    )


def _finding(remark: Remark, path: Path | None, lines: _Lines) -> Finding:
    span = lines.place(remark)
    code = lines.text[span.start : span.end]
    return Finding(path, span, code, remark.severity, remark.message, remark.advice)


def _ordered(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Each once, in the order of the code."""
    return tuple(sorted(dict.fromkeys(found), key=lambda one: (one.span, one.severity)))


def _file_of(remark: Remark, files: Sequence[tuple[Path, _Lines]]) -> tuple[Path, _Lines]:
    """The file that a finding means."""
    named = _parts(remark.file)
    ends = [one for one in files if named and one[0].parts[-len(named) :] == named]
    if len(ends) == 1:
        return ends[0]
    # Of several with the same end, or of none: whichever holds the quoted line.
    quoting = [one for one in ends or files if one[1].quoted(remark) is not None]
    return quoting[0] if len(quoting) == 1 else (ends or files)[0]


def _parts(name: str) -> tuple[str, ...]:
    r"""The parts of a path as a diff or a model writes it: `b/src/x.py`, `./src/x.py`, `src\x.py`."""
    parts = PurePosixPath(name.strip().strip("`\"'").replace("\\", "/")).parts
    return parts[1:] if len(parts) > 1 and parts[0] in {"a", "b"} else parts


class _Lines:
    """The lines of a target: those of a text that a span touches, with what each says."""

    def __init__(self, text: str, span: Span) -> None:
        self.text = text
        self._span = span
        self._buffer = Buffer(text)
        self._first = self._buffer.line_at(span.start)
        last = self._buffer.line_at(max(span.start, span.end - 1))
        self._spans = [self._clipped(line) for line in range(self._first, last + 1)]
        self._said = [_said(text[start:end]) for start, end in self._spans]
        self._written = [index for index, said in enumerate(self._said) if said]

    def place(self, remark: Remark) -> Span:
        """Where a finding belongs."""
        found = self.quoted(remark)
        if found is not None:
            return found
        hint = self._hint(remark)
        if hint is not None and self._said[hint]:
            return self._spans[hint]
        # A line without text cannot be seen.
        return self._spans[self._written[0] if self._written else 0]

    def quoted(self, remark: Remark) -> Span | None:
        """Where the quoted code stands; None if it stands nowhere, or if that cannot be told."""
        quote = [said for line in remark.code.splitlines() if (said := _said(line))]
        bare = [said for line in quote if (said := _said(_MARGIN.sub("", line)))]
        hint = self._hint(remark)
        for lines in (quote, bare):
            if not lines:
                continue
            if (found := self._whole(lines, hint)) is not None:
                return Span(self._spans[found[0]].start, self._spans[found[1]].end)
            part = _said(_ELLIPSIS.sub("", lines[0]))
            if (index := self._part(part, hint)) is not None:
                return self._spans[index]
        return None

    def _hint(self, remark: Remark) -> int | None:
        """The index of the line that a finding names, if there is such a line."""
        if remark.line is None or not 1 <= remark.line <= len(self._spans):
            return None
        return remark.line - 1

    def _whole(self, quote: list[str], hint: int | None) -> tuple[int, int] | None:
        """The lines that read like the quote, nearest to the hint; blank ones between them do not count."""
        found = []
        for at, index in enumerate(self._written):
            if self._said[index] == quote[0]:
                indices = self._written[at : at + len(quote)]
                if [self._said[each] for each in indices] == quote:
                    found.append((index, indices[-1]))
        return min(found, key=lambda one: abs(one[0] - (hint or 0)), default=None)

    def _part(self, part: str, hint: int | None) -> int | None:
        """The one line that holds the quote, or the one that is named of several."""
        found = [index for index, said in enumerate(self._said) if part and part in said]
        return found[0] if len(found) == 1 else hint if hint in found else None

    def _clipped(self, line: int) -> Span:
        """A line inside of the target, without the white space around its text."""
        start, end = self._buffer.line_span(line)
        start, end = max(start, self._span.start), min(end, self._span.end)
        text = self.text[start:end]
        lead = len(text) - len(text.lstrip())
        return Span(start + lead, start + max(lead, len(text.rstrip())))


def _said(line: str) -> str:
    """What a line says, however it is spaced."""
    return " ".join(line.split())
