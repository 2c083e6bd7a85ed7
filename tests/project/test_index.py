"""The index of a workspace: which files are in it, and what a name imported from another file means."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from codefare.project.files import find_files
from codefare.project.index import Index
from codefare.source.context import context_of
from codefare.source.file import read_document
from codefare.source.target import Span

# For each case: the files; the file and the definition that is the target; what it is told of other files.
PROJECTS: dict[str, tuple[dict[str, str], str, str, tuple[str, ...]]] = {
    "python": (
        {
            "src/shop/__init__.py": "from .codec import Codec as Reader\n",
            "src/shop/codec.py": 'class Codec:\n    """Reads. And writes."""\n    size: int = 3\n'
            "    def read(self): ...\n    @staticmethod\n    def make(): ...\n",
            "src/shop/main.py": "from shop import Reader\nfrom . import tools\nfrom .codec import Codec\n"
            "import shop.prices as p\nfrom other import Thing\nfrom json import dumps\n\n"
            "def run():\n    Reader(tools.clean(p.price()), Thing, dumps)\n    Codec.make()\n    loads()\n",
            "src/shop/tools.py": "def clean(x): ...\n",
            "src/shop/prices.py": "def price(): ...\ndef dumps(): ...\n",
            "elsewhere/dumps.py": "def dumps(): ...\n",
        },
        "src/shop/main.py",
        "run",
        (
            "# in Codec, src/shop/codec.py\n@staticmethod\ndef make()",
            "# in src/shop/codec.py. Reads\nclass Codec\n    size: int",
            "# in src/shop/prices.py\ndef price()",
            "# in src/shop/tools.py\ndef clean(x)",
        ),
    ),
    "typescript": (
        {
            "src/index.ts": 'export * from "./codec";\nexport { price as cost } from "./prices";\n',
            "src/codec.ts": 'import { fee as inner } from "./prices";\n'
            "/** Reads. */\nexport class Codec { constructor(private path: string) {} read() {} }\n",
            "src/prices.ts": "export const price = (x: number): number => x;\n"
            "export default function tax(x: number) { return x; }\nexport function fee() {}\n",
            "src/legacy.js": "function old(a) {}\nmodule.exports = old;\n",
            "src/app/main.ts": 'import { Codec, cost, inner } from "..";\nimport vat, * as all from "../prices.js";\n'
            'import { React } from "react";\nconst legacy = require("../legacy");\n'
            "export function run() { new Codec(cost(vat(1)), React, inner()); all.price(2); legacy(3); }\n",
        },
        "src/app/main.ts",
        "run",
        (
            "// in src/codec.ts. Reads\nexport class Codec\n    constructor(private path: string)",
            "// in src/legacy.js\nfunction old(a)",
            "// in src/prices.ts\nexport const price = (x: number): number",
            "// in src/prices.ts\nexport default function tax(x: number)",
        ),
    ),
    "go": (
        {
            "go.mod": "module example.org/shop\n\ngo 1.22\n",
            "store/store.go": "package store\n\n// Store keeps.\ntype Store struct {\n\tpath string\n}\n\n"
            "// Open opens.\nfunc Open(path string) *Store { return nil }\n",
            "store/a_test.go": "package store\n\nfunc Open() {}\n",
            "cmd/main.go": 'package main\n\nimport (\n\t"fmt"\n\t"example.org/shop/store"\n)\n\n'
            'func run() *store.Store {\n\tfmt.Println(help())\n\treturn store.Open("x")\n}\n',
            "cmd/help.go": "package main\n\nfunc help() string { return fmt.Sprint() }\n",
        },
        "cmd/main.go",
        "run",
        (
            "// in cmd/help.go\nfunc help() string",
            "// in store/store.go. Open opens\nfunc Open(path string) *Store",
            "// in store/store.go. Store keeps\ntype Store struct\n    path string",
        ),
    ),
    "rust": (
        {
            "src/lib.rs": "pub mod codec;\npub mod shop;\n",
            "src/codec/mod.rs": "/// Reads.\npub struct Codec { pub size: u8 }\n"
            "impl Codec {\n    pub fn open(path: &str) -> Self { todo!() }\n}\npub fn clean(x: u8) {}\n",
            "src/shop.rs": "use crate::codec::{self, Codec as Reader};\nuse std::fmt;\n\n"
            'pub fn run(f: fmt::Error) -> Reader {\n    codec::clean(1);\n    Reader::open("x")\n}\n',
        },
        "src/shop.rs",
        "run",
        (
            "// in Codec, src/codec/mod.rs\npub fn open(path: &str) -> Self",
            "// in src/codec/mod.rs\npub fn clean(x: u8)",
            "// in src/codec/mod.rs. Reads\npub struct Codec\n    pub size: u8",
        ),
    ),
    "java": (
        {
            "src/shop/Codec.java": "package shop;\n\n/** Reads. */\npublic class Codec {\n    int size = 3;\n"
            "    Codec(String path) {}\n    static Codec open() { return null; }\n}\n",
            "src/shop/prices/Tax.java": "package shop.prices;\n\npublic interface Tax { int rate(int x); }\n",
            "src/shop/Main.java": "package shop;\n\nimport shop.prices.Tax;\nimport java.util.List;\n\n"
            "class Main {\n    List<Codec> run(Tax tax) { return List.of(Codec.open()); }\n}\n",
        },
        "src/shop/Main.java",
        "Main.run",
        (
            "// in Codec, src/shop/Codec.java\nstatic Codec open()",
            "// in src/shop/Codec.java. Reads\npublic class Codec\n    int size\n    Codec(String path)",
            "// in src/shop/prices/Tax.java\npublic interface Tax\n    int rate(int x)",
        ),
    ),
    "c": (
        {
            "include/shop/store.h": "/* Opens. */\nint store_open(const char *path);\nstruct store { int size; };\n",
            "src/util.h": "void tidy(int x);\n",
            "src/main.c": '#include <stdio.h>\n#include "shop/store.h"\n#include "util.h"\n\n'
            'int run(struct store *s) {\n    tidy(s->size);\n    printf("x");\n    return store_open("x");\n}\n',
        },
        "src/main.c",
        "run",
        (
            "// in include/shop/store.h\nstruct store\n    int size",
            "// in include/shop/store.h. Opens\nint store_open(const char *path)",
            "// in src/util.h\nvoid tidy(int x)",
        ),
    ),
    "cpp": (
        {
            "store.hpp": "namespace shop {\n/// Keeps.\nclass Store {\n public:\n  explicit Store(int n);\n"
            "  static Store make();\n};\nvoid tidy(int x);\n}\n",
            "main.cpp": '#include "store.hpp"\n\nvoid run() {\n  shop::Store s(1);\n  shop::tidy(2);\n}\n',
        },
        "main.cpp",
        "run",
        (
            "// in shop, store.hpp\nvoid tidy(int x)",
            "// in shop, store.hpp. Keeps\nclass Store\n    explicit Store(int n)",
        ),
    ),
    "csharp": (
        {
            "Lib/Codec.cs": "namespace Shop.Lib;\n/// <summary>Reads.</summary>\npublic class Codec\n{\n"
            "    public int Size { get; set; }\n    public Codec(string path) {}\n"
            "    public static Codec Open() => null;\n}\n",
            "Main.cs": "using System;\nusing Shop.Lib;\n\nnamespace Shop;\n\nclass Main\n{\n"
            "    Codec Run() { Console.WriteLine(); return Codec.Open(); }\n}\n",
        },
        "Main.cs",
        "Main.Run",
        (
            "// in Codec, Lib/Codec.cs\npublic static Codec Open()",
            "// in Lib/Codec.cs. Reads\npublic class Codec\n    public int Size\n    public Codec(string path)",
        ),
    ),
    "ruby": (
        {
            "lib/codec.rb": "# Reads.\nclass Codec\n  attr_reader :path\n  def self.open(path); end\nend\n",
            "lib/tools.rb": "def clean(x); end\n",
            "lib/main.rb": 'require "json"\nrequire_relative "tools"\n\n'
            'def run\n  clean(Codec.open("x"))\n  JSON.parse(1)\nend\n',
        },
        "lib/main.rb",
        "run",
        (
            "# in Codec, lib/codec.rb\ndef self.open(path)",
            "# in lib/codec.rb. Reads\nclass Codec\n    attr_reader :path",
            "# in lib/tools.rb\ndef clean(x)",
        ),
    ),
    "php": (
        {
            "src/Codec.php": "<?php\nnamespace Lib;\n/** Reads. */\nclass Codec {\n    public int $size = 3;\n"
            "    public function __construct(string $path) {}\n    public static function open(): self {}\n}\n",
            "src/main.php": "<?php\nuse Lib\\Codec as Reader;\n\nfunction run(): Reader { return Reader::open(); }\n",
        },
        "src/main.php",
        "run",
        (
            "// in Codec, src/Codec.php\npublic static function open(): self",
            """// in src/Codec.php. Reads
