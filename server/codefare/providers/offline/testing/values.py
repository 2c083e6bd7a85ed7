"""Finding arguments for which a condition holds, by trying values that it speaks of."""

from __future__ import annotations

import re
from itertools import islice, product
from typing import TYPE_CHECKING

from codefare.source.condition import NULLS, Condition

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from codefare.source.parameters import Parameter

Value = str | int | float | bool | list[object] | None
"""An argument. An empty list stands for an empty list of any kind, None for no value."""

_SIZE = re.compile(
    r"(?:(?:len|count|strlen)\((?P<inner>[$\w]+)\)"
    r"|(?P<outer>[$\w]+)\.(?:length|size|Length|Count|len)(?:\(\))?)\Z"
)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?\Z")
_TEXT = re.compile(r"\"([^\"\\]*)\"\Z|'([^'\\]*)'\Z")
_WORDS: Mapping[str, Value] = {"True": True, "False": False, "true": True, "false": False}
_TYPES: Mapping[str, tuple[type, ...]] = {
    "str": (str,),
    "string": (str,),
    "String": (str,),
    "int": (int,),
    "integer": (int,),
    "Integer": (int,),
    "float": (float,),
    "number": (int, float),
    "bool": (bool,),
    "boolean": (bool,),
    "list": (list,),
    "array": (list,),
    "Array": (list,),
}
_EMPTY_IS_FALSE = frozenset({"python", "php"})
_ZERO_IS_TRUE = frozenset({"ruby"})
_BOOLEANS_ONLY = frozenset({"go", "rust", "java", "csharp"})
_TRIALS = 4000
_LONGEST_TEXT = 300

TEXTS = frozenset({"str", "string", "String", "&str", "std::string", "String?", "string?"})
"""Types that hold text, without qualifiers."""

BOOLEANS = frozenset({"bool", "boolean", "Boolean", "_Bool"})
"""Types that hold true or false."""

_INTEGER = re.compile(
    r"(?:unsigned |signed |long |short )*(?:int|long|short|char|unsigned|size_t|ssize_t|Integer|Long|byte"
    r"|u?int\d*(?:_t)?|[iu](?:8|16|32|64|128|size))\Z"
)
_FLOAT = re.compile(r"(?:float|double|f32|f64|float32|float64|Double|Float|decimal)\Z")


class Unknown(Exception):
    """What a condition comes to cannot be told."""


def kind_of(type_: str) -> str:  # noqa: PLR0911  one return for each kind
    """`text`, `integer`, `float`, `number`, `boolean`, `list`, `none` (untyped) or `other`."""
    bare = re.sub(r"\b(?:const|mut|final|readonly)\b|'\w+\s*", " ", type_)
    bare = " ".join(bare.replace("&", " ").split()).lstrip("?")
    if not bare:
        return "none"
    bare = re.sub(r"\s*\|\s*(?:None|null|undefined)$|\?$", "", bare)
    if bare in TEXTS:
        return "text"
    if bare in BOOLEANS:
        return "boolean"
    if bare == "number":
        return "number"
    if _INTEGER.match(bare):
        return "integer"
    if _FLOAT.match(bare):
        return "float"
    return "list" if re.match(r"(?:list|List|Sequence|Array)\b|\w+\[\]$|\[\]", bare) else "other"


def may_be_none(type_: str, language: str) -> bool:
    """Whether no value can be given for a type."""
    if not type_:
        return True
    if language in ("python", "typescript", "tsx"):
        return (
            re.search(r"\b(?:None|null|undefined|Optional|any|Any|unknown|object)\b", type_)
            is not None
        )
    if language in ("java", "csharp"):
        return kind_of(type_) in ("text", "other", "list") and not _INTEGER.match(type_)
    if language == "php":
        return type_.startswith("?") or "null" in type_ or type_ == "mixed"
    return language in ("c", "cpp") and type_.rstrip().endswith("*")


def solve(
    conditions: Sequence[tuple[Condition, bool]], parameters: Sequence[Parameter], language: str
) -> dict[str, Value] | None:
    """Values for the parameters that make each condition what is wanted; None if none is found."""
    names = sorted({name for one, _ in conditions for name in _names(one)})
    known = {one.name: one for one in parameters}
    if any(name not in known for name in names):
        return None
    constants = [each for one, _ in conditions for each in _constants(one)]
    choices = [list(_candidates(known[name], constants, language)) for name in names]
    for trial in islice(product(*choices), _TRIALS):
        values = dict(zip(names, trial, strict=True))
        try:
            if all(holds(one, values, language) is wanted for one, wanted in conditions):
                return values
        except Unknown:
            continue
    return None


