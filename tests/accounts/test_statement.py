"""What was spent, put together in one way or another: it adds up, and says what is to be known of it."""

# Nothing else runs on a test's loop that files could hold up.

from __future__ import annotations

import asyncio
import random
import shutil
import sqlite3
import sys
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from tests.accounts.conftest import NOON, Book, later
from tests.effort import calls

from codefare.accounts import GroupBy, page, since_when, statement_json
from codefare.accounts.tiers import ENOUGH
from codefare.errors import StoreError, WrongUse
from codefare.store import history
from codefare.store.entry import Basis, Entry, Reuse
from codefare_catalog import Usage

FIRST = Path(__file__).parents[1] / "store" / "ledgers" / "version-1.db"


async def test_every_way_adds_up_exactly(book: Book) -> None:
    """Whatever it is put together by, the lines are the whole to the last digit: money, tokens, attempts, actions."""
    chance = random.Random(4)  # noqa: S311  the same sums each time
    bills = []
    for number in range(60):
        usd = f"{chance.randrange(10**9)}e-{chance.choice([9, 12, 18])}"
        bills.append(Fraction(usd))
        await book.spend(
            usd,
            at=later(hours=number),
            usage=Usage(*(chance.randrange(1000) for _ in range(4))),
            ending=chance.choice(["complete", "failed", "cancelled"]),
            basis=chance.choice(list(Basis)),
            purchase=f"purchase {number // 2}",
            model=chance.choice(["glm-4.7", "claude-opus-4.6", "gpt-5.6-sol"]),
            task_type=chance.choice(["testing", "debugging"]),
            action=chance.choice(["tests", "fix"]),
            provider=chance.choice(["a", "b"]),
            project=chance.choice(["", "x", "y"]),
            tier=chance.choice(["", "budget", "premium"]),
        )
    for by in GroupBy:
        statement = book.statement(by.value)
        lines, whole = statement.lines, statement.total
        assert len(lines) > 1
        assert Fraction(whole.cost_usd) == sum(bills)
        assert sum(Fraction(line.cost_usd) for line in lines) == sum(bills)
        assert sum(line.attempts for line in lines) == whole.attempts == 60
        assert sum(line.actions for line in lines) == whole.actions == 30
        for of in ("input", "output", "cache_write", "cache_read"):
            tokens = sum(getattr(line.usage, of) for line in lines)
            assert tokens == getattr(whole.usage, of) > 1000
        told = statement_json(statement)
        assert sum(Fraction(line["cost_usd"]) for line in told["lines"]) == sum(bills)
        assert sum(Fraction(tier["cost_usd"]) for tier in told["tiers"]) == sum(bills)


async def test_what_did_not_go_well_is_marked(book: Book) -> None:
    """Failures, cancellations, estimates, broken promises and unknown prices stand beside the sum that they are in."""
    await book.spend("0.25")
    await book.spend("0.0000345", ending="failed")
    await book.spend("0.1", ending="cancelled", basis=Basis.ESTIMATE)
    await book.spend("1.5", ending="length")
    await book.spend(None)
    lines = page(book.statement())
    (place,) = [at for at, text in enumerate(lines) if text.startswith("claude-haiku-4.5")]
    assert "$1.8500345" in lines[place]
    for said in (
        "1 failed",
        "1 cancelled",
        "1 cut at its length",
        "1 estimated",
        "1 above its ceiling",
        "1 of unknown price",
    ):
        assert said in lines[place + 1]
    told = statement_json(book.statement())["total"]
    assert told["endings"] == {"cancelled": 1, "complete": 2, "failed": 1, "length": 1}
    assert (told["estimated"], told["above_ceiling"], told["unpriced"]) == (1, 1, 1)


async def test_an_action_counts_where_its_last_attempt_went(book: Book) -> None:
    """One that fell back to another model is one action, of the model that answered."""
    await book.spend("0.1", purchase="p", model="claude-opus-4.6", tier="premium", ending="failed")
    await book.spend("0.1", purchase="p", model="glm-4.7")
    found = {line.key: (line.actions, line.attempts) for line in book.statement().lines}
    assert found == {"claude-opus-4.6": (0, 1), "glm-4.7": (1, 1)}
    assert book.statement().total.actions == 1