class Codec
    public int $size
    public function __construct(string $path)""",
        ),
    ),
}


def make(root: Path, files: dict[str, str]) -> Path:
    """A folder with those files."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return root


def foreign(root: Path, file: str, name: str, index: Index) -> tuple[str, ...]:
    """What the context of a definition says of other files."""
    source = read_document(root / file)
    symbol = next(one for one in source.symbols() if one.qualified_name == name)
    target = source.target(Span(symbol.signature.start, symbol.signature.start))
    return context_of(source, target, index).foreign


def names(index: Index) -> list[str]:
    """The paths of the files in an index."""
    return [one.relative for one in index.sources]


@pytest.mark.parametrize("language", sorted(PROJECTS))
def test_imported_names_have_the_signatures_of_their_files(tmp_path: Path, language: str) -> None:
    """What a definition uses of the project's other files is told with where it is; nothing else is."""
    files, file, name, expected = PROJECTS[language]
    index = Index(make(tmp_path, files))
    assert foreign(tmp_path, file, name, index) == ()
    index.refresh()
    assert foreign(tmp_path, file, name, index) == expected


def test_a_file_is_known_by_its_definitions(tmp_path: Path) -> None:
    """Kind, name, signature, first sentence and line of each; what functions keep to themselves is not there."""
    text = 'import os\n\nclass A(B):\n    """One. Two."""\n'
    text += "    def f(self, x=1):\n        def g(): ...\n    def _p(self): ...\n"
    index = Index(make(tmp_path, {"a.py": text}))
    index.refresh()
    (source,) = index.sources
    assert (source.relative, source.language, source.lines) == ("a.py", "python", 7)
    assert source.size == len(text)
    told = [
        (e.kind, e.container, e.name, e.signature, e.purpose, e.line, e.private)
        for e in source.entries
    ]
    assert told == [
        ("class", "", "A", "class A(B)", "One.", 3, False),
        ("method", "A", "f", "def f(self, x=1)", "", 5, False),
        ("method", "A", "_p", "def _p(self)", "", 7, True),
    ]
    assert [one.opened or one.bindings[0].module for one in source.statements] == ["os"]


