"""What a provider's word for the end of an answer means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codefare.errors import Overloaded, StreamBroken
from codefare.providers.base import End, Stop

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codefare_catalog import Ending, Provider


def end_of(
    provider: Provider, dialect: Mapping[str, Ending], reason: str, model: str | None
) -> End:
    """The end with this reason; `dialect` says what the dialect's own words mean, the provider's row goes before it.

    Raises:
        StreamBroken: There is no reason.
        Overloaded: The server gave up: not an answer that ended, but a failure that may pass.
    """
    if not reason:
        remedy = "Run the action again or use another model."
        if provider.self_hosted:
            remedy = (
                "Run the action again. If it ends one answer where another is asked for, tell it not "
                "to (llama-cpp-python: --interrupt_requests false)."
            )
        raise StreamBroken(f"{provider.name} ended the answer without a reason.", remedy=remedy)
    ending = _ending(provider, dialect, reason)
    if ending == "failed":
        raise Overloaded(
            f"{provider.name} gave up in the middle of the answer ({reason}).",
            remedy="Try again in a few minutes or use another provider.",
        )
    return End(Stop(ending) if ending else Stop.OTHER, reason, model)


def is_complete(provider: Provider, dialect: Mapping[str, Ending], reason: str) -> bool:
    """Whether the reason means a whole answer."""
    return _ending(provider, dialect, reason) == "complete"


def _ending(provider: Provider, dialect: Mapping[str, Ending], reason: str) -> Ending | None:
    return provider.finish_reasons.get(reason) or dialect.get(reason)
