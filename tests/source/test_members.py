"""What a type has of what is often written by rote, and what it and a file lack."""

from __future__ import annotations

from pathlib import Path

import pytest

from codefare.source.boilerplate import missing_boilerplate
from codefare.source.document import Document
from codefare.source.languages import LANGUAGES
from codefare.source.members import Members, members_of
from codefare.source.target import Span, Symbol

SAMPLES = Path(__file__).parents[1] / "data" / "offline"

# For each language types, and for each its name, its fields as `name: type = default`, what it has and what it lacks.
TYPES = {
    "python": (
        """
class Basket:
    LIMIT = 10
    rate: float = 0.1
    kinds: ClassVar[int] = 3

    def __init__(me, owner: str, size=1, *rest):
        me.owner = owner
        me.size, me.rest = size, rest
        if owner:
            me.items: list[str] = []

    @property
    def total(self): return 0

    def __eq__(self, other): return True

    def __lt__(self, other): return True


@dataclass
class Item:
    name: str
    tags: list[str] = field(default_factory=list)


@dataclass(frozen=True, repr=False, order=True)
class Key:
    name: str

    def to_dict(self): return {}


class Point(NamedTuple):
    x: int


class Broken(Exception):
    def __init__(self, code):
        self.code = code


class Row(Table):
    key: int


class Size:
    width: int
    height: int


class OrderService:
    def __init__(self, store):
        self.store = store


class Colour(Enum):
    RED = 1


@attrs.define
class Shelf:
    level: int
""",
        [
            (
                "Basket",
                "rate: float = 0.1, owner: str, size = 1, rest, items: list[str] = []",
                "constructor equality ordering",
                "text serialisation",
            ),
            (
                "Item",
                "name: str, tags: list[str] = field(default_factory=list)",
                "constructor equality text",
                "serialisation",
            ),
            ("Key", "name: str", "constructor equality hash ordering serialisation", "text"),
            (
                "Point",
                "x: int",
                "constructor equality hash ordering serialisation text",
                "",
            ),
            ("Broken", "code", "constructor", ""),
            ("Row", "key: int", "", ""),
            ("Size", "width: int, height: int", "", "constructor equality text serialisation"),
            ("OrderService", "store", "constructor", ""),
            ("Colour", "", "", ""),
            ("Shelf", "level: int", "constructor equality text", "serialisation"),
        ],
    ),
    "javascript": (
        """
class Point {
  static zero = 0;
  #seen = false;
  onMove = () => {};
  constructor(x, y = 2) { this.x = x; this.y = y; }
  toString() { return ''; }
}
class Size { width; height = 1; equals(other) { return true; } toJSON() {} }
class Counter { count = 0; }
""",
        [
            ("Point", "#seen = false, x, y = 2", "constructor text", "equality serialisation"),
            ("Size", "width, height = 1", "equality serialisation", "constructor text"),
            ("Counter", "count = 0", "", "equality text serialisation"),
        ],
    ),
    "typescript": (
        """
export class Order {
  static count = 0;
  id?: string;
  constructor(private readonly http: Http, limit: number, public depth = 3) { this.limit = limit; }
  get total(): number { return 1; }
  isEqual(other: Order) { return true; }
}
@Injectable()
export class Orders { constructor(private store: Store) {} }
interface Named { name: string }
class Point { x: number; y: number; static fromJSON(text: string) {} toJSON() {} }
""",
        [
            (
                "Order",
                "id: string, http: Http, depth = 3, limit: number",
                "constructor equality",
                "text serialisation",
            ),
            ("Orders", "store: Store", "constructor", ""),
            ("Point", "x: number, y: number", "serialisation", "constructor equality text"),
        ],
    ),
    "tsx": (
        "class Size { width: number; }\nclass List extends React.Component { state = {}; render() { return <a/>; } }\n",
        [
            ("Size", "width: number", "", "constructor equality text serialisation"),
            ("List", "state = {}", "", "equality text serialisation"),
        ],
    ),
    "go": (
        """package shop

type Order struct {
	ID string `json:"id"`
}

type Basket struct {
	a, b string
	*store.Shelf
	items map[string]int
}

func NewBasket() *Basket { return nil }
func NewBaskets() []int  { return nil }
func (b Basket) String() string { return "" }
func (b *Basket) MarshalJSON() ([]byte, error) { return nil, nil }
func (b *BasketList) Equal(other Basket) bool { return true }

type Baskets struct{ all []Basket }

type Key interface{ Get() }
""",
        [
            ("Order", "ID: string", "serialisation", "constructor text"),
            (
                "Basket",
                "a: string, b: string, Shelf: store.Shelf, items: map[string]int",
                "constructor serialisation text",
                "equality",
            ),
            ("Baskets", "all: []Basket", "", "constructor equality text serialisation"),
        ],
    ),
    "rust": (
        """
#[derive(Debug, Clone, PartialEq, Hash)]
pub struct Order<T> {
    id: u64,
    pub items: Vec<T>,
}

impl<T> Order<T> {
    pub fn new(id: u64) -> Self { todo!() }
}

struct Pair(u8, pub String);
impl fmt::Display for Pair {}
impl serde::Serialize for Pair {}
impl PartialOrd for Pairs {}

#[derive(Serialize, PartialOrd)]
enum Colour { Red, Blue(u8) }
""",
        [
            (
                "Order",
                "id: u64, items: Vec<T>",
                "constructor equality hash text",
                "serialisation",
            ),
            ("Pair", "0: u8, 1: String", "serialisation text", "constructor equality"),
            ("Colour", "", "ordering serialisation", "equality text"),
        ],
    ),
    "java": (
        """
class Order implements Comparable<Order> {
    private final int id;
    static int count = 1;
    String a, b = "q";
    Order(int id) { this.id = id; }
    public boolean equals(Object other) { return true; }
    public int hashCode() { return 1; }
    public int compareTo(Order other) { return 0; }
    static Builder builder() { return null; }
}
record Point(int x, String y) { static int z; }
@Data class Item { int x; }
@EqualsAndHashCode class Key implements Serializable { int x; }
class Orders { int x; public String toString() { return ""; } Orders copy() { return this; } }
@Service class Shop { Orders orders; }
class Gone extends RuntimeException { int code; }
enum Colour { RED }
""",
        [
            (
                "Order",
                'id: int, a: String, b: String = "q"',
                "builder constructor equality hash ordering",
                "text serialisation",
            ),
            ("Point", "x: int, y: String", "constructor equality hash text", "serialisation"),
            ("Item", "x: int", "constructor equality hash text", "serialisation"),
            ("Key", "x: int", "equality hash serialisation", "constructor text"),
            ("Orders", "x: int", "text", "constructor equality serialisation"),
            ("Shop", "orders: Orders", "", "constructor"),
            ("Gone", "code: int", "", ""),
            ("Colour", "", "", ""),
        ],
    ),
    "c": (
        """
typedef struct { int x; char *name; int a[3], b; void (*moved)(int); } point_t;
point_t *point_new(void) { return 0; }
bool point_equal(const point_t *a, const point_t *b) { return true; }
void print_point(const point_t *p) {}
int point_stride(void) { return 1; }
struct line { unsigned long from; };
static int line_encode(struct line *l) { return 0; }
int pipeline_init(void) { return 0; }
""",
        [
            (
                "point_t",
                "x: int, name: char *, a: int, b: int, moved: void (*)(int)",
                "constructor equality text",
                "serialisation",
            ),
            ("line", "from: unsigned long", "serialisation", "constructor equality text"),
        ],
    ),
    "cpp": (
        """
namespace shop {
class Order {
public:
    Order(int id);
    ~Order() {}
    bool operator==(const Order& other) const = default;
    friend std::ostream& operator<<(std::ostream& out, const Order& order);
    template <class T> void add(T item) {}
private:
    static int count;
    int id_ = 1;
    std::vector<int> items_;
};
struct Point { int x; };
bool operator==(const Point& a, const Point& b) { return true; }
void to_json(json& j, const Point& p) {}
template <class T> class Box { T held; T *next; };
class Key { int a; std::strong_ordering operator<=>(const Key&) const = default; };
}
""",
        [
            (
                "Order",
                "id_: int = 1, items_: std::vector<int>",
                "constructor equality text",
                "serialisation",
            ),
            ("Point", "x: int", "equality serialisation", "text"),
            ("Box", "held: T, next: T *", "", "constructor equality text serialisation"),
            ("Key", "a: int", "equality ordering", "constructor text serialisation"),
        ],
    ),
    "csharp": (
        """
public class Order {
    private readonly int x, y = 2;
    public string Name { get; set; } = "";
    public int Twice => 2 * x;
    public static int Count;
    const int Most = 1;
    public Order(int x) { this.x = x; }
    public override string ToString() => "";
}
record Point(int X, string Y = "a");
class Primary(int q) { }
static class Tools { static int x; }
[Serializable] class Key { int x; public override bool Equals(object other) => true; }
class GoneException : Exception { int code; }
struct Size { public int Width; }
""",
        [
            (
                "Order",
                'x: int, y: int = 2, Name: string = ""',
                "constructor text",
                "equality serialisation",
            ),
            (
                "Point",
                'X: int, Y: string = "a"',
                "constructor equality hash text",
                "serialisation",
            ),
            ("Primary", "q: int", "constructor", "equality text serialisation"),
            ("Tools", "", "", ""),
            ("Key", "x: int", "equality serialisation", "constructor text"),
            ("GoneException", "code: int", "", ""),
            ("Size", "Width: int", "", "constructor equality text serialisation"),
        ],
    ),
    "ruby": (
        """
class Order
  attr_reader :x, :y
  def initialize(x, y = 2)
    @x, @y = x, y
    @items ||= []
  end
  def ==(other)
  end
  alias eql? ==
  alias_method :to_s, :name
end
class Point < Struct.new(:a, :b); end
class Version
  include Comparable
  attr_accessor :major
end
class Post < ApplicationRecord
  attr_accessor :draft
end
class Gone < StandardError
  attr_reader :code
end
""",
        [
            ("Order", "x, y, items = []", "constructor equality text", "serialisation"),
            ("Point", "", "constructor equality hash serialisation text", ""),
            ("Version", "major", "equality ordering", "constructor text serialisation"),
            ("Post", "draft", "", ""),
            ("Gone", "code", "", ""),
        ],
    ),
    "php": (
        """<?php
class Order implements \\JsonSerializable {
    public static $count;
    private ?string $name = 'a';
    const MOST = 1;
    public function __construct(private int $id, ?Shop $shop = null) { $this->shop = $shop; }
    public function __toString(): string { return ''; }
}
class Size { public int $width; }
final class Point { public float $x; public static function fromArray(array $a): self {} }
""",
        [
            (
                "Order",
                "name: ?string = 'a', id: int, shop: ?Shop = null",
                "constructor serialisation text",
                "equality",
            ),
            ("Size", "width: int", "", "constructor equality text serialisation"),
            ("Point", "x: float", "serialisation", "constructor equality text"),
        ],
    ),
}


