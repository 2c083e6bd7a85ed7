"""What went wrong with a request, in codefare's terms, and whether sending it again may help.

The table is that of the vendors' documentation and SDKs: 400, 401, 403, 404, 413, 422 never pass (what they mean for
other models is in `scope`); 402 and a 429 about credit make the provider unusable until the user acts; 408, 409, 425,
5xx and 429 may pass.
"""

from __future__ import annotations

import math
from http import HTTPStatus
from typing import TYPE_CHECKING

from codefare.errors import (
    KeyRefused,
    OutOfCredit,
    Overloaded,
    ProviderError,
    RateLimited,
    RequestRefused,
    StreamBroken,
    Unreachable,
    sentence,
)
from codefare.providers.scope import lacks_model, means_key

if TYPE_CHECKING:
    from codefare.providers.complaint import Complaint
    from codefare_catalog import Provider

_LONGEST_WAIT = 24 * 60 * 60
_UNITS = ((3600, "h"), (60, "min"), (1, "s"))
# What the two dialects say themselves, and so do most that speak them; a provider's row adds its
# own.
_NO_CREDIT = ("billing_error", "insufficient_quota")
_TOO_LONG = ("context_length_exceeded", "maximum context length")
# Where they say that the model is not there, it is as good as a 404. None: inside a stream.
_OF_MODEL = frozenset({None, 400, 403, 422})
_PASSING = frozenset({408, 409, 425})
_NOT_PASSING = frozenset({501, 505})


class AttemptError(Exception):
    """One HTTP request failed.

    `retry` tells whether the same request may succeed later, `wait` how many seconds the server
    asked for, and `timed_out` that it was sent and nothing of use came, so that it may have been billed.
    """

    def __init__(
        self,
        error: ProviderError,
        *,
        retry: bool,
        wait: float | None = None,
        timed_out: bool = False,
    ) -> None:
        super().__init__(str(error))
        self.error = error
        self.retry = retry
        self.wait = wait
        self.timed_out = timed_out


def may_pass(error: ProviderError) -> bool:
    """Whether the same request may succeed when it is sent again."""
    return isinstance(error, (RateLimited, Overloaded, StreamBroken, Unreachable))


def too_late(provider: Provider) -> Unreachable:
    """The error for what is not sent, since the time for it is over: it says nothing of the provider."""
    error = Unreachable(
        f"There was no time left to ask {provider.name}.",
        remedy="Try again in a few minutes or use another model.",
    )
    error.unsent = True
    return error


def error_of(
    provider: Provider,
    complaint: Complaint,
    *,
    retry_after: float | None = None,
    of_model: bool = True,
) -> ProviderError:
    """The error that a user should see for a server's complaint; `retry_after` is in seconds.

    `of_model` tells that a model was asked for: then a 403 may mean it alone.
    """
    status = complaint.status
    said = f": {sentence(complaint.message)}" if complaint.message else "."
    code = f" ({status})" if status else ""
    key = provider.key_env or "its key"
    no_credit = complaint.says((*_NO_CREDIT, *provider.errors.no_credit))
    if status == HTTPStatus.PAYMENT_REQUIRED or no_credit:
        return OutOfCredit(
            f"The {provider.name} account has no credit or reached its limit{code}{said}",
            remedy=f"Add credit or raise the limit at {provider.name}, or use another provider.",
        )
    forbidden = status == HTTPStatus.FORBIDDEN
    if status == HTTPStatus.UNAUTHORIZED or (
        forbidden and (not of_model or means_key(provider, complaint))
    ):
        return KeyRefused(
            f"{provider.name} refused the key{code}{said}",
            remedy=f"Check that {key} is right, still valid, and may use this model.",
        )
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return RateLimited(
            f"{provider.name} limits how often it is asked{code}{said}",
            remedy=f"Wait {_in_words(retry_after)} or use another provider.",
            retry_after=retry_after,
        )
    no_model = status == HTTPStatus.NOT_FOUND or (
        status in _OF_MODEL and lacks_model(provider, complaint)
    )
    unknown = status is None and not no_model and not _is_too_long(provider, complaint)
    if unknown or status in _PASSING or _is_passing_server_error(status):
        remedy = "Try again in a few minutes or use another provider."
        if provider.self_hosted:
            remedy = "It may still be loading the model: try again in a minute, or read its log."
        return Overloaded(f"{provider.name} cannot serve now{code}{said}", remedy=remedy)
    refused = RequestRefused(
        f"{provider.name} refused the request{code}{said}",
        remedy=_refusal_remedy(provider, complaint, no_model=no_model),
    )
    refused.too_long, refused.forbidden = _is_too_long(provider, complaint), forbidden
    refused.elsewhere = no_model or forbidden or refused.too_long
    return refused


def _in_words(seconds: float | None) -> str:
    """A wait as a user reads it, rounded up: what a server asks for may be nothing, or ten thousand years."""
    if seconds is None or not 0 < seconds <= _LONGEST_WAIT:
        return "a little"
    size, unit = next((s, u) for s, u in _UNITS if seconds >= s or s == 1)
    return f"{math.ceil(seconds / size)} {unit}"


def _is_passing_server_error(status: int | None) -> bool:
    return (
        status is not None
        and status >= HTTPStatus.INTERNAL_SERVER_ERROR
        and status not in _NOT_PASSING
    )


def _is_too_long(provider: Provider, complaint: Complaint) -> bool:
    too_large = complaint.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    return too_large or complaint.says((*_TOO_LONG, *provider.errors.too_long))


def _refusal_remedy(provider: Provider, complaint: Complaint, *, no_model: bool) -> str:
    status = complaint.status or 0
    if _is_too_long(provider, complaint):
        return "Select a smaller part of the file, or a model with a larger context window."
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return (
            f"Set base_url in [providers.{provider.id}] to the final address: "
            "codefare never sends a key on to another one."
        )
    if status == HTTPStatus.FORBIDDEN:
        key = provider.key_env or "your key"
        return f"Check at {provider.name} whether {key} may use this model, or use another one."
    if no_model:
        return (
            f"Check base_url in [providers.{provider.id}], and whether the provider still has this "
            "model (`codefare models`)."
        )
    return _field_remedy(provider, complaint.message.casefold())


def _field_remedy(provider: Provider, said: str) -> str:
    """What to do about a refusal that is perhaps of a field: a row of the catalog can do without it."""
    if "stream_options" in said:
        return f'Write omit = ["stream_options"] in [providers.{provider.id}] of catalog.toml.'
    if "max_completion_tokens" in said:
        return (
            'Set max_tokens_field of this model in catalog.toml to what it takes: "max_tokens" or '
            '"max_completion_tokens".'
        )
    if provider.self_hosted:
        return (
            "Check that it has this model, and its log. A field that it does not take can be left "
            f"out: omit in [providers.{provider.id}] of catalog.toml."
        )
    return "Use another model; if it happens with all of them, please report it."
