"""The parts that many types have, and how each language shows that a type has one."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class Member(StrEnum):
    """A part that many types have; the ids of boilerplate's variants."""

    CONSTRUCTOR = "constructor"
    EQUALITY = "equality"
    HASH = "hash"
    TEXT = "text"
    SERIALISATION = "serialisation"
    ORDERING = "ordering"
    BUILDER = "builder"


VALUE: frozenset[Member] = frozenset(
    {Member.CONSTRUCTOR, Member.EQUALITY, Member.HASH, Member.TEXT}
)
"""What dataclasses and records bring along."""

# By the name of a method, in small letters and without underscores.
_METHODS = {
    Member.EQUALITY: re.compile(r"eq|equals?|isequal(?:to)?|eql|==|operator(?:==|<=>)"),
    Member.HASH: re.compile(r"hash|hashcode|gethashcode"),
    Member.TEXT: re.compile(r"repr|str|tostring|string|tos|inspect|gostring|operatorstd::string"),
    Member.SERIALISATION: re.compile(
        r"(?:to|from|as|parse)(?:dict|json|map|h|hash|array|xml|yaml|bytes|proto|object|plain|dto)"
        r"|(?:un)?marshal\w*|(?:de|un)?seriali[sz]e\w*|jsonserialize|modeldump\w*|getstate|dumps?|encode|decode"
        r"|readobject|writeobject|attributes"
    ),
    Member.ORDERING: re.compile(r"lt|compareto|compare|cmp|less|<=>|operator(?:<|<=>)"),
    Member.BUILDER: re.compile(r"(?:to|new)?builder"),
}
_ORDERING = frozenset({Member.ORDERING})
_SERIALISATION = frozenset({Member.SERIALISATION})
# By what stands before the name of a type: decorators, annotations, attributes. Language, pattern, parts.
DECORATORS: tuple[tuple[str, str, frozenset[Member]], ...] = (
    (
        "python",
        r"@[\w.]*\b(?:dataclass|define|frozen|mutable|attrs|attr\.s)\b",
        VALUE - {Member.HASH},
    ),
    ("python", r"\bfrozen=True|@[\w.]*\bfrozen\b", frozenset({Member.HASH})),
    ("python", r"\border=True", _ORDERING),
    ("python", r"dataclass_json", _SERIALISATION),
    ("java", r"@(?:Data|Value)\b", VALUE),
    ("java", r"@(?:AllArgs|NoArgs|RequiredArgs)Constructor\b", frozenset({Member.CONSTRUCTOR})),
    ("java", r"@EqualsAndHashCode\b", frozenset({Member.EQUALITY, Member.HASH})),
    ("java", r"@ToString\b", frozenset({Member.TEXT})),
    ("java", r"@(?:Super)?Builder\b", frozenset({Member.BUILDER, Member.CONSTRUCTOR})),
    ("java", r"@Json\w+|@Xml\w+|@RegisterForReflection", _SERIALISATION),
    (
        "csharp",
        r"\[(?:Serializable|DataContract|Json\w+|MessagePackObject|ProtoContract)\b",
        _SERIALISATION,
    ),
    ("rust", r"derive\([^)]*\bPartialEq\b", frozenset({Member.EQUALITY})),
    ("rust", r"derive\([^)]*\bHash\b", frozenset({Member.HASH})),
    ("rust", r"derive\([^)]*\bDebug\b", frozenset({Member.TEXT})),
    ("rust", r"derive\([^)]*\b(?:Des|S)erialize\b", _SERIALISATION),
    ("rust", r"derive\([^)]*\b(?:Partial)?Ord\b", _ORDERING),
    ("rust", r"derive\([^)]*\b(?:new|Constructor)\b", frozenset({Member.CONSTRUCTOR})),
    ("rust", r"derive\([^)]*\w*Builder\b", frozenset({Member.BUILDER})),
)
# By what a type extends or implements.
BASES: tuple[tuple[str, str, frozenset[Member]], ...] = (
    ("python", r"\bNamedTuple\b|\bnamedtuple\(", VALUE | {Member.ORDERING, Member.SERIALISATION}),
    ("python", r"\b(?:BaseModel|Struct|SQLModel|Model)\b", VALUE | _SERIALISATION),
    ("ruby", r"<\s*(?:Struct\.new|Data\.define|OpenStruct|Dry::Struct)", VALUE | _SERIALISATION),
    ("java", r"\bSerializable\b", _SERIALISATION),
    ("csharp", r"\bISerializable\b", _SERIALISATION),
    ("php", r"\b(?:JsonSerializable|Serializable|Arrayable)\b", _SERIALISATION),
)
RUST_TRAITS: Mapping[str, Member] = {
    "PartialEq": Member.EQUALITY,
    "Hash": Member.HASH,
    "Debug": Member.TEXT,
    "Display": Member.TEXT,
    "Serialize": Member.SERIALISATION,
    "Deserialize": Member.SERIALISATION,
    "PartialOrd": Member.ORDERING,
    "Ord": Member.ORDERING,
}

# What a C function that serves a struct is called, before or after the struct's name.
C_FUNCTIONS: Mapping[Member, str] = {
    Member.CONSTRUCTOR: "new|init|create|make|alloc|from",
    Member.EQUALITY: "eq|equals?|is_equal|same|cmp|compare",
    Member.HASH: "hash",
    Member.TEXT: "print|to_string|tostring|format|str|dump|show|repr",
    Member.SERIALISATION: "serialize|deserialize|read|write|encode|decode|pack|unpack|to_json|from_json|marshal",
    Member.ORDERING: "cmp|compare|less",
}


def parts_named(name: str) -> Iterator[Member]:
    """The parts that a method of that name is."""
    bare = name.lower().replace("_", "").rstrip("?!")
    yield from (member for member, pattern in _METHODS.items() if pattern.fullmatch(bare))
