"""All checks at once: nothing waits for anything that it does not need."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from codefare.assembly import check_models
from codefare.doctor import files, local, stores
from codefare.doctor.clock import clock
from codefare.doctor.finding import Diagnosis, Finding
from codefare.doctor.machine import machine
from codefare.doctor.models import models
from codefare.doctor.prices import prices
from codefare.doctor.providers import inspected, unasked, unset
from codefare.errors import CodefareError, ConfigError, KeyMissing
from codefare.offered import OfferedCatalog
from codefare.places import cache_folder, config_folder, log_folder, state_folder
from codefare.providers.endpoints import Endpoints
from codefare.providers.local import LOCAL
from codefare.settings import Settings, load_settings
from codefare.tasks import tasks_of
from codefare.tasks.surroundings import Surroundings
from codefare.user import user_catalog
from codefare_catalog import Catalog, load_catalog

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from codefare.providers.inspection import Inspection
    from codefare_catalog import Offering, Provider

_T = TypeVar("_T")

SECONDS = 5.0
"""How long each provider has."""

_LOOK_SECONDS = 6.0  # for all local servers together; each has its own, shorter time


def _now() -> datetime:
    return datetime.now(UTC)


async def examine(
    *,
    offline: bool = False,
    editor: Sequence[Finding] = (),
    waiting: Callable[[Sequence[str]], None] = lambda _: None,
    seconds: float = SECONDS,
    now: Callable[[], datetime] = _now,
) -> Diagnosis:
    """Looks at everything. Raises nothing but what is a fault of codefare's own.

    Args:
        offline: Ask nobody.
        editor: What is known of the editor, if this is asked for in one.
        waiting: Told what is still waited for, each time that changes.
        seconds: How long each provider has.
        now: The time, with a zone.
    """
    at = now()
    try:
        for place in (config_folder, cache_folder, state_folder, log_folder):
            place()
    except ConfigError as error:
        found = await asyncio.to_thread(lambda: [*machine(Settings())])
        return Diagnosis((files.no_place(error), *editor, *found), at, offline)
    given = await asyncio.to_thread(_load)
    # A wrong file may say where keys and code go: without it a key could go to somebody else.
    offline = offline or bool(given.wrong)
    # Before the stores are opened, which mend the modes of their files.
    findings = await asyncio.to_thread(
        lambda: [*files.configuration(given.wrong), *files.folders()]
    )
    awaited = _Awaited(waiting)
    settings, endpoints = given.settings, given.endpoints
    try:
        inspections, stored, spent, tools, _ = await asyncio.gather(
            _inspections(given, awaited, seconds=0 if offline else seconds, now=now),
            stores.answers(cache_folder() / "answers", settings),
            stores.ledger(state_folder(), settings),
            asyncio.to_thread(lambda: [*machine(settings), files.log(), *files.room()]),
            _nobody() if offline else awaited.named("local servers", _look(endpoints)),
        )
    finally:
        await endpoints.aclose()
    at = now()
    findings += [*stored, *spent, *tools, *editor]
    findings += _of_providers(given, inspections, offline=offline)
    probe = endpoints.probe
    configured = settings.providers.get(LOCAL) is not None and bool(
        settings.providers[LOCAL].base_url
    )
    if offline:
        findings.append(local.unlooked(probe.places))
    else:
        findings += local.local_servers(
            probe.current(), probe.places, configured=configured, refusal=probe.refusal
        )
    if (told := clock(inspections.values())) is not None:
        findings.append(told)
    usable = _usable(given, inspections, at)
    findings += prices(given.catalog, settings, at, usable)
    failing = [one.provider.name for one in inspections.values() if one.error is not None]
    offered = OfferedCatalog(given.catalog, endpoints).current
    findings.append(models(offered, settings, at, usable, failing))
    asked = tuple(
        one.provider.name for one in inspections.values() if not isinstance(one.error, KeyMissing)
    )
    return Diagnosis(tuple(findings), at, offline, asked)


@dataclass(frozen=True, slots=True)
class _Given:
    """What the user's files say, as far as they load; `wrong` holds the errors of those that do not, by name."""

    catalog: Catalog
    settings: Settings
    endpoints: Endpoints
    wrong: Mapping[str, CodefareError]


def _load() -> _Given:
    wrong: dict[str, CodefareError] = {}
    try:
        catalog = user_catalog()
        tasks_of(catalog, config_folder(), Surroundings(Settings()))
    except ConfigError as error:
        wrong["catalog.toml"], catalog = error, load_catalog()
    settings = Settings()
    try:
        settings = load_settings(providers=catalog.providers)
        check_models(settings, catalog)
        endpoints = Endpoints(catalog, settings.providers)
    except ConfigError as error:
        # It may name what stands in the other file.
        if "catalog.toml" not in wrong:
            wrong["config.toml"] = error
        settings, endpoints = Settings(), Endpoints(catalog, {})
    return _Given(catalog, settings, endpoints, wrong)


class _Awaited:
    """What is still waited for, by name."""

    def __init__(self, told: Callable[[Sequence[str]], None]) -> None:
        self._told = told
        self._names: dict[str, None] = {}

    async def named(self, name: str, work: Awaitable[_T]) -> _T:
        """What `work` comes to."""
        self._names[name] = None
        self._told(tuple(self._names))
        try:
            return await work
        finally:
            del self._names[name]
            self._told(tuple(self._names))


async def _inspections(
    given: _Given, awaited: _Awaited, *, seconds: float, now: Callable[[], datetime]
) -> Mapping[str, Inspection]:
    """A look at each provider that may be asked, all at once; none if there is no time for it."""
    endpoints = given.endpoints
    asked = [one for one in _asked(given) if seconds > 0]
    looks = (
        awaited.named(one.name, endpoints.inspect(one, seconds=seconds, now=now)) for one in asked
    )
    found = await asyncio.gather(*looks)
    return {one.provider.id: one for one in found}


def _asked(given: _Given) -> list[Provider]:
    """Those that the user set a key for, or that need none. Local servers are looked for in their own way."""
    endpoints = given.endpoints
    return [one for one in endpoints.providers if one.id != LOCAL and not endpoints.needs_key(one)]


async def _look(endpoints: Endpoints) -> None:
    try:
        async with asyncio.timeout(_LOOK_SECONDS):
            await endpoints.probe.refresh()
    except TimeoutError:
        return


async def _nobody() -> None:
    return


def _of_providers(
    given: _Given, inspections: Mapping[str, Inspection], *, offline: bool
) -> list[Finding]:
    endpoints, findings = given.endpoints, []
    asked = {one.id for one in _asked(given)}
    for provider in endpoints.providers:
        if provider.id == LOCAL:
            continue
        source = endpoints.key_source(provider)
        if provider.id not in asked:
            findings.append(unset(provider))
        elif offline:
            findings.append(unasked(provider, source))
        else:
            own = given.settings.providers.get(provider.id)
            found = inspections[provider.id]
            own_address = own is not None and own.base_url is not None
            findings += inspected(found, source, given.catalog, own_address)
    return findings


def _usable(
    given: _Given, inspections: Mapping[str, Inspection], at: datetime
) -> Callable[[Offering], bool]:
    """Whether an action could be served by an offering, as far as is known."""

    def usable(offering: Offering) -> bool:
        found = inspections.get(offering.provider)
        if found is not None and found.error is not None:
            return False
        return given.endpoints.unusable(offering, at) is None

    return usable
