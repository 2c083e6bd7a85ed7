"""Price ages and lifecycles at fixed days, with the catalog's own figures and a user's."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from codefare.doctor.finding import Finding, State
from codefare.doctor.prices import prices
from codefare.settings import ModelChoice, Settings
from codefare_catalog import Catalog, load_catalog

if TYPE_CHECKING:
    from codefare_catalog import Offering

ROWS = """
[models."old"]
name = "Old"
vendor = "Acme"
vocabulary = "claude"
retires_at = 2030-06-30
successor = "new"

[models."old".offerings.anthropic]
wire_id = "old"
context_window = 100000
max_output = 4096

[[models."old".offerings.anthropic.prices]]
input = "3"
output = "15"
source = "here"
checked = 2030-04-02

[models."new"]
name = "New"
vendor = "Acme"
vocabulary = "claude"

[models."new".offerings.anthropic]
wire_id = "new"
context_window = 100000
max_output = 4096

[[models."new".offerings.anthropic.prices]]
input = "2"
output = "10"
source = "here"
checked = 2030-04-01
"""


def catalog(folder: Path, rows: str = ROWS) -> Catalog:
    """The packaged catalog with two models of an invented vendor."""
    file = folder / "catalog.toml"
    file.write_text(rows, "utf-8")
    return load_catalog(file)


def found(
    catalog: Catalog, day: date, *, use: tuple[str, ...] = (), avoid: tuple[str, ...] = ()
) -> dict[str, Finding]:
    """What is found on a day, by somebody who can pay for the two models alone."""

    def usable(offering: Offering) -> bool:
        return offering.model in ("old", "new")

    settings = Settings(models=ModelChoice(use, avoid))
    now = datetime(day.year, day.month, day.day, 3, tzinfo=UTC)
    return {one.id: one for one in prices(catalog, settings, now, usable)}


def test_the_oldest_price_counts(tmp_path: Path) -> None:
    """For 90 days after it was checked nothing is wrong; then quotes may be off."""
    rows = catalog(tmp_path)
    well, late = (found(rows, date(2030, 6, d))["prices.age"] for d in (30, 1))
    assert well.state is late.state is State.OK
    assert "2 prices, the oldest checked on 2030-04-01 (61 days ago)" in late.text
    old = found(rows, date(2030, 7, 1))["prices.age"]
    assert old.state is State.WARNING
    assert "91 days ago" in old.text
    assert "catalog.toml" in old.remedy


def test_a_retirement_is_told_for_sixty_days_before_it(tmp_path: Path) -> None:
    """With the successor, and the difference in per cent and in money, worked by hand."""
    rows = catalog(tmp_path)
    id_ = "prices.retires.old"
    assert id_ not in found(rows, date(2030, 4, 30))
    assert id_ in found(rows, date(2030, 5, 1))
    assert id_ not in found(rows, date(2030, 6, 30))
    told = found(rows, date(2030, 6, 29))[id_]
    assert told.state is State.NOTE  # nothing has to be done, and nothing gets dearer
    # 2,000 × 3 + 500 × 15 = 13,500; 2,000 × 2 + 500 × 10 = 9,000 millionths of a dollar: a third less.
    assert Decimal(9_000) / Decimal(13_500) < Decimal("0.67")
    assert told.text == (
        "retires on 2030-06-30 (in 1 day); New takes its place: 33 % cheaper, 0.9¢ instead of 1.4¢"
        " for 2,000 tokens in and 500 out"
    )
    assert told.remedy.startswith("Nothing has to be done")


def test_a_dearer_successor_and_none(tmp_path: Path) -> None:
    """Both are said."""
    dearer = catalog(tmp_path, ROWS.replace('input = "2"', 'input = "6"'))
    # 2,000 × 6 + 500 × 10 = 17,000, which is 26 % more than 13,500.
    told = found(dearer, date(2030, 6, 1))["prices.retires.old"]
    assert (told.state, "26 % dearer, 1.7¢" in told.text) == (State.WARNING, True)
    alone = catalog(tmp_path, ROWS.replace('successor = "new"', ""))
    assert "no successor" in found(alone, date(2030, 6, 1))["prices.retires.old"].text


def test_what_the_user_cannot_pay_for_is_a_note(tmp_path: Path) -> None:
    """A model of a provider without a key retires for others."""
    rows = catalog(tmp_path)
    now = datetime(2030, 6, 1, tzinfo=UTC)
    told = {one.id: one for one in prices(rows, Settings(), now, lambda _: False)}
    assert told["prices.retires.old"].state is State.NOTE
    assert "prices, the oldest" in told["prices.age"].text


def test_the_settings_name_what_retires(tmp_path: Path) -> None:
    """`use` must name the successor before that day, and what has retired is to be taken out of both lists."""
    rows = catalog(tmp_path)
    before = found(rows, date(2030, 6, 1), use=("old",))["prices.retires.old"]
    assert before.remedy.startswith('Put "new" into `use`')
    assert before.state is State.WARNING
    ready = found(rows, date(2030, 6, 1), use=("old", "new"))["prices.retires.old"]
    assert ready.remedy.startswith("Nothing has to be done")
    used = found(rows, date(2030, 6, 30), use=("old",))["prices.retired.use.old"]
    assert (used.state, "New has taken its place" in used.text) == (State.WARNING, True)
    assert used.remedy.startswith('Name "new" in its place')
    avoided = found(rows, date(2030, 6, 30), avoid=("old", "new"))["prices.retired.avoid.old"]
    assert avoided.state is State.NOTE
    assert avoided.remedy == "Take it out of `avoid` in config.toml."


def test_a_model_that_both_lists_name_is_told_twice(tmp_path: Path) -> None:
    """Each finding has an id of its own."""
    rows = catalog(tmp_path)
    settings = Settings(models=ModelChoice(("old",), ("old",)))
    now = datetime(2030, 7, 1, tzinfo=UTC)
    ids = [one.id for one in prices(rows, settings, now, lambda _: True)]
    assert len(ids) == len(set(ids))
