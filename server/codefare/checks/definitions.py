"""Whether the definitions of a file are still those that its other code knows."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from codefare.checks.rewrite import CALLABLE, code_lines, full_name, squeezed
from codefare.source.shapes import SHAPES
from codefare.source.visibility import visibility

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codefare.checks.rewrite import Rewrite
    from codefare.source.document import Document
    from codefare.source.target import Symbol

_WORD = re.compile(r"[\w@$]")
_WORDS = re.compile(r"[\w$]+")
_PLAIN_NAME = re.compile(r"[A-Za-z]\w*\Z")
_TELLING = 8  # characters: `public:` and `try {` may stand twice
_MOST_NAMED = 4
_FIELD = re.compile(r"\w\s*[:=]\s*\S|;$|\w\s+\w")  # `x: int`, `x;`, `int x`; not `public:`
_MARKS = ("@", "#", "[")  # of decorators, attributes and directives, which may well stand twice
# Words that begin a definition in some language; where one is a mere name, C and C# take it for a type.
_OTHERS = re.compile(r"\b(?:def|fn|func|fun|function|sub|let|var|val|const fn|proc)\b")


def lost_definition(rewrite: Rewrite) -> str | None:
    """Why the file's definitions are no longer what they were; None if they are."""
    checks = (_foreign, _too_much, _undefined, _disturbed, _vanished, _unused)
    return next((reason for check in checks if (reason := check(rewrite)) is not None), None)


def _foreign(rewrite: Rewrite) -> str | None:
    """Another language's definitions may parse: C reads `function add(a, b)` as one that returns a `function`."""
    old = rewrite.old.text[rewrite.was.start : rewrite.was.end]
    known = set(_OTHERS.findall(old))
    if rewrite.language in {"c", "cpp", "java", "csharp"}:
        for symbol in rewrite.made:
            head = rewrite.new.text[symbol.signature.start : symbol.signature.end]
            words = set(_OTHERS.findall(head.split("(")[0])) - known - {symbol.name}
            if words and symbol.kind in CALLABLE:
                return (
                    f"The answer is in another language: `{min(words)}` begins no definition here."
                )
    return None


def _too_much(rewrite: Rewrite) -> str | None:
    """Why the answer is more than the definition that was asked for: it would stand twice."""
    symbol = rewrite.symbol
    if symbol is None:
        again = _again(rewrite, "")
        reason = f"The answer defines {again}, which the file has already." if again else None
        return reason or _repeated_fields(rewrite)
    holders = {squeezed(part) for part in symbol.container.split(".") if part}
    for each in rewrite.outermost:
        if squeezed(each.name) in holders and each.kind not in CALLABLE:
            return f"The answer holds the whole of {each.name}; only {symbol.name} was asked for."
    if again := _again(rewrite, full_name(symbol)):
        return f"The answer defines {again} a second time: it holds more than {symbol.name}."
    return _repeated_lines(rewrite, symbol)


def _again(rewrite: Rewrite, own: str) -> str:
    """What would stand twice in the file: what it has beside the edit, or `own`, the one that is rewritten."""
    before, after = (
        Counter(rewrite.key(s, each) for s in each.symbols() if _stands_alone(s, each))
        for each in (rewrite.old, rewrite.new)
    )
    twice = []
    for each in rewrite.outermost:
        key = rewrite.key(each, rewrite.new)
        known = before[key] or full_name(each) == own
        if known and after[key] > max(before[key], 1):
            twice.append(each.name)
    return _listed(list(dict.fromkeys(twice)))


def _repeated_fields(rewrite: Rewrite) -> str | None:
    """Why lines that are put into a type stand there already: its fields, say, of which there would be two."""
    symbol = rewrite.target.symbol
    if symbol is None or symbol.body is None or rewrite.was.start < rewrite.was.end:
        return None
    known = {line.strip() for line in rewrite.old.text[slice(*symbol.body)].splitlines()}
    for line in _loose(rewrite):
        if line in known and _FIELD.search(line) and not line.startswith(_MARKS):
            return f"The answer repeats “{line}”, which {symbol.name} has already."
    return None