def read(language: str, text: str, path: str | None = None) -> Document:
    """A document with `text`."""
    return Document("file:///code", Path(path) if path else None, language, text)


def symbol_of(document: Document, name: str) -> Symbol:
    """The type of that name."""
    return next(one for one in document.symbols() if one.name == name and one.kind != "impl")


def fields_of(members: Members) -> str:
    """The fields as the table writes them."""
    return ", ".join(
        one.name
        + (f": {one.type}" if one.type else "")
        + (f" = {one.default}" if one.default else "")
        for one in members.fields
    )


@pytest.mark.parametrize(
    ("language", "name", "fields", "has", "lacks"),
    [(language, *row) for language, (_, rows) in TYPES.items() for row in rows],
)
def test_a_type_tells_what_it_has_and_lacks(
    language: str, name: str, fields: str, has: str, lacks: str
) -> None:
    """Fields as the language declares them, the parts that are there, and those that would be expected."""
    document = read(language, TYPES[language][0])
    symbol = symbol_of(document, name)
    if members := members_of(document, symbol):
        assert fields_of(members) == fields
        assert " ".join(sorted(members.has)) == has
    else:
        assert symbol.kind not in {"class", "struct"}
    assert " ".join(missing_boilerplate(document, symbol)) == lacks


def test_every_language_has_its_types() -> None:
    """The table leaves no language out."""
    assert set(TYPES) == set(LANGUAGES)


