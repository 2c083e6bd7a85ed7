"""Whether only comments changed: what is harmless passes, and nothing else does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from codefare.source.comments import only_comments_changed, syntax_errors
from codefare.source.directives import bearing
from codefare.source.languages import LANGUAGES
from codefare.source.syntax import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

DATA = Path(__file__).parents[1] / "data" / "symbols"


def leaves(node: Node, language: str) -> Iterator[Node]:
    """The leaves of a tree in order, without those of comments."""
    if node.type in LANGUAGES[language].comments:
        return
    if not node.child_count:
        yield node
    for child in node.children:
        yield from leaves(child, language)


def comments(language: str, data: bytes) -> Iterator[tuple[int, bytes]]:
    """Start and text of each comment that no tool obeys."""
    waiting = [parse(language, data).root_node]
    while waiting:
        node = waiting.pop()
        if node.type in LANGUAGES[language].comments:
            text = data[node.start_byte : node.end_byte].rstrip()
            if bearing(language, text) is None:
                yield node.start_byte, text
        else:
            waiting.extend(node.children)


def sample(language: str) -> bytes:
    """The sample of a language."""
    return (DATA / f"{language}.txt").read_bytes()


@pytest.mark.parametrize("language", LANGUAGES)
def test_reworded_comments_are_harmless(language: str) -> None:
    """Every comment of the sample may be written anew."""
    data = sample(language)
    found = list(comments(language, data))
    assert found
    for start, text in found:
        at = start + len(text) - (2 if text.endswith(b"*/") else 0)
        if text.startswith(b"=begin"):
            continue
        assert only_comments_changed(language, data, data[:at] + b" reworded" + data[at:]) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_any_change_of_code_is_seen(language: str) -> None:
    """No leaf of the sample's tree can be taken away, doubled or changed unnoticed."""
    data = sample(language)
    checked = 0
    for leaf in leaves(parse(language, data).root_node, language):
        text = data[leaf.start_byte : leaf.end_byte]
        maybe_docstring = language == "python" and leaf.type.startswith("string_")
        if maybe_docstring or not text.strip():
            continue
        for changed in (b"", text + b" " + text, text + b"x"):
            new = data[: leaf.start_byte] + changed + data[leaf.end_byte :]
            assert only_comments_changed(language, data, new) is not None, (leaf, changed)
        checked += 1
    assert checked > 20


