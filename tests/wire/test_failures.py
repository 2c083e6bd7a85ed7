"""Refusals, retries and their bounds, as the server sees them."""

from __future__ import annotations

import asyncio
import shutil
import ssl
from typing import TYPE_CHECKING, Any

import pytest
from tests.wire.asking import KEY, ask, ask_whole
from tests.wire.server import Answer, Step, WireServer, event_stream, refusal
from tests.wire.vendors import (
    ANTHROPIC,
    LOCAL,
    OLLAMA,
    OPENAI,
    PROVIDERS,
    anthropic_stream,
    at,
    ollama_stream,
    openai_stream,
    request,
)

from codefare.errors import (
    KeyRefused,
    OutOfCredit,
    Overloaded,
    ProviderError,
    RateLimited,
    RequestRefused,
    StreamBroken,
    Unreachable,
)
from codefare.providers.http import Limits, Transport
from codefare_catalog import ErrorWords

if TYPE_CHECKING:
    from pathlib import Path

    from tests.wire.conftest import Clock

    from codefare_catalog import Provider

NEVER: list[tuple[int, dict[str, Any], type[ProviderError]]] = [
    (400, {"type": "invalid_request_error", "message": "bad"}, RequestRefused),
    (401, {"type": "authentication_error", "message": "bad key"}, KeyRefused),
    (402, {"message": "Insufficient Balance"}, OutOfCredit),
    (403, {"message": "not allowed"}, RequestRefused),
    (404, {"message": "no such model"}, RequestRefused),
    (413, {"type": "request_too_large", "message": "too large"}, RequestRefused),
    (422, {"message": "invalid"}, RequestRefused),
    (429, {"code": "insufficient_quota", "message": "pay"}, OutOfCredit),
    (429, {"type": "billing_error", "message": "pay"}, OutOfCredit),
    (418, {"message": "teapot"}, RequestRefused),
    (501, {"message": "not implemented"}, RequestRefused),
]


@pytest.mark.parametrize("provider", [ANTHROPIC, OPENAI], ids=["anthropic", "openai"])
@pytest.mark.parametrize(("status", "error", "kind"), NEVER)
async def test_refusals_are_not_retried(
    server: WireServer,
    transport: Transport,
    provider: Provider,
    status: int,
    error: dict[str, Any],
    kind: type[ProviderError],
) -> None:
    """What would fail again is sent once, and the user reads the server's reason and a remedy."""
    server.refuse(status, {"error": error})
    heard = await ask(transport, at(provider, server.url))
    assert type(heard.error) is kind
    assert len(server.requests) == len(heard.attempts) == 1
    assert error["message"] in str(heard.error)
    assert provider.name in str(heard.error)
    assert heard.error.remedy


def _limit_reached(code: str) -> dict[str, Any]:
    return {"type": "rate_limit_error", "message": "limit", "details": {"error_code": code}}


OWN_WORDS: list[tuple[str, int, dict[str, Any]]] = [
    (
        "anthropic",
        400,
        {"type": "invalid_request_error", "message": "Your credit balance is too low"},
    ),
    ("anthropic", 429, _limit_reached("enforced_spend_limit_reached")),
    ("anthropic", 429, _limit_reached("contract_spend_limit_reached")),
    ("dashscope", 400, {"code": "Arrearage", "message": "not in good standing"}),
    ("deepseek", 402, {"message": "Insufficient Balance", "code": "invalid_request_error"}),
    ("moonshot", 403, {"type": "exceeded_current_quota_error", "message": "pay"}),
    ("moonshot", 429, {"type": "exceeded_current_quota_error", "message": "pay"}),
    ("zai", 429, {"code": "1113", "message": "recharge"}),
    ("zai", 429, {"code": 1113, "message": "recharge"}),
]


@pytest.mark.parametrize(("provider", "status", "error"), OWN_WORDS)
async def test_empty_accounts(
    server: WireServer, transport: Transport, provider: str, status: int, error: dict[str, Any]
) -> None:
    """However a vendor says that the account is empty, nothing is sent again, and another provider may serve."""
    server.refuse(status, {"error": error})
    heard = await ask(transport, at(PROVIDERS[provider], server.url))
    assert type(heard.error) is OutOfCredit
    assert heard.attempts == [1]
    assert heard.error.elsewhere


