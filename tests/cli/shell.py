"""A user at a terminal, in a real project with a scripted provider behind HTTP."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.wire.server import WireServer
from tests.wire.vendors import anthropic_stream

CODE = '''"""Sums."""

import json


def add(a, b):
    """Add two numbers."""
    if a is None:
        raise ValueError("a")
    return a + b


# TODO: a function that adds up a list of numbers


class Point:
    x: int
    y: int

    def __init__(self, x, y):
        self.x = x
        self.y = y


def later(numbers):
    raise NotImplementedError


# Why does add look at a alone, and not at b?
def other(a):
    return unknown
'''
BETTER = CODE[CODE.index("def add") : CODE.index("\n\n\n# TODO")].replace(
    "return a + b", "total = a + b\n    return total"
)
NOT_WRITTEN = "Not written. Run again with --apply: the same answer costs nothing more.\n"


def line(start: str) -> str:
    """Where a line of the code is, as the command line writes it."""
    number = [each.startswith(start) for each in CODE.split("\n")].index(True) + 1
    return f"sums.py:{number}"


def block(code: str, language: str = "python") -> str:
    """An answer as it was asked for."""
    return f"```{language}\n{code}\n```"


@dataclass(frozen=True)
class Ran:
    """What a run came to."""

    code: int
    out: str
    err: str
    raw: bytes = field(repr=False, default=b"")

    @property
    def json(self) -> Any:
        """What `--json` printed."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Shell:
    """A user at a terminal in a project, with a scripted model."""

    folder: Path
    config: Path
    wire: WireServer

    async def __call__(self, *words: str, says: str | None = None) -> Ran:
        """Runs the program; `says` is what the model answers."""
        if says is not None:
            self.wire.sse(*anthropic_stream(says))
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "codefare", *words),
            cwd=self.folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()
        assert process.returncode is not None
        return Ran(process.returncode, out.decode(), err.decode(), out)

    @property
    def text(self) -> str:
        """The project's file."""
        return (self.folder / "sums.py").read_text("utf-8")

    @property
    def prompt(self) -> str:
        """What the model was asked last."""
        asked: str = self.wire.requests[-1].json["messages"][0]["content"]
        return asked

    def has_own(self, row: str, **prompts: str) -> None:
        """An action of the user's own: its row, and the prompt files beside it."""
        (self.config / "catalog.toml").write_text(f"[actions.mine]\n{row}\n", "utf-8")
        for name, text in prompts.items():
            (self.config / f"{name}.md").write_text(text, "utf-8")

    def git(self, *words: str) -> None:
        """Runs git in the project."""
        who = ("-c", "user.name=n", "-c", "user.email=n@example.org")
        subprocess.run(["git", *who, *words], cwd=self.folder, check=True, capture_output=True)  # noqa: S607  the user's own
