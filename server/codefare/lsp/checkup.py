"""The doctor in an editor: a job that ends in a report. It works where codefare itself could not start, too."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from codefare.doctor.examine import examine
from codefare.doctor.text import markdown, summary
from codefare.errors import CodefareError, ConfigError
from codefare.lsp.abilities import abilities, restart
from codefare.lsp.configuration import stamp
from codefare.lsp.protocol import work_done_token
from codefare.lsp.reports import Reports
from codefare.places import cache_folder
from codefare.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codefare.doctor.finding import Finding
    from codefare.lsp.features import Features
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
    if server.is_ready:
        findings += await server.in_thread(_of_settings, server.features)
    return findings


def _of_settings(features: Features) -> list[Finding]:
    """Whether config.toml says what only a new start of the server will heed."""
    seen = stamp()
    try:
        found = load_settings(providers=features.providers)
    except ConfigError:
        return []  # the doctor says what is wrong with it
    if found == features.user_settings:
        return []
    return [restart(gone=seen is None or seen.size == 0)]