TOO_LONG: list[tuple[str, int, dict[str, Any]]] = [
    ("anthropic", 400, {"message": "prompt is too long: 210000 tokens > 200000 maximum"}),
    ("anthropic", 413, {"type": "request_too_large", "message": "too large"}),
    ("openai", 400, {"code": "context_length_exceeded", "message": "too long"}),
    ("deepseek", 400, {"message": "This model's maximum context length is 131072 tokens."}),
    ("dashscope", 400, {"message": "Range of input length should be [1, 129024]"}),
    ("moonshot", 400, {"message": "Your request exceeded model token limit: 262144"}),
    ("zai", 400, {"code": "1261", "message": "Prompt exceeds max length"}),
    ("openrouter", 400, {"message": "This endpoint's maximum context length is 32768 tokens."}),
    # vLLM, llama.cpp, Ollama
    ("local", 400, {"message": "This model's maximum context length is 4096 tokens.", "code": 400}),
    ("local", 400, {"type": "exceed_context_size_error", "message": "request exceeds"}),
    ("local", 400, {"message": "the input length exceeds the context length"}),
]


@pytest.mark.parametrize(("provider", "status", "error"), TOO_LONG)
async def test_prompts_that_are_too_long(
    server: WireServer, transport: Transport, provider: str, status: int, error: dict[str, Any]
) -> None:
    """However a server says that the prompt is too long, the user reads what to do, and a larger window may serve."""
    server.refuse(status, {"error": error})
    heard = await ask(transport, at(PROVIDERS[provider], server.url))
    assert type(heard.error) is RequestRefused
    assert heard.attempts == [1]
    assert heard.error.elsewhere
    assert "smaller part" in heard.error.remedy


async def test_vllm_has_no_envelope(server: WireServer, transport: Transport) -> None:
    """The error of vLLM is the body itself."""
    said = "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens."
    server.refuse(400, {"object": "error", "message": said, "type": "BadRequestError", "code": 400})
    heard = await ask(transport, at(LOCAL, server.url))
    assert isinstance(heard.error, RequestRefused)
    assert heard.error.elsewhere
    assert "4096" in heard.error.text


async def test_words_of_the_users_own_row(server: WireServer, transport: Transport) -> None:
    """A provider that the user added may have words of its own; without them its status alone counts."""
    row = at(OPENAI, server.url, errors=ErrorWords(no_credit=("wallet is empty",)))
    for provider, kind in ((row, OutOfCredit), (at(OPENAI, server.url), RequestRefused)):
        server.refuse(400, {"error": {"message": "Your Wallet is Empty, friend"}})
        heard = await ask(transport, provider)
        assert type(heard.error) is kind


@pytest.mark.parametrize("status", [408, 409, 425, 500, 502, 503, 504, 520, 529])
async def test_passing_failures_are_retried_twice(
    server: WireServer, transport: Transport, clock: Clock, status: int
) -> None:
    """What may pass is sent three times in all, with a growing wait."""
    server.answer(*(refusal(status, {"error": {"message": "later"}}) for _ in range(4)))
    heard = await ask(transport, at(ANTHROPIC, server.url))
    assert type(heard.error) is Overloaded
    assert len(server.requests) == 3
    assert heard.attempts == [1, 2, 3]
    assert clock.waits == [0.5, 1.0]
    assert len(heard.retried) == 2


async def test_retry_succeeds(server: WireServer, transport: Transport) -> None:
    """A second attempt that works is all that the user sees."""
    server.refuse(529)
    server.sse(*anthropic_stream("fine"))
    heard = await ask_whole(transport, at(ANTHROPIC, server.url))
    assert heard.text == "fine"
    assert [type(error) for error in heard.retried] == [Overloaded]


