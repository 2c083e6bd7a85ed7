"""Errors without their words: what a log and an editor's copy of standard error get."""

from __future__ import annotations

import logging
import subprocess
import sys

import pytest

from codefare.journal import open_log
from codefare.wordless import told

WAYS = {
    "a task nobody waits for": "asyncio.run(task())",
    "a callback of the loop": "asyncio.run(callback())",
    "a thread": "thread = threading.Thread(target=fail); thread.start(); thread.join()",
    "the end of an object": "Dying()",
    "a warning": "warnings.warn(CANARY)",
    "a warning about code": "compile(f'x = \"\\\\d {CANARY}\"', 'code.py', 'exec')",
    "another module's log": "logging.getLogger('pygls.x').error('%s', CANARY, exc_info=ValueError(CANARY))",
    "another module's warning": "logging.getLogger('httpx').warning(CANARY)",
    "the whole program": "fail()",
}
PROGRAM = """
import asyncio, gc, logging, threading, warnings
from codefare.wordless import keep_quiet

keep_quiet()
CANARY = "can" + "ary"

def fail():
    raise ValueError(CANARY)

async def failing():
    try:
        fail()
    except ValueError as error:
        raise OSError(2, CANARY, CANARY) from error

async def task():
    asyncio.create_task(failing())
    await asyncio.sleep(0)
    gc.collect()

async def callback():
    asyncio.get_running_loop().call_soon(fail)
    await asyncio.sleep(0)
    await asyncio.sleep(0)

class Dying:
    def __del__(self):
        fail()

"""


@pytest.mark.parametrize("way", list(WAYS))
def test_no_way_to_standard_error_tells_what_it_was_about(way: str) -> None:
    """Editors keep what a server writes there, in files that others can read: kinds and places are enough."""
    command = [sys.executable, "-X", "dev", "-W", "always", "-c", PROGRAM + WAYS[way]]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "canary" not in (done.stderr + done.stdout).lower()
    assert "Error" in done.stderr or "Warning at" in done.stderr or "WARNING" in done.stderr
    assert done.returncode == (way == "the whole program")


def test_the_log_tells_where_and_not_what(home: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kinds, causes, the numbers of the system, the parts of a group; no message, no note, no line of code."""
    logger = logging.getLogger("codefare")
    monkeypatch.setattr(logger, "handlers", [])
    file = open_log("debug")
    assert file is not None
    try:
        _fail("canary")
    except ExceptionGroup as error:
        error.add_note("canary")
        logger.exception("it failed")
    for handler in logger.handlers:
        handler.close()
    text = file.read_text()
    assert "canary" not in text
    for part in ("it failed", "in _fail", "FileNotFoundError 2", "KeyError", "ExceptionGroup"):
        assert part in text


def _fail(words: str) -> None:
    try:
        dict[str, int]()[words]
    except KeyError as error:
        raise ExceptionGroup(words, [FileNotFoundError(2, words, words)]) from error


def test_a_circle_of_causes_ends() -> None:
    """An error that is its own cause is told, and not for ever."""
    error = ValueError("x")
    error.__cause__ = error
    assert told(error).count("ValueError") == 10