def _loose(rewrite: Rewrite) -> list[str]:
    """The edit's lines of code that stand in none of the definitions that it makes."""
    text, at, loose = rewrite.new.text, rewrite.now.start, []
    for each in rewrite.outermost:
        start = min(each.span.start, each.doc.start if each.doc else each.span.start)
        loose += code_lines(text[at : max(at, start)], rewrite.language)
        at = max(at, each.span.end)
    return loose + code_lines(text[at : rewrite.now.end], rewrite.language)


def _repeated_lines(rewrite: Rewrite, symbol: Symbol) -> str | None:
    """Why lines beside the definition belong to the rest of the file."""
    loose = _loose(rewrite)
    outside = rewrite.old.text[: rewrite.was.start], rewrite.old.text[rewrite.was.end :]
    known = {line.strip() for part in outside for line in part.splitlines()}
    for line in loose:
        if line in known and len(line) >= _TELLING:
            return f"The answer repeats lines of the file that stand outside of {symbol.name}."
    if any(re.match(r"package\s", line) for line in loose) or (
        (symbol.container or rewrite.language == "go") and _imports(rewrite, loose)
    ):
        return f"The answer brings imports along, which cannot stand beside {symbol.name}."
    return None


def _imports(rewrite: Rewrite, lines: Iterable[str]) -> bool:
    words = r"import\b|from\s+\S+\s+import\b|use\s|using\s|#\s*include\b|require(?:_relative)?\b"
    known = SHAPES[rewrite.language].imports or rewrite.language == "ruby"
    return bool(known) and any(re.match(words, line) for line in lines)


def _stands_alone(symbol: Symbol, document: Document) -> bool:
    """Whether there can be no other of its name beside it; Python says so of an overload, or of a property's setter."""
    if symbol.kind == "impl" or symbol.body is None:
        return False
    head = document.text[symbol.span.start : symbol.signature.start]
    return re.search(r"overload|\.(?:setter|getter|deleter|register)\b", head) is None


def _undefined(rewrite: Rewrite) -> str | None:
    """Why a definition is none any more: a grammar may take its body alone for a text that parses."""
    symbol = rewrite.symbol
    if symbol is None or any(_is_still(symbol, one) for one in rewrite.made):
        return None
    if is_bound(symbol.name, _heads(rewrite)):
        return None
    names = [one.name for one in rewrite.outermost]
    if squeezed(symbol.name) in map(squeezed, (one.name for one in rewrite.made)):
        return (
            f"The answer takes {symbol.name} elsewhere: it is no {symbol.qualified_name} any more."
        )
    if len(names) == 1 and (symbol.kind in CALLABLE) == (rewrite.outermost[0].kind in CALLABLE):
        return f"The answer renames {symbol.name} to {names[0]}: whatever uses it would break."
    return f"The answer does not define {symbol.name} any more."


def _is_still(old: Symbol, new: Symbol) -> bool:
    """Whether one stands for the other. An `impl` has no name but its header, which may be written in many ways."""
    if old.kind == new.kind == "impl":
        return True
    return full_name(old) == full_name(new)


def _heads(rewrite: Rewrite) -> list[str]:
    """The edit's lines that stand no deeper than its first, without those that only close something."""
    start = rewrite.new.buffer.line_start(rewrite.now.start)
    lines = rewrite.new.text[start : rewrite.now.end].splitlines()
    depth = next((len(line) - len(line.lstrip()) for line in lines if line.strip()), 0)
    heads = [line.strip() for line in lines if line[: depth + 1].strip()]
    return [head for head in heads if head != "end" and _WORD.match(head)]


def is_bound(name: str, heads: list[str]) -> bool:
    """Whether a name is given to a value, or to an attribute of Ruby's: definitions that no grammar knows as such.

    Of values only the last statement counts: no body ends with giving a value to a variable of its function's name.
    """
    value, attribute = _bindings(name)
    given = bool(heads) and not name.endswith("=") and re.match(value, heads[-1]) is not None
    return given or any(re.match(attribute, head) for head in heads)


def _bindings(name: str) -> tuple[str, str]:
    bare = re.escape(name.removesuffix("="))
    value = rf"(?:[\w.]+ +)*{bare}\s*(?::[^=]*)?=(?![=>~])"
    access = "writer" if name.endswith("=") else "reader"
    return value, rf"(?:\w+ )?attr_(?:{access}|accessor)\b.*:{bare}\b(?![=?!])"


