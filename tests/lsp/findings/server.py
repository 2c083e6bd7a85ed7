"""A server that shows reviews, run as a program: `server.py FOLDER`. The test says what the model answered."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lsprotocol import types as lsp

from codefare.lsp.base import Server
from codefare.lsp.finding import LiveFinding
from codefare.lsp.findings import LiveFindings, Shown
from codefare.lsp.serve import serve_stdio
from codefare.source.target import Span
from codefare.store.dismissals import Dismissals
from codefare.tasks.findings import read_diff_findings, read_findings
from codefare.tasks.outcome import Findings


@dataclass
class Review:
    """A review of some code points of a text."""

    uri: str
    text: str
    answer: str
    region: list[int] | None = None


@dataclass
class Diff:
    """A review of a diff: paths and texts."""

    answer: str
    files: dict[str, str] = field(default_factory=dict)
    origin: str = "diff"


def told(one: LiveFinding) -> dict[str, Any]:
    """A finding as JSON."""
    brief = one.diagnostic
    return {
        "id": one.id,
        "uri": one.uri,
        "code": one.code,
        "touched": one.touched,
        "message": one.finding.message,
        "title": one.title,
        "receipt": one.receipt,
        "brief": [*brief.span, brief.message, brief.severity.value, brief.source],
    }


def summed(shown: Shown) -> dict[str, Any]:
    """What became of a review."""
    return {"shown": [one.id for one in shown.findings], "dismissed": shown.dismissed}


class Reviewer(Server):
    """The server."""

    def __init__(self, folder: Path) -> None:
        super().__init__("reviewer", "0")
        self.findings = LiveFindings(self, Dismissals(folder))

    async def start(self) -> None:
        """Starts to follow documents."""
        await self.findings.open()

    async def stop(self) -> None:
        """Takes the findings back."""
        await self.findings.close()


def register(server: Reviewer) -> None:
    """All commands."""

    @server.command("review")
    async def review(asked: Review) -> Any:
        await server.ready()
        span = Span(*asked.region) if asked.region else Span(0, len(asked.text))
        found = read_findings(asked.answer, "Review it", asked.text, span)
        assert isinstance(found, Findings)
        region = span if asked.region else None
        return summed(
            await server.findings.publish(
                asked.uri, asked.text, found, region=region, receipt="0.1¢"
            )
        )

    @server.command("diff")
    async def diff(asked: Diff) -> Any:
        await server.ready()
        texts = {Path(path): text for path, text in asked.files.items()}
        found = read_diff_findings(asked.answer, "Review changes", list(texts.items()))
        assert isinstance(found, Findings)
        return summed(await server.findings.publish_diff(texts, found, origin=asked.origin))

    @server.command("at")
    async def at(uri: str, place: lsp.Range) -> Any:
        span = server.documents.get_text_document(uri).span_of(place)
        return [told(one) for one in server.findings.at(uri, span)]

    @server.command("get")
    async def get(finding: str) -> Any:
        found = server.findings.get(finding)
        return told(found) if found else None

    @server.command("dismiss")
    async def dismiss(finding: str) -> bool:
        return await server.findings.dismiss(finding)

    @server.feature(lsp.TEXT_DOCUMENT_CODE_ACTION)
    async def actions(params: lsp.CodeActionParams) -> list[lsp.Command]:
        await server.ready()
        found = server.findings.find(params.text_document.uri, params.context.diagnostics)
        return [lsp.Command(one.finding.message, one.id) for one in found]


def main() -> int:
    """Runs it."""
    server = Reviewer(Path(sys.argv[1]))
    register(server)
    return serve_stdio(server)


if __name__ == "__main__":
    sys.exit(main())
