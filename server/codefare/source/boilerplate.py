"""Which parts that are written by rote a type or a file does not have, and would be expected to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codefare.source.declaration import Declaration
from codefare.source.entry import lacks_entry
from codefare.source.fields import read_bases
from codefare.source.member import Member
from codefare.source.members import Members, read_members

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codefare.source.document import Document
    from codefare.source.fields import Field
    from codefare.source.target import Symbol

CLI = "cli"
"""The part that a whole file may lack: a command line."""

_OFFERED = (Member.CONSTRUCTOR, Member.EQUALITY, Member.TEXT, Member.SERIALISATION)
# The kinds of symbol that have objects with fields.
_KINDS = {"rust": frozenset({"struct", "enum"})}
_CLASSES = frozenset({"class", "struct"})
# These do something rather than being a value: nobody compares or stores them.
_SERVICE = re.compile(
    r"(?:Service|Controller|Component|Repository|Handler|Manager|Factory|Client|Provider|Module|Middleware|Server"
    r"|Engine|Worker|Listener|Visitor|Adapter|Plugin|Command|View|Page|Widget|Activity|Application|App|Helper|Utils?"
    r"|Directive|Pipe|Guard|Interceptor|Resolver|Builder|Parser|Reader|Writer|Runner|Logger|Strategy|Policy)s?\Z"
    r"|Tests?\Z|\ATest|Spec\Z"
)
_SERVICE_MARK = re.compile(
    r"@(?:Injectable|Component|Controller|Module|Directive|Pipe|Service|Repository|Configuration|RestController"
    r"|Autowired|SpringBootApplication|Entity)\b|\[(?:ApiController|TestClass|TestFixture)\b"
)
# What these are is settled by their base.
_SETTLED = re.compile(
    r"\b(?:Protocol|Enum|IntEnum|StrEnum|Flag|IntFlag|TypedDict|Exception|\w*(?:Error|Exception|Warning)|TestCase)\b"
)
_PLAIN_BASES = re.compile(r"(?:object|Generic\[.*\]|abc\.ABC|ABC|metaclass=.*)\Z")
_INCOMPARABLE = re.compile(r"\A\[\]|\bmap\[|\bfunc\b")
_BY_BASE = frozenset({"python", "ruby"})


def missing_boilerplate(document: Document, symbol: Symbol | None) -> tuple[str, ...]:
    """The ids of what `symbol`, a type of `document`, or for None the whole file, would be expected to have.

    For a type `constructor`, `equality`, `text` and `serialisation`, as far as it has fields for them; for a file
    `cli`. Nothing for what has no place for boilerplate: interfaces, exceptions, types that are settled by their base.
    """
    if symbol is None:
        return (CLI,) if lacks_entry(document) else ()
    if symbol.kind not in _KINDS.get(document.language or "", _CLASSES):
        return ()
    declaration = Declaration.of(document, symbol)
    if declaration is None or _is_settled(declaration):
        return ()
    members = read_members(declaration)
    if not members.fields and symbol.kind != "enum":
        return ()
    expected = set(_expected(declaration, members))
    return tuple(str(part) for part in _OFFERED if part in expected - members.has)


def _is_settled(declaration: Declaration) -> bool:
    """Whether a type is as its base wants it, or has no objects: exceptions, protocols, static classes."""
    if _SETTLED.search(declaration.header.removeprefix(declaration.head)):
        return True
    name = declaration.symbol.name
    static = declaration.language == "csharp" and re.search(r"\bstatic\b", declaration.head)
    return bool(static) or name.endswith(("Error", "Exception"))


def _expected(declaration: Declaration, members: Members) -> Iterator[Member]:
    """What makes sense for a type."""
    language, name = declaration.language, declaration.symbol.name
    serves = _SERVICE.search(name) or _SERVICE_MARK.search(declaration.head)
    if _wants_constructor(declaration, members.fields):
        yield Member.CONSTRUCTOR
    if serves or (_has_foreign_base(declaration) and Member.CONSTRUCTOR not in members.has):
        return
    # Go compares structs itself, as long as it can compare their fields.
    if language != "go" or any(_INCOMPARABLE.search(one.type) for one in members.fields):
        yield Member.EQUALITY
    yield Member.TEXT
    yield Member.SERIALISATION


def _wants_constructor(declaration: Declaration, fields: tuple[Field, ...]) -> bool:
    """Whether there is something to construct: a field without a value of its own, and no base that may set it.

    C++ makes objects of a plain struct by itself, and Rust's enums are made by their variants.
    """
    if declaration.symbol.kind == "enum":
        return False
    if declaration.language == "cpp" and declaration.node.type != "class_specifier":
        return False
    if declaration.language in _BY_BASE and _has_foreign_base(declaration):
        return False
    return any(not one.default for one in fields)


def _has_foreign_base(declaration: Declaration) -> bool:
    """Whether a Python or Ruby class has a base that may bring anything."""
    if declaration.language not in _BY_BASE:
        return False
    bases = read_bases(declaration.node, declaration.parsed.data)
    return any(not _PLAIN_BASES.match(one) for one in bases)
