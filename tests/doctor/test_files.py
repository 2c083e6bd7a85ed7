"""The user's files as they may be: wrong, missing, open to others, damaged, full."""

# Nothing else runs on a test's loop that files could hold up.
# ruff: noqa: ASYNC240

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.doctor.conftest import by_id, diagnose

from codefare.doctor.finding import State
from codefare.journal import open_log
from codefare.places import cache_folder, log_folder, state_folder
from codefare.store.entry import Entry
from codefare.store.ledger import Ledger

OWN_ACTION = """
[actions.x]
title = "X"
task_type = "testing"
prompt = "none.md"
result = "report"
scopes = ["file"]
"""

pytestmark = pytest.mark.skipif(os.name != "posix", reason="modes of POSIX")


async def offline() -> dict[str, Any]:
    """What is found when nobody is asked."""
    return by_id(await diagnose(offline=True))


async def test_a_new_user(home: Path) -> None:
    """Nothing is there, nothing is wrong, and looking makes nothing."""
    before = sorted(home.rglob("*"))
    found = await offline()
    files = {id_: one for id_, one in found.items() if id_.startswith("files.")}
    assert {one.state for one in files.values()} == {State.OK}
    assert "files.config.toml" in files
    assert sorted(home.rglob("*")) == before


async def test_which_keys_are_set_is_told_but_not_to_what(configure: Any) -> None:
    """Names of tables and keys alone."""
    configure(
        'budget_mode = true\n[budget]\nper_day_usd = "1.25"\n'
        '[providers.openai]\napi_key_env = "MY_SECRET_NAME"\n[checkers.go]\ncommand = ["true"]\n'
    )
    text = (await offline())["files.config.toml"].text
    assert text.endswith("sets budget_mode, [budget], [providers.openai], [checkers.go]")
    assert "MY_SECRET_NAME" not in text


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("config.toml", "[budget]\nper_day = 1\n", "per_day_usd"),
        ("config.toml", "prices = \n", "line 1"),
        ("config.toml", '[models]\nuse = ["gpt4o"]\n', "gpt4o"),
        ("catalog.toml", '[models."gpt-4o"]\nspeeed = "Fast"\n', "speed"),
        (
            "catalog.toml",
            OWN_ACTION,
            "none.md",
        ),
    ],
)
async def test_a_file_that_does_not_load(
    configure: Any, name: str, content: str, said: str
) -> None:
    """It is a problem, with its place; the rest is looked at all the same."""
    configure("").with_name(name).write_text(content, "utf-8")
    found = await offline()
    assert found[f"files.{name}"].state is State.PROBLEM
    assert said in found[f"files.{name}"].text + found[f"files.{name}"].remedy
    assert len(found) > 15


async def test_a_wrong_catalog_is_not_blamed_on_the_settings(configure: Any) -> None:
    """config.toml may name what stands in catalog.toml: only the file that is wrong is told."""
    configure('[providers.acme]\napi_key_env = "ACME"\n').with_name("catalog.toml").write_text("x")
    found = await offline()
    assert found["files.catalog.toml"].state is State.PROBLEM
    assert found["files.config.toml"].state is State.OK


async def test_files_that_others_can_change(configure: Any) -> None:
    """The remedies are commands that mend it."""
    file = configure("")
    file.chmod(0o666)
    file.parent.chmod(0o777)
    finding = (await offline())["files.config.toml.owner"]
    assert finding.state is State.WARNING
    await run(finding.remedy.removeprefix("Run: "))
    assert "files.config.toml.owner" not in await offline()


async def run(command: str) -> None:
    """What a user does who copies a remedy into a shell."""
    await asyncio.to_thread(subprocess.run, ("/bin/sh", "-c", command), check=True)


async def test_folders_that_others_can_read(home: Path) -> None:
    """Answers quote code: seen before the stores mend it, and mended by the command that is told."""
    folder = cache_folder() / "reports"
    folder.mkdir(parents=True)
    cache_folder().chmod(0o755)
    (folder / "a.md").write_text("code")
    (folder / "a.md").chmod(0o644)
    finding = (await offline())["files.cache"]
    assert finding.state is State.WARNING
    assert "a.md" in finding.text
    await run(finding.remedy.removeprefix("Run: "))
    assert (await offline())["files.cache"].state is State.OK


async def test_a_folder_that_cannot_be_made(home: Path) -> None:
    """A file stands in its way, by name."""
    (home / "state").write_text("a file")
    finding = (await offline())["files.state"]
    assert finding.state is State.PROBLEM
    assert f"{home / 'state'} is a file" in finding.text
    assert finding.remedy == f"Move {home / 'state'} away."


async def test_a_folder_that_cannot_be_written(home: Path) -> None:
    """The one that is in the way is named."""
    folder = home / "cache"
    folder.mkdir(mode=0o500)
    immutable = False
    if os.access(folder, os.W_OK):  # root may; what is immutable not even root
        await asyncio.to_thread(subprocess.run, ("chattr", "+i", str(folder)), check=False)
        immutable = not os.access(folder, os.W_OK)
        if not immutable:
            pytest.skip("this file system takes everything from root")
    try:
        finding = (await offline())["files.cache"]
    finally:
        if immutable:
            await asyncio.to_thread(subprocess.run, ("chattr", "-i", str(folder)), check=True)
    assert finding.state is State.PROBLEM
    assert str(folder) in finding.remedy


