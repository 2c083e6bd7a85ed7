"""The engine that asks no model, from the outside."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from tests.effort import calls

from codefare.errors import TargetError
from codefare.providers.offline import ENGINE_VERSION, SERVES, answer
from codefare.source.document import Document
from codefare.source.languages import LANGUAGES
from codefare.source.shapes import SHAPES
from codefare.source.target import Span

SAMPLES = Path(__file__).parent.parent / "data" / "offline"
ALL = sorted(SHAPES)
MADE_BY = "Made by codefare's offline engine from the syntax tree; no model was asked."


def opened(language: str, text: str | None = None) -> Document:
    """A document with the sample of a language, or with `text`."""
    suffix = LANGUAGES[language].extensions[0]
    path = Path(f"/nowhere/sample{suffix}")
    code = text if text is not None else (SAMPLES / f"{language}.sample").read_text("utf-8")
    return Document(path.as_uri(), path, language, code)


def everything(source: Document) -> dict[str, str]:
    """All answers for a document: of the file and of each definition."""
    targets = [source.target(Span(0, 0), whole_file=True)]
    starts = [symbol.signature.start for symbol in source.symbols()]
    targets += [source.target(Span(start, start)) for start in starts]
    found: dict[str, str] = {}
    for number, target in enumerate(targets):
        for action in sorted(SERVES):
            try:
                found[f"{number} {action}"] = answer(action, source, target)
            except TargetError as error:
                found[f"{number} {action}"] = f"TargetError: {error}"
    return found


def test_every_language_with_a_grammar_is_served() -> None:
    """No language that can be parsed lacks a table."""
    assert set(SHAPES) == set(LANGUAGES)


@pytest.mark.parametrize("language", ALL)
def test_the_same_text_gives_the_same_answers(language: str) -> None:
    """Two documents with one text give the same answers to the letter."""
    assert everything(opened(language)) == everything(opened(language))


def test_another_process_gives_the_same_answers() -> None:
    """No answer depends on the order of sets, which changes with the seed of the hash."""
    if "CODEFARE_DIGEST" in os.environ:
        pytest.skip("this is the other process")
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import test_offline_engine as t\n"
        "print(t.digest())\n"
    )
    digests = []
    for seed in ("1", "2024"):
        done = subprocess.run(
            [sys.executable, "-c", program, str(Path(__file__).parent)],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=True,
        )
        digests.append(done.stdout.strip())
    assert digests == [digest(), digest()]


def digest() -> str:
    """A hash of all answers for all samples."""
    return sha256(repr([everything(opened(language)) for language in ALL]).encode()).hexdigest()


@pytest.mark.parametrize("language", ALL)
def test_no_broken_text_is_a_danger(language: str) -> None:
    """Code cut off anywhere, or with a piece torn out, gets an answer or a TargetError."""
    text = opened(language).text
    chance = random.Random(7)  # noqa: S311  reproducible, not secret
    broken = [text[:end] for end in range(0, len(text), max(1, len(text) // 12))]
    for _ in range(6):
        start = chance.randrange(len(text))
        broken.append(text[:start] + text[start + chance.randrange(1, 60) :])
    for code in broken:
        if code.strip():
            assert everything(opened(language, code))


@pytest.mark.parametrize(
    "text",
    [
        "x = '\ud800'\ndef f(a):\n    return a\n",
        "def f(ä, 你好='é'):\n    return ä\n",
        "def f(a):\r\n    if a:\r\n        return 1\r\n",
    ],
)
def test_odd_characters_and_line_ends_are_no_danger(text: str) -> None:
    """Half surrogate pairs, other scripts and CRLF are read like any text."""
    found = everything(opened("python", text))
    assert all("\r" not in each for each in found.values())


def test_an_answer_says_that_no_model_was_asked() -> None:
    """The first line of a report says what made it, the second why."""
    source = opened("python")
    target = source.target(Span(0, 0), whole_file=True)
    lines = answer("explain", source, target, reason_line="No key is set.").split("\n")
    assert lines[:2] == [MADE_BY, "No key is set."]


def test_an_answer_with_code_is_one_fenced_block() -> None:
    """Document and tests come as a model's answer would: one block, nothing else."""
    source = opened("go")
    symbol = source.symbols()[2]
    target = source.target(Span(symbol.signature.start, symbol.signature.start))
    for action in ("document", "tests"):
        text = answer(action, source, target)
        assert text.startswith("```go\n")
        assert text.endswith("\n```\n")
        assert text.count("```") == 2