async def test_jitter_only_shortens(server: WireServer, clock: Clock) -> None:
    """Waits are shortened by a quarter at most."""
    transport = Transport(clock=clock, sleep=clock.sleep, chance=lambda: 1.0)
    server.answer(*(refusal(500) for _ in range(3)))
    await ask(transport, at(ANTHROPIC, server.url))
    await transport.aclose()
    assert clock.waits == [0.375, 0.75]


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "1500", "retry-after": "7"}, 1.5),
        ({"retry-after": "junk"}, 0.5),
        ({"retry-after": "-3"}, 0.5),
        ({"retry-after": "inf"}, 0.5),
        ({"retry-after": f"Mon, 01 Jan {'9' * 20} 00:00:00 GMT"}, 0.5),
        ({"date": f"Mon, 01 Jan {'9' * 20} 00:00:00 GMT", "retry-after": "7"}, 7.0),
        (
            {
                "date": "Mon, 23 Nov 2026 10:00:00 GMT",
                "retry-after": "Mon, 23 Nov 2026 10:00:09 GMT",
            },
            9.0,
        ),
        (
            {
                "date": "Mon, 23 Nov 2026 10:00:00 GMT",
                "anthropic-ratelimit-requests-remaining": "0",
                "anthropic-ratelimit-requests-reset": "2026-11-23T10:00:04Z",
                "anthropic-ratelimit-tokens-remaining": "9000",
                "anthropic-ratelimit-tokens-reset": "2026-11-23T10:00:59Z",
            },
            4.0,
        ),
        ({}, 0.5),
    ],
)
async def test_rate_limit_waits_as_asked(
    server: WireServer, transport: Transport, clock: Clock, headers: dict[str, str], wait: float
) -> None:
    """After a 429 the wait that the server asks for is kept, in each of its spellings."""
    server.refuse(429, {"error": {"message": "slow"}}, **headers)
    server.sse(*anthropic_stream("fine"))
    heard = await ask_whole(transport, at(ANTHROPIC, server.url))
    assert heard.text == "fine"
    assert clock.waits == [wait]


async def test_long_wait_is_left_to_others(
    server: WireServer, transport: Transport, clock: Clock
) -> None:
    """A wait of more than 20 s is not waited for: the error carries it, another offering can take over."""
    server.refuse(429, {"error": {"message": "slow"}}, **{"retry-after": "21"})
    heard = await ask(transport, at(ANTHROPIC, server.url))
    assert isinstance(heard.error, RateLimited)
    assert heard.error.retry_after == 21.0
    assert clock.waits == []
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("after", "words"),
    [
        ("0", "Wait a little or"),
        ("21", "Wait 21 s or"),
        ("90.5", "Wait 2 min or"),
        ("7200", "Wait 2 h or"),
        ("1e308", "Wait a little or"),
        ("Fri, 31 Dec 9999 23:59:59 GMT", "Wait a little or"),
    ],
)
async def test_waits_in_words(
    server: WireServer, transport: Transport, after: str, words: str
) -> None:
    """The wait that a server asks for is told in a unit that a person can use, and only if it is one."""
    server.answer(*(refusal(429, None, **{"retry-after": after}) for _ in range(3)))
    heard = await ask(transport, at(ANTHROPIC, server.url))
    assert heard.error is not None
    assert heard.error.remedy.startswith(words)


@pytest.mark.parametrize(
    ("said", "text"),
    [("Overloaded", "(400): Overloaded. Use"), ("Too long!", "Too long! Use"), ("", "(400). Use")],
)
async def test_messages_are_sentences(
    server: WireServer, transport: Transport, said: str, text: str
) -> None:
    """What the server said ends where the remedy begins."""
    server.refuse(400, {"error": {"message": said}})
    heard = await ask(transport, at(ANTHROPIC, server.url))
    assert heard.error is not None
    assert text in heard.error.text


async def test_should_retry_header_is_obeyed(server: WireServer, transport: Transport) -> None:
    """`x-should-retry: false` forbids a retry; `true` does not make a 400 pass."""
    server.refuse(500, **{"x-should-retry": "false"})
    assert (await ask(transport, at(ANTHROPIC, server.url))).attempts == [1]
    server.refuse(400, **{"x-should-retry": "true"})
    assert (await ask(transport, at(ANTHROPIC, server.url))).attempts == [1]


async def test_total_deadline_ends_retries(server: WireServer, clock: Clock) -> None:
    """No retry starts that would begin after the total deadline."""
    transport = Transport(Limits(total=10), clock=clock, sleep=clock.sleep, chance=lambda: 0.0)
    server.answer(*(refusal(503, None, **{"retry-after": "6"}) for _ in range(3)))
    heard = await ask(transport, at(ANTHROPIC, server.url))
    await transport.aclose()
    assert isinstance(heard.error, Overloaded)
    assert heard.attempts == [1, 2]


