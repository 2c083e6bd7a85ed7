"""What a request meets at a provider, and what the next ones make of it: a real server, and real files."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.store.timeline import Timeline
from tests.wire.server import Answer, Step, WireServer, event_stream, refusal
from tests.wire.vendors import (
    ANTHROPIC,
    LOCAL,
    OPENAI,
    anthropic_stream,
    at,
    openai_stream,
    price,
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
)
from codefare.providers.access import ProviderSettings
from codefare.providers.base import Text
from codefare.providers.endpoints import Endpoints
from codefare.providers.http import Limits, Transport
from codefare.store.traffic import Traffic
from codefare_catalog import Catalog, Model, Offering, RateLimits

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
OPUS = Offering("opus", "anthropic", "claude-opus", 200_000, 64_000, (price("5", "25"),))
HAIKU = Offering("haiku", "anthropic", "claude-haiku", 200_000, 64_000, (price("1", "5"),))
GPT = Offering("gpt", "openai", "gpt-x", 200_000, 64_000, (price("1", "5"),))
OWN = Offering("own", "local", "own", 200_000, 64_000, (price("0", "0"),))
ASKS_OPUS, ASKS_GPT = request(offering=OPUS), request(offering=GPT)
Make = Callable[..., Endpoints]


@pytest.fixture
def timeline() -> Timeline:
    """The test's own time."""
    return Timeline()


@pytest.fixture
async def make(tmp_path: Path, server: WireServer, timeline: Timeline) -> AsyncIterator[Make]:
    """Makes what a process of the user has: both vendors at one server, and the traffic that all share."""
    made: list[Endpoints] = []

    def one(
        settings: dict[str, ProviderSettings] | None = None,
        limits: RateLimits | None = None,
        **environ: str,
    ) -> Endpoints:
        models = {
            o.model: Model(o.model, o.model, "v", "v", (o,), rate_limits=limits)
            for o in (OPUS, HAIKU, GPT, OWN)
        }
        rows = {
            p.id: at(p, f"{server.url}{path}")
            for p, path in ((ANTHROPIC, ""), (OPENAI, "/v1"), (LOCAL, "/own/v1"))
        }
        keys = {"ANTHROPIC_API_KEY": "sk-a", "OPENAI_API_KEY": "sk-o"}
        made.append(
            Endpoints(
                Catalog(models, {}, rows, {}, {}, {}, {}, {}),
                settings or {},
                environ=keys | environ,
                transport=Transport(
                    Limits(first=5, idle=5),
                    clock=timeline.clock,
                    sleep=_no_wait,
                    chance=lambda: 0.0,
                ),
                traffic=Traffic(
                    tmp_path / "state", clock=timeline.clock, sleep=timeline.sleep, patience=60
                ),
            )
        )
        return made[-1]

    yield one
    for endpoints in made:
        await endpoints.aclose()


async def _no_wait(_seconds: float) -> None:
    return


async def ask(endpoints: Endpoints, asks=ASKS_OPUS, **hooks: Any) -> str:
    """The text of an answer."""
    async with aclosing(endpoints.stream(asks, **hooks)) as events:
        return "".join([e.text async for e in events if isinstance(e, Text)])


async def settled(endpoints: Endpoints) -> Endpoints:
    """The same, after what it does in the background."""
    assert endpoints.traffic is not None
    await endpoints.traffic._shared.read(lambda _: None, late=None)
    return endpoints


FAILURES: list[tuple[list[Answer], type[ProviderError], str, bool]] = [
    (
        [refusal(429, {"error": {"type": "rate_limit_error"}}, retry_after="120")],
        RateLimited,
        "rate limited until",
        False,
    ),
    ([refusal(529, {"error": {"type": "overloaded_error"}})] * 3, Overloaded, "overloaded", False),
    ([refusal(402, {"error": {"type": "billing_error"}})], OutOfCredit, "out of credit", True),
    (
        [refusal(401, {"error": {"type": "authentication_error"}})],
        KeyRefused,
        "key was refused",
        True,
    ),
    ([refusal(404, {"error": {"message": "no such model"}})], RequestRefused, "refused", False),
    (
        [refusal(403, {"error": {"type": "permission_error", "message": "not this model"}})],
        RequestRefused,
        "refused",
        False,
    ),
    (
        [refusal(403, {"error": {"message": "This organization has been disabled."}})],
        KeyRefused,
        "key was refused",
        True,
    ),
    (
        [refusal(400, {"error": "/chat/completions: Invalid model name passed in model=x."})],
        RequestRefused,
        "refused",
        False,
    ),
    ([event_stream(Step.CUT)] * 3, StreamBroken, "break off", False),
]


