"""What would be sent for a quote: part by part with tokens and price, and byte by byte."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from codefare.errors import NoModel
from codefare.quotation import removed_json
from codefare.tokens import count_request
from codefare_catalog import Usage, cost

if TYPE_CHECKING:
    from decimal import Decimal

    from codefare.quoter import Quoter
    from codefare.quoting import Quote
    from codefare_catalog import Provider


@dataclass(frozen=True, slots=True)
class SentPart:
    """One part of the prompt: its text, its tokens (an estimate where the vocabulary is not public), USD or None."""

    name: str
    text: str
    tokens: int
    exact: bool
    cost_usd: Decimal | None


@dataclass(frozen=True, slots=True)
class Sending:
    """The request that a quote stands for. Nothing is sent by making it; headers, which hold the key, are not here."""

    quote: Quote
    model: str
    provider: Provider
    url: str
    parts: tuple[SentPart, ...]
    max_tokens: int
    body: bytes


def sending(quoter: Quoter, quote: Quote) -> Sending:
    """What would go out if the quote were run now and its answer were not in the cache.

    Raises:
        NoModel: It goes to no model: nothing would be sent.
    """
    choice = quote.choice
    if choice is None:
        raise NoModel(f"Nothing would be sent: {quote.reason}.")
    request = quoter.request(quote)
    vocabulary = quoter.catalog.vocabularies[choice.model.vocabulary]
    price = choice.estimate.price
    prompt = quote.prompt
    named = (("what the action is", prompt.system), *((p.name, p.text) for p in prompt.parts))
    bare = count_request(vocabulary, ()).likely
    parts = []
    for name, text in named:
        tokens = count_request(vocabulary, (text,)).likely - bare - vocabulary.framing_per_message
        usd = None if price is None else cost(price, Usage(input=tokens), quote.at).likely
        parts.append(SentPart(name, text, tokens, vocabulary.exact, usd))
    return Sending(
        quote,
        choice.model.name,
        quoter.catalog.providers[choice.offering.provider],
        quoter.endpoints.url(request),
        tuple(parts),
        request.max_tokens,
        quoter.endpoints.body(request),
    )


def sending_json(sent: Sending) -> dict[str, Any]:
    """The same as data: money is decimal text in USD, null where the price is unknown."""
    return {
        "action": sent.quote.action.id,
        "model": sent.model,
        "provider": sent.provider.id,
        "url": sent.url,
        "max_tokens": sent.max_tokens,
        "removed": removed_json(sent.quote),
        "parts": [
            {
                "name": part.name,
                "tokens": part.tokens,
                "exact": part.exact,
                "cost_usd": None
                if part.cost_usd is None
                else format(part.cost_usd.normalize(), "f"),
                "text": part.text,
            }
            for part in sent.parts
        ],
        "body": sent.body.decode(),
    }
