"""Documentation made of a description and @tags: JSDoc, TSDoc, Javadoc, Doxygen, PHPDoc, YARD."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codefare.providers.offline.layout import wrapped
from codefare.providers.offline.words import split_name
from codefare.source.doctext import bare_text
from codefare.source.roles import ParameterKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from codefare.providers.offline.docparts import Entry, Parts
    from codefare.source.facts import Outline

WIDTH = 88
"""Columns of a comment from its own margin."""

_LONGEST_DEFAULT = 30
_TAG_LINE = re.compile(r"[@\\](?P<word>[A-Za-z]+)\b\s*(?P<rest>.*)", re.DOTALL)
_ALIASES = {
    "arg": "param",
    "argument": "param",
    "return": "returns",
    "throw": "throws",
    "exception": "throws",
    "raise": "throws",
    "raises": "throws",
    "yield": "yields",
    "yieldparam": "yields",
    "short": "brief",
    "tparam": "tparam",
}
_INHERITS = re.compile(r"@inheritdoc|\{@inheritDoc\}|<inheritdoc", re.IGNORECASE)
_CODE = re.compile(r"`([^`]*)`")
_YARD_TYPES = {"number": "Numeric", "string": "String", "boolean": "Boolean", "Array": "Array"}


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag: what it is (`param`, `returns`, `throws`, `yields`), of what, and as it is written."""

    kind: str
    key: str
    text: str


def tagged(outline: Outline, parts: Parts) -> str:
    """The comment, with its delimiters; what an existing one says is kept."""
    new = _tags(outline, parts)
    description, tags = [_said(parts.summary, outline)], new
    if outline.doc:
        old_description, old = _read(bare_text(outline.doc, outline.language))
        missing = [] if _INHERITS.search(outline.doc) else _missing(new, old)
        if old_description and not missing:
            return undented(outline.doc)
        description = old_description or description
        tags = _merged(old, missing)
    elif outline.language in ("c", "cpp"):
        description = [f"@brief {description[0]}"]
    lines = _wrapped(description)
    if tags:
        lines += ["", *_aligned(tags)] if lines else _aligned(tags)
    return _delimited(lines, outline.language)


def undented(doc: str) -> str:
    """A comment as it is, moved left: its second line shows by how much."""
    lines = doc.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    rest = [line for line in lines[1:] if line.strip()]
    margin = min((len(line) - len(line.lstrip()) for line in rest), default=0)
    star = bool(rest) and all(line.lstrip().startswith("*") for line in rest)
    cut = max(0, margin - 1) if star else margin
    return "\n".join([lines[0].lstrip(), *(line[cut:].rstrip() for line in lines[1:])])


def _tags(outline: Outline, parts: Parts) -> list[Tag]:
    write = _WRITERS.get(outline.language, _script)
    found = [
        Tag("param", _key(entry, one.destructured, one.type), "")
        for entry, one in zip(parts.parameters, outline.given, strict=False)
    ]
    tags: list[Tag] = []
    for tag, entry, one in zip(found, parts.parameters, outline.given, strict=False):
        variadic = one.kind is ParameterKind.VARIADIC
        optional = one.optional and one.kind in (ParameterKind.POSITIONAL, ParameterKind.KEYWORD)
        default = one.default if optional else ""
        text = write("param", tag.key, entry.type, entry.text, default, optional, variadic)
        tags.append(Tag("param", tag.key.lstrip("$"), text))
    if parts.result:
        kind = parts.result_type
        text = write("returns", "", kind, parts.result, "", False, False)
        tags.append(Tag("returns", "", text))
    if parts.yields:
        text = write("yields", "", "", parts.yields, "", False, False)
        tags.append(Tag("yields", "", text))
    for entry in parts.errors:
        text = write("throws", entry.name, "", entry.text, "", False, False)
        tags.append(Tag("throws", entry.name, text))
    return [Tag(tag.kind, tag.key, _said(tag.text, outline)) for tag in tags if tag.text]


def _key(entry: Entry, destructured: bool, kind: str) -> str:
    if not destructured:
        return entry.name
    base = re.match(r"[A-Z]\w*\Z", kind)
    words = split_name(kind) if base else []
    return words[-1].lower() if words else ("options" if entry.name.startswith("{") else "items")


def _script(
    kind: str, key: str, type_: str, text: str, default: str, optional: bool, _: bool
) -> str:
    """JSDoc."""
    if kind == "param":
        name = (
            f"[{key}={default}]"
            if default and len(default) < _LONGEST_DEFAULT
            else f"[{key}]"
            if optional
            else key
        )
        return f"@param {{{type_}}} {name} - {text}"
    if kind == "throws":
        return f"@throws {{{key}}} {text}"
    return f"@{kind} {f'{{{type_}}} ' if type_ else ''}{text}"


def _typed_script(kind: str, key: str, _type: str, text: str, *_: object) -> str:
    """TSDoc: the signature has the types."""
    if kind == "param":
        return f"@param {key} - {text}"
    return f"@throws {{@link {key}}} {text}" if kind == "throws" else f"@{kind} {text}"


def _javadoc(kind: str, key: str, _type: str, text: str, *_: object) -> str:
    if kind in ("param", "throws"):
        return f"@{kind} {key} {text}"
    return f"@return {text}" if kind == "returns" else ""


