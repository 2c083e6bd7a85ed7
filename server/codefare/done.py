"""What came of an errand: for people a diff or places, for programs data."""

from __future__ import annotations

import difflib
import io
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codefare.legible import one_line
from codefare.quotation import quote_json
from codefare.source.buffer import Buffer
from codefare.source.file import SIZE_LIMIT
from codefare.source.regular import read_regular
from codefare.tasks.outcome import Addition, Edit, Findings, NewFile, Refused, Report

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codefare.errors import TargetError
    from codefare.result import Result
    from codefare.source.document import Document

_NAMES = {
    Edit: "edit",
    NewFile: "new_file",
    Addition: "addition",
    Findings: "findings",
    Report: "report",
    Refused: "refused",
}


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it: `diff` for an edit or a new file, `data` for `--json`, `places` (FILE:LINE) of findings.

    `failure` is why the result could not be written, None if it was or need not be. `kept` tells that the same
    answer costs nothing when it is asked for again.
    """

    result: Result
    diff: str
    applied: bool
    kept: bool
    failure: TargetError | None
    data: dict[str, Any]
    places: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        """Where the result is written, or would be; "" for what is only shown."""
        outcome = self.result.outcome
        if isinstance(outcome, Edit):
            return shown_path(self.result.quote.subject.document.path)
        return shown_path(outcome.path) if isinstance(outcome, NewFile | Addition) else ""

    @property
    def succeeded(self) -> bool:
        """Whether it did what was asked: that there is nothing to change is an answer, too."""
        outcome = self.result.outcome
        return self.failure is None and (not isinstance(outcome, Refused) or outcome.stands)


def diff_of(document: Document, result: Result) -> str:
    """A unified diff; empty for reports and refusals."""
    match result.outcome:
        case Edit(span, _, new):
            name = shown_path(document.path)
            text = document.text[: span.start] + new + document.text[span.end :]
            return _unified(document.text, text, name, name)
        case NewFile(path, text):
            return _unified("", text, "/dev/null", shown_path(path))
        case Addition(path, old, new):
            name = shown_path(path)
            return _unified(old, new, name, name)
        case _:
            return ""


def shown_path(path: Path | None) -> str:
    """From the current folder, if it lies there: shorter, and `patch` takes no other.

    A name that could be taken for more than a name, of several lines say, is quoted.
    """
    shown = os.path.relpath(path) if path and path.is_relative_to(Path.cwd()) else str(path)
    text = shown.encode("utf-8", "replace").decode("utf-8")  # a name that is no text is only a name
    return shown if text == one_line(text) else json.dumps(shown, ensure_ascii=False)


def _unified(old: str, new: str, old_name: str, new_name: str) -> str:
    lines = difflib.unified_diff(_lines(old), _lines(new), old_name, new_name)
    marked = [
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    ]
    return "".join(marked)


def _lines(text: str) -> list[str]:
    """As `patch` counts them: a form feed ends no line."""
    return io.StringIO(text, newline="\n").readlines()


def data_of(
    result: Result,
    diff: str,
    failure: TargetError | None,
    places: Sequence[str],
    *,
    applied: bool,
) -> dict[str, Any]:
    """The result for `--json`: money is decimal text in USD. `reason` is why nothing came of it."""
    outcome = result.outcome
    reason = outcome.reason if isinstance(outcome, Refused) else None
    return {
        "action": result.quote.action.id,
        "outcome": _NAMES[type(outcome)],
        "applied": applied,
        "diff": diff or None,
        "path": str(outcome.path) if isinstance(outcome, NewFile | Addition) else None,
        "markdown": outcome.markdown if isinstance(outcome, Report) else None,
        "findings": _findings_data(result, places),
        "remark": outcome.remark if isinstance(outcome, Edit | NewFile | Addition) else "",
        "proof": result.proof,
        "reason": failure.text if failure else reason,
        "model": result.model,
        "provider": result.provider,
        "cached": result.cached,
        "usage": asdict(result.usage) if result.usage else None,
        "cost_usd": None if result.cost_usd is None else format(result.cost_usd.normalize(), "f"),
        "joined": result.joined,
        "lost_usd": None if result.lost_usd is None else format(result.lost_usd.normalize(), "f"),
        "failed_before": list(result.detour),
        "seconds": round(result.seconds, 3),
        "quote": quote_json(result.quote),
    }


def places_of(result: Result) -> tuple[str, ...]:
    """Where findings are, as FILE:LINE."""
    if not isinstance(result.outcome, Findings):
        return ()
    document = result.quote.subject.document
    lines: dict[Path | None, Buffer] = {None: document.buffer}
    found = []
    for item in result.outcome.items:
        if item.path not in lines and item.path is not None:
            lines[item.path] = Buffer(
                read_regular(item.path, SIZE_LIMIT).decode("utf-8", "replace")
            )
        line = lines[item.path].line_at(item.span.start) + 1
        found.append(f"{shown_path(item.path or document.path)}:{line}")
    return tuple(found)


def _findings_data(result: Result, places: Sequence[str]) -> list[dict[str, str]] | None:
    outcome = result.outcome
    if not isinstance(outcome, Findings):
        return None
    return [
        {
            "place": place,
            "severity": item.severity.name.lower(),
            "message": item.message,
            "advice": item.advice,
            "code": item.code,
        }
        for place, item in zip(places, outcome.items, strict=True)
    ]