@pytest.mark.parametrize(
    ("answers", "error", "words", "whole"),
    FAILURES,
    ids=[f"{a[0].status} {e.__name__}" for a, e, _, _ in FAILURES],
)
async def test_a_failure_is_a_reason_before_it_is_raised(
    server: WireServer,
    make: Make,
    answers: list[Answer],
    error: type[ProviderError],
    words: str,
    whole: bool,
) -> None:
    """Whoever catches it can quote anew and finds the offering dropped, with the reason; others learn it, too."""
    endpoints = make()
    server.answer(*answers)
    with pytest.raises(error):
        await ask(endpoints)
    assert words in (endpoints.unusable(OPUS, NOW) or "")
    assert (endpoints.unusable(HAIKU, NOW) is not None) == whole
    assert endpoints.unusable(GPT, NOW) is None
    other = make()
    await other.warm_up()
    assert words in (other.unusable(OPUS, NOW) or "")


async def test_a_request_that_is_wrong_says_nothing_of_the_offering(
    server: WireServer, make: Make
) -> None:
    """What every offering would refuse leaves this one as it is."""
    endpoints = make()
    server.refuse(400, {"error": {"type": "invalid_request_error", "message": "no"}})
    with pytest.raises(RequestRefused):
        await ask(endpoints)
    assert endpoints.unusable(OPUS, NOW) is None


async def test_after_its_rest_an_answer_makes_it_usable(
    server: WireServer, make: Make, timeline: Timeline
) -> None:
    """The circuit closes by itself: no command, no restart."""
    endpoints = make()
    server.answer(*[refusal(529)] * 3)
    with pytest.raises(Overloaded):
        await ask(endpoints)
    timeline.now += 15
    assert endpoints.unusable(OPUS, NOW) is None
    server.sse(*anthropic_stream("yes"))
    assert await ask(endpoints) == "yes"
    await settled(endpoints)
    server.answer(*[refusal(529)] * 3)
    with pytest.raises(Overloaded):
        await ask(endpoints)
    timeline.now += 15  # not twice as long: the failures before are over
    assert endpoints.unusable(OPUS, NOW) is None


async def test_a_new_key_is_used_at_once(server: WireServer, make: Make) -> None:
    """Who sets another key need not wait until the old one's rest is over."""
    old = make()
    server.refuse(401)
    with pytest.raises(KeyRefused):
        await ask(old)
    new = make(ANTHROPIC_API_KEY="sk-new")
    await new.warm_up()
    assert new.unusable(OPUS, NOW) is None
    server.sse(*anthropic_stream("yes"))
    assert await ask(new) == "yes"
    assert old.unusable(OPUS, NOW) is not None


async def test_another_address_is_another_matter(server: WireServer, make: Make) -> None:
    """What a gateway refuses says nothing of the vendor behind another address."""
    endpoints = make()
    server.refuse(402)
    with pytest.raises(OutOfCredit):
        await ask(endpoints)
    there = make({"anthropic": ProviderSettings(base_url=f"{server.url}/gateway")})
    await there.warm_up()
    assert there.unusable(OPUS, NOW) is None


async def test_the_only_key_and_a_short_wait(
    server: WireServer, make: Make, timeline: Timeline
) -> None:
    """A limit that lasts 12 s: as the last resort the request waits, says so, and is sent once."""
    endpoints = make()
    server.answer(*[refusal(429, None, retry_after="12")] * 3)
    with pytest.raises(RateLimited):
        await ask(endpoints)
    timeline.now += 4
    assert endpoints.unusable(OPUS, NOW) is not None
    assert endpoints.unusable(OPUS, NOW, last_resort=True) is None
    server.sse(*anthropic_stream("yes"))
    waits: list[float] = []
    assert await timeline.run(ask(endpoints, on_wait=waits.append)) == ["yes"]
    assert waits == [8.0]
    assert len(server.requests) == 4