def test_what_is_ignored_hidden_secret_or_made_by_tools_is_not_indexed(tmp_path: Path) -> None:
    """Neither what .gitignore files say, nested ones and those above the root included, nor what nobody wrote."""
    wanted = {
        "project/a.py": "",
        "project/kept/b.py": "",
        "project/kept/deep/important.py": "",
        "project/build/c.py": "",
        "project/secrets.py": "",
    }
    left_out = {
        "project/.hidden/x.py": "",
        "project/.x.py": "",
        "project/node_modules/x.js": "",
        "project/env/lib/x.py": "",
        "project/ignored/x.py": "",
        "project/kept/deep/x.py": "",
        "project/kept/private_x.py": "",
        "project/above_x.py": "",
        "project/js/dist/x.js": "",
        "project/.env.py": "",
        "project/id_rsa.py": "",
        "project/never.py": "",
        "project/private.py": "",
    }
    rules = {
        ".gitignore": "above_*.py\n/project/ignored/\n!private_*.py\n",
        "project/.codefareignore": "private_*.py\n",
        "project/kept/.gitignore": "deep/*\n!deep/important.py\n!private_x.py\n",
        "project/env/pyvenv.cfg": "",
        "project/js/package.json": "{}",
        ".git/HEAD": "",
    }
    root = make(tmp_path, wanted | left_out | rules) / "project"
    index = Index(
        root,
        is_never=lambda path: path.name == "never.py",
        is_private=lambda path: path.name == "private.py",
    )
    index.refresh()
    assert names(index) == sorted(name.removeprefix("project/") for name in wanted)


def test_links_are_not_followed(tmp_path: Path) -> None:
    """Neither a link to a file nor one to a folder brings anything in, and a circle does no harm."""
    make(tmp_path, {"outside/secret.py": "a = 1\n", "project/a.py": ""})
    project = tmp_path / "project"
    (project / "link.py").symlink_to(tmp_path / "outside/secret.py")
    (project / "folder").symlink_to(tmp_path / "outside")
    (project / "circle").symlink_to(project)
    index = Index(project)
    index.refresh()
    assert names(index) == ["a.py"]


def test_what_is_no_source_text_is_not_read(tmp_path: Path) -> None:
    """Binary files, too large ones, pipes, and what has no grammar."""
    make(tmp_path, {"a.py": "", "b.txt": "words", "large.py": "a = 1\n" * 60_000})
    (tmp_path / "binary.py").write_bytes(b"a\0b")
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "minified.js").write_text("function f(){}" * 1000)
    index = Index(tmp_path)
    assert index.refresh().complete
    assert names(index) == ["a.py", "minified.js"]
    assert [len(one.entries) for one in index.sources] == [0, 0]