async def test_body_that_is_not_json(server: WireServer, transport: Transport) -> None:
    """A refusal without JSON (a proxy's page) is told by its status."""
    page = Answer((b"<html>Too large</html>",), 413, {"content-type": "text/html"}, "length")
    server.answer(page)
    heard = await ask(transport, at(ANTHROPIC, server.url))
    assert isinstance(heard.error, RequestRefused)
    assert "413" in str(heard.error)
    assert "<html>" not in heard.error.text


async def test_error_body_that_breaks_off(server: WireServer, transport: Transport) -> None:
    """A refusal whose body never ends properly is told by its status."""
    server.answer(Answer((b'{"error": ', Step.CUT), 400, {"content-type": "application/json"}))
    heard = await ask(transport, at(ANTHROPIC, server.url))
    assert isinstance(heard.error, RequestRefused)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_redirects_are_not_followed(
    server: WireServer, transport: Transport, status: int
) -> None:
    """A redirect is an error: a key and code go to no other address than the configured one."""
    async with WireServer().running() as other:
        server.refuse(status, None, location=other.url + "/v1/messages")
        heard = await ask(transport, at(ANTHROPIC, server.url))
        assert other.requests == []
    assert isinstance(heard.error, RequestRefused)
    assert "base_url" in heard.error.remedy
    assert len(server.requests) == 1


async def test_page_in_place_of_a_stream(server: WireServer, transport: Transport) -> None:
    """A 200 that is a web page says that the address is wrong."""
    server.answer(Answer((b"<html>login</html>",), 200, {"content-type": "text/html"}))
    heard = await ask(transport, at(OPENAI, server.url))
    assert isinstance(heard.error, RequestRefused)
    assert "text/html" in str(heard.error)
    assert "base_url" in heard.error.remedy


async def test_error_object_with_status_200(server: WireServer, transport: Transport) -> None:
    """A JSON error with status 200 is told as what it is."""
    body = b'{"code": 401, "msg": "token expired", "success": false}'
    server.answer(Answer((body,), 200, {"content-type": "application/json"}))
    heard = await ask(transport, at(OPENAI, server.url))
    assert isinstance(heard.error, KeyRefused)
    assert "token expired" in str(heard.error)


async def test_nothing_listens(transport: Transport) -> None:
    """A refused connection is retried and then told with a remedy."""
    async with WireServer().running() as gone:
        url = gone.url
    heard = await ask(transport, at(LOCAL, url))
    assert isinstance(heard.error, Unreachable)
    assert heard.attempts == [1, 2, 3]
    assert "local server" in heard.error.remedy


async def test_connection_reset_before_the_answer(transport: Transport) -> None:
    """A connection that is closed before any answer is tried again."""

    class Mute(WireServer):
        async def _reply(self, writer: Any, answer: Answer, request: Any) -> bool:
            if len(self.requests) > 1:
                return await super()._reply(writer, answer, request)
            writer.transport.abort()
            return False

    async with Mute().running() as mute:
        mute.sse()
        mute.sse(*openai_stream("fine"))
        heard = await ask_whole(transport, at(OPENAI, mute.url))
    assert heard.text == "fine"
    assert [type(e) for e in heard.retried] == [Unreachable]


