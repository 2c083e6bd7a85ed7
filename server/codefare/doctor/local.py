"""Model servers of the user's own: which are there, with what models, and whether their windows are large enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codefare.doctor.finding import Finding, Group, State

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from codefare.providers.probe import LocalServer

_TIGHT = 8_192  # tokens: a larger function with what it uses does not fit
_AMPLE = 16_384
_SHOWN = 6
_WANTS_KEY = frozenset({401, 403})
_LARGER = {
    "Ollama": "The model itself has no more: take one with a larger window, such as qwen2.5-coder:7b (32,768 tokens).",
    "llama.cpp": "Start it with a larger context: -c 32768.",
    "vLLM": "Start it with a larger context: --max-model-len 32768.",
    "LM Studio": "Load the model with a larger context length, in its settings.",
}
_OTHER = "Start it with a larger context."
_OLLAMA = "asks Ollama for the context that each request needs, so its own setting does not matter"


def local_servers(
    servers: Sequence[LocalServer],
    places: Sequence[str],
    *,
    configured: bool,
    refusal: int | None = None,
) -> list[Finding]:
    """What the last look found.

    `places` are the addresses that were asked; `configured` tells that the user named the one, and `refusal` the status
    with which it kept its list of models back.
    """
    if servers:
        return [finding for server in servers for finding in _server(server)]
    text = f"none answered at {', '.join(places)}"
    if refusal is not None:
        return [_unlisted(places[0], refusal)]
    if configured:
        return [
            Finding(
                "local.none",
                Group.LOCAL,
                "Local server",
                State.PROBLEM,
                text,
                "Start it, or correct base_url under [providers.local] in config.toml.",
            )
        ]
    return [
        Finding(
            "local.none",
            Group.LOCAL,
            "Local server",
            State.NOTE,
            text,
            "For a free model of your own: install Ollama, then `ollama pull qwen2.5-coder:7b`.",
        )
    ]


def _unlisted(place: str, status: int) -> Finding:
    remedy = (
        "Correct base_url under [providers.local] in config.toml; a server without a list of models needs rows in "
        "catalog.toml: a provider, and a model with its offering there."
    )
    if status in _WANTS_KEY:
        remedy = "Give it its key: api_key_command or api_key_keyring under [providers.local] in config.toml."
    text = f"the one at {place} does not list its models (status {status})"
    return Finding("local.unlisted", Group.LOCAL, "Local server", State.PROBLEM, text, remedy)


def unlooked(places: Sequence[str]) -> Finding:
    """What is said offline."""
    text = f"not looked for at {', '.join(places)}, as nobody is asked offline"
    return Finding("local.unasked", Group.LOCAL, "Local server", State.OK, text)


def _server(server: LocalServer) -> Iterator[Finding]:
    id_ = f"local.{server.name.casefold().replace(' ', '-')}"
    subject = server.name
    if not server.models:
        pull = " `ollama pull qwen2.5-coder:7b` gets one." if server.name == "Ollama" else ""
        yield Finding(
            f"{id_}.models",
            Group.LOCAL,
            subject,
            State.WARNING,
            f"at {server.base_url}, with no model that can chat",
            f"Load one in it.{pull}",
        )
        return
    shown = [_with_window(server, name) for name in server.models[:_SHOWN]]
    more = len(server.models) - _SHOWN
    rest = f" and {more} more" if more > 0 else ""
    text = f"at {server.base_url}, with {', '.join(shown)}{rest}"
    if server.dialect == "ollama":
        text += f". codefare {_OLLAMA}"
    yield Finding(f"{id_}.models", Group.LOCAL, subject, State.OK, text)
    small = {n: w for n in server.models if (w := server.context_windows.get(n, _AMPLE)) < _AMPLE}
    if small:
        named = ", ".join(f"{name} ({window:,} tokens)" for name, window in small.items())
        yield Finding(
            f"{id_}.window",
            Group.LOCAL,
            f"{subject} window",
            State.WARNING if min(small.values()) < _TIGHT else State.NOTE,
            f"small for code: {named}; what does not fit goes to another model or is refused",
            _LARGER.get(server.name, _OTHER),
        )
    unknown = [name for name in server.models if name not in server.context_windows]
    if unknown:
        yield Finding(
            f"{id_}.unknown",
            Group.LOCAL,
            f"{subject} window",
            State.NOTE,
            f"not told for {', '.join(unknown[:_SHOWN])}: 8,192 tokens are assumed if the catalog has no row for it",
            "A larger one can be given in catalog.toml: context_window of the model's offering at `local`.",
        )


def _with_window(server: LocalServer, name: str) -> str:
    window = server.context_windows.get(name)
    return name if window is None else f"{name} ({window:,} tokens)"
