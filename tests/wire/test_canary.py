"""Neither a key nor code may reach a log, at any level, of any logger."""

from __future__ import annotations

import logging
import pickle
import traceback
from typing import TYPE_CHECKING

import pytest
from tests.wire.asking import Heard, ask
from tests.wire.hurry import hurried, in_a_hurry
from tests.wire.server import Answer, Step, WireServer, refusal
from tests.wire.vendors import (
    ANTHROPIC,
    OLLAMA,
    OPENAI,
    anthropic_stream,
    at,
    ollama_stream,
    openai_stream,
    request,
    sse,
)

from codefare.errors import KeyMissing, RequestRefused
from codefare.providers.base import Stop
from codefare.providers.http import Limits, Transport
from codefare.providers.keys import KeyRing, Secret

if TYPE_CHECKING:
    from codefare_catalog import Provider

KEY = "canaryKEYcanary0123456789"
SYSTEM = "canarySYSTEMcanary be careful"
CODE = "def canaryCODEcanary(): return 42"
ANSWER = "canaryANSWERcanary"
CANARIES = ("canaryKEY", "canarySYSTEM", "canaryCODE", "canaryANSWER")

ECHO = {"error": {"message": f"{KEY} {SYSTEM} {CODE} {ANSWER}", "type": "invalid_request_error"}}


async def _no_sleep(_seconds: float) -> None:
    return


def _answers(provider: Provider) -> dict[str, Answer]:
    if provider.dialect == "ollama":
        headers = {"content-type": "application/x-ndjson"}
        whole = Answer(tuple(ollama_stream(ANSWER)), headers=headers)
    else:
        pieces = anthropic_stream(ANSWER) if provider is ANTHROPIC else openai_stream(ANSWER)
        whole = Answer(tuple(pieces), headers={"content-type": "text/event-stream"})
    stream = whole.headers
    return {
        "success": whole,
        "cut": Answer((*whole.steps[:-2], Step.CUT), headers=stream),
        "silent": Answer((*whole.steps[:-2], Step.HANG), headers=stream),
        "not JSON": Answer((sse(f"{ANSWER} {CODE} {KEY}") + b"\n",), headers=stream),
        "wrong shape": Answer((sse('{"choices": "' + CODE + '"}'),), headers=stream),
        "error event": Answer((sse({"type": "error"} | ECHO),), headers=stream),
        "400": refusal(400, ECHO),
        "401": refusal(401, ECHO),
        "429": refusal(429, ECHO),
        "500": refusal(500, ECHO),
        "302": refusal(302, ECHO, location="http://example.invalid/?" + KEY),
        "type": Answer((b"x",), headers={"content-type": f"{KEY}/{KEY}"}),
        "page": Answer((f"<html>{CODE}</html>".encode(),), headers={"content-type": "text/html"}),
    }


@pytest.mark.parametrize("provider", [ANTHROPIC, OPENAI, OLLAMA], ids=lambda p: str(p.name))
@pytest.mark.parametrize("name", list(_answers(OPENAI)))
def test_canaries_stay_out_of_logs_and_errors(
    caplog: pytest.LogCaptureFixture, provider: Provider, name: str
) -> None:
    """Success and every kind of failure leave no key, prompt or answer in any log record or error."""
    caplog.set_level(logging.DEBUG)
    for logger in ("httpx", "httpcore", "codefare", "asyncio"):
        caplog.set_level(logging.DEBUG, logger=logger)
    heard: list[Heard] = []

    async def story() -> None:
        answer = _answers(provider)[name]
        async with hurried(Limits()) as (server, transport):
            server.answer(answer, answer, answer)
            sent = request(system=SYSTEM, user=CODE, input_tokens=20)
            heard.append(await ask(transport, at(provider, server.url), sent, KEY))
        assert server.requests, "the server was never asked"
        assert KEY in str(server.requests[0].headers), "the canary was never sent"
        assert b"canaryCODE" in server.requests[0].body

    in_a_hurry(story)
    error = heard[0].error
    records = "\n".join(_everything(record) for record in caplog.records).casefold()
    assert "httpx" in {record.name for record in caplog.records}
    told = ""
    if error is not None:
        told = "".join(traceback.format_exception(error)) + error.text
    for canary in CANARIES:
        assert canary.casefold() not in records
        if canary != "canaryANSWER" or name != "success":
            assert canary.casefold() not in told.casefold()
    assert (error is None) == (name == "success")


def _everything(record: logging.LogRecord) -> str:
    trace = "".join(traceback.format_exception(*record.exc_info)) if record.exc_info else ""
    return f"{record.getMessage()} {record.args!r} {trace}"


async def test_header_that_cannot_be_sent(
    server: WireServer, caplog: pytest.LogCaptureFixture
) -> None:
    """A key that slips through with a line end is refused by the client without being quoted."""
    caplog.set_level(logging.DEBUG)
    transport = Transport(sleep=_no_sleep)
    heard = await ask(transport, at(OPENAI, server.url), None, KEY + "\r\nx-evil: 1")
    await transport.aclose()
    assert isinstance(heard.error, RequestRefused)
    assert heard.attempts == [1]
    assert server.requests == []
    assert "canary" not in "".join(traceback.format_exception(heard.error))
    assert "canary" not in caplog.text


def test_secret_shows_nothing() -> None:
    """A secret's representations show nothing of it, and it cannot be pickled."""
    secret = Secret(KEY)
    assert KEY not in f"{secret} {secret!r} {[secret]} {vars(type(secret))}"
    with pytest.raises(TypeError):
        pickle.dumps(secret)


async def test_refused_keys_are_not_quoted(caplog: pytest.LogCaptureFixture) -> None:
    """A key that cannot be one is refused without being quoted."""
    caplog.set_level(logging.DEBUG)
    ring = KeyRing({}, {"OPENAI_API_KEY": KEY + "\n"})
    with pytest.raises(KeyMissing) as caught:
        await ring.key(OPENAI)
    assert "canary" not in caught.value.text
    assert "canary" not in caplog.text


@pytest.mark.parametrize("provider", [ANTHROPIC, OPENAI], ids=lambda p: str(p.name))
async def test_the_reason_for_an_end_is_masked(
    server: WireServer, transport: Transport, provider: Provider
) -> None:
    """A user reads why an answer ended: on one line, bounded, without the key and without control characters."""
    reason = f"stop\n\x1b[31m {KEY} {CODE} " + "z" * 5000
    pieces = (
        anthropic_stream("x", reason=reason)
        if provider is ANTHROPIC
        else openai_stream("x", finish=reason)
    )
    server.sse(*pieces)
    heard = await ask(transport, at(provider, server.url), request(user=CODE), KEY)
    assert heard.end.stop is Stop.OTHER
    assert heard.end.reason.startswith("stop [31m ")
    assert "canary" not in heard.end.reason
    assert len(heard.end.reason) <= 300
