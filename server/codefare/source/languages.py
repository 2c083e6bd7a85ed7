"""The languages that codefare reads with a grammar: how to recognise, comment and parse each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class DocStyle(StrEnum):
    """Where a language keeps the documentation of a definition."""

    DOCSTRING = "docstring"  # the first statement of the body
    BLOCK = "block"  # one block comment above: /** ... */
    LINES = "lines"  # line comments above, each starting with `doc_marker`


@dataclass(frozen=True, slots=True)
class Language:
    """One language.

    `module` and `factory` name the grammar wheel. `lsp_ids` are the ids that editors send, in
    lower case. `doc_marker` opens a documentation comment that we write (`///`, `/**`);
    `doc_openers` are the beginnings of a comment that counts as documentation when it stands
    directly above a definition. `doc_note` is the convention in words for a prompt. `comments`
    are the grammar's node types of comments. `newline_ends_statement` is true where a new line,
    even one inside a comment, can end a statement.
    """

    id: str
    name: str
    module: str
    factory: str
    extensions: tuple[str, ...]
    lsp_ids: tuple[str, ...]
    line_comment: str
    doc_style: DocStyle
    doc_marker: str
    doc_openers: tuple[str, ...]
    doc_note: str
    comments: frozenset[str] = frozenset({"comment"})
    file_names: tuple[str, ...] = ()
    newline_ends_statement: bool = False


_LINE_AND_BLOCK = frozenset({"line_comment", "block_comment"})
_JS_COMMENTS = frozenset({"comment", "html_comment"})

_ALL = (
    Language(
        id="python",
        name="Python",
        module="tree_sitter_python",
        factory="language",
        extensions=(".py", ".pyi", ".pyw"),
        lsp_ids=("python", "py"),
        line_comment="#",
        doc_style=DocStyle.DOCSTRING,
        doc_marker='"""',
        doc_openers=(),
        doc_note="a docstring as the first statement of the body",
    ),
    Language(
        id="javascript",
        name="JavaScript",
        module="tree_sitter_javascript",
        factory="language",
        extensions=(".js", ".mjs", ".cjs", ".jsx"),
        lsp_ids=("javascript", "javascriptreact", "js", "jsx", "javascript.jsx"),
        line_comment="//",
        doc_style=DocStyle.BLOCK,
        doc_marker="/**",
        doc_openers=("/**",),
        doc_note="a JSDoc comment",
        comments=_JS_COMMENTS,
        newline_ends_statement=True,
    ),
    Language(
        id="typescript",
        name="TypeScript",
        module="tree_sitter_typescript",
        factory="language_typescript",
        extensions=(".ts", ".mts", ".cts"),
        lsp_ids=("typescript", "ts"),
        line_comment="//",
        doc_style=DocStyle.BLOCK,
        doc_marker="/**",
        doc_openers=("/**",),
        doc_note="a TSDoc comment, without the types that the signature already has",
        comments=_JS_COMMENTS,
        newline_ends_statement=True,
    ),
    Language(
        id="tsx",
        name="TypeScript (TSX)",
        module="tree_sitter_typescript",
        factory="language_tsx",
        extensions=(".tsx",),
        lsp_ids=("typescriptreact", "tsx", "typescript.tsx"),
        line_comment="//",
        doc_style=DocStyle.BLOCK,
        doc_marker="/**",
        doc_openers=("/**",),
        doc_note="a TSDoc comment, without the types that the signature already has",
        comments=_JS_COMMENTS,
        newline_ends_statement=True,
    ),
    Language(
        id="go",
        name="Go",
        module="tree_sitter_go",
        factory="language",
        extensions=(".go",),
        lsp_ids=("go", "golang"),
        line_comment="//",
        doc_style=DocStyle.LINES,
        doc_marker="//",
        doc_openers=("//", "/*"),
        doc_note="a comment above that begins with the name: `// Name does ...`",
        newline_ends_statement=True,
    ),
    Language(
        id="rust",
        name="Rust",
        module="tree_sitter_rust",
        factory="language",
        extensions=(".rs",),
        lsp_ids=("rust",),
        line_comment="//",
        doc_style=DocStyle.LINES,
        doc_marker="///",
        doc_openers=("///", "/**"),
        doc_note="a rustdoc comment in Markdown",
        comments=_LINE_AND_BLOCK,
    ),
    Language(
        id="java",
        name="Java",
        module="tree_sitter_java",
        factory="language",
        extensions=(".java",),
        lsp_ids=("java",),
        line_comment="//",
        doc_style=DocStyle.BLOCK,
        doc_marker="/**",
        doc_openers=("/**",),
        doc_note="a Javadoc comment",
        comments=_LINE_AND_BLOCK,
    ),
    Language(
        id="c",
        name="C",
        module="tree_sitter_c",
        factory="language",
        extensions=(".c",),
        lsp_ids=("c",),
        line_comment="//",
        doc_style=DocStyle.BLOCK,
        doc_marker="/**",
        doc_openers=("/*", "//"),
        doc_note="a Doxygen comment",
    ),
    Language(
        id="cpp",
        name="C++",
        module="tree_sitter_cpp",
        factory="language",
        # A header may be C or C++: the C++ grammar reads both.
        extensions=(".cpp", ".cc", ".cxx", ".c++", ".h", ".hpp", ".hh", ".hxx", ".h++", ".ipp"),
        lsp_ids=("cpp", "c++"),
        line_comment="//",
        doc_style=DocStyle.BLOCK,
        doc_marker="/**",
        doc_openers=("/*", "//"),
        doc_note="a Doxygen comment",
    ),
    Language(
        id="csharp",
        name="C#",
        module="tree_sitter_c_sharp",
        factory="language",
        extensions=(".cs", ".csx"),
        lsp_ids=("csharp", "c#", "cs"),
        line_comment="//",
        doc_style=DocStyle.LINES,
        doc_marker="///",
        doc_openers=("///", "/**"),
        doc_note="an XML documentation comment: `/// <summary>` ...",
    ),
    Language(
        id="ruby",
        name="Ruby",
        module="tree_sitter_ruby",
        factory="language",
        extensions=(".rb", ".rake", ".gemspec", ".ru"),
        lsp_ids=("ruby", "rb"),
        line_comment="#",
        doc_style=DocStyle.LINES,
        doc_marker="#",
        doc_openers=("#", "=begin"),
        doc_note="YARD comment lines",
        file_names=("rakefile", "gemfile", "guardfile", "vagrantfile"),
        newline_ends_statement=True,
    ),
    Language(
        id="php",
        name="PHP",
        module="tree_sitter_php",
        factory="language_php",
        extensions=(".php", ".phtml"),
        lsp_ids=("php",),
        line_comment="//",
        doc_style=DocStyle.BLOCK,
        doc_marker="/**",
        doc_openers=("/**",),
        doc_note="a PHPDoc comment",
    ),
)

LANGUAGES: Mapping[str, Language] = MappingProxyType({language.id: language for language in _ALL})

_BY_LSP_ID = {lsp_id: language.id for language in _ALL for lsp_id in language.lsp_ids}
_BY_EXTENSION = {suffix: language.id for language in _ALL for suffix in language.extensions}
_BY_FILE_NAME = {name: language.id for language in _ALL for name in language.file_names}


def language_of(path: Path | None, lsp_id: str | None) -> str | None:
    """The id in `LANGUAGES` of a document, or None where there is no grammar for it.

    What the editor calls the document comes first (a user can set it there); an id that we do not
    know, such as `plaintext`, leaves the file's name to decide.
    """
    if lsp_id and (known := _BY_LSP_ID.get(lsp_id.lower())):
        return known
    if path is None:
        return None
    return _BY_EXTENSION.get(path.suffix.lower()) or _BY_FILE_NAME.get(path.name.lower())