def holds(condition: Condition, values: Mapping[str, Value], language: str) -> bool:
    """Whether a condition holds for values.

    Raises:
        Unknown: It depends on more than the values, or would fail.
    """
    op = condition.op
    if op in ("and", "or"):
        for part in condition.parts:
            if holds(part, values, language) is (op == "or"):
                return op == "or"
        return op == "and"
    if op in ("truth", "false"):
        return _truth(_operand(condition.left, values), language) is (op == "truth")
    if op.endswith("empty"):
        value = _operand(condition.left, values)
        if not isinstance(value, str | list):
            raise Unknown
        return (len(value) == 0) is (op == "empty")
    if op.endswith("null"):
        if condition.right == "undefined" and language in ("typescript", "tsx", "javascript"):
            raise Unknown
        return (_operand(condition.left, values) is None) is (op == "null")
    return _compared(op, condition, values)


def literal(text: str) -> Value:
    """The value of a literal.

    Raises:
        Unknown: It is none.
    """
    if text in _WORDS:
        return _WORDS[text]
    if text in NULLS:
        return None
    if _NUMBER.match(text):
        return float(text) if "." in text else int(text)
    found = _TEXT.match(text)
    if found is None:
        raise Unknown
    return found[1] if found[1] is not None else found[2]


def _operand(text: str, values: Mapping[str, Value]) -> Value:
    if text in values:
        return values[text]
    size = _SIZE.match(text)
    if size is not None:
        inner = values.get(size["inner"] or size["outer"])
        if not isinstance(inner, str | list):
            raise Unknown
        return len(inner)
    return literal(text)


def _truth(value: Value, language: str) -> bool:
    if language in _BOOLEANS_ONLY and not isinstance(value, bool):
        raise Unknown
    if language in _ZERO_IS_TRUE:
        return value is not None and value is not False
    if isinstance(value, list) and language not in _EMPTY_IS_FALSE:
        return True
    return bool(value) and not (language == "php" and value == "0")


def _compared(op: str, condition: Condition, values: Mapping[str, Value]) -> bool:
    left = _operand(condition.left, values)
    if op in ("is a", "is not a"):
        names = [part.strip() for part in condition.right.strip("()").split(",")]
        kinds = tuple(kind for name in names for kind in _TYPES.get(name, ()))
        if not all(name in _TYPES for name in names) or (
            isinstance(left, bool) and bool not in kinds
        ):
            raise Unknown
        return isinstance(left, kinds) is (op == "is a")
    right = _operand(condition.right, values)
    if op in ("in", "not in"):
        if not (isinstance(left, str) and isinstance(right, str)):
            raise Unknown
        return (left in right) is (op == "in")
    if op in ("==", "!="):
        if type(left) is not type(right) and left is not None and right is not None:
            raise Unknown
        return (left == right) is (op == "==")
    if isinstance(left, bool) or isinstance(right, bool):
        raise Unknown
    if not isinstance(left, int | float) or not isinstance(right, int | float):
        raise Unknown
    return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[op]


def _names(condition: Condition) -> Iterator[str]:
    """The names that a condition depends on, also those that are no parameter."""
    for part in condition.parts:
        yield from _names(part)
    for text in (condition.left, condition.right):
        size = _SIZE.match(text)
        if size is not None:
            yield size["inner"] or size["outer"]
        elif (
            text
            and condition.op not in ("and", "or")
            and not _is_literal(text)
            and (text is condition.left or condition.op not in ("is a", "is not a"))
        ):
            yield text


def _is_literal(text: str) -> bool:
    try:
        literal(text)
    except Unknown:
        return False
    return True


def _constants(condition: Condition) -> Iterator[Value]:
    for part in condition.parts:
        yield from _constants(part)
    for text in (condition.left, condition.right):
        if text and _is_literal(text):
            yield literal(text)


def _candidates(one: Parameter, constants: Sequence[Value], language: str) -> Iterator[Value]:
    """Values to try for a parameter, the ordinary ones first."""
    kind = kind_of(one.type)
    free = kind == "none"
    sizes = [c for c in constants if isinstance(c, int) and not isinstance(c, bool)]
    if kind == "text" or free:
        yield "text"
        yield ""
        yield from (c for c in constants if isinstance(c, str))
        yield from ("x" * (c + 1) for c in sizes if 0 <= c < _LONGEST_TEXT)
    if kind in ("integer", "number", "float") or free:
        numbers = [1, 0, -1, *(c + d for c in sizes for d in (0, 1, -1))]
        yield from (float(n) if kind == "float" else n for n in dict.fromkeys(numbers))
        if kind != "integer":
            yield from (c for c in constants if isinstance(c, float))
    if kind == "boolean" or free:
        yield from (False, True)
    if (kind == "list" and language in ("python", "javascript", "php", "ruby")) or free:
        yield []
    if may_be_none(one.type, language):
        yield None
    elif kind == "text" and language == "python":
        yield 1  # for a check of the type; a type is no promise in Python
        yield None
