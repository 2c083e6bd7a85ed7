"""The guard's corpus: answers in every language, good ones and bad ones, and what becomes of each.

The answers that were written by hand are in `data/guard/LANGUAGE.txt`; what can go wrong in every language alike is
made from them here. `python -m tests.guard_corpus` prints the table.

A file begins with `@@ file NAME` and its text. Each section after it is one answer, `@@ good ACTION TARGET | WAY`:
`bad` stands for `good` where it must be refused, `raw` before the action where the answer is the text as it is (all
others get a fence), and `| remark` before the way where the guard has to say something of it.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from tests.built_in import TASKS

from codefare.guard import verify
from codefare.source.document import Document
from codefare.source.languages import LANGUAGES
from codefare.source.target import Span
from codefare.tasks import Subject
from codefare.tasks.answer import code_block
from codefare.tasks.outcome import Addition, Outcome, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codefare.source.target import Target

DATA = Path(__file__).parent / "data" / "guard"
FOLDER = Path("/project")
MODEL = "model"
PLACEHOLDERS = (
    "... rest of the code unchanged",
    "... existing code ...",
    "existing code",
    "rest of the function remains the same",
    "… (same as before)",
    "your code here",
    "TODO: implement the rest of the logic",
    "<existing code>",
    "[rest of the implementation]",
    "code omitted for brevity",
    "...",
    "unchanged",
    "Rest of the code here",
    "implementation goes here",
    "... restlicher Code ...",
)
# Valid in both languages, so that nothing but the fence can tell.
KIN = (
    {"javascript", "typescript", "tsx"},
    {"c", "cpp"},
)
ALIKE = {
    "java",
    "csharp",
}  # a method of the one may be one of the other: there the fence has to tell


@dataclass(frozen=True)
class Case:
    """One answer: what was asked for, what came, and whether it may be used."""

    language: str
    way: str
    good: bool
    action: str
    target: str
    answer: str
    remark: bool = False
    name: str = ""
    source: str = ""
    many: str = ""

    @property
    def said(self) -> str:
        """The answer; 10 MB of `many` are not kept for each case."""
        return self.answer.replace("%MANY%", self.many * (10_000_000 // max(len(self.many), 1)))

    def __str__(self) -> str:
        """How a test is called."""
        verdict = "good" if self.good else "bad"
        return f"{self.language}-{verdict}-{self.action}-{self.target}-{self.way}".replace(" ", "_")


def fenced(text: str, tag: str) -> str:
    """A text as a code block."""
    return f"```{tag}\n{text.rstrip()}\n```\n"


def written(language: str) -> Iterator[Case]:
    """The cases of one file."""
    name = source = ""
    for section in (DATA / f"{language}.txt").read_text("utf-8").split("@@ ")[1:]:
        head, _, text = section.partition("\n")
        if head.startswith("file "):
            name, source = head.removeprefix("file "), text
            continue
        words, *notes = (part.strip() for part in head.split("|"))
        verdict, *rest = words.split()
        raw = rest[0] == "raw"
        action, target = rest[raw:]
        answer = text if raw else fenced(text, language)
        case = Case(language, notes[-1], verdict == "good", action, target, answer)
        case = replace(case, name=name, source=source, remark="remark" in notes[:-1])
        if "%PLACEHOLDER%" not in text:
            yield case
            continue
        for phrase in PLACEHOLDERS:
            said = answer.replace("%PLACEHOLDER%", phrase)
            yield replace(case, answer=said, way=f"placeholder: {phrase}")


def model(language: str, action: str) -> Case:
    """The plain good answer of a language to one action."""
    return next(c for c in written(language) if c.way == MODEL and c.action == action)


def derived(language: str) -> Iterator[Case]:
    """What can go wrong, and right, in every language alike."""
    for action in ("refactor", "document", "tests"):
        case = model(language, action)
        yield from _readings(case)
        yield from _characters(case)
    case = model(language, "refactor")
    yield from _around(case)
    yield from _halves(case)
    yield from _names(case)
    yield from _foreign(case)
    yield from _whole_files(case)
    yield from _new_files(model(language, "tests"))
    yield from _additions(model(language, "tests"))


def _block(case: Case) -> str:
    block = code_block(case.answer)
    assert isinstance(block, str)
    return block


def _bad(case: Case, way: str, answer: str) -> Case:
    return replace(case, good=False, way=way, answer=answer)


def _good(case: Case, way: str, answer: str) -> Case:
    return replace(case, good=True, way=way, answer=answer)


def _readings(case: Case) -> Iterator[Case]:
    """How an answer is put."""
    block, answer = _block(case), case.answer
    yield _good(case, "prose around", f"Here it is:\n\n{answer}\nI hope this helps: `x` is gone.")
    yield _good(case, "another fence", f"~~~~\n{block}~~~~")
    yield _good(case, "CRLF answer", answer.replace("\n", "\r\n"))
    crlf = replace(case, source=case.source.replace("\n", "\r\n"))
    yield _good(crlf, "CRLF file", answer)
    yield _bad(case, "three blocks", answer * 3)
    yield _bad(case, "a command block beside", f"{answer}\n```sh\nrm -rf ~\n```\n")
    yield _bad(case, "no code", "I cannot help with that.")
    yield _bad(case, "empty", "")
    yield _bad(case, "white space", " \n\t\n")
    yield _bad(case, "empty block", "```\n\n```")
    yield _bad(case, "fence left open", answer.rstrip().removesuffix("```"))
    yield _bad(case, "an apology in a block", fenced("I am sorry, but I can't do that.", ""))
    for way, answer, many in (
        ("10 MB of lines", "```\n%MANY%\n```", block),
        ("10 MB in one line", "```\n%MANY%\n```", "x"),
        ("10 MB without a fence", "%MANY%", block),
        ("10 MB of blocks", "%MANY%", case.answer),
    ):
        yield replace(_bad(case, way, answer), many=many)


def _characters(case: Case) -> Iterator[Case]:
    """Characters that are no text, within a comment, where every grammar takes them."""
    block = _block(case)
    mark = LANGUAGES[case.language].line_comment
    for name, character in (
        ("NUL", "\0"),
        ("escape", "\x1b[31m"),
        ("half a surrogate pair", "\ud83d"),
        ("replacement character", "\ufffd"),
        ("reordered text", "\u202e"),
    ):
        if case.action == "document":
            broken = re.sub(r"(\w) (\w)", rf"\1 {character}\2", block, count=1)
        else:
            lines = block.rstrip("\n").split("\n")
            lines.insert(len(lines) - 1, f"{mark} one {character} two")
            broken = "\n".join(lines)
        yield _bad(case, name, fenced(broken, case.language))


def _around(case: Case) -> Iterator[Case]:
    """Files that are not what they should be, and tags that lie."""
    broken = replace(case, source=f"{case.source}\n)(\n")
    yield _good(broken, "a file with errors elsewhere", case.answer)
    yield _good(case, "no language named", fenced(_block(case), ""))
    yield _good(case, "blank lines around", fenced(f"\n\n{_block(case)}\n\n", case.language))
    yield _bad(case, "a diff", fenced("- old\n+ new", "diff"))
    nested = f"````\n{fenced(_block(case), case.language)}````\n"
    yield _bad(case, "a block in the block", nested)
    yield _bad(case, "only a comment", fenced(f"{LANGUAGES[case.language].line_comment} done", ""))


def _halves(case: Case) -> Iterator[Case]:
    """An answer that breaks off, with its fence closed."""
    _, target = opened(case)
    lines = target.text.rstrip().split("\n")
    for share in (0.3, 0.5, 0.7):
        yield _bad(
            case,
            f"cut off after {share:.0%}",
            fenced("\n".join(lines[: int(len(lines) * share)]), case.language),
        )
    yield _bad(case, "without its last line", fenced("\n".join(lines[:-1]), case.language))
    yield _bad(case, "without its first line", fenced("\n".join(lines[1:]), case.language))


def _names(case: Case) -> Iterator[Case]:
    """A definition that is called something else, twice, or not there."""
    _, target = opened(case)
    assert target.symbol is not None
    name = target.symbol.name
    block = _block(case)
    for other in ("compute", f"{name}2"):
        renamed = re.sub(rf"\b{name}\b(?=[(])", other, block)
        yield _bad(case, f"renamed to {other}", fenced(renamed, case.language))
    yield _bad(case, "defined twice", fenced(f"{block}\n\n{block}", case.language))
    body = [line for line in block.rstrip().split("\n")[1:] if not re.fullmatch(r"\W*|end", line)]
    yield _bad(case, "the body alone", fenced("\n".join(body), case.language))


def _foreign(case: Case) -> Iterator[Case]:
    """The same function in every other language, with its tag and without one."""
    _, target = opened(case)
    assert target.symbol is not None
    for language in LANGUAGES:
        if language == case.language or any({language, case.language} <= kin for kin in KIN):
            continue
        block = re.sub(
            r"\b[tT]otal\b(?=[(])", target.symbol.name, _block(model(language, "refactor"))
        )
        yield _bad(case, f"in {language}", fenced(block, language))
        if {language, case.language} != ALIKE:
            yield _bad(case, f"in {language}, untagged", fenced(block, ""))


def _whole_files(case: Case) -> Iterator[Case]:
    """A whole file for one function: taken where all else in it is as it was."""
    document, target = opened(case)
    outcome = read(case, document, target)
    new = getattr(outcome, "new", "")
    before, after = document.text[: target.span.start], document.text[target.span.end :]
    yield _good(
        case, "the whole file, unchanged elsewhere", fenced(before + new + after, case.language)
    )
    less = "\n".join(after.rstrip().split("\n")[:-6])
    yield _bad(case, "the whole file, cut off", fenced(before + new + less, case.language))
    more = f"{LANGUAGES[case.language].line_comment} changed\n"
    yield _bad(
        case,
        "the whole file, changed elsewhere",
        fenced(f"{before}{new}{after}\n{more}", case.language),
    )
    yield _bad(case, "the file up to the function", fenced(before + new, case.language))
    whole = replace(case, target="FILE")
    yield _good(whole, "a file for a file", fenced(before + new + after, case.language))
    yield _bad(whole, "one function for a file", case.answer)


def _new_files(case: Case) -> Iterator[Case]:
    """What comes in place of tests."""
    block = _block(case)
    mark = LANGUAGES[case.language].line_comment
    yield _bad(case, "tests that are the code itself", fenced(case.source, case.language))
    yield _bad(case, "tests of comments", fenced(f"{mark} nothing to test", case.language))
    lines = block.rstrip().split("\n")
    yield _bad(case, "half a test", fenced("\n".join(lines[: max(2, len(lines) // 2)]) + "\n(", ""))
    for phrase in (
        "... more tests",
        "Add more test cases here",
        "... (rest of the tests unchanged)",
    ):
        yield _bad(
            case, f"tests and a placeholder: {phrase}", fenced(f"{block}\n{mark} {phrase}", "")
        )


def _additions(case: Case) -> Iterator[Case]:
    """What is added to a file of tests that is there. No task reads these yet: the whole new file is handed over."""
    block = _block(case)
    add = replace(case, action="add", source=block)
    mark = LANGUAGES[case.language].line_comment
    yield _good(
        add, "added to tests", f"{block}\n{mark} Cases that stay unchanged in the buffer.\n"
    )
    yield _bad(add, "added with a placeholder", f"{block}\n{mark} ... existing tests\n")
    yield _bad(add, "added with an error", f"{block}\n)(\n")
    yield _bad(add, "added with NUL", f"{block}\n{mark} \0\n")
    yield _bad(add, "added in place of the tests", f"{mark} new\n")
    if case.language in {
        "python",
        "go",
        "c",
        "ruby",
        "php",
    }:  # the others' tests have no names, or overload them
        yield _bad(add, "added a second time", f"{block}\n{block.removeprefix('<?php')}")
    yield replace(_bad(add, "added 10 MB", "%MANY%"), many=block)


def opened(case: Case) -> tuple[Document, Target]:
    """The document of a case, and what the action works on."""
    path = FOLDER / case.name
    document = Document(path.as_uri(), path, case.language, case.source, 1)
    if case.target == "FILE":
        return document, document.target(Span(0, 0), whole_file=True)
    if case.target.startswith("lines:"):
        first, last = map(int, case.target.removeprefix("lines:").split("-"))
        return document, document.target(document.span_of_lines(first, last))
    name, _, number = case.target.partition("@")
    named = [s for s in document.symbols() if s.qualified_name == name]
    symbol = named[int(number or 1) - 1]
    target = document.target(symbol.span)
    assert target.symbol == symbol, (
        case,
        target.symbol,
        [s.qualified_name for s in document.symbols()],
    )
    return document, target


def read(case: Case, document: Document, target: Target) -> Outcome:
    """What the task reads in the answer."""
    return TASKS[case.action].read(case.said, Subject(document, target))


def outcome(case: Case) -> Outcome:
    """What becomes of an answer."""
    if case.action == "add":
        path = FOLDER / f"test_{case.name}"
        document = Document(path.as_uri(), path, case.language, "x = 1\n", 1)
        target = document.target(Span(0, 1))
        return verify(Addition(path, case.source, case.said), document, target, case.said)
    document, target = opened(case)
    return verify(read(case, document, target), document, target, case.said)


@cache
def accepted(case: Case) -> bool:
    """Whether an answer may be used."""
    return not isinstance(outcome(case), Refused)


@cache
def cases() -> tuple[Case, ...]:
    """All of them."""
    return tuple(
        case for language in LANGUAGES for case in (*written(language), *derived(language))
    )


def table(*, whole: bool = False) -> str:
    """How many answers were accepted and refused: by language and by way; the `whole` of it by both at once."""
    counted: Counter[tuple[str, str, bool]] = Counter()
    for case in cases():
        verdict, used = "good" if case.good else "bad", accepted(case)
        way = f"{verdict} {case.action}: {_kind(case)}"
        rows = [(case.language, way)] if whole else [(case.language, verdict), ("any", way)]
        for language, answer in (*rows, ("all", verdict)):
            counted[language, answer, used] += 1
    lines = [f"{'language':<11} {'answer':<64} {'accepted':>8} {'refused':>8}"]
    keys = dict.fromkeys((language, answer) for language, answer, _ in counted)
    for language, answer in sorted(keys, key=lambda key: (key[0] == "all", key[0] == "any")):
        taken, refused = (counted[language, answer, verdict] for verdict in (True, False))
        lines.append(f"{language:<11} {answer:<64.64} {taken:>8} {refused:>8}")
    return "\n".join(lines)


def _kind(case: Case) -> str:
    """The way of a case without what tells it from its siblings."""
    if case.way.startswith("in "):
        return "another language" + (", untagged" if "untagged" in case.way else "")
    return re.sub(r":.*| after .*| to \w+\Z", "", case.way)


if __name__ == "__main__":
    print(table(whole=True))  # noqa: T201  a program that prints