@pytest.mark.parametrize("base_url", ["ftp://host/v1", "http://", "nonsense", "http://[::1"])
async def test_address_that_cannot_be(transport: Transport, base_url: str) -> None:
    """An address that is none is an error, not a crash."""
    heard = await ask(transport, at(OPENAI, base_url))
    assert isinstance(heard.error, ProviderError)
    assert heard.attempts == [1]


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl to make a certificate")
async def test_untrusted_certificate(transport: Transport, tmp_path: Path) -> None:
    """A certificate that nobody vouches for is told as such, and not tried again."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    await _self_sign(key, certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = WireServer()
    async with server.running(context):
        heard = await ask(transport, at(OPENAI, server.url.replace("http:", "https:")))
    assert isinstance(heard.error, Unreachable)
    assert "certificate" in str(heard.error)
    assert heard.attempts == [1]


async def _self_sign(key: Path, certificate: Path) -> None:
    kind = ("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost")
    process = await asyncio.create_subprocess_exec(
        *("openssl", *kind, "-keyout", str(key), "-out", str(certificate)),
        stdin=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert await process.wait() == 0


async def test_local_server_that_loads_a_model(server: WireServer, transport: Transport) -> None:
    """llama.cpp's "Loading model" is retried, and its remedy is to wait."""
    server.answer(*(refusal(503, {"error": {"message": "Loading model"}}) for _ in range(3)))
    heard = await ask(transport, at(LOCAL, server.url))
    assert isinstance(heard.error, Overloaded)
    assert "loading the model" in heard.error.remedy


NO_MODEL: dict[str, tuple[Provider, int, dict[str, Any]]] = {
    "OpenAI": (OPENAI, 404, {"message": "The model `x` does not exist", "code": "model_not_found"}),
    "OpenAI in a stream": (OPENAI, 200, {"message": "Gone", "code": "model_not_found"}),
    "DeepSeek": (PROVIDERS["deepseek"], 400, {"message": "Model Not Exist", "type": "invalid_request_error"}),
    "z.ai": (PROVIDERS["zai"], 400, {"code": "1211", "message": "Unknown Model, please check the model code."}),
    "OpenRouter": (PROVIDERS["openrouter"], 400, {"code": 400, "message": "x/y is not a valid model ID"}),
    "litellm": (LOCAL, 400, {"message": "/chat/completions: Invalid model name passed in model=m", "code": "400"}),
}  # fmt: skip


@pytest.mark.parametrize("who", NO_MODEL)
async def test_a_model_that_is_not_there(
    server: WireServer, transport: Transport, who: str
) -> None:
    """Whatever status says that a model is gone, the models are to be looked at, and others may serve."""
    row, status, error = NO_MODEL[who]
    server.refuse(status, {"error": error})
    heard = await ask(transport, at(row, server.url))
    assert isinstance(heard.error, RequestRefused)
    assert heard.error.elsewhere
    assert "codefare models" in heard.error.remedy
    assert len(server.requests) == 1


async def test_silently_cut_prompt_openai(server: WireServer, transport: Transport) -> None:
    """A local server that read 4,096 of 9,000 tokens has cut the prompt: that is an error, told once."""
    usage = {"prompt_tokens": 4096, "completion_tokens": 5}
    server.sse(*openai_stream("nonsense", usage=usage))
    heard = await ask(transport, at(LOCAL, server.url), request(input_tokens=9000))
    assert isinstance(heard.error, StreamBroken)
    assert "4096" in str(heard.error)
    assert "OLLAMA_CONTEXT_LENGTH" in heard.error.remedy
    assert len(server.requests) == 1


async def test_silently_cut_prompt_without_text(server: WireServer, transport: Transport) -> None:
    """A cut prompt is not sent again even if no text came: it would be cut again."""
    usage = {"prompt_tokens": 4096, "completion_tokens": 0}
    server.sse(*openai_stream(usage=usage))
    heard = await ask(transport, at(LOCAL, server.url), request(input_tokens=9000))
    assert isinstance(heard.error, StreamBroken)
    assert len(server.requests) == 1


async def test_silently_cut_prompt_ollama(server: WireServer, transport: Transport) -> None:
    """The same for Ollama's own API."""
    lines = ollama_stream("nonsense", prompt_eval_count=4096)
    server.answer(Answer(tuple(lines), headers={"content-type": "application/x-ndjson"}))
    heard = await ask(transport, at(OLLAMA, server.url), request(input_tokens=9000))
    assert isinstance(heard.error, StreamBroken)


