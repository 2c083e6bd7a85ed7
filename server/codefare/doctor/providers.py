"""Providers: is there a key, is it taken, do they answer, by whom is the connection vouched for, what do they list?"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from codefare.doctor.finding import Finding, Group, State
from codefare.errors import (
    KeyMissing,
    KeyRefused,
    OutOfCredit,
    Overloaded,
    ProviderError,
    RateLimited,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from decimal import Decimal

    from codefare.providers.fetched import Tls
    from codefare.providers.inspection import Inspection, ListedModel
    from codefare_catalog import Catalog, Model, Offering, Provider, Rate

_SOON = timedelta(days=14)  # a certificate that ends: somebody forgot to renew it
_SHOWN = 6
_CONNECTION = "connection"
# Providers list a model under the name with its day, where the name alone means the same.
_DAY = re.compile(r"[-@](?:\d{8}|\d{4}-\d{2}-\d{2})$")


def unset(provider: Provider) -> Finding:
    """What is said of a provider that the user has no key for: nothing is wrong with that."""
    remedy = f"Set {provider.key_env} to use its models." if provider.key_env else ""
    return _finding(provider, "key", State.NOTE, "not set", remedy)


def unasked(provider: Provider, source: str | None) -> Finding:
    """What is said offline of a provider that could be asked."""
    where = f"in {source}" if source else "not needed"
    return _finding(provider, "key", State.OK, f"{where}; not tried, as nobody is asked offline")


def inspected(
    inspection: Inspection, source: str | None, catalog: Catalog, own_address: bool
) -> list[Finding]:
    """What a look at one provider came to.

    `source` is where its key was found, None where it needs none. `own_address` tells that the user set its base_url.
    """
    provider = inspection.provider
    findings = [
        *_trouble(inspection, source),
        *_connection(inspection),
        *_tls(inspection, own_address=own_address),
    ]
    refused = isinstance(inspection.error, (KeyMissing, KeyRefused))
    if source is not None and not refused:
        findings.insert(0, _key(inspection, source))
    if inspection.models is not None:
        offered = [
            (model, offering)
            for model in catalog.models.values()
            if not model.is_retired(inspection.at)
            for offering in model.offerings
            if offering.provider == provider.id
        ]
        findings += _listed(inspection, offered)
        findings += _prices(inspection, offered)
    return findings


def _key(inspection: Inspection, source: str) -> Finding:
    if inspection.key_checked:
        return _finding(inspection.provider, "key", State.OK, f"in {source}, taken")
    return _finding(inspection.provider, "key", State.NOTE, f"in {source}, could not be tried")


def _trouble(inspection: Inspection, source: str | None) -> Iterator[Finding]:
    """The error, told of what it is about."""
    error, provider = inspection.error, inspection.provider
    if error is None:
        return
    about, state = _about(error)
    text = str(error)
    if about == _CONNECTION and _host(provider) not in text:
        text += f" It was asked at {_host(provider)}."
    if inspection.fetched is None and inspection.proxy:
        text += f" It was asked through the proxy {inspection.proxy}."
    if isinstance(error, KeyRefused) and source:
        text += f" The key is from {source}."
    yield _finding(provider, about, state, text, _remedy(error, provider))


def _about(error: ProviderError) -> tuple[str, State]:
    """Which finding an error is, and how bad."""
    match error:
        case KeyMissing() | KeyRefused():
            return "key", State.PROBLEM
        case OutOfCredit():
            return "account", State.PROBLEM
        case RateLimited():
            return "account", State.WARNING
        case Overloaded():
            return _CONNECTION, State.WARNING
        case _:
            return _CONNECTION, State.PROBLEM


def _remedy(error: ProviderError, provider: Provider) -> str:
    said = [
        error.remedy
        or "Check the network, and base_url in config.toml if you set it; then look again."
    ]
    if isinstance(error, KeyRefused):
        # Some have other addresses for other countries, where the same keys are not known.
        said += [note for note in provider.notes if "base_url" in note]
    return " ".join(filter(None, said))


def _connection(inspection: Inspection) -> Iterator[Finding]:
    answer, provider = inspection.fetched, inspection.provider
    if answer is None or (inspection.error and _about(inspection.error)[0] == _CONNECTION):
        return
    parts = [f"{_host(provider)} answers in {answer.seconds * 1000:,.0f} ms"]
    if answer.proxy:
        parts.append(f"through the proxy {answer.proxy}")
    tls = answer.tls
    if tls is not None:
        parts.append(tls.version or "TLS")
        if tls.expires is not None:
            days = _days(tls.expires, inspection.at)
            parts.append(f"certificate of {tls.issuer or 'an unnamed issuer'} for {days} more days")
    elif urlsplit(provider.base_url).scheme == "http":
        parts.append("not encrypted")
    yield _finding(provider, _CONNECTION, State.OK, ", ".join(parts))


def _tls(inspection: Inspection, *, own_address: bool) -> Iterator[Finding]:
    tls = inspection.fetched.tls if inspection.fetched else None
    if tls is None:
        return
    provider = inspection.provider
    if tls.expires is not None and tls.expires - inspection.at < _SOON:
        days = _days(tls.expires, inspection.at)
        text = f"the certificate of {_host(provider)} ends in {days} days ({tls.expires:%Y-%m-%d})"
        remedy = "Whoever runs that server must renew it; after that nothing can be sent there."
        yield _finding(provider, "certificate", State.WARNING, text, remedy)
    if tls.public is False:
        yield _private_root(provider, tls, own_address=own_address)


def _private_root(provider: Provider, tls: Tls, *, own_address: bool) -> Finding:
    issuer = tls.issuer or "an unnamed issuer"
    if own_address or provider.self_hosted:
        text = f"{_host(provider)} is vouched for by a private authority ({issuer})"
        return _finding(provider, "certificate", State.NOTE, text)
    text = (
        f"{_host(provider)} is vouched for by {issuer}, which is no public authority: a proxy on the way"
        " opens the connection, and can read the key and the code"
    )
    remedy = (
        "Nothing to do if that is your company's and it may. Otherwise send nothing from this network,"
        " and look at SSL_CERT_FILE, HTTPS_PROXY and [network] of config.toml."
    )
    return _finding(provider, "certificate", State.WARNING, text, remedy)


def _listed(inspection: Inspection, offered: Sequence[tuple[Model, Offering]]) -> Iterator[Finding]:
    """Whether the catalog's models are in the provider's list."""
    provider = inspection.provider
    there = {_plain(row.id) for row in inspection.models or ()}
    if not offered:
        return
    missing = [
        (model, offering)
        for model, offering in offered
        if not {_plain(name) for name in (offering.wire_id, *offering.aliases)} & there
    ]
    count = len(offered) - len(missing)
    if not missing:
        text = f"its list has all {count} that the catalog offers there"
        yield _finding(provider, "models", State.OK, text)
        return
    names = ", ".join(offering.wire_id for _, offering in missing[:_SHOWN])
    names += f" and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
    model, _ = missing[0]
    yield _finding(
        provider,
        "models",
        State.WARNING,
        f"its list lacks {len(missing)} of the {len(offered)} that the catalog offers there: {names}",
        "It may serve them under new names, no longer, or not to your account. Actions on them may fail until you"
        f" leave them out (`avoid` under [models] in config.toml), or give the new name in catalog.toml: wire_id under"
        f' [models."{model.id}".offerings.{provider.id}].',
    )


def _prices(inspection: Inspection, offered: Sequence[tuple[Model, Offering]]) -> Iterator[Finding]:
    """Where a provider's list tells prices: whether they are the catalog's."""
    provider = inspection.provider
    rows = {row.id: row for row in inspection.models or () if row.input is not None}
    compared, differing, dearer = 0, [], False
    example = ""
    for model, offering in offered:
        row, price = rows.get(offering.wire_id), offering.price_at(inspection.at)
        if row is None or price is None or row.input is None or row.output is None:
            continue
        compared += 1
        pairs = ((row.input, price.input), (row.output, price.output))
        if all(rate.low <= there <= rate.high for there, rate in pairs):
            continue
        dearer = dearer or any(there > rate.high for there, rate in pairs)
        differing.append(
            f"{offering.wire_id} {_pair(row)}, in the catalog {_usd(price.input)}/{_usd(price.output)}"
        )
        example = example or model.id
    if differing:
        yield _finding(
            provider,
            "prices",
            State.WARNING if dearer else State.NOTE,
            f"it asks for other prices than the catalog (USD per million tokens in/out): {'; '.join(differing)}",
            "Update codefare, or give today's figures in catalog.toml:"
            f' [[models."{example}".offerings.{provider.id}.prices]].',
        )
    elif compared:
        text = f"its list has the catalog's prices for {compared} models"
        yield _finding(provider, "prices", State.OK, text)


def _plain(name: str) -> str:
    return _DAY.sub("", name.casefold())


def _pair(row: ListedModel) -> str:
    return f"{_shown(row.input)}/{_shown(row.output)}"


def _usd(rate: Rate) -> str:
    low, high = _shown(rate.low), _shown(rate.high)
    return low if low == high else f"{low}–{high}"


def _shown(usd: Decimal | None) -> str:
    return "?" if usd is None else f"{usd.normalize():f}"


def _days(until: datetime, now: datetime) -> int:
    return max((until - now).days, 0)


def _host(provider: Provider) -> str:
    return urlsplit(provider.base_url).netloc


def _finding(provider: Provider, about: str, state: State, text: str, remedy: str = "") -> Finding:
    id_ = f"provider.{provider.id}.{about}"
    return Finding(id_, Group.PROVIDERS, f"{provider.name} {about}", state, text, remedy)
