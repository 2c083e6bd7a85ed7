"""Whether a file of functions has an entry: what runs when it is called as a program."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codefare.source.attributes import method_name
from codefare.source.definitions import DEFINITIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from codefare.source.document import Document
    from codefare.source.syntax import Parsed

# What shows that a file is run: it looks at who calls it, or at its arguments.
_SCRIPTS = {
    "python": (
        rb"__name__\s*==|\bargparse\b|\bsys\.argv\b"
        rb"|\b(?:import|from)\s+(?:click|typer|fire|docopt|flask|fastapi)\b"
    ),
    "javascript": rb"\bprocess\.argv\b|\brequire\.main\b|\bimport\.meta\.(?:main|url)\b|['\"](?:commander|yargs|meow)",
    "ruby": rb"\b__FILE__\s*==|\$PROGRAM_NAME|\$0\b|\bARGV\b|\bOptionParser\b|\bThor\b",
    "php": rb"\$argv\b|\bgetopt\(|\bPHP_SAPI\b|\bphp_sapi_name\b|\$_(?:SERVER|GET|POST|REQUEST)\b|\?>",
}
_SCRIPTS["typescript"] = _SCRIPTS["javascript"]
# Files that others use: a library, a page in a browser, a framework.
_ELSEWHERE = {
    "javascript": (
        rb"\b(?:document|window)\.|['\"](?:react|vue|svelte|express|@angular|next)\b|\bdefineConfig\b"
        rb"|^\s*export\b|\bmodule\.exports\b|^\s*exports\."
    ),
}
_ELSEWHERE["typescript"] = _ELSEWHERE["javascript"]
_NOT_RUN = re.compile(
    r"(?:\A|[._-])(?:test|tests|spec|conftest|config|setup|d)(?:[._-]|\Z)|\A__|file\Z|\.gemspec\Z",
    re.IGNORECASE,
)
# These languages are compiled: one file of a program has the entry, and it is known by its name.
_PROGRAMS = {
    "rust": re.compile(r"main\.rs\Z"),
    "c": re.compile(r"main\.c\Z"),
    "cpp": re.compile(r"main\.(?:cpp|cc|cxx|c\+\+)\Z"),
}
_WRAPPERS = frozenset(
    {"decorated_definition", "export_statement", "lexical_declaration", "variable_declarator"}
)
_CALLS = frozenset({"call", "call_expression", "function_call_expression", "await_expression"})
_MOST = 5000  # nodes at the top of a file


def lacks_entry(document: Document) -> bool:
    """Whether a file has functions and no entry, in a language and a place where it could be run.

    That is Python, Ruby, PHP, and JavaScript that exports nothing, without a look at how it was called; Go's package
    main; a main.rs, main.c or main.cpp. Java and C# have no functions at the top of a file.
    """
    parsed = document.parsed()
    if parsed is None or (document.path is not None and _NOT_RUN.search(document.path.stem)):
        return False
    functions = dict(_functions(parsed))
    if not functions or "main" in functions:
        return False
    if parsed.language in _SCRIPTS:
        public = any(not name.startswith("_") for name in functions)
        return public and not _is_run_or_used(parsed) and not _runs(parsed, functions)
    if parsed.language == "go":
        return _package(parsed) == "main"
    program, path = _PROGRAMS.get(parsed.language), document.path
    return program is not None and path is not None and program.match(path.name) is not None


def _is_run_or_used(parsed: Parsed) -> bool:
    """Whether a script looks at how it was called, or is a page's or a framework's."""
    patterns = (_SCRIPTS[parsed.language], _ELSEWHERE.get(parsed.language))
    return any(re.search(pattern, parsed.data, re.MULTILINE) for pattern in patterns if pattern)


def _functions(parsed: Parsed) -> Iterator[tuple[str, Node]]:
    """The functions at the top of a file, with their names."""
    kinds = DEFINITIONS[parsed.language].kinds
    pending = list(reversed(parsed.root.named_children))
    for _ in range(_MOST):
        if not pending:
            return
        node = pending.pop()
        value = node.child_by_field_name("value") if node.type == "variable_declarator" else None
        if value is not None and kinds.get(value.type) == "function":
            yield parsed.text(node.child_by_field_name("name") or node), node
        elif node.type in _WRAPPERS:
            pending.extend(reversed(node.named_children))
        elif kinds.get(node.type) in {"function", "method"}:
            name = method_name(parsed, node)
            written = node.child_by_field_name("body") is not None or parsed.language == "ruby"
            if name is not None and written and node.child_by_field_name("receiver") is None:
                yield name, node


def _runs(parsed: Parsed, functions: dict[str, Node]) -> bool:
    """Whether the file calls one of its functions when it is loaded."""
    for node in parsed.root.named_children[:_MOST]:
        statement = node.named_child(0) if node.type == "expression_statement" else node
        if statement is not None and statement.type in _CALLS | {"identifier"}:
            called = re.match(r"(?:await\s+)?(?:asyncio\.run\()?([\w$]+)", parsed.text(statement))
            if called and called[1] in functions:
                return True
    return False


def _package(parsed: Parsed) -> str:
    clause = next((kid for kid in parsed.root.named_children if kid.type == "package_clause"), None)
    return parsed.text(clause).removeprefix("package").strip() if clause is not None else ""
