"""The actions: each builds its prompt and reads its answer."""

from __future__ import annotations

import re
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from codefare.errors import ConfigError
from codefare.source.languages import LANGUAGES
from codefare.tasks.boilerplate import Boilerplate
from codefare.tasks.fix import Fix
from codefare.tasks.generate import Generate
from codefare.tasks.refactor import Rewrite
from codefare.tasks.report import Explain, Reporting, Research
from codefare.tasks.review import Review
from codefare.tasks.subject import Ask, Subject
from codefare.tasks.task import Task
from codefare.tasks.templates import PromptTemplate, template
from codefare.tasks.write_doc import WriteDoc
from codefare.tasks.write_tests import WriteTests

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codefare.tasks.surroundings import Surroundings
    from codefare_catalog import Action, Catalog

__all__ = ["Ask", "Subject", "Task", "tasks_of"]

_ID = re.compile(r"[a-z0-9][a-z0-9_-]*")
_BUILT_IN: Mapping[str, type[Task]] = MappingProxyType(
    {
        "explain": Explain,
        "refactor": Rewrite,
        "optimise": Rewrite,
        "tests": WriteTests,
        "document": WriteDoc,
        "review": Review,
        "fix": Fix,
        "generate": Generate,
        "boilerplate": Boilerplate,
        "research": Research,
        "architecture": Reporting,
    }
)
_BY_RESULT: Mapping[str, type[Task]] = MappingProxyType(
    {
        "edit": Rewrite,
        "comment": WriteDoc,
        "insertion": Boilerplate,
        "tests": WriteTests,
        "findings": Review,
        "report": Reporting,
    }
)


def tasks_of(catalog: Catalog, folder: Path, around: Surroundings) -> Mapping[str, Task]:
    """The catalog's actions by their ids, in its order; the prompt files of the user's own are in `folder`.

    `around` is what they know of the project.

    Raises:
        ConfigError: A user's own action has no prompt file, or one that cannot be used.
    """
    return MappingProxyType(
        {row.id: _task(row, folder, around) for row in catalog.actions.values()}
    )


def _task(row: Action, folder: Path, around: Surroundings) -> Task:
    _check_row(row)
    kind = _BUILT_IN.get(row.id) or _BY_RESULT[row.result]
    if row.prompt:
        return kind(row, _own_prompt(row, folder, kind.placeholders), around)
    if row.id not in _BUILT_IN:
        raise ConfigError(
            f"The action {row.id!r} in catalog.toml has no prompt.",
            remedy=f'Add prompt = "{row.id}.md" to it, a file beside catalog.toml.',
        )
    return kind(row, template(row.id), around)


def _check_row(row: Action) -> None:
    """What the catalog cannot know of an action of the user's own.

    Raises:
        ConfigError: Its id, or a language.
    """
    if not _ID.fullmatch(row.id):
        raise ConfigError(
            f"catalog.toml: an action cannot be called {row.id!r}.",
            remedy="Use small letters, digits, - and _ for its id; its title may have any.",
        )
    for language in row.languages:
        if language not in LANGUAGES:
            near = get_close_matches(language, LANGUAGES, 1)
            hint = f"Did you mean {near[0]!r}?" if near else f"Known are {', '.join(LANGUAGES)}."
            raise ConfigError(
                f"catalog.toml: languages of the action {row.id!r} names {language!r}, which is none.",
                remedy=hint,
            )


def _own_prompt(row: Action, folder: Path, allowed: frozenset[str]) -> PromptTemplate:
    file = folder / row.prompt
    named = Path(row.prompt)
    if named.is_absolute() or ".." in named.parts:
        raise ConfigError(
            f"The prompt of the action {row.id!r} is not in your configuration folder: {row.prompt}.",
            remedy=f"Move the file to {folder}, and name it from there.",
        )
    try:
        made = PromptTemplate.of(file.stem, file.read_text("utf-8-sig"))
        unknown = made.placeholders - allowed
    except OSError as error:
        raise ConfigError(
            f"The prompt of the action {row.id!r} cannot be read: {file}: {error.strerror}.",
            remedy="Write the file, or correct `prompt` in catalog.toml.",
        ) from None
    except ValueError as error:  # not UTF-8, too
        raise ConfigError(
            f"{file}: {error}.", remedy="Correct the file and save it as UTF-8."
        ) from None
    if not made.system.template.strip():
        raise ConfigError(f"{file} is empty.", remedy="Write what a model is to do.")
    if unknown:
        raise ConfigError(
            f"{file}: ${min(unknown)} stands for nothing.",
            remedy=f"There are {', '.join(f'${name}' for name in sorted(allowed))}.",
        )
    return made