@pytest.mark.parametrize(
    ("zone", "times", "days"),
    [
        (
            "Pacific/Auckland",
            ["2026-11-25T10:59", "2026-11-25T11:00"],
            ["2026-11-25", "2026-11-26"],
        ),
        (  # a day of 25 hours
            "Europe/Berlin",
            ["2026-10-24T21:59", "2026-10-24T22:00", "2026-10-25T22:59", "2026-10-25T23:00"],
            ["2026-10-24", "2026-10-25", "2026-10-25", "2026-10-26"],
        ),
        (  # a day without a midnight
            "America/Havana",
            ["2026-03-08T04:59", "2026-03-08T05:00", "2026-03-09T03:59", "2026-03-09T04:00"],
            ["2026-03-07", "2026-03-08", "2026-03-08", "2026-03-09"],
        ),
        (  # a day with two
            "America/Havana",
            ["2026-11-01T03:59", "2026-11-01T04:00", "2026-11-01T05:30", "2026-11-02T05:00"],
            ["2026-10-31", "2026-11-01", "2026-11-01", "2026-11-02"],
        ),
        (  # a day of 23 hours
            "Europe/Berlin",
            ["2026-03-28T22:59", "2026-03-28T23:00", "2026-03-29T21:59", "2026-03-29T22:00"],
            ["2026-03-28", "2026-03-29", "2026-03-29", "2026-03-30"],
        ),
    ],
)
async def test_days_are_the_users(
    book: Book, living_in, zone: str, times: list[str], days: list[str]
) -> None:
    """A bill belongs to the day it came on where the user is, also when clocks change."""
    living_in(zone)
    for at in times:
        await book.spend("1", at=datetime.fromisoformat(f"{at}+00:00"))
    found = [line.key for line in book.statement("day").lines for _ in range(line.attempts)]
    assert found == days
    since = since_when(days[1], book.now)
    assert book.statement(since=since).total.attempts == len(days) - 1


async def test_since_a_day(book: Book, living_in) -> None:
    """A day begins at the user's midnight, and seven days are today and the six before."""
    living_in("Pacific/Auckland")  # 13 hours ahead
    now = datetime(2026, 11, 26, 12, tzinfo=UTC)  # the 27th there
    assert since_when("2026-11-26", now) == datetime(2026, 11, 25, 11, tzinfo=UTC)
    assert since_when("1d", now) == datetime(2026, 11, 26, 11, tzinfo=UTC)
    assert since_when("7d", now) == datetime(2026, 11, 20, 11, tzinfo=UTC)
    assert since_when(None, now) is None
    since = since_when("1d", now)
    assert since is not None
    for at in (since - timedelta(microseconds=1), since):
        await book.spend("1", at=at)
    assert book.statement(since=since).total.attempts == 1
    assert (
        page(book.statement(since=since))[0] == "Since 2026-11-27: $1.00 for 1 action (1 attempt)."
    )


@pytest.mark.parametrize("words", ["", "yesterday", "0d", "-1d", "7 d", "9999999d", "2026-02-30"])
def test_a_day_that_is_none(words: str) -> None:
    """The refusal says what is taken, with an example."""
    with pytest.raises(WrongUse, match="such as 7d"):
        since_when(words, NOON)


def test_a_day_that_is_yet_to_come() -> None:
    """Nothing was spent then."""
    with pytest.raises(WrongUse, match="yet to come"):
        since_when("2030-01-01", NOON)


async def test_today_is_what_the_budget_counts(book: Book) -> None:
    """What is left is what the next reservation finds: the day's bills and what is set aside are gone."""
    await book.spend("5", at=NOON.astimezone().replace(hour=0) - timedelta(seconds=1))
    await book.spend("0.75", at=NOON)
    entry = Entry("a", "t", "m", "p", Decimal("0.1"), Decimal("0.5"), "s")
    await book.ledger.reserve(entry, per_day_usd=None)
    today = book.statement(budget="2").today
    spent = await book.ledger.today()
    assert (today.cost_usd, today.reserved_usd) == (spent.cost_usd, spent.reserved_usd)
    assert (today.cost_usd, today.open_attempts) == (Decimal("0.75"), 1)
    lines = page(book.statement(budget="2"))
    assert "Today: $0.75 of $2.00 · $0.50 set aside for 1 attempt under way · $0.75 left" in lines
    assert book.statement(budget="1").today.left_usd == 0
    assert "no budget is set" in "\n".join(page(book.statement()))