def _php(kind: str, key: str, type_: str, text: str, _d: str, _o: bool, variadic: bool) -> str:
    if kind == "param":
        return f"@param {type_ or 'mixed'} {'...' if variadic else ''}{key} {text}"
    if kind == "returns":
        return f"@return {type_ or 'mixed'} {text}"
    return f"@throws {key} {text}" if kind == "throws" else ""


def _yard(kind: str, key: str, _type: str, text: str, default: str, *_: object) -> str:
    if kind == "param":
        known = {'"': "String", "[": "Array", "{": "Hash", ":": "Symbol"}.get(default[:1], "")
        known = known or ("Integer" if default.isdigit() else "")
        return f"@param {key} {f'[{known}] ' if known else ''}{text}"
    if kind == "returns":
        return f"@return {'[Boolean] ' if text.startswith('Whether') else ''}{text}"
    if kind == "throws":
        return f"@raise [{key}] {text}"
    return f"@yield {text}" if kind == "yields" else ""


_WRITERS: dict[str, Callable[..., str]] = {
    "javascript": _script,
    "typescript": _typed_script,
    "tsx": _typed_script,
    "java": _javadoc,
    "c": _javadoc,
    "cpp": _javadoc,
    "php": _php,
    "ruby": _yard,
}


def _said(text: str, outline: Outline) -> str:
    """`text` with its code as the language marks it, and nothing in it that ends the comment."""
    if outline.language == "java":
        text = _CODE.sub(_java_code, text).replace("\\u", "&#92;u")
    if outline.language == "ruby":
        return text
    return text.replace("*/", "*&#47;" if outline.language == "java" else "* /")


def _java_code(found: re.Match[str]) -> str:
    inner = found[1]
    if inner.count("{") == inner.count("}") and "@" not in inner:
        return f"{{@code {inner}}}"
    escaped = inner.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f"<code>{escaped.replace('@', '&#64;')}</code>"


def _read(text: str) -> tuple[list[str], list[Tag]]:
    """A description's lines, and the tags after it with their continuation lines."""
    lines = text.split("\n") if text else []
    starts = [i for i, line in enumerate(lines) if _TAG_LINE.match(line.strip())]
    starts = [i for i in starts if _word(lines[i]) not in ("brief", "note", "details", "summary")]
    first = starts[0] if starts else len(lines)
    tags: list[Tag] = []
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=False):
        whole = "\n".join(lines[start:end]).rstrip()
        tags.append(Tag(_word(whole), _name_in(whole), whole))
    description = lines[:first]
    while description and not description[-1].strip():
        description.pop()
    return description, tags


def _word(text: str) -> str:
    found = _TAG_LINE.match(text.strip())
    word = found["word"] if found else ""
    return _ALIASES.get(word, word)


def _name_in(text: str) -> str:
    """What a tag is about: the name after the type in braces, without brackets and sigils."""
    found = _TAG_LINE.match(text.strip())
    rest = re.sub(r"\A(?:\[[^\]]*in[^\]]*\]\s*)", "", found["rest"] if found else "")
    if _word(text) == "throws":
        named = re.search(r"[A-Za-z_][\w.:\\]*", rest.replace("@link", ""))
        return named[0] if named else ""
    rest = re.sub(r"\A\{[^}]*\}+\s*", "", rest)
    for word in rest.split()[:3]:
        bare = word.strip("[]").split("=")[0].lstrip("$&*")
        bare = bare if bare == "..." else bare.lstrip(".$")
        if "$" in word or "$" not in rest:
            return bare.rstrip(",-:")
    return ""


def _missing(new: list[Tag], old: list[Tag]) -> list[Tag]:
    known = {_identity(tag) for tag in old}
    return [tag for tag in new if _identity(tag) not in known]


def _identity(tag: Tag) -> tuple[str, str]:
    """What a tag is about; an error's name counts without its package."""
    if tag.kind == "throws":
        return tag.kind, re.split(r"[.:\\]", tag.key)[-1]
    return tag.kind, tag.key if tag.kind == "param" else ""


def _merged(old: list[Tag], missing: list[Tag]) -> list[Tag]:
    """The old tags in their order, each missing one after the last of its kind."""
    order = {"param": 0, "returns": 1, "yields": 2, "throws": 3}
    result = list(old)
    for tag in missing:
        ranks = [order.get(one.kind) for one in result]
        before = [i for i, rank in enumerate(ranks) if rank is not None and rank <= order[tag.kind]]
        result.insert(before[-1] + 1 if before else 0, tag)
    return result


def _wrapped(lines: list[str]) -> list[str]:
    """Our own long lines are wrapped; what was there before is short enough for its writer."""
    return [short for line in lines for short in wrapped(line, WIDTH) or [""]]


def _aligned(tags: list[Tag]) -> list[str]:
    lines: list[str] = []
    for tag in tags:
        old = "\n" in tag.text
        lines.extend(tag.text.split("\n") if old else wrapped(tag.text, WIDTH, hanging="  "))
    return lines


def _delimited(lines: list[str], language: str) -> str:
    if language == "ruby":
        return "\n".join(f"# {line}".rstrip() for line in lines)
    if len(lines) == 1 and not lines[0].startswith("@"):
        return f"/** {lines[0]} */"
    return "\n".join(["/**", *(f" * {line}".rstrip() for line in lines), " */"])
