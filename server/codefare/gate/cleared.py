"""A prompt that passed the gate: its secrets are replaced by placeholders, which an answer is given back for."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING

from codefare.errors import TargetError
from codefare.gate.scan import secrets_in
from codefare.tasks.prompt import Part, Prompt

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_STEM = "CODEFARE_SECRET_"
_PLACEHOLDER = re.compile(rf"{_STEM}(\d+)_?")
# However a model may misspell one.
_LIKE_ONE = re.compile(r"codefare[-_ ]?secret(?:[-_ ]?\d+)?", re.IGNORECASE)
_MOST = 500
_SHORTEST_KEY = 8
_LONG = 16  # characters: as many make no word by chance
_NOTE = (
    f"Words like {_STEM}1 stand for secrets that were taken out. Each is a value of the code:"
    " write it exactly as it is wherever the code needs that value, and change nothing about it."
)
_OWN_KEY = "your provider key"


@dataclass(frozen=True, slots=True)
class Removal:
    """A secret that was taken out: what it is, and the parts of the prompt that it stood in. Never the secret."""

    kind: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True, init=False)
class Cleared(Prompt):
    """A prompt without secrets. To make one is to take them out: there is no other way to have one.

    The same prompt gives the same placeholders, and so does one in which only the secrets differ. `removed` tells what
    was taken out. What the placeholders stand for is shown by no representation.
    """

    removed: tuple[Removal, ...]
    _values: Mapping[str, str] = field(repr=False, compare=False)
    _own: frozenset[str] = field(repr=False, compare=False)

    def __init__(self, prompt: Prompt, keys: Iterable[str] = ()) -> None:
        """Take the secrets out of `prompt`; `keys` are the user's own, which are secrets wherever they stand.

        Raises:
            TargetError: It holds more secrets than any source file.
        """
        named = (("what the action is", prompt.system), *((p.name, p.text) for p in prompt.parts))
        kinds = _secrets(named, keys)
        texts = [text for _, text in named]
        free = _free_names(texts)
        values = {_closed(next(free), secret, texts): secret for secret in kinds}
        placeholders = {secret: name for name, secret in values.items()}
        finder = _Finder(placeholders)
        cleared = [finder.without(text) for text in texts]
        parts = [
            Part(part.name, text) for part, text in zip(prompt.parts, cleared[1:], strict=True)
        ]
        if values:
            parts.append(Part("what was taken out", _NOTE))
        made = replace(prompt, system=cleared[0], parts=tuple(parts))
        for each in fields(Prompt):
            object.__setattr__(self, each.name, getattr(made, each.name))
        removed = tuple(
            Removal(
                kind,
                tuple(
                    name for name, text in named if next(_places(secret, text), None) is not None
                ),
            )
            for secret, kind in kinds.items()
        )
        object.__setattr__(self, "removed", removed)
        object.__setattr__(self, "_values", values)
        own = frozenset(found[0] for text in texts for found in _LIKE_ONE.finditer(text))
        object.__setattr__(self, "_own", own)

    def restored(self, answer: str, *, as_json: bool = False) -> str:
        """`answer` with the secrets of now in place of their placeholders.

        With `as_json` it holds JSON, in whose texts they are written as JSON writes them.
        """
        if not self._values:
            return answer

        def secret(found: re.Match[str]) -> str:
            name, after = found[0], ""
            if name not in self._values and name.endswith("_"):
                name, after = name[:-1], "_"
            value = self._values.get(name)
            if value is None:
                return found[0]
            return (json.dumps(value)[1:-1] if as_json else value) + after

        return _PLACEHOLDER.sub(secret, answer)

    def without(self, text: str, instead: str | None = None) -> str:
        """`text` with placeholders where secrets that were taken out stand in it, or with what is told `instead`."""
        return _Finder(
            {secret: name if instead is None else instead for name, secret in self._values.items()}
        ).without(text)

    def stray(self, text: str) -> str | None:
        """A word in what was restored that stands for no secret: a placeholder that a model made up or misspelt."""
        if not self._values:
            return None
        found = (match[0] for match in _LIKE_ONE.finditer(text))
        return next((word for word in found if word not in self._own), None)

    def lines(self, text: str) -> list[tuple[str, tuple[int, ...]]]:
        """The kind of each secret that was taken out, with the lines of `text`, from 1, that it begins on."""
        return [
            (removal.kind, tuple(_lines_with(secret, text)))
            for removal, secret in zip(self.removed, self._values.values(), strict=True)
        ]

    def counts(self, text: str) -> Counter[int]:
        """How often each secret, by its place in `removed`, stands in `text`."""
        return Counter(
            {
                at: sum(1 for _ in _places(secret, text))
                for at, secret in enumerate(self._values.values())
            }
        )


def _secrets(named: Iterable[tuple[str, str]], keys: Iterable[str]) -> dict[str, str]:
    """The secrets of some texts in the order of the texts, each with its kind."""
    kinds: dict[str, str] = {}
    known = [key for key in keys if _is_telling(key)]
    for _, text in named:
        found = [(one.start, text[one.start : one.end], one.kind) for one in secrets_in(text)]
        found += [(text.find(key), key, _OWN_KEY) for key in known if key in text]
        for _, secret, kind in sorted(found):
            kinds.setdefault(secret, kind)
        if len(kinds) > _MOST:
            raise TargetError(
                f"There are more than {_MOST} secrets in what would be sent.",
                remedy="Select the code that you mean, without the data.",
            )
    return kinds


def _is_telling(key: str) -> bool:
    """Whether a key is no word that code may hold anyway: servers of one's own often take any."""
    return len(key) >= _LONG or (len(key) >= _SHORTEST_KEY and any(map(str.isdigit, key)))


