"""Prices and lifecycles: how old the figures are, and which models retire soon, what follows them and at what price."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from codefare.doctor.finding import Finding, Group, State
from codefare.money import money
from codefare_catalog import Usage, cost

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from codefare.settings import Settings
    from codefare_catalog import Catalog, Model, Offering

_OLD = 90  # days since the figures were read
_SOON = timedelta(days=60)
_TYPICAL = Usage(input=2_000, output=500)
_NOTHING = "Nothing has to be done"
_NOON = time(12)  # outside of the hours in which prices are higher


def prices(
    catalog: Catalog, settings: Settings, now: datetime, usable: Callable[[Offering], bool]
) -> list[Finding]:
    """The age of the prices, models that retire within 60 days, and retired ones that the settings name.

    `usable` tells which offerings the user could pay for now; where there are none, all count.
    """
    return [
        _age(catalog, now, usable),
        *_retiring(catalog, settings, now, usable),
        *_named(catalog, settings, now),
    ]


def _age(catalog: Catalog, now: datetime, usable: Callable[[Offering], bool]) -> Finding:
    sold = [
        offering
        for model in catalog.models.values()
        if not model.is_retired(now)
        for offering in model.offerings
        if not catalog.providers[offering.provider].self_hosted
    ]
    meant = list(filter(usable, sold)) or sold
    days = sorted(price.checked for one in meant if (price := one.price_at(now)) is not None)
    if not days:
        text = "the catalog has no price"
        return Finding("prices.age", Group.PRICES, "Price age", State.NOTE, text)
    oldest = days[0]
    age = (now.astimezone(UTC).date() - oldest).days
    text = f"{len(days)} price{'' if len(days) == 1 else 's'}, the oldest checked on {oldest} ({_ago(age)})"
    if age <= _OLD:
        return Finding("prices.age", Group.PRICES, "Price age", State.OK, text)
    return Finding(
        "prices.age",
        Group.PRICES,
        "Price age",
        State.WARNING,
        f"{text}: quotes and ceilings may be off",
        "Update codefare, or give today's figures in catalog.toml with the day you read them (`checked`).",
    )


def _retiring(
    catalog: Catalog, settings: Settings, now: datetime, usable: Callable[[Offering], bool]
) -> Iterator[Finding]:
    today = now.astimezone(UTC).date()
    retiring = [
        (model.retires_at, model)
        for model in catalog.models.values()
        if model.retires_at is not None and today < model.retires_at <= today + _SOON
    ]
    for day, model in sorted(retiring, key=lambda pair: pair[0]):
        used = model.id in settings.models.use or any(map(usable, model.offerings))
        then = datetime.combine(day, _NOON, UTC)
        after = catalog.serving(model, then)
        text = f"retires on {day} (in {_in_days((day - today).days)})"
        if after is None or after is model:
            text += "; the catalog has no successor"
            remedy = "Actions take another model of their task then; `codefare route` shows which."
        else:
            text += f"; {after.name} takes its place: {_difference(model, after, now, then)}"
            remedy = _remedy_for(settings, model, after)
        # Who need not act and will not pay more is not warned.
        harmless = (
            after is not None
            and remedy.startswith(_NOTHING)
            and not _is_dearer(model, after, now, then)
        )
        state = State.WARNING if used and not harmless else State.NOTE
        yield Finding(f"prices.retires.{model.id}", Group.PRICES, model.name, state, text, remedy)


def _remedy_for(settings: Settings, model: Model, after: Model) -> str:
    use = settings.models.use
    if model.id in use and after.id not in use:
        return f'Put "{after.id}" into `use` under [models] in config.toml: only those are taken.'
    return f"{_NOTHING}: codefare changes over on that day. The menu and --model {after.id} take it now."


def _named(catalog: Catalog, settings: Settings, now: datetime) -> Iterator[Finding]:
    """Models that have retired and still stand in the settings."""
    for key, ids in (("use", settings.models.use), ("avoid", settings.models.avoid)):
        for model in (catalog.models[id_] for id_ in ids if id_ in catalog.models):
            if not model.is_retired(now):
                continue
            after = catalog.serving(model, now)
            follows = f"; {after.name} has taken its place" if after else ""
            text = (
                f"retired on {model.retires_at}{follows}, and `{key}` under [models] still names it"
            )
            remedy = f"Take it out of `{key}` in config.toml."
            if after is not None and after.id not in ids:
                remedy = f'Name "{after.id}" in its place in config.toml, or take it out.'
            state = State.WARNING if key == "use" else State.NOTE
            id_ = f"prices.retired.{key}.{model.id}"
            yield Finding(id_, Group.PRICES, model.name, state, text, remedy)


def _difference(model: Model, after: Model, now: datetime, then: datetime) -> str:
    """`33 % cheaper, 0.9¢ instead of 1.4¢ for 2,000 tokens in and 500 out`."""
    before, later = _typical(model, now), _typical(after, then)
    if before is None or later is None:
        return "the price of one of them is not known"
    size = f"for {_TYPICAL.input:,} tokens in and {_TYPICAL.output:,} out"
    if before == later:
        return f"the same price, {money(before)} {size}"
    if before == 0:
        return f"{money(later)} {size}, where this one costs nothing"
    percent = (abs(later - before) / before * 100).quantize(Decimal(1))
    how = "cheaper" if later < before else "dearer"
    return f"{percent} % {how}, {money(later)} instead of {money(before)} {size}"


def _is_dearer(model: Model, after: Model, now: datetime, then: datetime) -> bool:
    before, later = _typical(model, now), _typical(after, then)
    return before is None or later is None or later > before


def _typical(model: Model, at: datetime) -> Decimal | None:
    """What a typical action costs at the model's first provider, outside of dear hours."""
    noon = datetime.combine(at.astimezone(UTC).date(), _NOON, UTC)
    price = model.offerings[0].price_at(noon) if model.offerings else None
    return None if price is None else cost(price, _TYPICAL, noon).likely


def _ago(days: int) -> str:
    return "today" if days <= 0 else f"{_in_days(days)} ago"


def _in_days(days: int) -> str:
    return "1 day" if days == 1 else f"{days} days"
