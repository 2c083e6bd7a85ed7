"""The doctor in an editor: a job that ends in a report. It works where codefare itself could not start, too."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from codefare.doctor.examine import examine
from codefare.doctor.text import markdown, summary
from codefare.errors import CodefareError, ConfigError
from codefare.lsp.abilities import abilities, restart
from codefare.lsp.protocol import work_done_token
from codefare.lsp.reports import Reports
from codefare.places import cache_folder
from codefare.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codefare.doctor.finding import Finding
    from codefare.lsp.jobs import Job
    from codefare.lsp.server import CodefareServer

_TITLE = "codefare doctor"


def start(server: CodefareServer) -> dict[str, str]:
    """Starts to look at everything; gives the job's id at once. One at a time."""

    async def work(job: Job) -> None:
        def waiting(names: Sequence[str]) -> None:
            job.report(f"waiting for {', '.join(names)}" if names else "looking")

        found = await examine(editor=await _of_editor(server), waiting=waiting)
        await Reports(server, cache_folder() / "reports").show(_TITLE, markdown(found))
        server.note(f"{_TITLE}: {summary(found)}")

    return {"job": server.jobs.start(_TITLE, work, token=work_done_token.get(), key=_TITLE).id}


async def _of_editor(server: CodefareServer) -> list[Finding]:
    with suppress(CodefareError):  # the doctor says what is wrong
        await server.ready()
    findings = [*abilities(server.client, shares_diagnostics=server.diagnostics.heard)]
    if server.is_ready and await server.in_thread(_has_changed, server):
        findings.append(restart())
    return findings


def _has_changed(server: CodefareServer) -> bool:
    """Whether config.toml says what only a new start of the server will heed."""
    features = server.features
    try:
        return load_settings(providers=features.providers) != features.user_settings
    except ConfigError:
        return False  # the doctor says what is wrong with it
