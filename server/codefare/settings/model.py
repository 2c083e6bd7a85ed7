"""The settings as the rest of codefare sees them: checked, complete, and never changed in place."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Literal

from codefare.providers.network import Network

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from decimal import Decimal
    from pathlib import Path

    from codefare.providers.access import ProviderSettings
    from codefare.source.target import Complexity

PriceSource = Literal["current", "listed"]
LogLevel = Literal["debug", "info", "warning", "error"]

# What starts another program, as people write it before a checker's name.
_STARTERS = frozenset(
    (
        "bun",
        "bunx",
        "dlx",
        "env",
        "exec",
        "node",
        "npm",
        "npx",
        "pnpm",
        "poetry",
        "py",
        "python",
        "python3",
        "run",
        "tool",
        "uv",
        "uvx",
        "yarn",
    )
)
_PROGRAM_ENDING = re.compile(r"\.(?:exe|cmd|bat|ps1|js|py)\Z", re.IGNORECASE)
# Languages whose checker is another's, unless they have one of their own.
_CHECKED_AS = {"tsx": "typescript"}

_MEGABYTE = 2**20
_DAY = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Privacy:
    """What may leave the machine.

    `paths` are gitignore-style patterns of files that only self-hosted models may see, `never`
    those of files that no action works on, `allow` those that every model may see although git ignores
    them or their names look like secrets. They are relative to the workspace's root, or absolute,
    or begin with `~`.
    """

    self_hosted_only: bool = False
    paths: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """Ids of catalog models: only those in `use` (all if it is empty), none of those in `avoid`."""

    use: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Budget:
    """The most to spend on a day (by the user's clock) and on one action, in USD; None: no limit.

    Before an action that may cost more than `confirm_above_usd` the user is asked; None: never.
    """

    per_day_usd: Decimal | None = None
    per_action_usd: Decimal | None = None
    confirm_above_usd: Decimal | None = None


@dataclass(frozen=True, slots=True)
class CacheLimits:
    """Whether answers are kept, how many megabytes (of 2^20 bytes) of them, for how many days."""

    enabled: bool = True
    size_limit_mb: int = 256
    max_age_days: int = 30

    @property
    def size_limit_bytes(self) -> int:
        """The size limit in bytes: 0, which turns `AnswerStore` off, if answers are not kept."""
        return self.size_limit_mb * _MEGABYTE if self.enabled else 0

    @property
    def max_age_seconds(self) -> int:
        """The age limit in seconds."""
        return self.max_age_days * _DAY


@dataclass(frozen=True, slots=True)
class Checker:
    """A command line that says what is wrong with a file. `{file}` in it stands for the file's path."""

    command: tuple[str, ...]
    timeout_seconds: int = 20

    @property
    def name(self) -> str:
        """The tool's name, past what starts it: `eslint` of `npx eslint {file}`."""
        names = [PurePath(word).name for word in self.command if not word.startswith("-")]
        stems = [_PROGRAM_ENDING.sub("", name) for name in names]
        return next((stem for stem in stems if stem not in _STARTERS), stems[0] if stems else "")


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, with their defaults.

    `complexity` is the user's own judgement, None if it is to be measured. `preview` shows changes before they are
    made. `offline_fallback` lets the offline engine serve when providers fail. `providers` are by id, `checkers` by
    language; `network` is how requests travel to all providers without settings of their own. `roots` are the
    workspace's folders, which patterns of paths are relative to. `file` is where the settings came from, None if there
    is no such file; `warnings` are what is doubtful about it, in a user's words.
    """

    prices: PriceSource = "current"
    complexity: Complexity | None = None
    budget_mode: bool = False
    offline_fallback: bool = False
    hover: bool = True
    preview: bool = False
    log_level: LogLevel = "info"
    privacy: Privacy = field(default_factory=Privacy)
    models: ModelChoice = field(default_factory=ModelChoice)
    budget: Budget = field(default_factory=Budget)
    cache: CacheLimits = field(default_factory=CacheLimits)
    providers: Mapping[str, ProviderSettings] = field(default_factory=dict)
    checkers: Mapping[str, Checker] = field(default_factory=dict)
    network: Network = field(default_factory=Network)
    roots: tuple[Path, ...] = ()
    file: Path | None = None
    warnings: tuple[str, ...] = ()

    def with_roots(self, roots: Iterable[Path]) -> Settings:
        """These settings for a workspace with these folders."""
        return replace(self, roots=tuple(roots))

    def with_editor(self, options: object) -> tuple[Settings, list[str]]:
        """These settings with what an editor or a workspace may change.

        Call it on the user's own settings each time the editor's change: nothing is ever taken back
        from a result.

        Returns:
            The settings, and a message for each key that was not taken.
        """
        from codefare.settings.editor import merged  # it needs this class

        return merged(self, options)

    def checker(self, language: str | None) -> Checker | None:
        """The user's checker for files of a language; None if there is none."""
        if language is None:
            return None
        return self.checkers.get(language) or self.checkers.get(_CHECKED_AS.get(language, ""))

    def is_private(self, path: Path | None) -> bool:
        """Whether only self-hosted models may see this file. A link is private if its target is.

        Without a path, only `self_hosted_only` decides.
        """
        return self.privacy.self_hosted_only or self._matches(self.privacy.paths, path)

    def is_never(self, path: Path | None) -> bool:
        """Whether no action may work on this file, nor on what it is a link to."""
        return self._matches(self.privacy.never, path)

    def is_allowed(self, path: Path) -> bool:
        """Whether every model may see this file although its name or git speaks against it.

        `path` is taken as it is: that a link to it is allowed, or what it links to, says nothing.
        """
        if not self.privacy.allow:
            return False
        from codefare.settings.patterns import allows  # pathspec, only if asked for

        return allows(self.privacy.allow, self.roots, path)

    def _matches(self, patterns: tuple[str, ...], path: Path | None) -> bool:
        if not patterns or path is None:
            return False
        from codefare.settings.patterns import matches  # pathspec, only if asked for

        return matches(patterns, self.roots, path)