HARMLESS = [
    ("python", "def f():\n    return 1\n", 'def f():\n    """Doc."""\n    return 1\n'),
    ("python", "def f(): return 1\n", 'def f():\n    """Doc."""\n    return 1\n'),
    ("python", 'def f():\n    """Old."""\n    return 1\n', "def f():\n    return 1\n"),
    ("python", "x = 1\n", '"""Module."""\n\nx = 1\n'),
    (
        "python",
        "    def f(self):\n        pass\n",
        '    def f(self):\n        """D."""\n        pass\n',
    ),
    ("python", "x = 1  # one\n", "x = 1\n"),
    ("python", 'print "old"\n', 'print "old"  # Python 2\n'),
    ("python", "x = '\\d'\n", "x = '\\d'  # an odd escape\n"),
    ("javascript", "let a = 1\nlet b\n", "let a = 1 // one\n/* two\n lines */\nlet b\n"),
    ("go", "package a\n\nfunc f() {}\n", "package a\n\n// f does.\nfunc f() {} // end\n"),
    ("rust", "fn f() {}\n", "/// Does.\n///\n/// ```\n/// f();\n/// ```\nfn f() {}\n"),
    ("rust", "struct A { b: u8 }\n", "struct A {\n    /// B.\n    b: u8 }\n"),
    ("c", "#if A\nint a;\n#endif\n", "#if A\nint a; /* a */\n#endif\n"),
    ("cpp", "MACRO(x\nint f() { return 1; }\n", "MACRO(x\nint f() { return 1; /* one */ }\n"),
    ("csharp", "class A { }\n", "/// <summary>A.</summary>\nclass A { }\n"),
    ("ruby", "def f\n  1\nend\n", "# Does.\ndef f\n  # one\n  1\nend\n"),
    ("php", "<?php\nf();\n", "<?php\n/** Calls. */\nf(); # done\n"),
    ("java", "class A { }\n", "/** A. */\nclass A { /* empty */ }\n"),
    ("tsx", "const a = <p>{x}</p>;\n", "/** A. */\nconst a = <p>{x}</p>; // p\n"),
]
HARMFUL = [
    # Code into a comment, and out of one.
    ("python", "a()\nb()\n", "a()\n# b()\n"),
    ("python", "a()\n# b()\n", "a()\nb()\n"),
    ("java", "class A { int a; int b; }", "class A { int a; /* int b; */ }"),
    ("c", "/* one */ int a;\n", "/* one */ int b; /* */ int a;\n"),
    ("c", "// one\nint a;\n", "// one \\\nint a;\n"),
    ("javascript", "// one\na()\n", "// one\u2028b()\na()\n"),
    ("csharp", "// one\nint a;\n", "// one\u0085int b;\nint a;\n"),
    ("java", "// one\nclass A { }\n", "// one\rclass B { }\nclass A { }\n"),
    ("java", "// one\nclass A { }\n", "// \\u000aclass B { }\nclass A { }\n"),
    ("php", "<?php\n// one\nf();\n", "<?php\n// one ?> two\nf();\n"),
    ("ruby", "a\nb\n", "a\n=begin\nb\n=end\n"),
    # Docstrings that are more than that.
    ("python", "def f():\n    pass\n", 'def f():\n    """D.""" + g()\n    pass\n'),
    ("python", "def f():\n    pass\n", 'def f():\n    f"""{g()}"""\n    pass\n'),
    ("python", 'def f():\n    """D."""\n    pass\n', 'def f():\n    b"D."\n    pass\n'),
    ("python", "def f():\n    a()\n", 'def f():\n    a()\n    """Late."""\n'),
    # Text that looks like white space or a comment.
    ("python", "a = 'b c'\n", "a = 'b  c'\n"),
    ("python", "a = '# b'\n", "a = '# c'\n"),
    ("javascript", "a = `b // c`\n", "a = `b // d`\n"),
    ("javascript", "a = /b\\/\\/c/\n", "a = /b\\/\\/d/\n"),
    ("tsx", "a = <p>b c</p>;\n", "a = <p>b  c</p>;\n"),
    ("tsx", "a = <p>// b</p>;\n", "a = <p>// c</p>;\n"),
    ("ruby", "a = <<~B\n  # c\nB\n", "a = <<~B\n  # d\nB\n"),
    ("go", "package a\n\nvar b = `// c`\n", "package a\n\nvar b = `// d`\n"),
    ("c", "#define A b /* c */\n", "#define A b \\\n c\n"),
    ("php", "text\n<?php f();\n", "texts\n<?php f();\n"),
    ("csharp", "var a = ' ';\n", "var a = '  ';\n"),
    ("rust", 'fn f() { r" "; }\n', 'fn f() { r"  "; }\n'),
    ("php", "<?php\n$a = <<<X\n \nX;\n", "<?php\n$a = <<<X\n  \nX;\n"),
    ("ruby", "a = %w[b c]\n", "a = %w[b  c]\n"),
    # Structure.
    ("c", "int a = 1;\n", "int a = \\\n1;\n"),
    ("python", "def f():\n    return 1\n", 'def f():\n  """D."""\n    return 1\n'),
    ("python", "def f():\n    return 1\n", 'def f():\n    """D."""\n\treturn 1\n'),
    ("python", "if a:\n    b()\nc()\n", "if a:\n    b()\n    c()\n"),
    ("python", "a = (1)\n", "a = (1,)\n"),
    ("python", "def f():\n    pass\n", "def f():\n    pass\n)\n"),
    # Line breaks that end statements.
    ("javascript", "return a\n", "return /*\n*/ a\n"),
    ("go", "package a\n\nvar b = 1 + c\n", "package a\n\nvar b = 1 + /*\n*/ c\n"),
    ("ruby", "a(b)\n", "a # c\n(b)\n"),
    # Comments that tools obey.
    ("python", "a = 1  # noqa\n", "a = 1\n"),
    ("python", "a = 1\nb = 2  # type: ignore\n", "a = 1  # type: ignore\nb = 2\n"),
    ("python", "a = 1  # noqa: E501\n", "a = 1  # noqa\n"),
    ("python", "# -*- coding: latin-1 -*-\n", "# coding: utf-8\n"),
    ("typescript", "// @ts-ignore\na();\n", "// @ts-ignore\n// Calls.\na();\n"),
    ("javascript", "/* eslint-disable */\na();\n", "a();\n"),
    ("go", "//go:build linux\n\npackage a\n", "//go:build darwin\n\npackage a\n"),
    ("go", 'package a\n\n// int b;\nimport "C"\n', 'package a\n\n// int c;\nimport "C"\n'),
    ("ruby", "# frozen_string_literal: true\na\n", "# frozen_string_literal: false\na\n"),
    ("php", "<?php\n/** @dataProvider b */\nf();\n", "<?php\n/** Gone. */\nf();\n"),
    ("java", "/** A. */\nclass A { }\n", "/**\n * A.\n * @deprecated no\n */\nclass A { }\n"),
    ("c", "int a; // NOLINT\n", "int a;\n"),
    # Documentation that does not compile.
    ("rust", "fn f() { }\n", "fn f() { /// Nothing.\n }\n"),
    ("rust", "fn f() { g() }\n", "fn f() {\n/// Calls.\ng() }\n"),
    # Errors.
    ("python", "a = 1\n", "a = (1\n"),
    ("c", "@ ( /* one */ ] }\n", "@ ( /* two */ ] }\n"),
]


@pytest.mark.parametrize(("language", "old", "new"), HARMLESS)
def test_harmless(language: str, old: str, new: str) -> None:
    """Comments and docstrings may come, change and go."""
    assert only_comments_changed(language, old.encode(), new.encode()) is None


@pytest.mark.parametrize(("language", "old", "new"), HARMFUL)
def test_harmful(language: str, old: str, new: str) -> None:
    """A change of code is refused, however much it looks like one of a comment."""
    assert only_comments_changed(language, old.encode(), new.encode()) is not None


def test_the_reason_names_the_line_and_no_code() -> None:
    """A reason can be shown and logged."""
    reason = only_comments_changed("python", b"a = 1\nsecret = 2\n", b"a = 1\nsecret = 3\n")
    assert reason == "the code differs near line 2"
    reason = only_comments_changed("python", b"a = 1\n\nb = 1  # noqa\n", b"a = 1\n\nb = 1\n")
    assert reason == "a comment that tools obey differs near line 3"
    reason = only_comments_changed("rust", b"fn f() { }\n", b"fn f() { \n/// No.\n }\n")
    assert reason == "the doc comment in line 2 documents nothing"


@pytest.mark.parametrize("language", LANGUAGES)
def test_syntax_errors_are_counted(language: str) -> None:
    """A sample has no error; each bracket that is never closed or opened adds some."""
    data = sample(language)
    assert syntax_errors(language, data) == 0
    assert syntax_errors(language, data + b"\n)))\n") > 0
