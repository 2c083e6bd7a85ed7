"""Which way data flows: what each part may import, and what may not be imported before `initialize` is answered."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import codefare
import codefare_catalog

SERVER = Path(codefare.__file__).parent
CATALOG = Path(codefare_catalog.__file__).parent

EDITOR_PROTOCOL = {"pygls", "lsprotocol"}
HTTP = {"httpx", "httpx_sse", "httpcore"}
HEAVY = {"httpx", "pydantic", "diskcache", "tree_sitter", "splintr", "rich", "click", "pathspec"}
HEAVY |= {"keyring", "truststore", "socksio"}

# Each part with those that stand before it on the path of an action: it may import those and itself.
ORDER = (
    ("errors", "legible", "environment", "recall", "wordless"),
    ("places",),
    ("source",),
    ("tokens",),
    ("project",),
    ("tasks",),
    ("gate",),
    ("tariff",),
    ("estimate",),
    ("routing",),
    ("quoting",),
)


def imported(file: Path) -> set[str]:
    """The modules that a file imports anywhere outside of `if TYPE_CHECKING`."""
    tree = ast.parse(file.read_text("utf-8"))
    names: set[str] = set()
    skipped: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            skipped.update(ast.walk(node))
        if node in skipped:
            continue
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def tops(file: Path) -> set[str]:
    """The top-level packages that a file imports."""
    return {name.split(".")[0] for name in imported(file)}


def parts(file: Path) -> set[str]:
    """The parts of codefare that a file imports: `routing`, `source`, ..."""
    return {name.split(".")[1] for name in imported(file) if name.startswith("codefare.")}


def offenders(files: list[Path], forbidden: set[str]) -> dict[str, set[str]]:
    """The files that import something forbidden, with what it is."""
    return {f.name: found for f in files if (found := tops(f) & forbidden)}


def test_the_catalog_imports_nothing_of_the_server() -> None:
    """`codefare_catalog` stands alone."""
    files = sorted(CATALOG.rglob("*.py"))
    assert files
    assert offenders(files, {"codefare"} | HTTP | EDITOR_PROTOCOL) == {}


def test_nothing_below_lsp_knows_the_editor_protocol() -> None:
    """The names pygls and lsprotocol stay inside lsp/."""
    files = [f for f in SERVER.rglob("*.py") if "lsp" not in f.relative_to(SERVER).parts]
    assert offenders(files, EDITOR_PROTOCOL) == {}


def test_only_the_providers_know_http() -> None:
    """The name httpx stays inside providers/."""
    files = [f for f in SERVER.rglob("*.py") if "providers" not in f.relative_to(SERVER).parts]
    assert offenders(files, HTTP) == {}


def test_data_flows_one_way() -> None:
    """No part imports one that comes after it on the path of an action."""
    allowed: set[str] = set()
    for names in ORDER:
        allowed |= set(names)
        for name in names:
            files = [SERVER / f"{name}.py", *sorted((SERVER / name).rglob("*.py"))]
            for file in (f for f in files if f.exists()):
                assert parts(file) <= allowed, file


def test_the_faces_know_no_provider_no_price_and_no_prompt() -> None:
    """lsp/ and the command line ask the engine."""
    faces = [SERVER / "cli.py", SERVER / "errand.py", *sorted((SERVER / "lsp").glob("*.py"))]
    for file in faces:
        assert not parts(file) & {"providers", "routing", "estimate", "tokens", "guard"}, file


def test_initialize_waits_for_nothing_heavy() -> None:
    """The server's modules import pygls and what is light; the rest comes after `initialized`."""
    program = f"import sys, codefare.lsp.server, codefare.lsp.serve; print(sorted({HEAVY!r} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        stdin=subprocess.DEVNULL,
    )
    assert done.stdout.strip() == "[]"


def test_how_an_action_is_served_knows_no_words_of_the_faces() -> None:
    """From the quoter to the settled bill nothing imports what the two faces say."""
    for name in ("quoter", "engine", "service", "supply", "detour", "purchase", "meter"):
        assert not parts(SERVER / f"{name}.py") & {
            "presentation",
            "pages",
            "terminal",
            "screen",
            "lsp",
        }, name