def test_lines_that_are_no_definition_can_only_be_explained() -> None:
    """The error says where to put the cursor."""
    source = opened("python")
    start = source.text.index("for _ in range(count)")
    target = source.target(Span(start, source.text.index("match item.name")))
    assert "loop `for _ in range(count)`" in answer("explain", source, target)
    for action in ("document", "tests"):
        with pytest.raises(TargetError) as caught:
            answer(action, source, target)
        assert "ut the cursor in a function or class" in caught.value.remedy


def test_a_file_without_a_grammar_gets_its_headings() -> None:
    """Markdown, TOML and shell scripts are outlined as text, fenced code left out."""
    text = "# Title\n\ntext\n\n```sh\n# no heading\n```\n\n## Part\n"
    source = Document("file:///a.md", Path("/nowhere/a.md"), None, text)
    target = source.target(Span(0, 0), whole_file=True)
    report = answer("explain", source, target)
    assert "- 1: `Title`\n  - 9: `Part`" in report
    assert "no heading" not in report
    with pytest.raises(TargetError, match="no grammar") as caught:
        answer("document", source, target)
    assert "Python" in caught.value.remedy


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("a.toml", "[tool.x]\na = 1\n[[list]]\n", "- 1: `tool.x`\n- 3: `list`"),
        ("a.sh", "run() {\n  true\n}\nfunction stop {\n  false\n}\n", "- 1: `run`\n- 4: `stop`"),
        ("Makefile", "all: a b\n\tdo\nX := 1\nclean:\n", "- 1: `all`\n- 4: `clean`"),
        ("a.yaml", "on: push\njobs:\n  test:\n", "- 1: `on`\n- 2: `jobs`"),
    ],
)
def test_the_parts_of_other_texts_are_found(name: str, text: str, expected: str) -> None:
    """Each kind of text has its own beginnings of a part."""
    source = Document(f"file:///{name}", Path(f"/nowhere/{name}"), None, text)
    assert expected in answer("explain", source, source.target(Span(0, 0), whole_file=True))


def test_a_document_that_has_moved_on_is_refused() -> None:
    """A target of an older text is not answered with what stands there now."""
    source = opened("python")
    symbol = next(one for one in source.symbols() if one.name == "version")
    target = source.target(Span(symbol.signature.start, symbol.signature.start))
    source.apply(Span(0, 0), "# one line more\n")
    with pytest.raises(TargetError, match="has changed"):
        answer("document", source, target)


def test_an_answer_leaves_the_document_alone() -> None:
    """It may run in a thread of its own: it neither parses nor changes the document."""
    source = opened("python")
    target = source.target(Span(0, 0), whole_file=True)
    source.apply(Span(len(source.text), len(source.text)), "\n")
    target = source.target(Span(0, 0), whole_file=True)
    revision, parsed = source.revision, source.is_parsed
    answer("explain", source, target)
    assert (source.revision, source.is_parsed) == (revision, parsed)


def test_an_unknown_action_is_a_mistake_of_the_caller() -> None:
    """Only what is served can be asked for."""
    source = opened("python")
    with pytest.raises(ValueError, match="refactor"):
        answer("refactor", source, source.target(Span(0, 0), whole_file=True))
    assert ENGINE_VERSION


@pytest.mark.parametrize("action", sorted(SERVES))
def test_an_answer_for_a_long_function_is_quick(action: str) -> None:
    """Ten times as many lines are ten times the work, not a hundred times."""
    part = "    if x > {n}:\n        y = compute(x, {n})\n        if not y:\n            raise ValueError('no')\n"

    def work(parts: int) -> int:
        body = "".join(part.format(n=n) for n in range(parts))
        source = opened("python", f"def f(x: int) -> int:\n{body}    return x\n")
        target = source.target(Span(0, 0))
        return calls(lambda: answer(action, source, target))

    work(5)  # what is done once for a language
    assert work(500) < 15 * work(50)
