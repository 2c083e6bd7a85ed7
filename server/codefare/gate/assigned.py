"""The values of names that mean a secret, in code and in files of settings: `password = "…"`, `DB_PASS=…`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codefare.gate.names import is_about, names_in
from codefare.gate.values import TYPES, is_example, is_identifier, is_no_name, is_phrase, is_secret

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codefare.gate.names import Name

# What one look takes is bounded, and nothing is taken back: a hostile text costs no more than any other.
_QUOTED = re.compile(
    r"""(?P<rest>[\w-]{0,40}+)\\?["'`]?\]?\)?
    (?:
      [ \t]{0,4}+:?+[ \t]{0,2}+(?:&'static[ ])?[^\n=:,"'`();{}\#!|?<]{0,40}+(?:={1,3}|!==?|<-|\|\||\?\?)
      | [ \t]{0,4}+(?:=>|[:,({]|\.equals\(|or(?=[ ])|<<)
      | [ \t](?:(?:is|was|to)[ \t])?
    )
    (?:[\s(]|<<|\\\n){0,40}+[NrRbBfFuUL@$]{0,2}
    (?P<open>\\?["'`])(?P<value>(?:\\[^\n]|[^\\\n"'`]|(?!(?P=open))["'`]){4,1000}?)(?P=open)""",
    re.VERBOSE,
)
_BARE = re.compile(
    r"""(?P<rest>[\w-]{0,40}+)\\?["']?
    (?P<op>[ \t]{0,4}[?:]?=[ \t]{0,4}|[ ]{0,2}:[ \t]{1,4}(?:[|>][+-]?\n[ \t]{1,20})?
      |:-|[ \t](?:is|was)[ \t]|[>]|[ \t]{1,2})
    (?P<value>(?:[^\s"'`;<>\\,(){}\[\]&]|&(?!\w{1,40}=)){6,300}+)
    (?P<end>[ \t]*(?:\r?\n|\Z|[ \t]\#)|[;"'`&<,\\}]|[ \t]|(?=[A-Za-z0-9+/=._-]))""",
    re.VERBOSE,
)
# The name is one thing, the value another: environments of containers, property lists, variables of Terraform.
_APART = re.compile(
    r"""(?P<rest>[\w-]{0,40}+)["']?
    (?:</key>\s{0,40}<string> | ["']?,?[ \t]{0,9}\n\s{0,40}["']?value["']?[ ]?[:=][ ]?
      | ["'],\s{0,40}["']value["'][ ]?:[ ]? | [ ]\{[^{}"]{0,200}?\bdefault\s{0,10}=\s?)
    (?P<quote>["']?)(?P<value>[^\s"'`<>]{6,300}+)""",
    re.VERBOSE,
)
_LITERAL = re.compile(
    r"""[ \t]*(?:[+.&][ \t]*)?(?:\\?\n\s{0,40}+)?(?:[+.&][ \t]*)?(["'])([^\s"'\\]{1,300}+)\1"""
)
_GOES_ON = re.compile(r"[A-Za-z0-9+/=._-]{0,8000}+")
_JOIN = re.compile(r"""[\w-]{0,40}+["']?\s{0,4}+=\s{0,4}+["']{2}\.join\(\s{0,40}+[\[(]\s{0,40}+""")
_JOINED = re.compile(r"""\s{0,40}+,?\s{0,40}+(["'])([^\s"'\\]{1,300}+)\1""")
_SENTENCE = re.compile(
    r"""[\w-]{0,40}+["']?[ ]?[:=][ ]?(?P<value>[a-z]{2,12}(?:[ ][a-z]{2,12}){3,29}+)[ ]*(?:\r?\n|\Z)"""
)
_LINE = re.compile(
    r"[ \t+>-]{0,100}+(?:export[ \t]+|set[ \t]+|ENV[ \t]+|ARG[ \t]+|#[ \t]*|//[ \t]*)?[\w.-]*+"
)
_SECTION = re.compile(r"^\[[\w .:/@-]{1,60}\][ \t]*$", re.MULTILINE)
_PAIR_BEFORE = re.compile(r"\w=[^\s,;(){}\"']{1,80}+[ ]\w{0,40}\Z")
_INNER_ENDS = frozenset(";&<\"'`")
_LONGEST_LINE = 200
_SECTION_REACH = 1000
_PIECE, _NUMBERED_PIECE = 8, 6  # characters; shorter ones are words of any text


def assigned(text: str) -> Iterator[tuple[int, int, str]]:
    """Where the values of names such as `password` or `api_key` stand that are secrets: start, end, kind."""
    done = 0, 0
    for name in names_in(text):
        if done[0] <= name.start < done[1]:
            continue  # within what was found already
        kind = "password" if name.password or name.phrase else "key or token"
        for start, end in _values(text, name):
            done = name.start, end
            yield start, end, kind


def _values(text: str, name: Name) -> Iterator[tuple[int, int]]:
    if name.phrase and (sentence := _SENTENCE.match(text, name.end)) is not None:
        if is_phrase(sentence["value"]):
            yield sentence.span("value")
        return
    found = _QUOTED.match(text, name.end)
    if found is not None:
        if not _is_loose(text, name, found):
            yield from _in_quotes(text, name, found)
        return
    found = _BARE.match(text, name.end)
    if found is not None and not is_about(found["rest"]) and _stands_bare(text, name, found):
        start, end = found.span("value")
        on = _GOES_ON.match(text, end) if not found["end"] else None
        yield start, on.end() if on else end
        return
    found = _APART.match(text, name.end)
    if found is not None:
        value = found["value"]
        bare = value.rstrip(")]},;:.")
        named = not found["quote"] and is_identifier(bare) and not is_no_name(bare)
        if not named and not is_about(found["rest"]) and is_secret(value, password=name.password):
            yield found.span("value")
        return
    joined = _JOIN.match(text, name.end)
    if joined is not None:
        yield from _pieces(text, joined.end(), name, _JOINED)


def _in_quotes(text: str, name: Name, found: re.Match[str]) -> Iterator[tuple[int, int]]:
    value = found["value"]
    if is_secret(value, password=name.password):
        yield found.span("value")
        yield from _pieces(text, found.end(), name, _LITERAL, value)
    elif (name.phrase or name.password) and is_phrase(value):
        yield found.span("value")
    elif " " not in value and not is_example(value):
        yield from _pieces(text, found.start("open"), name, _LITERAL)


def _pieces(
    text: str, at: int, name: Name, literal: re.Pattern[str], before: str = ""
) -> Iterator[tuple[int, int]]:
    """The literals that a secret is put together from, but for those so short that they are words of any text."""
    spans: list[tuple[int, int]] = []
    whole = before
    while len(spans) < _LONGEST_LINE and (piece := literal.match(text, at)) is not None:
        spans.append(piece.span(2))
        whole += piece[2]
        at = piece.end()
    if len(spans) + bool(before) > 1 and is_secret(whole, password=name.password):
        for start, end in spans:
            least = _NUMBERED_PIECE if any(map(str.isdigit, text[start:end])) else _PIECE
            if end - start >= least:
                yield start, end


def _is_loose(text: str, name: Name, found: re.Match[str]) -> bool:
    """Whether what stands in quotes is not the name's: prose that passes an argument, a list of names."""
    between = text[found.end("rest") : found.start("open")]
    if (
        between.strip("\\\"'`")[:1] == " "
        and text[max(0, name.start - 1) : name.end].lstrip(" (\t\n").lower() == "pass"
    ):
        return True
    return ("," in between and "\n" in between) or is_about(found["rest"])


def _stands_bare(text: str, name: Name, found: re.Match[str]) -> bool:
    """Whether a value without quotes is a secret: code names its variables in such places, too."""
    value, op, end = found["value"], found["op"], found["end"]
    if is_example(value) or TYPES.fullmatch(value):
        return False
    furthest = max(0, name.start - _LONGEST_LINE)
    begin = max(furthest, text.rfind("\n", furthest, name.start) + 1)
    flag = text[begin : name.start].rpartition(" ")[2].startswith("--")
    if op == ">" and end != "<":
        return False
    if value.isdigit() and text[name.start : name.end].lower() == "pass":
        return False  # a count of those that passed
    if op.isspace():
        declared = text.startswith(("ENV ", "ARG ", "setx ", "set -x ", "bindpw "), begin)
        logged_in = "login " in text[furthest : name.start]  # .netrc
        return (flag or declared or logged_in) and is_secret(value, password=name.password)
    bare = value.strip("!&*~:.")
    if is_identifier(bare) and not is_no_name(bare):
        before = text[begin : name.start]
        config = not end.strip(" \t\r\n#") and _LINE.fullmatch(before) is not None
        tight = op == "=" and text[name.start : name.end].isupper()
        last = config and (end != " " or found.end() == len(text))
        loose = last and (":" in op or "." in before or _in_section(text, begin))
        lenient = (config and tight) or loose
        inside = end in _INNER_ENDS and op in {"=", ">", ":-"} and _before_is_text(before)
        paired = op == "=" and not end.strip() and _PAIR_BEFORE.search(before) is not None
        typed = ":" in op and bare.lstrip("_")[:1].isupper()
        if typed or not (lenient or inside or paired or flag):
            return False
    return is_secret(value, password=name.password)


def _before_is_text(before: str) -> bool:
    """Whether a connection string, an address or a tag has begun on the line."""
    return any(sign in before for sign in ";?&<{")


def _in_section(text: str, begin: int) -> bool:
    """Whether a line with a section's name in brackets is above: in a file of settings nothing is a variable."""
    return _SECTION.search(text, max(0, begin - _SECTION_REACH), begin) is not None