def test_a_refresh_reads_only_what_changed(tmp_path: Path) -> None:
    """By size and time: new and changed files are read, removed ones forgotten."""
    make(tmp_path, {"a.py": "def a(): ...\n", "b.py": "def b(): ...\n", "c.py": ""})
    index = Index(tmp_path)
    first = index.refresh()
    assert (first.read, first.kept, first.gone) == (3, 3, 0)
    make(tmp_path, {"b.py": "def longer(): ...\n", "d.py": ""})
    (tmp_path / "c.py").unlink()
    os.utime(tmp_path / "a.py", (1, 1))
    second = index.refresh()
    assert (second.read, second.kept, second.gone) == (3, 3, 1)
    assert [entry.name for one in index.sources for entry in one.entries] == ["a", "longer"]
    assert index.refresh().read == 0


def test_an_index_has_bounds(tmp_path: Path) -> None:
    """In files, bytes and time; it says so when it left some out, and keeps what it had."""
    make(tmp_path, {f"f{number}.py": "x = 1\n" for number in range(9)})
    index = Index(tmp_path)
    kept = []
    for bound in (
        {"most_files": 4},
        {"most_bytes": 13},
        {},
        {"seconds": 0},
        {"is_over": lambda: True},
    ):
        refreshed = index.refresh(**bound)
        kept.append((refreshed.kept, refreshed.complete))
    assert kept == [(4, False), (2, False), (9, True), (9, False), (9, False)]
    assert len(index.sources) == 9


def test_a_file_that_becomes_private_is_not_given_out_any_more(tmp_path: Path) -> None:
    """The settings count at once, not at the next refresh."""
    files, file, name, expected = PROJECTS["ruby"]
    private: set[str] = set()
    index = Index(make(tmp_path, files), is_private=lambda path: path.name in private)
    index.refresh()
    assert foreign(tmp_path, file, name, index) == expected
    private.add("codec.rb")
    assert foreign(tmp_path, file, name, index) == expected[2:]


def test_a_file_outside_of_the_project_is_told_nothing(tmp_path: Path) -> None:
    """Its imports mean other files."""
    files, file, name, _ = PROJECTS["ruby"]
    make(tmp_path / "one", files)
    index = Index(tmp_path / "one")
    index.refresh()
    assert foreign(make(tmp_path / "two", files), file, name, index) == ()


def test_broken_and_odd_files_are_indexed_all_the_same(tmp_path: Path) -> None:
    """Syntax errors, other encodings, circles of imports, files that pass on to themselves."""
    make(
        tmp_path,
        {
            "a.py": "from b import x\nfrom .. import y\nfrom ..... import z\ndef f(:\n  x(y, z)\n",
            "b.py": "from a import *\nfrom b import *\nfrom a import x\n",
            "c.ts": 'export * from "./c";\nexport * from "./d";\n',
            "d.ts": 'export * from "./c";\nimport { q } from "./c";\nfunction g() { q(); }\n',
        },
    )
    (tmp_path / "latin.py").write_bytes(b"# caf\xe9\ndef f(): ...\n")
    index = Index(tmp_path)
    index.refresh()
    assert len(index.sources) == 5
    assert foreign(tmp_path, "d.ts", "g", index) == ()
    assert foreign(tmp_path, "a.py", "f", index) == ()


def test_an_index_is_read_while_it_is_refreshed(tmp_path: Path) -> None:
    """Readers see a whole state, the old one or the new one, and never fail."""
    files, file, name, expected = PROJECTS["go"]
    index = Index(make(tmp_path, files))
    index.refresh()
    over = threading.Event()

    def refresh() -> None:
        while not over.is_set():
            os.utime(tmp_path / "store/store.go")
            index.refresh()

    thread = threading.Thread(target=refresh)
    thread.start()
    try:
        for _ in range(100):
            assert foreign(tmp_path, file, name, index) == expected
    finally:
        over.set()
        thread.join()


def test_a_pattern_that_takes_for_ever_does_not(tmp_path: Path) -> None:
    """A .gitignore of many stars is read as one that leaves out more."""
    make(
        tmp_path,
        {".gitignore": "a*" * 40 + "b\n!keep" + "*a" * 40 + "\n", f"{'a' * 60}.py": "", "b.py": ""},
    )
    found = find_files(tmp_path, is_never=lambda _: False, is_private=lambda _: False)
    assert [one.relative for one in found] == ["b.py"]