async def test_the_tiers_stand_beside_their_targets(book: Book, catalog) -> None:
    """Where a share is off, it says so and what to do; inside of its target it says nothing."""
    low, high = catalog.tiers["workhorse"].usage
    tiers = ["workhorse"] * (low // 5) + ["premium"] * (20 - low // 5)
    for number, tier in enumerate(tiers):
        await book.spend("0.01", tier=tier, purchase=f"{number}")
        await book.spend("0", tier=tier, purchase=f"{number}")  # attempts are no actions
    premium, workhorse, budget, specialised = book.statement().tiers
    assert (premium.id, premium.actions, premium.percent) == ("premium", 20 - low // 5, 100 - low)
    assert premium.target == catalog.tiers["premium"].usage
    assert "above its target" in premium.remark
    assert "budget mode" in premium.remark
    assert (workhorse.percent, workhorse.remark) == (low, "")
    assert budget.percent == 0
    assert "below its target" in budget.remark
    assert (specialised.target, specialised.remark) == (None, "")
    text = "\n".join(page(book.statement()))
    assert f"{low}–{high} %" in text
    assert "as needed" in text


async def test_lines_fit_in_a_terminal(book: Book) -> None:
    """What is to be said of a row stands below it where it would be too wide for 80 columns."""
    for number in range(ENOUGH):
        await book.spend(
            "0.0123456", model="claude-sonnet-4.5", purchase=f"{number}", tier="budget"
        )
        await book.spend("0", model="claude-sonnet-4.5", purchase=f"{number}", ending="failed")
        await book.spend("0", model="claude-sonnet-4.5", purchase=f"{number}", ending="cancelled")
    lines = page(book.statement())
    assert "    20 cancelled, 20 failed" in lines
    assert max(map(len, lines)) <= 80


async def test_a_few_actions_are_not_judged(book: Book) -> None:
    """One of three is a third, and no habit."""
    await book.spend("0.01", tier="premium")
    assert [tier.remark for tier in book.statement().tiers] == [""] * 4
    assert "too few to judge by" in "\n".join(page(book.statement()))


async def test_a_tier_that_was_not_written_down_is_the_catalogs(book: Book, catalog) -> None:
    """An earlier codefare's rows, and newer models that took the place of others, are not left out."""
    successor = catalog.models["claude-sonnet-4.5"].successor
    for model in ("claude-opus-4.6", successor, "a-model-of-ones-own"):
        await book.spend("1", model=model, tier="")
    assert [line.key for line in book.statement("tier").lines] == ["", "premium", "workhorse"]
    assert book.statement().tiers[-1].name == "no tier"


async def test_what_the_cache_saved(book: Book) -> None:
    """Answers that were not paid for again are told, with what was paid for them before."""
    await book.spend("0.01")
    for cost in (Decimal("0.02"), Decimal("0.005"), None):
        book.ledger.note_reuse(Reuse("a", "t", "m", "p", "budget", "x", cost))
    await book.ledger.today()
    told = statement_json(book.statement())
    assert told["cache"] == {"answers": 3, "saved_usd": "0.025"}
    assert "3 answers for nothing; they had cost $0.025" in "\n".join(page(book.statement()))
    tomorrow = book.statement(since=NOON + timedelta(days=1), now=later(days=2))
    assert statement_json(tomorrow)["cache"]["answers"] == 0


async def test_attempts_that_are_dated_ahead_are_told(book: Book) -> None:
    """A clock that was wrong takes from budgets until that day: the user learns why there is nothing left."""
    await book.spend("0.5", at=later(days=400))
    statement = book.statement(budget="0.5", now=NOON)
    assert statement.ahead == 1
    assert statement.today.left_usd == 0
    assert "1 attempt is dated after now" in "\n".join(page(statement))


async def test_a_name_cannot_command_the_terminal(book: Book) -> None:
    """A folder may have any name: what a terminal would obey is shown as text, and what is too long is cut."""
    await book.spend("1", project="\x1b]0;owned\x07\u202e\n" + "x" * 200)
    text = "\n".join(page(book.statement("project")))
    assert "\\x1b]0;owned\\x07\\x202e\\x0a" in text
    assert not any(ord(c) < 32 and c != "\n" for c in text)
    assert "x" * 60 not in text


# -- the file ---------------------------------------------------------------------------------------


def test_no_ledger_is_made(tmp_path: Path, catalog) -> None:
    """Who asks before anything was spent is told so, and the folder stays as it is."""
    book = Book(tmp_path / "state", catalog)
    statement = book.statement()
    assert page(statement) == [f"Nothing has been spent: there is no ledger yet ({book.file})."]
    assert statement_json(statement)["ledger"] is None
    assert not book.file.parent.exists()


async def test_a_ledger_that_was_only_begun(tmp_path: Path, catalog) -> None:
    """An empty file is a ledger of nothing; one without attempts says so."""
    book = Book(tmp_path, catalog)
    book.file.touch()
    assert page(book.statement())[0] == "In all: nothing was spent."
    assert book.file.read_bytes() == b""


def test_an_earlier_ledger_is_read_as_it_is(tmp_path: Path, catalog) -> None:
    """The first version's rows are told without a change to the file; what it did not know is said to be unknown."""
    book = Book(tmp_path, catalog)
    shutil.copy(FIRST, book.file)
    now = datetime(2026, 11, 20, 10, 20, tzinfo=UTC)
    statement = book.statement("project", now=now)
    assert [(line.key, line.attempts) for line in statement.lines] == [(None, 5)]
    assert statement.total.cost_usd == Decimal("0.031074")
    assert (statement.today.reserved_usd, statement.saved) == (Decimal("0.5"), None)
    assert "(not recorded)" in "\n".join(page(statement))
    assert book.file.read_bytes() == FIRST.read_bytes()


async def test_a_crash_is_told_before_anyone_settles_it(book: Book) -> None:
    """What a killed process left open counts at its ceiling at once, on its own day; reading writes nothing."""
    entry = Entry("a", "t", "m", "p", Decimal("0.1"), Decimal("0.5"), "s")
    await book.spend("0.25")
    await book.ledger.reserve(entry, per_day_usd=None)
    gone = await asyncio.create_subprocess_exec(sys.executable, "-c", "")
    await gone.wait()
    with closing(sqlite3.connect(book.file)) as database, database:
        database.execute("UPDATE attempt SET pid = ? WHERE settled IS NULL", (gone.pid,))
    statement = book.statement("day", budget="1")
    assert [(line.attempts, line.endings["crashed"]) for line in statement.lines] == [(2, 1)]
    assert (statement.today.cost_usd, statement.today.open_attempts) == (Decimal("0.75"), 0)
    assert "1 crashed (at its ceiling)" in "\n".join(page(statement))
    with closing(sqlite3.connect(book.file)) as database:
        open_ones = database.execute("SELECT count(*) FROM attempt WHERE settled IS NULL")
        assert open_ones.fetchone() == (1,)
    assert (await book.ledger.today()).open_attempts == 1
    await book.ledger.reserve(entry, per_day_usd=None)
    after = book.statement("day", budget="1.5")
    assert after.today.cost_usd == statement.today.cost_usd


async def test_a_crash_after_a_failure_is_one_action(book: Book) -> None:
    """The action counts where its last attempt went, though nobody has settled that one yet."""
    await book.spend("0.1", purchase="p", model="glm-4.7", ending="failed")
    entry = Entry("a", "t", "m", "p", Decimal("0.1"), Decimal("0.5"), "s", purchase="p")
    await book.ledger.reserve(entry, per_day_usd=None)
    gone = await asyncio.create_subprocess_exec(sys.executable, "-c", "")
    await gone.wait()
    with closing(sqlite3.connect(book.file)) as database, database:
        database.execute("UPDATE attempt SET pid = ? WHERE settled IS NULL", (gone.pid,))
    found = {line.key: (line.actions, line.attempts) for line in book.statement().lines}
    assert found == {"glm-4.7": (0, 1), "m": (1, 1)}


async def test_what_a_crash_left_is_read_as_it_is(book: Book, tmp_path: Path, catalog) -> None:
    """Bills that are still in SQLite's log beside the ledger are told, and neither file is touched."""
    await book.spend("0.25")
    left = Book(tmp_path / "left", catalog)
    left.file.parent.mkdir()
    for name in ("ledger.db", "ledger.db-wal"):
        shutil.copy(book.file.with_name(name), left.file.with_name(name))
    before = {file.name: file.read_bytes() for file in left.file.parent.iterdir()}
    assert left.statement().total.cost_usd == Decimal("0.25")
    assert {name: left.file.with_name(name).read_bytes() for name in before} == before


async def test_who_writes_does_not_keep_it_from_being_read(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long transaction of another process is not waited for; a program that holds the whole file is named."""
    monkeypatch.setattr(history, "_LOCK_WAIT", 0.05)
    await book.spend("0.25")
    await book.ledger.close()
    with closing(sqlite3.connect(book.file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("DELETE FROM attempt")
        assert book.statement().total.attempts == 1
        other.execute("ROLLBACK")
    with closing(sqlite3.connect(book.file, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        other.execute("DELETE FROM attempt")
        with pytest.raises(StoreError, match="held by another program") as raised:
            book.statement()
        other.execute("ROLLBACK")
    assert str(book.file) in str(raised.value)
    assert raised.value.remedy


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE attempt SET cost_usd = 'much'", "is damaged: it holds an amount"),
        (
            "UPDATE attempt SET cost_usd = '0.1' || char(10) || '0.2'",
            "is damaged: it holds an amount",
        ),
        ("UPDATE attempt SET cost_usd = '-Infinity'", "is damaged: it holds an amount"),
        ("UPDATE attempt SET output_tokens = 'many'", "is damaged: it holds a count"),
        ("UPDATE attempt SET settled = '2026-11-26Tnoon'", "is damaged: it holds a time"),
        ("PRAGMA user_version = 99", "not written by this version"),
        ("DROP TABLE attempt", "is damaged"),
    ],
)
async def test_damage_is_said(book: Book, change: str, said: str) -> None:
    """No sum is shown of what cannot be read."""
    await book.spend("0.25")
    await book.ledger.close()
    with closing(sqlite3.connect(book.file)) as database, database:
        database.execute(change)
    with pytest.raises(StoreError, match=said) as raised:
        book.statement("day")
    assert "file" in raised.value.remedy


def test_a_file_that_is_no_ledger(tmp_path: Path, catalog) -> None:
    """It is said, with what to do, and the file is left alone."""
    book = Book(tmp_path, catalog)
    content = b"not a database, but a text" * 400
    book.file.write_bytes(content)
    with pytest.raises(StoreError, match="is damaged") as raised:
        book.statement()
    assert "Move the file away" in raised.value.remedy
    assert book.file.read_bytes() == content


async def test_a_hundred_thousand_attempts_take_a_moment(book: Book, record_property) -> None:
    """Years of work are summed up while one waits."""
    await book.spend("0.00123", usage=Usage(400, 100), project="x" * 20, price="y" * 150)
    await book.ledger.close()
    with closing(sqlite3.connect(book.file)) as database, database:
        names = [name for _, name, *_ in database.execute("PRAGMA table_info(attempt)")]
        copied = ", ".join(name for name in names if name not in {"id", "settled", "purchase"})
        numbers = "WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 99999)"
        minutes = "strftime('%Y-%m-%dT%H:%M:%S.000000+00:00', '2023-11-26', (n * 15) || ' minutes')"
        ids = f"hex(randomblob(16)), {minutes}, hex(randomblob(8)), {copied}"
        into = f"INSERT INTO attempt (id, settled, purchase, {copied})"
        database.execute(f"{numbers} {into} SELECT {ids} FROM attempt, number")  # noqa: S608  the table's own names
    begun = time.process_time()
    statement = book.statement("day")
    took = time.process_time() - begun
    assert (statement.total.attempts, statement.total.cost_usd) == (100_000, Decimal(123))
    assert len(statement.lines) > 1000
    assert calls(lambda: book.statement("model")) < 2000  # whatever the number of attempts
    record_property("told", f"a statement of 100,000 attempts: {took:.2f} CPU seconds")