def test_what_is_no_type_has_no_members() -> None:
    """Functions and interfaces have neither fields nor boilerplate."""
    document = read(
        "typescript",
        "interface A { b: string }\nfunction f() {}\nnamespace N { class C { a = 1 } }\n",
    )
    for name in ("A", "f", "N"):
        symbol = symbol_of(document, name)
        assert members_of(document, symbol) is None
        assert missing_boilerplate(document, symbol) == ()


PYTHON = "def total(prices):\n    return sum(prices)\n"


@pytest.mark.parametrize(
    ("language", "path", "text", "lacks"),
    [
        ("python", "shop.py", PYTHON, True),
        ("python", None, f"@cache\n{PYTHON}", True),
        ("python", "test_shop.py", PYTHON, False),
        ("python", "__init__.py", PYTHON, False),
        ("python", "shop.py", f"{PYTHON}\nif __name__ == '__main__':\n    total([])\n", False),
        ("python", "shop.py", f"import argparse\n{PYTHON}", False),
        ("python", "shop.py", f"{PYTHON}\ntotal([1])\n", False),
        ("python", "shop.py", "def main():\n    pass\n", False),
        ("python", "shop.py", "def _total(): pass\n", False),
        ("python", "shop.py", "class A:\n    def total(self): pass\n", False),
        ("go", "shop.go", "package main\n\nfunc total() int { return 1 }\n", True),
        ("go", "shop.go", "package main\n\nfunc total() {}\n\nfunc main() {}\n", False),
        ("go", "shop.go", "package shop\n\nfunc total() int { return 1 }\n", False),
        ("go", "shop.go", "package main\n\nfunc (a A) total() int { return 1 }\n", False),
        ("go", "shop_test.go", "package main\n\nfunc total() int { return 1 }\n", False),
        ("javascript", "shop.js", "function total() {}\n", True),
        ("javascript", "shop.js", "const total = (a) => a;\n", True),
        ("javascript", "shop.js", "const total = 1;\n", False),
        ("javascript", "shop.js", "function total() {}\ntotal(process.argv[2]);\n", False),
        ("javascript", "shop.js", "export function total() {}\n", False),
        ("javascript", "shop.js", "function total() { document.title = ''; }\n", False),
        ("javascript", "shop.test.js", "function total() {}\n", False),
        ("typescript", "shop.ts", "async function total(a: number) { return a; }\n", True),
        ("typescript", "shop.ts", "async function total() {}\nawait total();\n", False),
        ("tsx", "shop.tsx", "function Total() { return <p/>; }\n", False),
        ("ruby", "shop.rb", "def total\n  1\nend\n", True),
        ("ruby", "shop.rb", "def total\n  1\nend\n\ntotal\n", False),
        ("ruby", "shop.rb", "def total\n  1\nend\n\ntotal if __FILE__ == $0\n", False),
        ("ruby", "Rakefile", "def total\n  1\nend\n", False),
        ("php", "shop.php", "<?php\nfunction total() { return 1; }\n", True),
        (
            "php",
            "shop.php",
            "<?php\nfunction total() { return 1; }\necho total($argv[1]);\n",
            False,
        ),
        ("rust", "main.rs", "fn total() -> u8 { 1 }\n", True),
        ("rust", "main.rs", "fn total() -> u8 { 1 }\nfn main() {}\n", False),
        ("rust", "lib.rs", "fn total() -> u8 { 1 }\n", False),
        ("c", "main.c", "int total(void) { return 1; }\n", True),
        ("c", "main.c", "int total(void);\n", False),
        ("c", "shop.c", "int total(void) { return 1; }\n", False),
        ("cpp", "main.cc", "int total() { return 1; }\n", True),
        ("cpp", "main.cc", "int total() { return 1; }\nint main() {}\n", False),
        ("java", "Main.java", "class Main { static int total() { return 1; } }\n", False),
        ("csharp", "Program.cs", "class Program { static int Total() => 1; }\n", False),
        (None, "shop.txt", PYTHON, False),
    ],
)
def test_a_file_of_functions_may_lack_a_command_line(
    language: str | None, path: str | None, text: str, lacks: bool
) -> None:
    """Where a file could be run and has functions, but nothing runs them, a command line is missing."""
    document = Document("file:///code", Path(path) if path else None, language, text)
    assert missing_boilerplate(document, None) == (("cli",) if lacks else ())


def test_a_text_that_moved_on_lacks_nothing() -> None:
    """A type that the last tree no longer has is not judged."""
    document = read("java", "class A { int x; }\nclass B { int y; }\n")
    symbol = symbol_of(document, "B")
    assert missing_boilerplate(document, symbol)
    document.apply(Span(0, 0), "// more\n")
    assert members_of(document, symbol) is None
    assert missing_boilerplate(document, symbol) == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_broken_code_makes_it_fail(language: str) -> None:
    """Cut off anywhere, each sample still gets an answer for each of its types and for the file."""
    for whole in (TYPES[language][0], (SAMPLES / f"{language}.sample").read_text("utf-8")):
        for end in range(7, len(whole), 53):
            document = read(language, whole[:end])
            assert missing_boilerplate(document, None) in {(), ("cli",)}
            for symbol in document.symbols():
                members = members_of(document, symbol)
                assert members is None or all(one.name for one in members.fields)
                missing_boilerplate(document, symbol)