async def test_a_damaged_cache_is_told(home: Path) -> None:
    """It is set aside by the store, as ever: the doctor says so, and how to be rid of it."""
    database = cache_folder() / "answers" / "cache.db"
    database.parent.mkdir(parents=True)
    database.write_bytes(b"garbage" * 1000)
    found = await offline()
    assert found["files.answers"].text.startswith("0 answers")
    assert found["files.answers.broken"].state is State.WARNING
    assert "codefare cache clear" in found["files.answers.broken"].remedy


async def test_a_ledger_of_another_version_is_a_problem(home: Path) -> None:
    """What is wrong with it and what to do are the ledger's own words; nothing of it is touched."""
    state_folder().mkdir(parents=True)
    file = state_folder() / "ledger.db"
    with closing(sqlite3.connect(file)) as database:
        database.execute("CREATE TABLE other (x)")
        database.execute("PRAGMA user_version = 99")
    finding = (await offline())["files.ledger"]
    assert finding.state is State.PROBLEM
    assert str(file) in finding.text
    assert finding.remedy


@pytest.mark.parametrize(
    ("limit", "spent", "state", "said"),
    [
        (None, "0.25", State.OK, "25¢ spent today, without a limit"),
        ("2.00", "0.25", State.OK, "25¢ spent today of $2.00, in 1 request"),
        ("2.00", "1.79", State.OK, "$1.79"),
        ("2.00", "1.80", State.WARNING, "nearly spent"),
        ("2.00", "2.10", State.WARNING, "is spent"),
    ],
)
async def test_the_budget(
    configure: Any, limit: str | None, spent: str, state: State, said: str
) -> None:
    """What is left of it today, and what to do when little is."""
    configure(f'[budget]\nper_day_usd = "{limit}"\n' if limit else "")
    ledger = Ledger(state_folder())
    entry = Entry("explain", "documentation", "m", "p", Decimal(1), Decimal(3), "here")
    attempt = await ledger.reserve(entry, per_day_usd=None)
    await ledger.settle(attempt, None, Decimal(spent), "complete")
    await ledger.close()
    finding = (await offline())["files.ledger"]
    assert (finding.state, said in finding.text) == (state, True), finding.text


async def test_what_is_under_way_is_told(home: Path) -> None:
    """Money that is set aside, and when it comes free; a bill above its ceiling is to be reported."""
    ledger = Ledger(state_folder())
    entry = Entry("explain", "documentation", "m", "p", Decimal(1), Decimal("0.03"), "here")
    await ledger.reserve(entry, per_day_usd=None)
    above = await ledger.reserve(entry, per_day_usd=None)
    await ledger.settle(above, None, Decimal("0.04"), "complete")
    found = await offline()
    await ledger.close()
    assert "1 request under way, 3.0¢ set aside" in found["files.ledger.open"].text
    assert found["files.ledger.ceiling"].state is State.WARNING


async def test_a_full_disk(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Little room is a warning before anything is lost."""
    full = shutil.disk_usage(home)._replace(free=5 * 2**20)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: full)
    finding = (await offline())["files.room.cache"]
    assert finding.state is State.WARNING
    assert "5.0 MiB free" in finding.text


async def test_the_log_is_named(home: Path) -> None:
    """Where it is, and its size."""
    assert "not written yet" in (await offline())["files.log"].text
    open_log("info")
    (log_folder() / "codefare.log").write_bytes(b"x" * 2048)
    assert "2.0 KiB" in (await offline())["files.log"].text


async def test_without_a_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no folder can be told, that is the finding."""
    import pwd

    def nobody(uid: int) -> Any:
        raise KeyError(uid)

    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", nobody)
    found = by_id(await diagnose(offline=True))
    assert found["files.home"].state is State.PROBLEM
    assert "HOME" in found["files.home"].remedy


async def test_checkers(configure: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Found on the PATH, by their path, or in each project; one that is missing must be seen to."""
    tool = tmp_path / "my-linter"
    tool.write_text("#!/bin/sh\n")
    tool.chmod(0o700)
    configure(
        '[checkers.python]\ncommand = ["no-such-program-here", "{file}"]\n'
        f'[checkers.go]\ncommand = ["{tool}"]\n'
        '[checkers.rust]\ncommand = ["./tools/check"]\n'
        '[checkers.c]\ncommand = ["my-linter"]\n'
    )
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    found = await offline()
    states = {
        name: found[f"machine.checker.{name}"].state for name in ("python", "go", "rust", "c")
    }
    assert states.pop("python") is State.PROBLEM
    assert set(states.values()) == {State.OK}
    assert str(tool) in found["machine.checker.c"].text
    assert "in each project" in found["machine.checker.rust"].text


async def test_git_that_is_missing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reviews of what is not committed need it, nothing else does."""
    monkeypatch.setenv("PATH", str(home))
    finding = (await offline())["machine.git"]
    assert finding.state is State.WARNING
    assert finding.remedy