async def test_others_stay_away_while_one_waits_to_retry(
    server: WireServer, make: Make, timeline: Timeline
) -> None:
    """What a provider asks of one request holds for all: theirs go elsewhere, or wait."""
    endpoints, other = make(), make()
    server.refuse(429, None, retry_after="10")
    server.sse(*anthropic_stream("yes"))
    seen: list[str | None] = []

    async def look(_number: int, _error: ProviderError) -> None:
        await settled(endpoints)
        await other.warm_up()
        seen.append(other.unusable(OPUS, NOW))

    assert await ask(endpoints, on_retry=look) == "yes"
    assert "rate limited until" in (seen[0] or "")


async def test_nothing_is_sent_that_would_be_refused(
    server: WireServer, make: Make, timeline: Timeline
) -> None:
    """A quote from before a long limit: no request, no reservation, and the next quote goes elsewhere."""
    endpoints, other = make(), make()
    server.refuse(429, None, retry_after="300")
    with pytest.raises(RateLimited):
        await ask(other)
    timeline.now += 5
    reserved: list[int] = []

    async def reserve(number: int) -> None:
        reserved.append(number)

    with pytest.raises(RateLimited, match="nothing was sent") as error:
        await ask(endpoints, on_attempt=reserve)
    assert error.value.retry_after == 295
    assert (len(server.requests), reserved) == (1, [])
    assert endpoints.unusable(OPUS, NOW) is not None


async def test_headers_of_a_success_make_a_pause(
    server: WireServer, make: Make, timeline: Timeline
) -> None:
    """With the last request of a minute the provider says so: the next goes elsewhere until there is one more."""
    endpoints = make()
    headers = {
        "x_ratelimit_limit_requests": "3",
        "x_ratelimit_remaining_requests": "0",
        "x_ratelimit_reset_requests": "1m0s",
    }
    server.sse(*openai_stream("yes"), **headers)
    assert await ask(endpoints, ASKS_GPT) == "yes"
    await settled(endpoints)
    assert "rate limited until" in (endpoints.unusable(GPT, NOW) or "")
    timeline.now += 20
    assert endpoints.unusable(GPT, NOW) is None


@pytest.mark.parametrize("whose", ["user", "catalog"])
async def test_the_limit_of_requests_is_kept(
    server: WireServer, make: Make, timeline: Timeline, whose: str
) -> None:
    """Two requests a minute, by the user's word or the catalog's: two processes send two, the third none."""
    mine = {"anthropic": ProviderSettings(requests_per_minute=2)} if whose == "user" else None
    limits = RateLimits("few", (2, 9)) if whose == "catalog" else None
    one, two = make(mine, limits), make(mine, limits)
    for endpoints in (one, two):
        server.sse(*anthropic_stream("yes"))
        assert await ask(endpoints) == "yes"
    timeline.now += 30
    with pytest.raises(RateLimited, match="Anthropic takes no more requests") as error:
        await ask(one)
    assert error.value.retry_after == pytest.approx(31)
    assert "rate limited" in (one.unusable(OPUS, NOW) or "")
    three = make(mine, limits)
    await three.warm_up()
    assert three.unusable(OPUS, NOW) is None  # nothing failed
    timeline.now += 31
    assert one.unusable(OPUS, NOW) is None
    server.sse(*anthropic_stream("yes"))
    assert await ask(one) == "yes"
    assert len(server.requests) == 3


