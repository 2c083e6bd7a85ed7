"""Types in each language; for each its name, its fields as `name: type = default`, what it has and what it lacks."""

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
