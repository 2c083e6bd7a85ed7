"""The walk over a definition's body that finds its flow, driven by the language's table."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codefare.source.expressions import (
    NO_VALUE,
    arguments_of,
    callee_of,
    caught_by,
    ending_of,
    error_of,
    source,
    values_of,
)
from codefare.source.flow import settled, unwrapped
from codefare.source.guards import leading
from codefare.source.record import Place, Record
from codefare.source.roles import Role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tree_sitter import Node

    from codefare.source.flow import Flow
    from codefare.source.roles import Shape

_LABEL_ENDS = frozenset({":", "=>", "->", "then"})
_RUBY_SEQUENCES = frozenset({"body_statement", "then", "block_body", "do"})
_HANDLERS = frozenset({Role.CATCH, Role.FINALLY, Role.ELSE})
_HEADER_WORD = re.compile(r"\A(?:case|when|in|default|with|using|lock|synchronized)\b\s*")
_NAME = re.compile(r"[A-Za-z_]\w*\Z")


def walk(
    nodes: list[Node],
    data: bytes,
    shape: Shape,
    own: tuple[str, ...],
    *,
    valued: bool = False,
    shallow: bool = False,
) -> Flow:
    """The flow of `nodes`, over the document's bytes, in order.

    Iterative, so that no depth of source is too deep. `own` are the beginnings of an expression
    that names an attribute of the object. `valued` says that the last expression of the last node
    is its value, `shallow` that nested definitions are passed over.
    """
    walker = _Walker(data, shape, own, shallow=shallow)
    if nodes:
        walker.mark(nodes[-1], valued=valued)
    return walker.run(nodes)


class _Walker:
    """One walk, in the order of the source."""

    def __init__(self, data: bytes, shape: Shape, own: tuple[str, ...], *, shallow: bool) -> None:
        self._data = data
        self._shape = shape
        self._roles = shape.roles
        self._own = own
        self._shallow = shallow
        self._record = record = Record(data, shape.roles)
        self._add, self._text, self._slice = record.add, record.text, record.slice
        self._values: frozenset[int] = frozenset()
        self._falls_through: set[int] = set()
        self._stack: list[tuple[Node, Place, Role | None]] = []
        handlers: dict[Callable[[Node, Place], None], str] = {
            self._if: "if unless elif",
            self._else: "else",
            self._ternary: "ternary",
            self._switch: "switch",
            self._case: "case default",
            self._loop: "loop",
            self._try: "try",
            self._catch: "catch",
            self._with: "with finally",
            self._result: "return yield exit propagate assert break continue",
            self._raise: "raise",
            self._call: "call",
            self._assign: "assign",
            self._definition: "definition",
            self._callback: "callback block",
            self._comment: "comment",
            self._name: "name",
        }
        self._handlers = {
            Role(role): handler for handler, roles in handlers.items() for role in roles.split()
        }

    def mark(self, body: Node, *, valued: bool) -> None:
        """Note what leads the body, and what its value is if it has one."""
        self._record.leading = leading(body, self._roles)
        if valued:
            self._values = values_of(body, self._roles)

    def run(self, nodes: list[Node]) -> Flow:
        """Visit `nodes` and all below them."""
        self._push(nodes, Place())
        while self._stack:
            node, place, role = self._stack.pop()
            if place.quiet:
                if role is Role.NAME:
                    self._name(node, place)
                else:
                    self._push(node.named_children, place)
                continue
            if node.id in self._values and role not in NO_VALUE and not self._ends(node):
                index = self._add(node, Role.RETURN, self._text(node), place, made_of=[node])
                place = place.inside(index)
            if role is not None:
                self._handlers[role](node, place)
            else:
                statement = node.type == "expression_statement" or node.type in _RUBY_SEQUENCES
                here = place._replace(note="statement") if statement else place
                self._push(node.named_children, here)
        flow = self._record.flow
        flow.steps = settled(flow.steps, self._falls_through)
        return flow

    def _role(self, node: Node) -> Role | None:
        return self._roles.get(node.type)

    def _push(self, nodes: Iterable[Node], place: Place) -> None:
        roles = self._roles
        self._stack.extend((n, place, roles.get(n.type)) for n in reversed(list(nodes)))

    def _kids(self, node: Node) -> list[Node]:
        return [kid for kid in node.named_children if self._role(kid) is not Role.COMMENT]

    def _if(self, node: Node, place: Place) -> None:
        test = node.child_by_field_name("condition")
        kind = Role.ELIF if place.note == "elif" else self._roles[node.type]
        index = self._add(node, kind, unwrapped(self._text(test)), place, test=test)
        others = {other.id for other in node.children_by_field_name("alternative")}
        todo: list[tuple[Node, Place, Role | None]] = []
        for kid in node.named_children:
            role = self._role(kid)
            if kid.id not in others:
                todo.append((kid, place.inside(place.parent if kid == test else index), role))
            elif role in (Role.IF, Role.ELIF):
                todo.append((kid, place._replace(note="elif"), role))
            else:
                todo.append((kid, place._replace(note="", of=index), Role.ELSE))
        self._stack.extend(reversed(todo))

    def _else(self, node: Node, place: Place) -> None:
        kids = self._kids(node)
        if self._role(node) is Role.ELSE and len(kids) == 1 and kids[0].type.startswith("if_"):
            self._push(node.named_children, place._replace(note="elif", of=-1))
            return
        index = self._add(node, Role.ELSE, place.note, place)
        self._push([node] if self._role(node) is None else node.named_children, place.inside(index))

    def _ternary(self, node: Node, place: Place) -> None:
        kids = node.named_children
        test = node.child_by_field_name("condition") or (kids[1] if len(kids) > 1 else None)
        index = self._add(node, Role.TERNARY, unwrapped(self._text(test)), place, test=test)
        self._push(kids, place.inside(index))

    def _switch(self, node: Node, place: Place) -> None:
        subject = None
        for name in ("value", "condition", "subject"):
            subject = subject or node.child_by_field_name(name)
        if subject is None and node.type == "switch_expression":
            subject = next(iter(node.named_children), None)
        text = unwrapped(self._text(subject))
        if node.type == "type_switch_statement":
            text = f"the type of {text}"
        index = self._add(node, Role.SWITCH, text, place)
        for kid in reversed(node.named_children):
            here = place.inside(place.parent if kid == subject else index)
            self._stack.append((kid, here, self._role(kid)))

    def _case(self, node: Node, place: Place) -> None:
        kids = node.children
        end = next((i for i, kid in enumerate(kids) if kid.type in _LABEL_ENDS), len(kids))
        label, rest = kids[:end], [kid for kid in kids[end:] if kid.is_named]
        text = _HEADER_WORD.sub("", self._text(*label))
        kind = Role.DEFAULT if text in ("", "_") else Role.CASE
        index = self._add(node, kind, text, place)
        if all(self._role(kid) is Role.COMMENT for kid in rest):
            self._falls_through.add(index)
        self._push(rest, place.inside(index))
        self._push([kid for kid in label if kid.is_named], place._replace(quiet=True))

    def _loop(self, node: Node, place: Place) -> None:
        body = node.child_by_field_name("body")
        if body is None:
            header = self._text(node)
        elif node.type == "do_statement" or "modifier" in node.type:
            header = self._slice(body.end_byte, node.end_byte)
        else:
            header = self._slice(node.start_byte, body.start_byte)
        header = header.rstrip(":{; ").removesuffix(" do").rstrip("; ")
        index = self._add(node, Role.LOOP, header, place)
        for kid in reversed(node.named_children):
            role = self._role(kid)
            here = place.inside(index if kid == body else place.parent)
            if role is Role.ELSE:
                here = place._replace(note="no break", of=-1)
            self._stack.append((kid, here, role))

    def _try(self, node: Node, place: Place) -> None:
        kids = node.named_children
        plain = not any(self._role(kid) in _HANDLERS for kid in kids)
        if plain and node.type != "try_with_resources_statement":
            self._push(kids, place)
            return
        index = self._add(node, Role.TRY, "", place)
        for kid in reversed(kids):
            role = self._role(kid)
            handles = role in _HANDLERS
            here = place._replace(note="no error", of=-1) if handles else place.inside(index)
            self._stack.append((kid, here, role))

    def _catch(self, node: Node, place: Place) -> None:
        index = self._add(node, Role.CATCH, unwrapped(self._text(caught_by(node))), place)
        self._push(node.named_children, place.inside(index))

    def _with(self, node: Node, place: Place) -> None:
        role, text = self._roles[node.type], ""
        if role is Role.WITH:
            kids = self._kids(node)
            body = node.child_by_field_name("body") or (kids[-1] if kids else node)
            header = self._slice(node.start_byte, body.start_byte)
            text = unwrapped(_HEADER_WORD.sub("", header).rstrip(": {"))
        index = self._add(node, role, text, place)
        self._push(node.named_children, place.inside(index))

    def _result(self, node: Node, place: Place) -> None:
        kids, role = self._kids(node), self._roles[node.type]
        test = kids[0] if kids and role is Role.ASSERT else None
        text = self._text(test) if test else self._text(*kids)
        index = self._add(node, role, text, place, test=test, made_of=kids)
        self._push(node.named_children, place.inside(index))

    def _raise(self, node: Node, place: Place) -> None:
        kids = self._kids(node)
        error = error_of(kids[0], self._data) if kids else ""
        arguments = arguments_of(kids[0]) if kids else None
        made_of = arguments.named_children if arguments is not None else []
        index = self._add(node, Role.RAISE, self._text(*kids), place, error=error, made_of=made_of)
        self._push(kids if arguments is None else made_of, place.inside(index))

    def _call(self, node: Node, place: Place) -> None:
        callee, arguments = callee_of(node, self._data), arguments_of(node)
        kids = self._kids(arguments) if arguments is not None else []
        role, error = ending_of(callee, kids, self._data, self._shape)
        if role is not None:
            text = self._text(*kids)
            if arguments is not None and arguments.type == "token_tree":  # a Rust macro
                text = unwrapped(self._text(arguments))
            index = self._add(node, role, text, place, error=error, made_of=kids)
            self._push(kids, place.inside(index))
            return
        if callee and callee not in self._shape.wrappers:
            self._record.flow.calls.setdefault(callee, node.start_point.row + 1)
        here = place._replace(note=callee)
        if place.note == "statement" and callee:
            here = place.inside(self._add(node, Role.CALL, callee, place))._replace(note=callee)
        self._push(node.named_children, here)

    def _ends(self, node: Node) -> bool:
        """Whether a node is a call after which nothing follows."""
        if self._role(node) is not Role.CALL:
            return False
        role, _ = ending_of(callee_of(node, self._data), [], self._data, self._shape)
        return role is not None

    def _assign(self, node: Node, place: Place) -> None:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        targets = left.named_children if left is not None and "list" in left.type else [left]
        texts = [source(target, self._data) for target in targets]
        names = [t[len(o) :] for t in texts for o in self._own if t.startswith(o)]
        line = node.start_point.row + 1
        for name in names:
            if _NAME.match(name):
                self._record.flow.assigned.setdefault(name, line)
        if names and right is not None and not place.inner:
            self._add(node, Role.ASSIGN, ", ".join(texts), place)
        self._push(node.named_children, place._replace(note=""))

    def _definition(self, node: Node, place: Place) -> None:
        name = source(node.child_by_field_name("name"), self._data)
        self._add(node, Role.DEFINITION, name or "a definition", place)
        if not self._shallow:
            self._push(node.named_children, place._replace(quiet=True))

    def _callback(self, node: Node, place: Place) -> None:
        role, header = self._roles[node.type], node.child_by_field_name("parameters")
        if self._shallow and place.note in ("", "statement"):
            return  # a function that a variable names
        text = place.note if place.note != "statement" else ""
        if role is Role.BLOCK:
            text = f"{text} {source(header, self._data)}".strip()
        index = self._add(node, role, text, place)
        here = place.inside(index)
        self._push(node.named_children, here._replace(inner=place.inner or role is Role.CALLBACK))

    def _comment(self, node: Node, _: Place) -> None:
        self._record.remind(node)

    def _name(self, node: Node, place: Place) -> None:
        text = source(node, self._data)
        self._record.flow.uses.setdefault(text, node.start_point.row + 1)
        if text in self._shape.raise_calls and not place.quiet:  # Ruby: `raise` alone
            self._add(node, Role.RAISE, "", place)
