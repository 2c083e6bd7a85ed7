"""Languages: recognised by what the editor says, else by the file's name; each has a grammar."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from codefare.source.languages import LANGUAGES, DocStyle, language_of
from codefare.source.syntax import parse


@pytest.mark.parametrize(
    ("path", "lsp_id", "expected"),
    [
        ("a.py", None, "python"),
        ("a.pyi", "python", "python"),
        ("App.jsx", "javascriptreact", "javascript"),
        ("App.tsx", "typescriptreact", "tsx"),
        ("App.tsx", None, "tsx"),
        ("a.mts", "typescript", "typescript"),
        ("a.h", None, "cpp"),
        ("a.h", "c", "c"),
        ("A.CPP", None, "cpp"),
        ("a.c", "C", "c"),
        ("Program.cs", "csharp", "csharp"),
        ("Rakefile", None, "ruby"),
        ("index.php", "php", "php"),
        ("a.py", "plaintext", "python"),
        ("notes.txt", "plaintext", None),
        (None, "rust", "rust"),
        (None, None, None),
        ("noextension", None, None),
        ("Untitled-1", "go", "go"),
    ],
)
def test_the_editors_word_comes_first_then_the_name(
    path: str | None, lsp_id: str | None, expected: str | None
) -> None:
    """The editor's language id decides; an unknown one leaves it to the file's name."""
    assert language_of(Path(path) if path else None, lsp_id) == expected


@pytest.mark.parametrize("language_id", sorted(LANGUAGES))
def test_every_language_has_a_grammar_that_parses(language_id: str) -> None:
    """Each language's wheel loads and parses an empty text without an error."""
    assert LANGUAGES[language_id].id == language_id
    assert not parse(language_id, b"").root_node.has_error


@pytest.mark.parametrize("language_id", sorted(LANGUAGES))
def test_every_comment_node_type_exists_in_its_grammar(language_id: str) -> None:
    """A comment in the language's own marker is a node of one of its comment types."""
    language = LANGUAGES[language_id]
    opening = b"<?php\n" if language_id == "php" else b""
    root = parse(language_id, opening + language.line_comment.encode() + b" hello\n").root_node
    assert {child.type for child in root.named_children} & language.comments


def test_only_python_documents_inside_the_body() -> None:
    """Every other language documents above the definition, with openers to know it by."""
    for language in LANGUAGES.values():
        inside = language.doc_style is DocStyle.DOCSTRING
        assert inside == (language.id == "python")
        assert inside == (not language.doc_openers)


def test_an_unknown_language_is_a_key_error() -> None:
    """`parse` names the language it does not know."""
    with pytest.raises(KeyError, match="klingon"):
        parse("klingon", b"")


def test_threads_parse_at_the_same_time() -> None:
    """Trees parsed by several threads at once are the same as those parsed alone."""
    data = b"def f(x):\n    return [x for _ in range(3)]\n" * 300
    expected = str(parse("python", data).root_node)
    seen: list[str] = []
    threads = [
        threading.Thread(target=lambda: seen.append(str(parse("python", data).root_node)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [expected] * 4
