"""Prompt files: a stable part, a line of three dashes, and the part that holds the code."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_BACKTICKS = re.compile(r"`{3,}")


@dataclass(frozen=True, slots=True)
class PromptTemplate:
    """`version` is the file's name with the hash of its text: `document@5f0c3a9b1d2e`."""

    version: str
    system: Template
    user: Template

    def fill(self, values: Mapping[str, str]) -> tuple[str, str]:
        """The system and the user text. A missing value is a programming error (KeyError)."""
        return self.system.substitute(values).strip(), self.user.substitute(values).strip()


@cache
def template(name: str) -> PromptTemplate:
    """The prompt file `prompts/<name>.md` of this package."""
    text = files("codefare.tasks").joinpath("prompts", f"{name}.md").read_text("utf-8")
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    system, user = text.split("\n---\n", 1)
    return PromptTemplate(f"{name}@{digest}", Template(system), Template(user))


def fenced(code: str, language: str) -> str:
    """`code` in a fence that is longer than any fence inside it."""
    longest = max((len(run) for run in _BACKTICKS.findall(code)), default=2)
    fence = "`" * (longest + 1)
    end = "" if code.endswith("\n") else "\n"
    return f"{fence}{language}\n{code}{end}{fence}"
