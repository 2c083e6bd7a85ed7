"""The log file: who can read it, and what a line of it is."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from codefare.journal import open_log
from codefare.places import log_folder


@pytest.fixture
def log(home: Path) -> Iterator[logging.Logger]:
    """The logger of codefare, as it was before once the test is over."""
    logger = logging.getLogger("codefare")
    before, level = list(logger.handlers), logger.level
    yield logger
    for handler in [each for each in logger.handlers if each not in before]:
        logger.removeHandler(handler)
        handler.close()
    logger.setLevel(level)


@pytest.mark.skipif(os.name != "posix", reason="permission bits")
@pytest.mark.parametrize("umask", [0o000, 0o777])
def test_the_log_is_its_owners_alone(log: logging.Logger, umask: int) -> None:
    """Also what was there with another mode, and what is made when it is full; whatever the umask."""
    folder = log_folder()
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    for name in ("codefare.log", "codefare.log.1"):
        (folder / name).write_text("before\n")
        (folder / name).chmod(0o666)
    before = os.umask(umask)
    try:
        file = open_log("debug")
        first = {each.name: each.stat().st_mode & 0o777 for each in folder.iterdir()}
        for _ in range(2500):
            log.debug("x" * 500)
        full = {each.name: each.stat().st_mode & 0o777 for each in folder.iterdir()}
    finally:
        os.umask(before)
    assert file is not None
    assert file.stat().st_size < 1_000_000 < (folder / "codefare.log.1").stat().st_size + 1000
    assert first == full == {"codefare.log": 0o600, "codefare.log.1": 0o600}
    assert folder.stat().st_mode & 0o777 == 0o700