def _disturbed(rewrite: Rewrite) -> str | None:
    """Why the definitions around the edit are not the same: a wrong depth makes Python's fall into one another."""
    if rewrite.old.tree.root_node.has_error:
        return None  # an error elsewhere may be read in another way once there are more lines
    before = Counter(full_name(s) for s in rewrite.kept)
    after = Counter(full_name(s) for s in rewrite.around)
    if gone := list((before - after).elements()):
        return f"The answer changes what stands around it: {_listed(gone)}."
    return None


def _vanished(rewrite: Rewrite) -> str | None:
    """Why a definition is missed: one that others may use, or one that is still used here."""
    if not rewrite.is_wide:
        return None
    local = _locals(rewrite)
    there = [s for s in rewrite.replaced if s.kind != "impl" and s.signature.start not in local]
    holders = {full_name(s) for s in there}
    bodies = Counter(full_name(s) for s in there if s.body is not None)
    made = Counter(full_name(s) for s in rewrite.made if s.body is not None)
    keys = {rewrite.key(s, rewrite.new) for s in rewrite.new.symbols()}
    names = {full_name(s) for s in rewrite.new.symbols()}
    plain = {s.name for s in rewrite.made}
    code = "\n".join(code_lines(rewrite.new.text, rewrite.language))
    words = set(_WORDS.findall(code))
    missed: list[str] = []
    for symbol in there:
        name, holder = full_name(symbol), squeezed(symbol.container)
        overload = rewrite.key(symbol, rewrite.old) not in keys and made[name] < bodies[name]
        if symbol == rewrite.symbol or (name in names and not overload):
            continue
        # Its class is made in another form (`A = Struct.new(:x) do`), or went as a whole, which says enough.
        held = holder and holder not in names and holder in holders
        if not (held and (symbol.name in plain or holder in missed)) and _is_missed(
            symbol, rewrite, code, words
        ):
            missed.append(name)
        if len(missed) > _MOST_NAMED:
            break
    return f"The answer leaves out {_listed(list(dict.fromkeys(missed)))}." if missed else None


def _is_missed(symbol: Symbol, rewrite: Rewrite, code: str, words: set[str]) -> bool:
    """Whether somebody may use a definition that is gone, or does so in the lines of `code`, which hold `words`."""
    used = not words.isdisjoint(_WORDS.findall(symbol.name)) or not _WORDS.search(symbol.name)
    value, attribute = _bindings(symbol.name)
    if used and re.search(rf"(?m)^(?:{value}|{attribute})", code):
        return False
    if used:
        return True
    head = rewrite.old.text[symbol.signature.start : symbol.signature.end].split(symbol.name)[0]
    node = rewrite.old.node_of(symbol)
    data = rewrite.old.data
    return visibility(rewrite.language, symbol.name, head, node, data) != "private"


def _locals(rewrite: Rewrite) -> set[int]:
    """Where the definitions within functions begin: nobody else knows them."""
    found: set[int] = set()
    end = 0  # of the outermost function so far
    for symbol in rewrite.old.symbols():
        if symbol.signature.start < end:
            found.add(symbol.signature.start)
        elif symbol.kind in CALLABLE and symbol.body is not None:
            end = symbol.body.end
    return found


def _unused(rewrite: Rewrite) -> str | None:
    """Why a definition beside the one that was asked for is none of its helpers: another version, say."""
    symbol = rewrite.symbol
    if symbol is None or symbol.kind not in CALLABLE:
        return None
    known = {s.name for s in rewrite.old.symbols()}
    for each in rewrite.outermost:
        if each.name in known or each.kind == "impl" or not _PLAIN_NAME.match(each.name):
            continue
        text = rewrite.new.text
        code = code_lines(text[: each.span.start], rewrite.language)
        code += code_lines(text[each.span.end :], rewrite.language)
        if not re.search(rf"(?<![\w$]){re.escape(each.name)}(?![\w$])", "\n".join(code)):
            return f"The answer also defines {each.name}, which nothing uses."
    return None


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:_MOST_NAMED])
    return f"{shown} and more" if len(names) > _MOST_NAMED else shown
