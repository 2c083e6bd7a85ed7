"""Whether a request body is one that the vendor's own SDK could send.

The SDKs' types are strict here, which they are not by themselves: they would pass over fields that they do not know,
and look into no list. What a vendor that speaks OpenAI's dialect adds to it stands in `VENDOR_FIELDS`, field by field.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from pydantic_core import SchemaValidator

SAMPLING = frozenset(
    {"temperature", "top_p", "top_k", "presence_penalty", "frequency_penalty", "n", "seed"}
)
_LIMITS = ("max_tokens", "max_completion_tokens")
_MOST_BREAKPOINTS = 4


class _Object(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Switch(_Object):
    type: Literal["enabled", "disabled"]


class _Reasoning(_Object):
    effort: Literal["none", "minimal", "low", "medium", "high", "xhigh"]


class _MaxPrice(_Object):
    prompt: int | float
    completion: int | float


class _Hosts(_Object):
    max_price: _MaxPrice


VENDOR_FIELDS: Mapping[str, Mapping[str, type[BaseModel]]] = MappingProxyType(
    {
        "deepseek": {"thinking": _Switch},
        "zai": {"thinking": _Switch},
        "openrouter": {"reasoning": _Reasoning, "provider": _Hosts},
    }
)
"""What is not OpenAI's: the fields that a provider of the catalog takes beside them, each with its type."""

# By the end of the path, the module and the name of the type, and the packages whose own start-up is passed over.
_TYPES = MappingProxyType(
    {
        "/chat/completions": (
            "openai.types.chat.completion_create_params",
            "CompletionCreateParamsStreaming",
            ("openai", "openai.types", "openai.types.chat", "openai.types.shared_params"),
        ),
        "/v1/messages": (
            "anthropic.types.message_create_params",
            "MessageCreateParamsStreaming",
            ("anthropic", "anthropic.types"),
        ),
    }
)


def complaints(path: str, body: bytes) -> list[str]:
    """What is wrong with the body of a request to `path`; nothing where no model is asked."""
    end = next((end for end in _TYPES if path.partition("?")[0].endswith(end)), None)
    if end is None:
        return []
    try:
        content = json.loads(body)
    except ValueError:
        return ["the body is not JSON"]
    if not isinstance(content, dict):
        return ["the body is not an object"]
    found = _wrong_types(end, content)
    if found:  # the catalog is read only where something may be a vendor's own
        content, found = _without_vendor_fields(content)
        found += _wrong_types(end, content)
    return [*found, *_wrong_figures(content)]


def _wrong_types(end: str, content: dict[str, Any]) -> list[str]:
    try:
        _validator(end).validate_python(content, strict=True)
    except ValidationError as error:
        return [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
    return []


def _without_vendor_fields(content: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The body without the fields that its model's providers are known to take, and what is wrong in those."""
    found: list[str] = []
    rest = dict(content)
    for provider in _providers_of(content.get("model")):
        for name, kind in VENDOR_FIELDS.get(provider, {}).items():
            if name not in rest:
                continue
            try:
                kind.model_validate(rest.pop(name))
            except ValidationError as error:
                found += [f"{name}: {e['msg']} ({provider})" for e in error.errors()]
    return rest, found


def _wrong_figures(content: dict[str, Any]) -> list[str]:
    """What the types cannot see: no sampling parameter is ever sent, one limit always is."""
    found = [f"{name}: a sampling parameter" for name in sorted(SAMPLING & content.keys())]
    limits = [content[name] for name in _LIMITS if name in content]
    if len(limits) != 1 or not isinstance(limits[0], int) or limits[0] < 1:
        found.append(f"one of {' and '.join(_LIMITS)}, and above 0: it is {limits}")
    turns = content.get("messages")
    last = turns[-1] if isinstance(turns, list) and turns else {}
    if not isinstance(last, dict) or last.get("role") != "user":
        found.append("messages: the last is not the user's: a prefilled answer is refused")
    if json.dumps(content).count('"cache_control"') > _MOST_BREAKPOINTS:
        found.append(f"cache_control: more than {_MOST_BREAKPOINTS}")
    return found


@cache
def _providers_of(wire_id: Any) -> frozenset[str]:
    from codefare_catalog import load_catalog

    models = load_catalog().models.values()
    return frozenset(o.provider for m in models for o in m.offerings if o.wire_id == wire_id)


@cache
def _validator(end: str) -> SchemaValidator:
    module, name, packages = _TYPES[end]
    with _without_client(packages):
        kind = getattr(import_module(module), name)
        return SchemaValidator(_strict(TypeAdapter(kind).core_schema))


@contextmanager
def _without_client(packages: tuple[str, ...]) -> Iterator[None]:
    """An SDK's types can be imported without its client, in a fifth of the time."""
    root = packages[0]
    if root in sys.modules:
        yield
        return
    spec = importlib.util.find_spec(root)
    assert spec is not None, f"install {root}: make .venv/.dev"
    assert spec.origin is not None
    folder = Path(spec.origin).parent
    for package in packages:
        bare = ModuleType(package)
        bare.__path__ = [str(folder.joinpath(*package.split(".")[1:]))]
        sys.modules[package] = bare
    try:
        yield
    finally:  # whoever imports the SDK later gets it whole
        for name in [n for n in sys.modules if n == root or n.startswith(f"{root}.")]:
            del sys.modules[name]


def _strict(schema: Any) -> Any:
    """The same schema with each list looked into, and no field that is not in it."""
    if isinstance(schema, dict):
        changed = {key: _strict(value) for key, value in schema.items() if key != "metadata"}
        if changed.get("type") == "generator":
            changed["type"] = "list"
        if changed.get("type") == "typed-dict":
            changed["extra_behavior"] = "forbid"
        return changed
    if isinstance(schema, (list, tuple)):
        return type(schema)(_strict(item) for item in schema)
    return schema