async def test_another_key_has_limits_of_its_own(server: WireServer, make: Make) -> None:
    """What one account may send in a minute is not used up by another's, nor that of another address."""
    mine = ProviderSettings(requests_per_minute=1)
    there = ProviderSettings(requests_per_minute=1, base_url=f"{server.url}/gateway")
    one = make({"anthropic": mine})
    others = [make({"anthropic": mine}, ANTHROPIC_API_KEY="sk-b"), make({"anthropic": there})]
    for endpoints in (one, *others):
        server.sse(*anthropic_stream("yes"))
        assert await ask(endpoints) == "yes"
    for endpoints in (one, *others):
        with pytest.raises(RateLimited):
            await ask(endpoints)
    assert len(server.requests) == 3


async def test_who_was_turned_away_may_come_with_another_key(
    server: WireServer, make: Make
) -> None:
    """A wait that would be too long is one key's: with a new one in the environment it is not shown any more."""
    environ = {"ANTHROPIC_API_KEY": "sk-a"}
    endpoints = make({"anthropic": ProviderSettings(requests_per_minute=1)})
    endpoints._keys._environ = environ
    server.sse(*anthropic_stream("yes"))
    assert await ask(endpoints) == "yes"
    with pytest.raises(RateLimited):
        await ask(endpoints)
    assert endpoints.unusable(OPUS, NOW) is not None
    environ["ANTHROPIC_API_KEY"] = "sk-b"
    assert endpoints.unusable(OPUS, NOW) is None


async def test_every_attempt_counts(server: WireServer, make: Make) -> None:
    """A retry waits for its turn as any request does; where there is none, that is said, and nothing more is sent."""
    endpoints = make({"anthropic": ProviderSettings(requests_per_minute=2)})
    server.answer(*[refusal(529)] * 3)
    attempts: list[int] = []

    async def reserve(number: int) -> None:
        attempts.append(number)

    with pytest.raises(RateLimited):
        await ask(endpoints, on_attempt=reserve)
    assert attempts == [1, 2]
    assert len(server.requests) == 2


async def test_tokens_are_corrected_by_the_bill(server: WireServer, make: Make) -> None:
    """What an answer might have taken is set aside; what it took is what counts for the next."""
    endpoints = make({"anthropic": ProviderSettings(tokens_per_minute=1_200)})
    asks = replace(ASKS_OPUS, input_tokens=100, max_tokens=1000)
    server.sse(*anthropic_stream("yes", usage={"input_tokens": 90, "output_tokens": 1}, output=10))
    assert await ask(endpoints, asks) == "yes"
    server.sse(*anthropic_stream("yes"))
    assert await ask(endpoints, asks) == "yes"


async def test_what_was_not_served_counts_no_tokens(server: WireServer, make: Make) -> None:
    """A refused attempt does not take the tokens away from the one that follows."""
    endpoints = make({"anthropic": ProviderSettings(tokens_per_minute=1_200)})
    server.refuse(529)
    server.sse(*anthropic_stream("yes"))
    assert await ask(endpoints, replace(ASKS_OPUS, input_tokens=100, max_tokens=1000)) == "yes"
    assert len(server.requests) == 2


async def test_servers_of_the_users_own_have_no_limit(server: WireServer, make: Make) -> None:
    """The catalog's figures are a vendor's; they do not hold for a model at home."""
    endpoints = make(
        {"local": ProviderSettings(base_url=f"{server.url}/own/v1")}, RateLimits("one", (1, 1))
    )
    for _ in range(3):
        server.sse(*openai_stream("yes"))
        assert await ask(endpoints, request(offering=OWN)) == "yes"


async def test_a_cancelled_request_leaves_nothing_behind(
    server: WireServer, make: Make, timeline: Timeline
) -> None:
    """A trial that is cancelled is no failure, and the next may try."""
    endpoints = make()
    server.answer(*[refusal(529)] * 3)
    with pytest.raises(Overloaded):
        await ask(endpoints)
    timeline.now += 15
    server.sse(Step.HANG)
    trial = asyncio.ensure_future(ask(endpoints))
    while len(server.requests) < 4:
        server.asked.clear()
        await server.asked.wait()
    assert "being tried again" in (endpoints.unusable(OPUS, NOW) or "")
    trial.cancel()
    with pytest.raises(asyncio.CancelledError):
        await trial
    await settled(endpoints)
    assert endpoints.unusable(OPUS, NOW) is None
