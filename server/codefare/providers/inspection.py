"""A look at one provider: does it answer, take the key, and list which models? Free requests only, and no code."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from decimal import Decimal
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlencode

from codefare.errors import ProviderError, StreamBroken, Unreachable
from codefare.providers.complaint import complaint_body, complaint_in
from codefare.providers.failure import error_of
from codefare.providers.mask import Mask

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from codefare.providers.fetched import Fetched
    from codefare.providers.http import Transport
    from codefare.providers.keys import Secret
    from codefare_catalog import Provider

_CONNECT_SECONDS = 4.0
_ANSWER_SECONDS = 30.0  # beyond the time for all of it, which the caller sets
_MOST_PAGES = 5
_PAGE = 1000  # the most that Anthropic gives at once
_MILLION = Decimal(1_000_000)
_LARGEST = Decimal(1_000_000)  # USD per million tokens: more is no price
# What a server answers where it has no list of models: no fault of the user's.
_NO_LIST = frozenset({404, 405, 501})


class Headers(Protocol):
    """The part of a dialect that this needs."""

    def headers(self, provider: Provider, key: str | None) -> dict[str, str]:
        """All headers of a request."""
        ...


@dataclass(frozen=True, slots=True)
class ListedModel:
    """A row of a provider's list: its id, and USD per million tokens where the list tells them."""

    id: str
    input: Decimal | None = None
    output: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was found at one provider.

    `error` tells why no action can be served; then `fetched`, the first answer, may be None. `at` is this machine's
    time when that came. `models` is None where there is no list to be had. `proxy` is the one on the way.
    """

    provider: Provider
    at: datetime
    error: ProviderError | None = None
    fetched: Fetched | None = None
    models: tuple[ListedModel, ...] | None = None
    key_checked: bool = False
    proxy: str | None = None


async def inspect(
    provider: Provider,
    transport: Transport,
    dialect: Headers,
    key: Secret | None,
    *,
    seconds: float,
    now: Callable[[], datetime],
) -> Inspection:
    """Asks for the list of models, and where that needs no key, whether the key is good. Never raises.

    All of it takes `seconds` at most.
    """
    look = _Look(provider, transport, dialect, key, now)
    error: ProviderError | None = None
    try:
        async with asyncio.timeout(seconds):
            await look.run()
    except TimeoutError:
        error = Unreachable(
            f"{provider.name} did not answer within {seconds:g} s.",
            remedy="Check the network, and HTTPS_PROXY if you use one; or try again later.",
        )
    except ProviderError as failure:
        error = failure
        # A server may quote the key that it refuses.
        error.args = (Mask(key.reveal() if key else None, ()).apply(str(error)),)
    return Inspection(
        provider, look.at, error, look.fetched, look.models, look.key_checked, look.proxy
    )


class _Look:
    """What is known so far, whenever it ends."""

    def __init__(
        self,
        provider: Provider,
        transport: Transport,
        dialect: Headers,
        key: Secret | None,
        now: Callable[[], datetime],
    ) -> None:
        self._provider = provider
        self._transport = transport
        self._headers = {
            **dialect.headers(provider, key.reveal() if key else None),
            "accept": "application/json",
        }
        self._headers.pop("content-type", None)  # nothing is sent along
        self._now = now
        self._has_key = key is not None
        self.at = now()
        self.fetched: Fetched | None = None
        self.models: tuple[ListedModel, ...] | None = None
        self.key_checked = False
        self.proxy: str | None = None

    async def run(self) -> None:
        """Fills in one fact after the other.

        Raises:
            ProviderError: Why actions cannot be served.
        """
        self.proxy = await self._transport.fetcher.proxy_for(
            self._url(), provider=self._provider.id
        )
        rows: list[ListedModel] = []
        after: str | None = ""
        for _ in range(_MOST_PAGES):
            answer = await self._ask(self._url(after))
            if answer.status in _NO_LIST or _may_not_list(answer):
                break
            self._check(answer)
            found, after = self._page(answer)
            rows += found
            self.models = tuple(rows)
            if after is None:
                break
        public = self._provider.key_check is not None
        self.key_checked = self._has_key and self.models is not None and not public
        if public and self._has_key:
            self._check(await self._ask(f"{self._base()}/{self._provider.key_check}"))
            self.key_checked = True

    async def _ask(self, url: str) -> Fetched:
        answer = await self._transport.fetcher.fetch(
            url,
            who=self._provider.name,
            provider=self._provider.id,
            headers=self._headers,
            connect=_CONNECT_SECONDS,
            total=_ANSWER_SECONDS,
        )
        if self.fetched is None:
            self.fetched, self.at = answer, self._now()
        return answer

    def _check(self, answer: Fetched) -> None:
        if answer.status == HTTPStatus.OK:
            return
        complaint = complaint_in(complaint_body(answer.body), answer.status)
        raise error_of(self._provider, complaint, of_model=False)

    def _page(self, answer: Fetched) -> tuple[list[ListedModel], str | None]:
        """The rows of a page, and the id after which the next one begins; None after the last.

        Raises:
            StreamBroken: It is not a list of models.
        """
        try:
            payload = answer.json()
        except StreamBroken:
            payload = None
        outer = payload if isinstance(payload, dict) else {}
        # Some send the rows alone.
        rows = payload if isinstance(payload, list) else outer.get("data", outer.get("models"))
        if not isinstance(rows, list):
            raise StreamBroken(
                f"{self._provider.name} answered with something else than a list of models.",
                remedy="Check base_url, and whether this network wants you to log in first.",
            )
        models = [_model(row) for row in rows if isinstance(row, dict)]
        last = outer.get("last_id")
        more = outer.get("has_more") is True and isinstance(last, str) and last
        return [model for model in models if model.id], (str(last) if more else None)

    def _base(self) -> str:
        base = self._provider.base_url.rstrip("/")
        return base if self._provider.dialect == "openai" else base.removesuffix("/v1")

    def _url(self, after: str | None = "") -> str:
        """Where the list is; `after` is the last id of the page before."""
        match self._provider.dialect:
            case "anthropic":
                query = urlencode({"limit": _PAGE} | ({"after_id": after} if after else {}))
                return f"{self._base()}/v1/models?{query}"
            case "ollama":
                return f"{self._base()}/api/tags"
            case _:
                return f"{self._base()}/models"


def _may_not_list(answer: Fetched) -> bool:
    """Whether the key is good for other things than this list: OpenAI's can be limited to some."""
    if answer.status not in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return False
    said = complaint_in(complaint_body(answer.body), answer.status).message
    return "missing scopes" in said.casefold()


def _model(row: Mapping[str, Any]) -> ListedModel:
    named = row.get("id") or row.get("name")
    pricing = row.get("pricing")
    rates = pricing if isinstance(pricing, dict) else {}
    return ListedModel(
        named if isinstance(named, str) else "",
        _per_million(rates.get("prompt")),
        _per_million(rates.get("completion")),
    )


def _per_million(usd: object) -> Decimal | None:
    """USD per million tokens of a price per token as text; None if it is none (a router's says -1)."""
    if not isinstance(usd, str):
        return None
    try:
        rate = Decimal(usd) * _MILLION
    except ArithmeticError:
        return None
    return rate if rate.is_finite() and 0 <= rate <= _LARGEST else None
