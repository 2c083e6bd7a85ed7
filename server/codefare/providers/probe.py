"""Looks for model servers on this machine, or at the one address that the user configured.

Sends no code.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import os
import time
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from codefare.errors import ProviderError
from codefare.providers.fetched import StatusRefused
from codefare.providers.payload import at_path, count_at

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from codefare.providers.http import Transport
    from codefare.providers.keys import Secret

_log = logging.getLogger(__name__)

_CONNECT_SECONDS = 0.3
_ANSWER_SECONDS = 2.0
_FRESH_SECONDS = 60.0
_MOST_MODELS = 64
_OLLAMA_PORT = 11434
_NAME = "Local server"
_OTHERS = (("llama.cpp", 8080), ("vLLM", 8000), ("LM Studio", 1234))


@dataclass(frozen=True, slots=True)
class LocalServer:
    """A model server that answered.

    `base_url` is what the dialect wants (with `/v1` for `openai`). `models` are the server's own
    names, in its order; `context_windows` holds the tokens of those for which it reports them.
    """

    name: str
    base_url: str
    dialect: Literal["openai", "ollama"]
    models: tuple[str, ...]
    context_windows: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))


class LocalProbe:
    """What local servers there are, remembered; never raises.

    Args:
        transport: Sends the few small requests.
        base_url: The user's `[providers.local] base_url`; then nothing else is asked.
        key: Gives the key for it, if one is at hand.
        environ: Where `OLLAMA_HOST` is read.
        clock: Seconds, rising.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        base_url: str | None = None,
        key: Callable[[], Secret | None] = lambda: None,
        environ: Mapping[str, str] = os.environ,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._transport = transport
        self._base_url = base_url
        self._key = key
        self._environ = environ
        self._clock = clock
        self._servers: tuple[LocalServer, ...] = ()
        self._looked_at: float | None = None
        self._status: int | None = None
        self._looking: asyncio.Task[tuple[LocalServer, ...]] | None = None
        self._shown: dict[tuple[str, str], Mapping[str, Any]] = {}

    def current(self) -> tuple[LocalServer, ...]:
        """The servers found by the last look; none before the first."""
        return self._servers

    @property
    def refusal(self) -> int | None:
        """The status with which the configured address, at which something listens, kept its list of models back."""
        return None if self._servers or self._base_url is None else self._status

    @property
    def has_looked(self) -> bool:
        """Whether the first look is over."""
        return self._looked_at is not None

    @property
    def is_stale(self) -> bool:
        """Whether it is time to look again: never looked, or more than 60 s ago."""
        return self._looked_at is None or self._clock() - self._looked_at > _FRESH_SECONDS

    @property
    def places(self) -> tuple[str, ...]:
        """The addresses that are asked, without their scheme, for messages."""
        if self._base_url is not None:
            return (urlsplit(self._base_url).netloc,)
        ollama = urlsplit(ollama_url(self._environ.get("OLLAMA_HOST", ""))).netloc
        return (ollama, *(f"127.0.0.1:{port}" for _, port in _OTHERS))

    async def refresh(self) -> tuple[LocalServer, ...]:
        """Looks now, everywhere at once, and remembers; a look that is under way is shared."""
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look(), name="codefare: local servers")
        # Shielded: several may wait for one look, and one of them going away must not end it.
        return await asyncio.shield(self._looking)

    async def aclose(self) -> None:
        """Ends a look that is under way."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.wait((self._looking,))

    async def _look(self) -> tuple[LocalServer, ...]:
        self._status = None
        if self._base_url is not None:
            found = [await self._configured(self._base_url.rstrip("/"))]
        else:
            found = await asyncio.gather(
                self._ollama(ollama_url(self._environ.get("OLLAMA_HOST", ""))),
                *(self._openai(name, f"http://127.0.0.1:{port}/v1") for name, port in _OTHERS),
            )
        self._servers = tuple(server for server in found if server is not None)
        self._looked_at = self._clock()
        _log.info("local servers: %s", ", ".join(s.name for s in self._servers) or "none")
        return self._servers

    async def _configured(self, base_url: str) -> LocalServer | None:
        root = base_url.removesuffix("/v1")
        server = await self._ollama(root) or await self._openai(_NAME, base_url)
        if server is None and not urlsplit(base_url).path:
            server = await self._openai(_NAME, f"{base_url}/v1")
        return server

    async def _ollama(self, root: str) -> LocalServer | None:
        tags, version = await asyncio.gather(
            self._fetch(f"{root}/api/tags"), self._fetch(f"{root}/api/version")
        )
        if "models" not in tags or "version" not in version:
            return None
        rows = [row for row in _rows(tags, "models") if not _is_remote(row)]
        shown = await asyncio.gather(*(self._show(root, row) for row in rows))
        windows: dict[str, int] = {}
        names: list[str] = []
        for row, details in zip(rows, shown, strict=True):
            name = str(row["name"])
            able = details.get("capabilities")
            if isinstance(able, list) and "completion" not in able:
                continue  # a model for embeddings
            names.append(name)
            info = details.get("model_info")
            for key, value in info.items() if isinstance(info, dict) else ():
                if str(key).endswith(".context_length") and type(value) is int and value > 0:
                    windows[name] = value
        return LocalServer("Ollama", root, "ollama", tuple(names), MappingProxyType(windows))

    async def _show(self, root: str, row: Mapping[str, Any]) -> Mapping[str, Any]:
        """What Ollama tells of one model; remembered by its digest, since it never changes."""
        seen = (str(row["name"]), str(row.get("digest")))
        if seen not in self._shown:
            answer = await self._fetch(f"{root}/api/show", {"model": row["name"]})
            if not answer:
                return {}
            self._shown[seen] = {k: answer.get(k) for k in ("capabilities", "model_info")}
        return self._shown[seen]

    async def _openai(self, name: str, base_url: str) -> LocalServer | None:
        answer = await self._fetch(f"{base_url}/models")
        rows = _rows(answer, "data", "id")
        if not rows and answer.get("data") != []:  # one without any model is there all the same
            return None
        root = base_url.removesuffix("/v1")
        windows = {str(row["id"]): n for row in rows if (n := count_at(row, "max_model_len"))}
        if not windows and any(row.get("owned_by") == "llamacpp" for row in rows):
            name = "llama.cpp"
            props = await self._fetch(f"{root}/props")
            context = at_path(props, "default_generation_settings.n_ctx")
            if isinstance(context, int) and context > 0:
                windows = {str(row["id"]): context for row in rows}
        elif not windows:
            # LM Studio's own list also tells which window is loaded, and what is no chat model.
            own = await self._fetch(f"{root}/api/v0/models")
            known = {str(row["id"]): row for row in _rows(own, "data", "id")}
            rows = [r for r in rows if known.get(str(r["id"]), {}).get("type") != "embeddings"]
            windows = {
                id_: n
                for id_, row in known.items()
                if (n := count_at(row, "loaded_context_length"))
            }
        names = tuple(str(row["id"]) for row in rows)
        return LocalServer(name, base_url, "openai", names, MappingProxyType(windows))

    async def _fetch(self, url: str, payload: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        """A JSON object; an empty one if there is none to have."""
        try:
            answer = await self._transport.fetcher.fetch_json(
                url,
                provider="local",
                payload=payload,
                key=self._key() if self._base_url is not None else None,
                connect=_CONNECT_SECONDS,
                total=_ANSWER_SECONDS,
            )
        except StatusRefused as refused:
            self._status = refused.status
            return {}
        except ProviderError:
            return {}
        return answer if isinstance(answer, dict) else {}


def _rows(answer: Mapping[str, Any], field_name: str, key: str = "name") -> list[Mapping[str, Any]]:
    rows = answer.get(field_name)
    if not isinstance(rows, list):
        return []
    named: list[Mapping[str, Any]] = [
        row for row in rows if isinstance(row, dict) and isinstance(row.get(key), str) and row[key]
    ]
    return named[:_MOST_MODELS]


def _is_remote(row: Mapping[str, Any]) -> bool:
    """Whether Ollama passes this model's prompts on to its cloud: that is not a local model."""
    tag = str(row["name"]).rpartition(":")[2]
    return bool(row.get("remote_host")) or tag == "cloud" or tag.endswith("-cloud")


def ollama_url(host: str) -> str:
    """Where Ollama listens, from the `OLLAMA_HOST` that it reads itself.

    Host, port and scheme may be left out. An address that means "all interfaces" is reached at this machine's own.
    """
    scheme, separator, rest = host.strip().strip("\"'").rpartition("://")
    port = {"http": 80, "https": 443}.get(scheme, _OLLAMA_PORT) if separator else _OLLAMA_PORT
    place = rest.partition("/")[0]
    try:
        name = str(ipaddress.ip_address(place.strip("[]")))
    except ValueError:
        try:
            parts = urlsplit(f"//{place}")
            name, port = parts.hostname or "127.0.0.1", parts.port or port
        except ValueError:
            name = "127.0.0.1"
    name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(name, name)  # noqa: S104 - replaced, not bound
    return f"{scheme if separator else 'http'}://{f'[{name}]' if ':' in name else name}:{port}"
