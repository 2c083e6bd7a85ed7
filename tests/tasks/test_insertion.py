"""New members: where they go in each language, and that nothing else moves."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.built_in import TASKS

from codefare.guard import verify
from codefare.source.document import Document
from codefare.source.languages import language_of
from codefare.source.target import Span
from codefare.tasks import Subject
from codefare.tasks.brief import Brief
from codefare.tasks.outcome import Edit

# file, text (`|` is where the code belongs), the variant, the answer, what must stand at `|`
CASES = {
    "python, at the end": (
        "a.py", "class P:\n    x: int\n\n    def f(self):\n        return 1|\n\n\ny = 1\n", "equality",
        "def __eq__(self, other):\n    return self.x == other.x\n",
        "\n\n    def __eq__(self, other):\n        return self.x == other.x",
    ),
    "python, a constructor first": (
        "a.py", "class P:\n    x: int\n\n|    def f(self):\n        return 1\n", "constructor",
        "def __init__(self, x):\n    self.x = x\n",
        "    def __init__(self, x):\n        self.x = x\n\n",
    ),
    "python, before a decorator": (
        "a.py", "class P:\n    x: int\n\n|    @property\n    def f(self):\n        return 1\n", "constructor",
        "def __init__(self, x):\n    self.x = x\n",
        "    def __init__(self, x):\n        self.x = x\n\n",
    ),
    "python, with the class around it": (
        "a.py", "class P:\n    x: int|\n", "equality",
        "class P:\n    def __eq__(self, other):\n        return True\n",
        "\n\n    def __eq__(self, other):\n        return True",
    ),
    "python, nested": (
        "a.py", "class A:\n    class P:\n        x: int|\n\n    z = 1\n", "text",
        "def __repr__(self):\n    return 'P'\n",
        "\n\n        def __repr__(self):\n            return 'P'",
    ),
    "javascript": (
        "a.js", "class P {\n  x = 1;|\n}\n", "equality", "equals(o) {\n  return this.x === o.x;\n}\n",
        "\n\n  equals(o) {\n    return this.x === o.x;\n  }",
    ),
    "javascript, an empty body": (
        "a.js", "class P {|}\n", "text", "toString() { return 'P'; }\n", "\n    toString() { return 'P'; }\n",
    ),
    "typescript, a constructor first": (
        "a.ts", "export class P {\n  x = 1;\n\n|  /** Says it. */\n  say(): string { return 'x'; }\n}\n", "constructor",
        "constructor(x: number) {\n  this.x = x;\n}\n", "  constructor(x: number) {\n    this.x = x;\n  }\n\n",
    ),
    "go, behind it": (
        "a.go", "package a\n\ntype P struct {\n\tX int\n}|\n\nvar y = 1\n", "text",
        'func (p P) String() string {\n\treturn "P"\n}\n', '\n\nfunc (p P) String() string {\n\treturn "P"\n}',
    ),
    "rust, behind it": (
        "a.rs", "pub struct P {\n    x: i32,\n}|\n", "constructor",
        "impl P {\n    pub fn new(x: i32) -> Self {\n        Self { x }\n    }\n}\n",
        "\n\nimpl P {\n    pub fn new(x: i32) -> Self {\n        Self { x }\n    }\n}",
    ),
    "java, tabs": (
        "P.java", "class P {\n\tint x;|\n}\n", "text", 'public String toString() {\n    return "P";\n}\n',
        '\n\n\tpublic String toString() {\n\t    return "P";\n\t}',
    ),
    "c, behind it": (
        "a.c", "struct point {\n  int x;\n};|\n", "equality",
        "int point_equal(struct point a, struct point b) {\n  return a.x == b.x;\n}\n",
        "\n\nint point_equal(struct point a, struct point b) {\n  return a.x == b.x;\n}",
    ),
    "c++": (
        "a.cpp", "struct P {\n  int x;|\n};\n", "equality", "bool operator==(const P& o) const { return x == o.x; }\n",
        "\n\n  bool operator==(const P& o) const { return x == o.x; }",
    ),
    "c#": (
        "P.cs", "class P\n{\n    int x;|\n}\n", "text", 'public override string ToString() => "P";\n',
        '\n\n    public override string ToString() => "P";',
    ),
    "ruby": (
        "a.rb", "class P\n  def f\n    1\n  end|\nend\n", "equality", "def ==(other)\n  true\nend\n",
        "\n\n  def ==(other)\n    true\n  end",
    ),
    "php": (
        "P.php", "<?php\nclass P\n{\n    public int $x;|\n}\n", "text",
        "public function __toString(): string\n{\n    return 'P';\n}\n",
        "\n\n    public function __toString(): string\n    {\n        return 'P';\n    }",
    ),
    "a command line for a file": (
        "a.py", "def f(x):\n    return x|\n", "cli",
        'def main():\n    print(f(1))\n\n\nif __name__ == "__main__":\n    main()\n',
        '\n\n\ndef main():\n    print(f(1))\n\n\nif __name__ == "__main__":\n    main()',
    ),
}  # fmt: skip


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("name", CASES)
def test_new_code_stands_where_the_language_wants_it(name: str, ending: str) -> None:
    """One insertion, with the file's indentation and line ends, that the guard lets pass."""
    file, marked, variant, said, expected = CASES[name]
    text = marked.replace("|", "").replace("\n", ending)
    path = Path("/project") / file
    document = Document(path.as_uri(), path, language_of(path, None), text)
    named = max(text.find(f" {word}") for word in ("P", "point")) + 1
    target = document.target(Span(named, named), whole_file=variant == "cli")
    subject = Subject(document, target, Brief(variant=variant))
    task = TASKS["boilerplate"]
    assert task.objection(subject) is None
    answer = f"```\n{said}```\n"
    made = task.read(answer, subject)
    assert isinstance(made, Edit)
    before, after = marked.replace("\n", ending).split("|")
    assert (made.span, made.old) == (Span(len(before), len(before)), "")
    assert made.new == expected.replace("\n", ending)
    assert before + made.new + after == text[: made.span.start] + made.new + text[made.span.end :]
    checked = verify(made, document, target, answer)
    assert isinstance(checked, Edit), checked
