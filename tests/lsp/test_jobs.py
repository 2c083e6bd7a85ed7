"""Jobs answer at once, are shown as the client can show them, and end when they are told to."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import Any

import pytest
from tests.lsp.client import NEVER, Client
from tests.lsp.editor import failing

from codefare.lsp.base import Server
from codefare.lsp.jobs import Job

TINY = Path(__file__).with_name("tiny_server.py")
PROGRESS = {"window": {"workDoneProgress": True}}
CREATE = "window/workDoneProgress/create"


@contextlib.asynccontextmanager
async def session(create: Any, capabilities: dict[str, Any] = PROGRESS):
    """A session of a client that answers `create` to a new progress token."""
    async with Client.start(TINY) as client:
        client.answers[CREATE] = create
        await client.initialize(capabilities)
        yield client
        assert await client.end() == 0
        assert client.surprises == []


async def progress(client: Client, kind: str) -> tuple[Any, dict[str, Any]]:
    """The token and the value of the next progress notification, which must be of a kind."""
    params = await client.notified("$/progress")
    assert params["value"]["kind"] == kind
    return params["token"], params["value"]


async def running(client: Client) -> list[str]:
    """The ids of the jobs that run."""
    jobs: list[str] = (await client.ask("x/state"))["jobs"]
    return jobs


async def all_ended(client: Client) -> None:
    """Waits for the jobs to end."""
    for _ in range(1000):
        if not await running(client):
            return
    raise AssertionError("a job runs on")


async def test_progress():
    """A job is shown with a token of ours, from its begin to its end, and is cancellable."""
    async with session(lambda _: None) as client:
        assert await client.command("codefare.job", "wait") == "1"
        token = (await client.asked(CREATE))["params"]["token"]
        shown, begin = await progress(client, "begin")
        assert shown == token
        assert begin == {
            "kind": "begin",
            "title": "Job wait",
            "cancellable": True,
            "message": "half way",
            "percentage": 50,
        }
        assert await running(client) == ["1"]
        await client.ask("x/open_gate")
        assert await progress(client, "end") == (token, {"kind": "end", "message": "done"})
        assert await running(client) == []


async def test_tokens_are_fresh():
    """No two jobs share a token, as an old one may not be known to the client any more."""
    async with session(lambda _: None) as client:
        tokens = set()
        for _ in range(3):
            await client.command("codefare.job", "wrong")
            tokens.add((await client.asked(CREATE))["params"]["token"])
        assert len(tokens) == 3


async def test_at_most_ten_reports_a_second():
    """However often a job reports, ten reports a second are sent, and the last one is among them."""
    async with session(lambda _: None) as client:
        await client.command("codefare.job", "burst")
        last = (await client.notified("window/logMessage"))["message"].removeprefix("last ")
        await client.expect(
            lambda m: m.get("params", {}).get("value", {}).get("message") == f"step {last}"
        )
        sent = [m for m in client.received if m.get("method") == "$/progress"]
        assert 3 <= len(sent) <= 13
        assert int(last) > 100


@pytest.mark.parametrize(
    "create", [failing(-32603, "no"), failing(-32601, "method not found"), lambda _: NEVER]
)
async def test_refused_progress(create):
    """A client that refuses the token, or says nothing for two seconds, loses the display only."""
    async with session(create) as client:
        await client.command("codefare.job", "wait")
        assert (await client.notified("window/logMessage"))["message"] == "Job wait"
        await client.ask("x/open_gate")
        await all_ended(client)
        assert not [m for m in client.received if m.get("method") == "$/progress"]
        state = await client.ask("x/state")
        assert state["asked"] == 0


async def test_late_acceptance():
    """A token that is accepted when the job has ended already is not used."""
    async with session(lambda _: NEVER) as client:
        await client.command("codefare.job", "wrong")
        created = await client.asked(CREATE)
        await client.notified("window/showMessage")
        client.send({"jsonrpc": "2.0", "id": created["id"], "result": None})
        assert await running(client) == []
        assert not [m for m in client.received if m.get("method") == "$/progress"]


async def test_client_without_progress():
    """A client that cannot show progress gets one message, and is never asked."""
    async with session(failing(-32601, "no"), {}) as client:
        await client.command("codefare.job", "wait")
        assert await client.notified("window/showMessage") == {"type": 3, "message": "Job wait"}
        await client.ask("x/open_gate")
        await all_ended(client)
        assert not [m for m in client.received if "method" in m]


async def test_token_of_the_client():
    """A client that cannot be asked for a display but sent a token gets the reports on that."""
    async with session(failing(-32601, "no"), {}) as client:
        params = {"command": "codefare.job", "arguments": ["wait"], "workDoneToken": 7}
        await client.ask("workspace/executeCommand", params)
        assert (await progress(client, "begin"))[0] == 7
        client.notify("window/workDoneProgress/cancel", {"token": 7})
        assert (await progress(client, "report"))[1]["message"] == "half way"
        assert (await progress(client, "end"))[1]["message"] == "cancelled"


async def test_cancel_by_progress():
    """The cancel button of the display cancels the job, and no other."""
    async with session(lambda _: None) as client:
        for _ in range(2):
            await client.command("codefare.job", "wait")
        token, _ = await progress(client, "begin")
        client.notify("window/workDoneProgress/cancel", {"token": "none of ours"})
        client.notify("window/workDoneProgress/cancel", {"token": token})
        end = await client.expect(
            lambda m: m.get("params", {}).get("value", {}).get("kind") == "end"
        )
        assert end["params"] == {"token": token, "value": {"kind": "end", "message": "cancelled"}}
        # Not every client shows the end of a progress.
        assert await client.notified("window/showMessage") == {
            "type": 3,
            "message": "Job wait: cancelled",
        }
        assert len(await running(client)) == 1
        await client.logged("job cancelled")


async def test_cancel_by_request():
    """`$/cancelRequest` of the command that started a job cancels it, though it was answered."""
    async with session(lambda _: None) as client:
        params = {"command": "codefare.job", "arguments": ["wait"]}
        request = client.request("workspace/executeCommand", params)
        assert await client.response(request) == "1"
        client.notify("$/cancelRequest", {"id": request})
        await client.logged("job cancelled")
        assert await running(client) == []


async def test_cancel_by_command():
    """The command cancels one job by its id, or all."""
    async with session(lambda _: None) as client:
        ids = [await client.command("codefare.job", "wait") for _ in range(4)]
        assert await running(client) == ids
        assert await client.command("codefare.cancel", ids[1]) == 1
        assert await client.command("codefare.cancel", "none") == 0
        assert await running(client) == [ids[0], ids[2], ids[3]]
        assert await client.command("codefare.cancel") == 3
        assert await running(client) == []


async def test_cancel_before_the_first_step():
    """A job that is cancelled before it ran is gone as well."""
    jobs = Server().jobs
    ran = []

    async def work(job: Job) -> None:
        ran.append(job)

    job = jobs.start("Job", work)
    job.cancel()
    await job.wait()
    assert (ran, jobs.running(), job.running) == ([], [], False)


async def test_same_key_joins():
    """The same work is not started twice while it runs; afterwards it may be."""
    async with session(lambda _: None) as client:
        assert await client.command("codefare.job", "wait", "a") == "1"
        assert await client.command("codefare.job", "wait", "a") == "1"
        assert await client.command("codefare.job", "wait", "b") == "2"
        assert await client.command("codefare.cancel") == 2
        assert await running(client) == []
        assert await client.command("codefare.job", "wait", "a") == "3"


async def test_a_job_may_take_the_place_of_others():
    """Those that it replaces are cancelled, and told for what; the rest run on."""
    server = Server()
    said: list[str] = []
    server.show = lambda text, *_: said.append(text)  # type: ignore[method-assign]  # without a client

    async def work(job: Job) -> None:
        job.receipt = "0.3¢ spent"
        await asyncio.Event().wait()

    one, two = server.jobs.start("One", work, key=1), server.jobs.start("Two", work, key=2)
    await asyncio.sleep(0)
    three = server.jobs.start("Three", work, replaces=lambda job: job.key == 1)
    await one.wait()
    await asyncio.sleep(0)
    assert server.jobs.running() == [two, three]
    assert "One: cancelled for Three · 0.3¢ spent" in said
    said.clear()
    await server.jobs.cancel_all(limit=5)
    assert said == []  # the session is over


async def test_a_job_that_is_being_cancelled_is_not_joined():
    """Work that is asked for again while it still settles its cancelling is started anew."""
    async with session(lambda _: None) as client:
        assert await client.command("codefare.job", "slow to end", "a") == "1"
        await client.command("codefare.cancel")
        await client.logged("job cancelled")
        assert await client.command("codefare.job", "wait", "a") == "2"


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        ("wrong", {"type": 2, "message": "That cannot be done. Do this."}),
        ("costly", {"type": 1, "message": "It failed."}),
        ("broken", {"type": 1, "message": "Job broken: an internal error; see the codefare log"}),
    ],
)
async def test_failed_jobs(kind, shown):
    """What went wrong is shown in words for the user; what nobody foresaw goes to the log."""
    async with session(lambda _: None) as client:
        await client.command("codefare.job", kind)
        assert await client.notified("window/showMessage") == shown
        assert await running(client) == []
        if kind == "broken":
            await client.logged("ValueError: sk-secret")


async def test_shutdown_cancels_jobs():
    """`shutdown` cancels the jobs and waits for them to settle, but not for ever."""
    async with Client.start(TINY) as client:
        client.answers[CREATE] = lambda _: None
        await client.initialize(PROGRESS)
        for kind in ("wait", "slow to end"):
            await client.command("codefare.job", kind)
        assert await client.end() == 0
        assert client.stderr.count("job cancelled") == 2