@pytest.mark.parametrize(
    ("provider", "counted", "seen"),
    [
        (LOCAL, 9000, 5500),  # more than 60 %
        (LOCAL, 300, 110),  # fewer than 200 tokens apart
        (LOCAL, 9000, 0),  # not reported
        (LOCAL, 9000, 10),  # no window is as small: the same for each prompt
        (OPENAI, 9000, 4096),  # a hosted provider has tokens of its own
    ],
)
async def test_prompt_counts_that_are_fine(
    server: WireServer, transport: Transport, provider: Provider, counted: int, seen: int
) -> None:
    """Counts differ between vocabularies; only a large gap at a local server is a cut."""
    server.sse(*openai_stream("ok", usage={"prompt_tokens": seen, "completion_tokens": 5}))
    heard = await ask_whole(transport, at(provider, server.url), request(input_tokens=counted))
    assert heard.text == "ok"


async def test_a_prompt_is_counted_by_its_last_report(
    server: WireServer, transport: Transport
) -> None:
    """What an answer's start says of the prompt may be a placeholder; what its end says is judged."""
    provider = at(LOCAL, server.url, dialect="anthropic")
    *begin, end, stop = anthropic_stream("ok", usage={"input_tokens": 300, "output_tokens": 1})
    for counted in (9000, 400):
        told = b'"usage": {"input_tokens": %d, ' % counted
        server.sse(*begin, end.replace(b'"usage": {', told), stop)
        heard = await ask(transport, provider, request(input_tokens=9000))
        assert heard.text == "ok"
        assert isinstance(heard.error, StreamBroken if counted == 400 else type(None))


async def test_messages_are_bounded_and_masked(server: WireServer, transport: Transport) -> None:
    """Neither the key nor the prompt that a server quotes reaches the error; its length is bounded."""
    code = "def transfer_funds(account):\n    return vault.open(account)"
    quoted = f"Invalid key {KEY} and sk-oth***er1 for {code!r}: " + "blah " * 200
    server.refuse(401, {"error": {"message": quoted}})
    heard = await ask(transport, at(OPENAI, server.url), request(user=code))
    text = str(heard.error)
    assert "canary" not in text
    assert "sk-oth" not in text
    assert "transfer_funds" not in text
    assert "vault.open" not in text
    assert "Invalid key" in text
    assert len(text) < 400


async def test_quoted_requests_are_left_out(server: WireServer, transport: Transport) -> None:
    """A validator's list of errors quotes the request: it is not passed on."""
    server.refuse(422, {"detail": [{"loc": ["body"], "msg": "bad", "input": "SECRET"}]})
    heard = await ask(transport, at(OPENAI, server.url))
    assert heard.error is not None
    assert "SECRET" not in heard.error.text


async def test_huge_line_is_refused(server: WireServer, transport: Transport) -> None:
    """A line of many megabytes ends the request, once, without filling the memory."""
    block = b"x" * 1_000_000
    server.sse(b"data: ", *(block for _ in range(8)), Step.HANG)
    heard = await ask(transport, at(OPENAI, server.url))
    assert isinstance(heard.error, StreamBroken)
    assert "larger" in str(heard.error)
    assert len(server.requests) == 1


async def test_large_answer_in_small_events_is_fine(
    server: WireServer, transport: Transport
) -> None:
    """The bound is on one event: an answer of 6 MB in small ones is read."""
    server.sse(*openai_stream(*("y" * 60_000 for _ in range(100))))
    heard = await ask_whole(transport, at(OPENAI, server.url), request(max_tokens=64_000))
    assert len(heard.text) == 6_000_000


async def test_environment_proxy_is_not_for_this_machine(
    server: WireServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy in the environment does not see requests to this machine."""
    async with WireServer().running() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        transport = Transport()
        server.sse(*openai_stream("direct"))
        heard = await ask_whole(transport, at(LOCAL, server.url))
        assert proxy.requests == []
        proxy.sse(*openai_stream("by proxy"))
        through = await ask_whole(transport, at(OPENAI, "http://api.example.com/v1"))
        assert through.text == "by proxy"
        assert proxy.requests[0].path == "http://api.example.com/v1/chat/completions"
        await transport.aclose()
    assert heard.text == "direct"


async def test_event_stream_answers_need_status_200(
    server: WireServer, transport: Transport
) -> None:
    """An event stream with an error status is an error."""
    answer = event_stream(*openai_stream("no"))
    server.answer(Answer(answer.steps, 400, answer.headers))
    heard = await ask(transport, at(OPENAI, server.url))
    assert isinstance(heard.error, RequestRefused)
    assert heard.text == ""
