"""Every supported language, from the symbol under the cursor to an outcome that the guard lets pass."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.built_in import TASKS

from codefare.guard import verify
from codefare.providers.offline import answer
from codefare.source.comments import only_comments_changed
from codefare.source.document import Document
from codefare.source.languages import LANGUAGES, language_of
from codefare.source.target import Span
from codefare.tasks import Subject
from codefare.tasks.outcome import Edit, NewFile, Outcome, Refused, Report

SOURCES = {
    "a.py": "class Greeter:\n    def greet(self, name):\n        if not name:\n            raise ValueError(name)\n        return name\n",
    "a.js": "export function greet(name) {\n  if (!name) throw new Error('x');\n  return name;\n}\n",
    "a.ts": "export function greet(name: string): string {\n  if (!name) { throw new Error('x'); }\n  return name;\n}\n",
    "a.tsx": "export function Greet(props: { name: string }) {\n  return <b>{props.name}</b>;\n}\n",
    "a.go": "package a\n\nfunc Greet(name string) (string, error) {\n\tif name == \"\" {\n\t\treturn \"\", errEmpty\n\t}\n\treturn name, nil\n}\n",
    "a.rs": "pub fn greet(name: &str) -> Result<String, String> {\n    if name.is_empty() { return Err(\"x\".into()); }\n    Ok(name.to_string())\n}\n",
    "A.java": "public class A {\n    String greet(String name) {\n        if (name == null) { throw new IllegalArgumentException(); }\n        return name;\n    }\n}\n",
    "a.c": "int greet(int count) {\n    if (count < 0) {\n        return -1;\n    }\n    return count;\n}\n",
    "a.cpp": "int Greeter::greet(int count) {\n    if (count < 0) {\n        return -1;\n    }\n    return count;\n}\n",
    "A.cs": "class A {\n    string Greet(string name) {\n        if (name == null) { throw new System.Exception(); }\n        return name;\n    }\n}\n",
    "a.rb": "class A\n  def greet(name)\n    raise ArgumentError if name.nil?\n    name\n  end\nend\n",
    "a.php": "<?php\nfunction greet(string $name): string {\n    if ($name === '') { throw new Exception(); }\n    return $name;\n}\n",
}  # fmt: skip


def opened(name: str, text: str, folder: Path = Path("/project")) -> Document:
    """A document of that file name."""
    path = folder / name
    return Document(path.as_uri(), path, language_of(path, None), text)


def outcome(action: str, document: Document, at: int, said: str | None = None) -> Outcome:
    """What an answer (the offline engine's, if none is given) on the symbol at an offset comes to."""
    target = document.target(Span(at, at))
    text = answer(action, document, target) if said is None else said
    return verify(TASKS[action].read(text, Subject(document, target)), document, target, text)


def place(text: str) -> int:
    """In the body of the one function."""
    return max(text.find(word) for word in ("name", "count", "props"))


def test_all_languages_are_here() -> None:
    """A new language gets a sample."""
    assert {language_of(Path(name), None) for name in SOURCES} == set(LANGUAGES)


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_documenting_changes_comments_only(name: str, ending: str) -> None:
    """The comment stands where the language wants it, with the file's line endings, and the code is as it was."""
    text = SOURCES[name].replace("\n", ending)
    document = opened(name, text)
    made = outcome("document", document, place(text))
    assert isinstance(made, Edit), made
    new = text[: made.span.start] + made.new + text[made.span.end :]
    assert only_comments_changed(document.language or "", text.encode(), new.encode()) is None
    assert new.count("\n") == new.count(ending)
    again = opened(name, new)
    symbol = again.target(Span(new.rfind(text[-12:]), new.rfind(text[-12:]))).symbol
    assert any(s.doc for s in again.symbols()), symbol


@pytest.mark.parametrize("name", SOURCES)
def test_a_comment_is_documented_anew_in_its_place(name: str) -> None:
    """A second documentation replaces the first one and does not pile up."""
    text = SOURCES[name]
    first = outcome("document", opened(name, text), place(text))
    assert isinstance(first, Edit)
    once = text[: first.span.start] + first.new + text[first.span.end :]
    document = opened(name, once)
    symbol = next(s for s in document.symbols() if s.doc)
    marker = "UNIQUEWORD"
    existing = once[symbol.doc.start : symbol.doc.end]  # type: ignore[union-attr]  # chosen for having one
    word = next(w for w in existing.split() if w.isalpha() and len(w) > 2)
    said = f"```\n{existing.replace(word, marker, 1)}\n```"
    second = outcome("document", document, symbol.signature.start, said)
    assert isinstance(second, Edit), second
    twice = once[: second.span.start] + second.new + once[second.span.end :]
    assert twice.count(marker) == 1
    assert len(twice.splitlines()) == len(once.splitlines())


@pytest.mark.parametrize("name", SOURCES)
def test_code_in_place_of_a_comment_is_refused(name: str) -> None:
    """An answer that would change code never passes, in any language."""
    text = SOURCES[name]
    made = outcome("document", opened(name, text), place(text), "```\nx = evil();\n```")
    assert isinstance(made, Refused) or '"""x = evil();"""' in str(made)


@pytest.mark.parametrize("name", SOURCES)
def test_explain_and_tests_work_everywhere(name: str, tmp_path: Path) -> None:
    """A report, and a test file that parses in its language."""
    text = SOURCES[name]
    document = opened(name, text, tmp_path)
    assert isinstance(outcome("explain", document, place(text)), Report)
    assert isinstance(outcome("tests", document, place(text)), NewFile)


@pytest.mark.parametrize("name", SOURCES)
def test_half_a_function_is_refused(name: str) -> None:
    """A rewrite that was cut in the middle of a line does not parse and is not applied."""
    text = SOURCES[name]
    document = opened(name, text)
    target = document.target(Span(place(text), place(text)))
    cut = target.text[: target.text.rindex("return" if "return" in target.text else "name")].rstrip(
        "{} \n"
    )
    made = outcome("refactor", document, place(text), f"```\n{cut} (\n```")
    assert isinstance(made, Refused), made


def test_a_rewrite_keeps_the_indentation_and_the_last_line() -> None:
    """A method comes back without its indentation, and fits all the same."""
    text = SOURCES["a.py"]
    said = "```python\ndef greet(self, name):\n    if name:\n        return name\n    raise ValueError(name)\n```"
    made = outcome("refactor", opened("a.py", text), place(text), said)
    assert isinstance(made, Edit)
    new = text[: made.span.start] + made.new + text[made.span.end :]
    assert new == (
        "class Greeter:\n    def greet(self, name):\n        if name:\n            return name\n        raise ValueError(name)\n"
    )


def test_nothing_worth_changing_is_no_edit() -> None:
    """The same code back is said to be just that."""
    text = SOURCES["a.go"]
    document = opened("a.go", text)
    target = document.target(Span(place(text), place(text)))
    made = outcome("refactor", document, place(text), f"```go\n{target.text}\n```")
    assert isinstance(made, Refused)
    assert "nothing worth changing" in made.reason


def test_selected_lines_of_a_language_without_a_grammar_are_documented_by_whole_lines() -> None:
    """Lua's line comment is known: a comment goes above the selection, and anything else is refused."""
    text = "local function add(a, b)\n  return a + b\nend\n"
    document = opened("a.lua", text)
    target = document.target(Span(0, len(text) - 5))
    good = TASKS["document"].read("```lua\n-- Adds two numbers.\n```", Subject(document, target))
    bad = TASKS["document"].read("```lua\nos.exit()\n```", Subject(document, target))
    assert isinstance(good, Edit)
    assert good.new == "-- Adds two numbers.\n"
    assert good.span == Span(0, 0)
    assert isinstance(bad, Refused)