def _closed(name: str, secret: str, texts: Iterable[str]) -> str:
    """A placeholder that a digit after it cannot change."""
    followed = any(
        text[at + len(secret) : at + len(secret) + 1].isdigit()
        for text in texts
        for at in _places(secret, text)
    )
    return f"{name}_" if followed else name


def _free_names(texts: Iterable[str]) -> Iterator[str]:
    """Placeholders that none of the texts holds."""
    taken = {found[1] for text in texts for found in _PLACEHOLDER.finditer(text)}
    number = 0
    while True:
        number += 1
        if str(number) not in taken:
            yield f"{_STEM}{number}"


class _Finder:
    """Replaces secrets by their placeholders, wherever they stand as a whole."""

    def __init__(self, placeholders: Mapping[str, str]) -> None:
        # The longest first: one may be a part of another.
        self._placeholders = dict(sorted(placeholders.items(), key=lambda one: -len(one[0])))

    def without(self, text: str) -> str:
        found = [
            (start, start + len(secret), secret)
            for secret in self._placeholders
            for start in _places(secret, text)
        ]
        if not found:
            return text
        pieces, done = [], 0
        for start, end, secret in sorted(found, key=lambda one: (one[0], -one[1])):
            if start >= done:
                pieces += [text[done:start], self._placeholders[secret]]
                done = end
        return "".join([*pieces, text[done:]])


def _places(secret: str, text: str) -> Iterator[int]:
    """Where a secret stands; a short one as a word of its own, or where it was found: `mysql -phunter2`."""
    at = text.find(secret)
    while at >= 0:
        end = at + len(secret)
        around = text[max(0, at - 1) : at] + text[end : end + 1]
        if (
            len(secret) >= _LONG
            or not any(map(_is_of_word, around))
            or any((one.start, one.end) == (at, end) for one in secrets_in(text))
        ):
            yield at
        at = text.find(secret, end)


def _is_of_word(sign: str) -> bool:
    return sign.isalnum() or sign == "_"


def _lines_with(secret: str, text: str) -> Iterator[int]:
    done, line = 0, 1
    for at in _places(secret, text):
        line += text.count("\n", done, at)
        done = at
        yield line
