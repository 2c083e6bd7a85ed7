"""Comments that ask for something: what they say, where they are, and what an edit would replace."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from codefare.source.document import Document
from codefare.source.languages import LANGUAGES
from codefare.source.notes import Note, Todo, comment_at, question_at, todo_at
from codefare.source.target import Span

DATA = Path(__file__).parents[1] / "data" / "stubs"

# A reminder above a statement that stands in for its code; the lines from >> to << are to be replaced.
REMINDERS = {
    "python": "class A:\n    def f(self):\n>>        # TODO: read the file\n        #   line by line\n"
    "        pass<<\n\n    def g(self):\n        return 1\n",
    "javascript": "function f() {\n>>  // TODO: read the file\n  //   line by line\n  throw new Error('todo');<<\n}\n",
    "typescript": "class A {\n  f(): string {\n>>    // TODO: read the file\n    //   line by line\n"
    "    return '';<<\n  }\n}\n",
    "tsx": "export const A = () => {\n>>  /* TODO: read the file\n   *   line by line */\n  return null;<<\n};\n",
    "go": "package a\n\nfunc f(p string) error {\n>>\t// TODO: read the file\n\t//   line by line\n\t_ = p\n"
    "\treturn nil<<\n}\n",
    "rust": "fn f() -> u8 {\n>>    // TODO: read the file\n    //   line by line\n    todo!()<<\n}\n",
    "java": "class A {\n    int f() {\n>>        // TODO: read the file\n        //   line by line\n"
    "        throw new UnsupportedOperationException();<<\n    }\n}\n",
    "c": "int f(char *p)\n{\n>>    /* TODO: read the file\n     *   line by line\n     */\n    (void)p;\n"
    "    return 0;<<\n}\n",
    "cpp": "int A::f()\n{\n>>    // TODO: read the file\n    //   line by line\n    return {};<<\n}\n",
    "csharp": "class A {\n    int F() {\n>>        // TODO: read the file\n        //   line by line\n"
    "        throw new NotImplementedException();<<\n    }\n}\n",
    "ruby": "class A\n  def f\n>>    # TODO: read the file\n    #   line by line\n    raise NotImplementedError<<\n"
    "  end\nend\n",
    "php": "<?php\nfunction f() {\n>>    // TODO: read the file\n    //   line by line\n    return null;<<\n}\n",
}

# A comment that says what is to come: alone in a body, and at the end of the file.
PLANS = {
    "python": "def f(text):\n    lines = text.split()\n    # count the words of each line\n\n\ndef g(): ...\n",
    "javascript": "function f(text) {\n  const lines = text;\n  // count the words of each line\n}\n",
    "typescript": "class A {\n  f(): void {}\n  // count the words of each line\n}\n",
    "tsx": "const A = () => {\n  // count the words of each line\n\n  return <p>{a}</p>;\n};\n",
    "go": "package a\n\nfunc f() {\n\tg()\n\t// count the words of each line\n}\n",
    "rust": "impl A {\n    fn f() {\n        // count the words of each line\n    }\n}\n",
    "java": "class A {\n    void f() {\n        /* count the words of each line */\n    }\n}\n",
    "c": '#include "a.h"\n\n/* count the words of each line */\n\nint g(void);\n',
    "cpp": "namespace a {\n// count the words of each line\n}\n",
    "csharp": "class A {\n    void F() {\n        // count the words of each line\n    }\n}\n",
    "ruby": "class A\n  def f\n    # count the words of each line\n  end\nend\n",
    "php": "<?php\nfunction f() {\n    // count the words of each line\n\n    g();\n}\n",
}


def read(language: str, text: str) -> Document:
    """A document with `text`."""
    return Document("file:///code", None, language, text)


def marked(language: str, text: str, line_break: str = "\n") -> tuple[Document, str]:
    """A document, and what stands in it between >> and <<."""
    text = text.replace("\n", line_break)
    expected = text.partition(">>")[2].partition("<<")[0]
    return read(language, text.replace(">>", "").replace("<<", "")), expected


def at(document: Document, words: str) -> int:
    """Where `words` begin."""
    return document.text.index(words)


def found_todo(document: Document, words: str) -> Todo:
    """The reminder where `words` begin."""
    todo = todo_at(document, at(document, words))
    assert todo is not None
    return todo


def found_note(document: Document, words: str) -> Note:
    """The comment where `words` begin."""
    note = comment_at(document, at(document, words))
    assert note is not None
    return note


def part(document: Document, span: Span) -> str:
    """The text of a span."""
    return document.text[span.start : span.end]


@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reminder_is_replaced_with_the_stub_below_it(language: str, line_break: str) -> None:
    """From each of its lines the reminder is found, and its place are whole lines with what stands in."""
    document, expected = marked(language, REMINDERS[language], line_break)
    for words in ("TODO", "line by line"):
        todo = found_todo(document, words)
        assert todo.word == "TODO"
        assert [line.strip() for line in todo.text.split("\n")] == ["read the file", "line by line"]
        assert part(document, todo.place) == expected
        comment = part(document, todo.span)
        assert comment.startswith(LANGUAGES[language].line_comment[:1])
        assert comment.rstrip("*/ \r\n").endswith("line by line")
    below = document.text.index(expected) + len(expected) - 1
    assert todo_at(document, below) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_comment_where_code_is_to_follow_awaits_it(language: str) -> None:
    """In a body or among definitions, with nothing below, a comment describes what is to come."""
    document = read(language, PLANS[language])
    note = found_note(document, "count the words")
    assert note.text == "count the words of each line"
    assert note.awaits_code
    assert part(document, note.place).strip() == part(document, note.span)
    assert document.buffer.line_start(note.span.start) == note.place.start
    assert todo_at(document, note.span.start) is None
    assert question_at(document, note.span.start) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_documentation_of_a_definition_awaits_nothing(language: str) -> None:
    """A comment right above a definition is about what is there."""
    marker = LANGUAGES[language].line_comment
    body = PLANS[language]
    comment = f"{marker} count the words of each line"
    above = {"python": "def f", "ruby": "  def f", "go": "func f", "c": "int g"}
    first = above.get(language, body.removeprefix("<?php\n").split("\n", 1)[0])
    plain = "\n".join(line for line in body.split("\n") if "count the words" not in line)
    document = read(language, plain.replace(first, f"{comment}\n{first}", 1))
    note = found_note(document, "count the words")
    assert note.text == "count the words of each line"
    assert not note.awaits_code


@pytest.mark.parametrize(
    ("text", "word", "rest"),
    [
        ("# TODO: a b", "TODO", "a b"),
        ("# TODO(ann): a b", "TODO", "a b"),
        ("# TODO a b", "TODO", "a b"),
        ("#TODO - a b", "TODO", "a b"),
        ("# FIXME a b", "FIXME", "a b"),
        ("# XXX: a b", "XXX", "a b"),
        ("# HACK a b", "HACK", "a b"),
        ("# @todo a b", "TODO", "a b"),
        ("# todo: a b", "TODO", "a b"),
        ("# TODO", "TODO", ""),
        ("# XXX TODO: a b", "XXX", "a b"),
    ],
)
def test_reminders_have_many_spellings(text: str, word: str, rest: str) -> None:
    """Each habit of writing a reminder is read."""
    todo = todo_at(read("python", f"x = 1\n{text}\n"), 8)
    assert todo is not None
    assert (todo.word, todo.text) == (word, rest)


@pytest.mark.parametrize(
    "text",
    ["# todos are kept here", "# the TODO list", "# to do", "# HACKED", "x = 'TODO: a'", "#"],
)
def test_what_only_mentions_a_reminder_is_none(text: str) -> None:
    """A reminder begins its comment."""
    assert todo_at(read("python", f"x = 1\n{text}\n"), 7) is None


def test_of_several_reminders_each_has_its_lines() -> None:
    """The explanation above the first belongs to none; the last takes what stands in below."""
    text = "x = 1\n# Some words first.\n# TODO: a\n#  b\n# FIXME: c\npass\n"
    document = read("python", text)
    assert todo_at(document, at(document, "Some")) is None
    first, second = found_todo(document, " b"), found_todo(document, "c\n")
    assert (first.text, part(document, first.place)) == ("a\n b", "# TODO: a\n#  b")
    assert (second.word, part(document, second.place)) == ("FIXME", "# FIXME: c\npass")


def test_a_reminder_above_a_function_is_about_it() -> None:
    """The function is part of the place; a type is not, unless it is a stub; nor is anything after a blank line."""
    document = read("python", "# TODO: cache\n@memo\ndef f(a):\n    return a\n")
    assert part(document, found_todo(document, "TODO").place) == document.text.rstrip("\n")
    document = read("python", "# TODO: split\nclass A:\n    x = 1\n")
    assert part(document, found_todo(document, "TODO").place) == "# TODO: split"
    document = read("python", "# TODO: write\nclass A:\n    pass\n")
    assert part(document, found_todo(document, "TODO").place) == document.text.rstrip("\n")
    document = read("python", "# TODO: cache\n\ndef f(a):\n    return a\n")
    assert part(document, found_todo(document, "TODO").place) == "# TODO: cache"
    document = read(
        "java", "class A {\n    /**\n     * TODO: sort\n     */\n    void f() { g(); }\n}\n"
    )
    todo = found_todo(document, "/**")
    assert todo.text == "sort"
    assert part(document, todo.place).strip().endswith("void f() { g(); }")


def test_real_code_below_stays() -> None:
    """What is no placeholder is not replaced, in the middle of a body or at its end."""
    document = read("go", "package a\n\nfunc f() {\n\t// TODO: log\n\tg()\n\t// TODO: close\n}\n")
    assert part(document, found_todo(document, "TODO: log").place) == "\t// TODO: log"
    assert part(document, found_todo(document, "TODO: close").place) == "\t// TODO: close"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("python", "def f():\n>>    return None  # TODO: x<<\n"),
        ("python", "a = 1\n>>if a:  # TODO: x\n    b()<<\nc()\n"),
        ("python", "total = sum(\n>>    prices,  # TODO: x<<\n)\n"),
        ("go", "package a\n\nfunc f() error {\n>>\treturn nil // TODO: x<<\n}\n"),
        ("c", "int f(void) {\n>>    return 0; /* TODO: x */<<\n}\n"),
        ("java", "class A {\n>>    int f() { // TODO: x\n        return 0;\n    }<<\n}\n"),
        (
            "typescript",
            "f();\n>>if (a) {\n  b();\n} else { // TODO: x\n}<<\ng();\n",
        ),
        ("ruby", "def f\n>>  nil # TODO: x<<\nend\n"),
    ],
)
def test_a_reminder_behind_code_is_about_its_statement(language: str, text: str) -> None:
    """The least that the line is part of is to be replaced, as whole lines."""
    document, expected = marked(language, text)
    todo = found_todo(document, "TODO")
    assert part(document, todo.place) == expected
    assert todo.text == "x"


def test_a_reminder_in_markup_takes_its_braces() -> None:
    """In JSX a comment stands in braces, which go with it."""
    text = "const A = () => (\n  <div>\n    {/* TODO: a list */}\n    {b /* TODO: not this */}\n  </div>\n);\n"
    document = read("tsx", text)
    todo = found_todo(document, "{/*")
    assert (todo.text, part(document, todo.place)) == ("a list", "    {/* TODO: a list */}")
    note = found_note(document, "a list")
    assert part(document, note.span) == "/* TODO: a list */"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("python", "# Copyright of the shop, all rights reserved\n"),
        ("python", "x = 1\n# ------ the tools of the shop ------\n"),
        ("python", "x = 1\n# helpers\n"),
        ("python", "#!/usr/bin/python\n\n# reads the orders\n\n# and writes the bills\n\nx = 1\n"),
        ("javascript", "a();\n/** Parses the accept header. */\n\nfunction f() {}\n"),
        ("go", "package a\n\n// NOTE: kept as it was\n"),
        ("c", "int a;\n\n/* \\defgroup the numbers of the shop */\n"),
        ("c", "int a;\n\n/* generated by the tools of the shop */\n"),
        ("python", "x = 1\n# total = sum(prices)\n"),
        ("javascript", "f();\n// if (a) {\n//   read(the, file);\n// }\n"),
        ("python", "# Reads orders from a file\n\nimport csv\n"),
        ("php", "<?php\n// Reads orders from a file\n\nf();\n"),
        ("python", "x = [\n    # the numbers of this month\n\n]\n"),
        ("go", "package a\n\nfunc f() {\n\t// close the file again\n\tg()\n}\n"),
        ("csharp", "enum A\n{\n    // the colours of the shop\n\n    Red\n}\n"),
    ],
)
def test_headings_old_code_and_remarks_on_code_await_nothing(language: str, text: str) -> None:
    """Comments that describe no code to come are told as they are, but nothing is to be generated from them."""
    document = read(language, text)
    marker = LANGUAGES[language].line_comment
    found = [
        comment_at(document, match.start()) for match in re.finditer(rf"{marker} |/\*+ ", text)
    ]
    assert found
    assert not any(note is None or note.awaits_code for note in found)


def test_a_comment_above_a_stub_statement_takes_it_along() -> None:
    """`pass` is there for what the comment describes; an empty result may be all there is."""
    document = read("python", "def f():\n    # read the whole file\n    pass\n")
    note = found_note(document, "read")
    assert note.awaits_code
    assert part(document, note.place) == "    # read the whole file\n    pass"
    document = read("python", "def f():\n    # read the whole file\n    return None\n")
    note = found_note(document, "read")
    assert not note.awaits_code
    assert part(document, note.place) == "    # read the whole file"


def test_a_file_that_only_says_what_it_will_do_awaits_code() -> None:
    """A comment is about the file only where the file holds something."""
    assert found_note(read("python", "# parse dates of letters\n"), "parse").awaits_code
    assert found_note(read("ruby", "#!/usr/bin/ruby\n# 注文を読む\n"), "注文").awaits_code


def test_comments_for_tools_are_no_notes() -> None:
    """A directive is not there to be read, and ends a run of comments."""
    document = read(
        "python", "#!/usr/bin/python\nx = 1\n# count the lines\n# noqa: E501\n# and the words\n"
    )
    assert comment_at(document, 3) is None
    assert comment_at(document, at(document, "noqa")) is None
    assert found_note(document, "count").text == "count the lines"
    assert found_note(document, "and the").text == "and the words"
    assert comment_at(document, at(document, "x = 1")) is None
    assert comment_at(read("go", "package a // of the shop\n"), 15) is None


def test_unlike_comments_do_not_run_together() -> None:
    """Documentation and a plain comment are two comments, as are those that a blank line parts."""
    document = read("rust", "/// Reads it all.\n// slowly, so far\n\n// or not at all\nfn f() {}\n")
    assert found_note(document, "Reads").text == "Reads it all."
    assert found_note(document, "slowly").text == "slowly, so far"
    assert found_note(document, "or not").text == "or not at all"


def test_text_in_a_string_is_no_comment() -> None:
    """What looks like a comment inside a string is none, nor does it join one."""
    document = read("python", 'x = """\n# TODO: no\n# no"""\n# TODO: yes\n')
    assert todo_at(document, at(document, "# TODO: no")) is None
    assert part(document, found_todo(document, "TODO: yes").span) == "# TODO: yes"


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("# Why is this so slow?", True),
        ("# Why is this\n# so slow?", True),
        ("# なぜ遅い？", True),  # noqa: RUF001  a full-width mark
        ("# TODO: is this right?", True),
        ('# What is "x?"', True),
        ("# why? because it is slow", False),
        ("# slow.", False),
        ("y = f(x)  # Why not g?", True),
        ("y = '# why?'", False),
    ],
)
def test_a_question_ends_with_its_mark(text: str, asked: bool) -> None:
    """A comment is a question by its end, in any script, alone or behind code."""
    document = read("python", f"x = 1\n{text}\n")
    note = question_at(document, 8)
    assert (note is not None) == asked
    if note is not None:
        assert part(document, note.place) == text
        assert note.text.endswith(("?", "？", '"'))  # noqa: RUF001  a full-width mark
        assert not (note.awaits_code and text.startswith("y"))


def test_the_last_tree_is_enough() -> None:
    """While nothing has parsed a change yet, answers come from the tree before it, at the places of now."""
    document = read("python", "x = 1\n# TODO: a\npass\n")
    document.apply(Span(0, 5), "total = compute(1)")
    todo = found_todo(document, "TODO")
    assert part(document, todo.place) == "# TODO: a\npass"
    document.apply(Span(at(document, "# TODO"), at(document, "TODO")), "")
    assert todo_at(document, at(document, "TODO")) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_place_makes_it_fail(language: str) -> None:
    """Cut off anywhere, at any place and beyond, the samples get an answer whose spans are in order."""
    whole = (DATA / f"{language}.txt").read_text("utf-8")
    for end in (len(whole), *range(5, len(whole), 173)):
        document = read(language, whole[:end])
        for offset in (-3, *range(0, end, 11), end, end + 5):
            for find in (todo_at, comment_at, question_at):
                note = find(document, offset)
                if note is not None:
                    assert 0 <= note.place.start <= note.span.start
                    assert note.span.start < note.span.end <= note.place.end <= end
    assert comment_at(Document("file:///a", None, None, "# a plain text\n"), 0) is None
    assert todo_at(read(language, ""), 0) is None
