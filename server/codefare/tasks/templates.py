"""Prompt files: a stable part, a line of three dashes, and the part that says which code is meant."""

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
_HEAD = "File: $file\nWhat it is about: $subject"


@dataclass(frozen=True, slots=True)
class PromptTemplate:
    """`version` is the file's name with the hash of its text: `document@5f0c3a9b1d2e`."""

    version: str
    system: Template
    head: Template

    @classmethod
    def of(cls, name: str, text: str) -> PromptTemplate:
        """The template that a file's text makes; without a line of dashes all of it is the stable part."""
        digest = hashlib.sha256(text.encode()).hexdigest()[:12]
        system, dashes, head = text.replace("\r\n", "\n").partition("\n---\n")
        return cls(f"{name}@{digest}", Template(system), Template(head if dashes else _HEAD))

    def fill(self, values: Mapping[str, str]) -> tuple[str, str]:
        """The system text and the first part of the user's. A missing value is a programming error (KeyError)."""
        return self.system.substitute(values).strip(), self.head.substitute(values).strip()

    @property
    def placeholders(self) -> frozenset[str]:
        """The names that stand for values.

        Raises:
            ValueError: A dollar sign stands for nothing; `$$` is a plain one.
        """
        for part in (self.system, self.head):
            if not part.is_valid():
                raise ValueError("a dollar sign stands for nothing: write $$ for a plain one")
        return frozenset((*self.system.get_identifiers(), *self.head.get_identifiers()))


@cache
def template(name: str) -> PromptTemplate:
    """The prompt file `prompts/<name>.md` of this package."""
    text = files("codefare.tasks").joinpath("prompts", f"{name}.md").read_text("utf-8")
    return PromptTemplate.of(name, text)


def fenced(code: str, language: str) -> str:
    """`code` in a fence that is longer than any fence inside it."""
    longest = max((len(run) for run in _BACKTICKS.findall(code)), default=2)
    fence = "`" * (longest + 1)
    end = "" if code.endswith("\n") else "\n"
    return f"{fence}{language}\n{code}{end}{fence}"
