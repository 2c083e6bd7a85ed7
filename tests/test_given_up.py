"""A paid request that is given up at each single step of its way: nothing stays open, and no whole answer is lost."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from contextlib import closing

from tests.engine import DOCSTRING, document, quoted
from tests.two import two
from tests.wire.vendors import anthropic_stream

from codefare.places import state_folder

STREAM = anthropic_stream(DOCSTRING)
_STEPS = 20  # at least: how many turns of the loop a request takes is the machine's business


async def test_given_up_at_any_step_it_leaves_no_bill_open(
    configure, monkeypatch, tmp_path, record_property
) -> None:
    """Cancelled after every n-th turn of the loop: each attempt is settled, and each that was complete is kept."""
    left_open, kept, turns, ends = [], 0, 0, {"given up": 0, "answered": 0}
    async with two(configure, monkeypatch) as there:
        quote = await quoted(there.made, document(tmp_path), "document")
        while not ends["answered"]:
            there.anthropic.forget()
            there.anthropic.sse(*STREAM)
            running = asyncio.create_task(there.made.run(quote))
            for _ in range(turns):
                await asyncio.sleep(0)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            ends["given up" if running.cancelled() else "answered"] += 1
            if (await there.made.ledger.today()).open_attempts:
                left_open.append(turns)
            kept += await there.made.answers.get(quote.key) is not None
            await there.made.answers.forget(quote.key)
            turns += 1 + turns // 20
    with closing(sqlite3.connect(state_folder() / "ledger.db")) as ledger:
        endings = Counter(ending for (ending,) in ledger.execute("SELECT ending FROM attempt"))
    assert left_open == []
    assert kept == endings["complete"]
    assert ends["given up"] > _STEPS
    record_property("told", f"given up at {ends['given up']} steps: {dict(endings)}, no bill open")
