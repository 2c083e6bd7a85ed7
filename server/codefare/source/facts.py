"""The facts about a definition or a file that an outline holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from codefare.source.flow import BRANCHES, Step, nesting
from codefare.source.roles import Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codefare.source.fields import Field
    from codefare.source.imports import Import
    from codefare.source.parameters import Parameter

_CALLABLE = frozenset({"function", "method", "constructor", "macro", "property"})


@dataclass(frozen=True, slots=True)
class Outline:
    """What one definition says about itself. Lines count from 1.

    `signature` is the source up to the body. `returns` is the result's type, "" where none is
    written. `words` are the words before the name (`async`, `static`, `pub`, ...) and
    `decorators` the names after an @. `steps` is the flow of the body, `calls` the distinct
    callees, `assigned` the attributes of the object that it sets, `uses` every name in it. `fields`
    and `members` are what a class holds; `nested` are the names of definitions inside a function.
    `doc` is the text of the comment or docstring, with its delimiters. `broken` tells that the
    definition holds a syntax error.
    """

    language: str
    name: str
    kind: str
    container: str
    line: int
    end_line: int
    signature: str
    parameters: tuple[Parameter, ...]
    returns: str
    words: frozenset[str]
    decorators: tuple[str, ...]
    visibility: str
    bases: tuple[str, ...]
    steps: tuple[Step, ...]
    calls: tuple[str, ...]
    assigned: tuple[str, ...]
    uses: frozenset[str]
    reminders: tuple[tuple[int, str], ...]
    fields: tuple[Field, ...]
    members: tuple[Outline, ...]
    doc: str
    has_body: bool
    broken: bool

    @property
    def is_callable(self) -> bool:
        """Whether it is a function of any kind, not a class or a namespace."""
        return self.kind in _CALLABLE

    @property
    def qualified_name(self) -> str:
        """The name with its containers: `Parser.feed`."""
        return f"{self.container}.{self.name}" if self.container else self.name

    @property
    def lines(self) -> int:
        """How many lines it has."""
        return self.end_line - self.line + 1

    @property
    def given(self) -> tuple[Parameter, ...]:
        """The parameters that a caller gives."""
        return tuple(one for one in self.parameters if one.given)

    @property
    def branches(self) -> tuple[Step, ...]:
        """The conditions, cases, loops and handlers, in order."""
        return tuple(step for step in self.steps if step.kind in BRANCHES)

    @property
    def raises(self) -> tuple[Step, ...]:
        """Where it raises or throws."""
        return self._own(Role.RAISE)

    @property
    def results(self) -> tuple[Step, ...]:
        """Where it gives back a result."""
        return self._own(Role.RETURN)

    @property
    def yields(self) -> tuple[Step, ...]:
        """Where it yields; for a Ruby method, where it calls the caller's block."""
        return self._own(Role.YIELD)

    @property
    def nested(self) -> tuple[str, ...]:
        """The names of the definitions inside it."""
        return tuple(step.text for step in self._own(Role.DEFINITION))

    @property
    def nesting(self) -> int:
        """How deep its branches and loops stand inside one another."""
        return nesting(self.steps)

    @property
    def is_async(self) -> bool:
        """Whether it is awaited."""
        return bool(self.words & {"async", "suspend"})

    @property
    def is_static(self) -> bool:
        """Whether it belongs to the class, not to an object."""
        return bool(self.words & {"static"} or {"staticmethod", "classmethod"} & {*self.decorators})

    @property
    def is_abstract(self) -> bool:
        """Whether it has no body of its own."""
        return "abstract" in self.words or any("abstract" in one for one in self.decorators)

    @property
    def is_generator(self) -> bool:
        """Whether a call gives values one by one; Ruby's `yield` only calls a block."""
        return bool(self.yields) and self.language != "ruby"

    @property
    def is_private(self) -> bool:
        """Whether code outside cannot or should not use it."""
        return self.visibility == "private"

    def around(self, step: Step) -> tuple[Step, ...]:
        """The steps around `step`, the nearest first."""
        found: list[Step] = []
        while step.parent >= 0:
            step = self.steps[step.parent]
            found.append(step)
        return tuple(found)

    def _own(self, role: Role) -> tuple[Step, ...]:
        return tuple(step for step in self.steps if step.kind is role and not step.inner)


@dataclass(frozen=True, slots=True)
class FileOutline:
    """What a file holds.

    `package` is its package or namespace, "" where none is written. `definitions` are those at its
    top, with their members; `steps` is what it does when it is loaded or run; `exports` tells for
    JavaScript and TypeScript how a name leaves the file (`named`, `default`, `whole`), and
    `common` whether it does so by CommonJS.
    """

    language: str
    package: str
    imports: tuple[Import, ...]
    exports: Mapping[str, str]
    common: bool
    definitions: tuple[Outline, ...]
    steps: tuple[Step, ...]
    reminders: tuple[tuple[int, str], ...]
    doc: str
    lines: int
    code_lines: int
    broken: bool

    @property
    def names(self) -> frozenset[str]:
        """The names that the file defines or imports at its top."""
        imported = {name for one in self.imports for name in one.names}
        return frozenset(imported | {one.name for one in self.definitions})


@dataclass(frozen=True, slots=True)
class Extract:
    """What selected lines do, where they are no definition. Lines count from 1."""

    language: str
    line: int
    end_line: int
    steps: tuple[Step, ...]
    calls: tuple[str, ...]
    reminders: tuple[tuple[int, str], ...]
    broken: bool
