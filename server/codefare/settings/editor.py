"""What an editor may set: only what is harmless, as a workspace can set it, too.

Nothing here chooses where keys or code are sent, and none of it lifts a budget or a privacy rule.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from codefare.source.target import Complexity

if TYPE_CHECKING:
    from codefare.settings.model import Settings

_MOST = 100  # entries of one list
_LONGEST = 200  # characters of one entry
# A pattern's time grows with the power of its wildcards: `*a*a*a*a*b` takes 20 s on 250 letters.
_MOST_WILDCARDS = 3
_WILDCARDS = re.compile(r"\*+")


TOKEN = "token"  # noqa: S105 - the name of a key
"""Who a client on a socket is. It is no setting, and has done its work by the time that settings are read."""


class _NotAllowedError(ValueError):
    """Why a value is not taken, in words that follow its key."""


def merged(settings: Settings, options: object) -> tuple[Settings, list[str]]:
    """The settings with the editor's, and a message for each key that was not taken."""
    refused: list[str] = []
    if not isinstance(options, Mapping):
        if options is not None:
            refused.append("The editor's settings for codefare are not a table and were not taken.")
        return settings, refused
    for key, value in _flat(options):
        if key == TOKEN:
            continue
        take = _KEYS.get(key)
        if take is None:
            refused.append(_refusal(settings, key))
            continue
        try:
            settings = take(settings, value)
        except _NotAllowedError as error:
            refused.append(f"`{key}` was not taken from the editor: it {error}.")
    return settings, refused


def _refusal(settings: Settings, key: str) -> str:
    """Why a key is not taken: it is none, or it is one that only the user may set."""
    from codefare.settings.shape import is_key  # pydantic

    if is_key(key):
        place = settings.file or "config.toml in your own configuration folder"
        return (
            f"`{key}` was not taken from the editor: a workspace could set it. Set it in {place}."
        )
    near = get_close_matches(key, _KEYS, 1)
    hint = f"did you mean `{near[0]}`?" if near else f"there are {', '.join(_KEYS)}."
    return f"`{key}` is no setting of codefare's: {hint}"


def own_section(options: object) -> object:
    """What is codefare's of the options of an editor: its section, or all of them if it has none."""
    return options.get("codefare", options) if isinstance(options, Mapping) else options


def says_something(settings: object) -> bool:
    """Whether what an editor sends is about codefare: its section, or its keys by themselves."""
    if not isinstance(settings, Mapping):
        return settings is not None
    if "codefare" in settings:
        return settings["codefare"] is not None
    ours = {key.partition(".")[0] for key in _KEYS}
    return any(str(key).partition(".")[0] in ours for key in settings)


def _flat(options: Mapping[Any, Any], table: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted keys with their values; what an editor left unset (null) is left out."""
    for key, value in options.items():
        name = f"{table}{key}"
        if isinstance(value, Mapping) and value and name not in _KEYS and name.count(".") < 3:  # noqa: PLR2004 - no key is as deep
            yield from _flat(value, f"{name}.")
        elif value is not None:
            yield name, value


def _one_of(value: object, *allowed: str) -> str:
    if value not in allowed or not isinstance(value, str):
        raise _NotAllowedError(f"must be one of {', '.join(allowed)}")
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise _NotAllowedError("must be true or false")
    return value


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)) or not all(isinstance(one, str) for one in value):
        raise _NotAllowedError("must be a list of texts")
    if len(value) > _MOST or any(len(one) > _LONGEST for one in value):
        raise _NotAllowedError(f"must have at most {_MOST} entries of {_LONGEST} characters")
    return tuple(value)


def _patterns(value: object) -> tuple[str, ...]:
    """Patterns that only ever add files: one that begins with `!` would take some out."""
    found = _texts(value)
    from codefare.settings.patterns import problem_with  # pathspec

    for pattern in found:
        problem = problem_with(pattern)
        if pattern.startswith("!"):
            problem = "would make files less private"
        elif len(_WILDCARDS.findall(pattern)) > _MOST_WILDCARDS:
            problem = f"has more than {_MOST_WILDCARDS} wildcards"
        if problem:
            raise _NotAllowedError(f"has a pattern, {pattern!r}, that {problem}")
    return found


def _prices(settings: Settings, value: object) -> Settings:
    listed = _one_of(value, "current", "listed") == "listed"
    return replace(settings, prices="listed" if listed else "current")


def _complexity(settings: Settings, value: object) -> Settings:
    word = _one_of(value, "auto", *Complexity)
    return replace(settings, complexity=None if word == "auto" else Complexity(word))


def _self_hosted_only(settings: Settings, value: object) -> Settings:
    if not _flag(value) and settings.privacy.self_hosted_only:
        raise _NotAllowedError("cannot be turned off by an editor, only on")
    privacy = replace(settings.privacy, self_hosted_only=_flag(value))
    return replace(settings, privacy=privacy)


def _paths(settings: Settings, value: object) -> Settings:
    privacy = settings.privacy
    return replace(settings, privacy=replace(privacy, paths=privacy.paths + _patterns(value)))


def _never(settings: Settings, value: object) -> Settings:
    privacy = settings.privacy
    return replace(settings, privacy=replace(privacy, never=privacy.never + _patterns(value)))


def _avoid(settings: Settings, value: object) -> Settings:
    models = replace(settings.models, avoid=settings.models.avoid + _texts(value))
    return replace(settings, models=models)


_KEYS: dict[str, Callable[[Settings, object], Settings]] = {
    "prices": _prices,
    "complexity": _complexity,
    "budget_mode": lambda settings, value: replace(settings, budget_mode=_flag(value)),
    "hover": lambda settings, value: replace(settings, hover=_flag(value)),
    "preview": lambda settings, value: replace(settings, preview=_flag(value)),
    "privacy.self_hosted_only": _self_hosted_only,
    "privacy.paths": _paths,
    "privacy.never": _never,
    "models.avoid": _avoid,
}
