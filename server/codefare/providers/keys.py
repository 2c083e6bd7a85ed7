"""Where keys come from: an environment variable, or a command of the user's.

They are kept in memory only.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from pathlib import PurePath
from typing import TYPE_CHECKING

from codefare.errors import KeyMissing
from codefare.providers.access import ProviderSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codefare_catalog import Provider

_COMMAND_SECONDS = 30.0
_REAP_SECONDS = 5.0
_LARGEST_OUTPUT = 64 * 1024
_NO_SETTINGS = ProviderSettings()


class Secret:
    """A key that does not show itself in a repr, a format or a log."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def __repr__(self) -> str:
        return "Secret(…)"

    def __reduce__(self) -> str:
        raise TypeError("a secret is not written anywhere")

    def reveal(self) -> str:
        """The key itself, for a request's header."""
        return self._value


class KeyRing:
    """The keys of all providers.

    The user's `api_key_env` comes first, then the user's `api_key_command`, then the catalog's
    `key_env`: what was configured for codefare is meant more than what stands in the environment
    for any program.

    Args:
        settings: The user's settings by provider id.
        environ: The environment; read anew at each look.
        seconds: How long a command may take.
    """

    def __init__(
        self,
        settings: Mapping[str, ProviderSettings],
        environ: Mapping[str, str] = os.environ,
        *,
        seconds: float = _COMMAND_SECONDS,
    ) -> None:
        self._settings = settings
        self._environ = environ
        self._seconds = seconds
        self._printed: dict[str, Secret] = {}
        self._running: dict[str, asyncio.Lock] = {}

    def has_key(self, provider: Provider) -> bool:
        """Whether a request could be sent; true where no key is needed. Runs no command."""
        return self.missing(provider) is None

    def missing(self, provider: Provider) -> str | None:
        """Why there is no key, in a user's words; None if there is one, a command, or no need."""
        variable, command = self._source(provider)
        value = self._environ.get(variable, "") if variable else ""
        if value:
            return _fault(value, f"the key in {variable}")
        if command or not variable:
            return None
        return f"no key: set {variable}"

    def source(self, provider: Provider) -> str | None:
        """Where the key is taken from, in a user's words; None if none was set. Runs no command."""
        variable, command = self._source(provider)
        if variable and self._environ.get(variable):
            return variable
        return f"api_key_command ({PurePath(command[0]).name})" if command else None

    def ready(self, provider: Provider) -> Secret | None:
        """The key if it is at hand without running a command."""
        variable, _ = self._source(provider)
        value = self._environ.get(variable, "") if variable else ""
        if value and _fault(value, "") is None:
            return Secret(value)
        return self._printed.get(provider.id)

    async def key(self, provider: Provider) -> Secret | None:
        """The key; None where no key is needed. A command runs once, at first use.

        Raises:
            KeyMissing: There is none, it cannot be a key, or the command failed.
        """
        reason = self.missing(provider)
        if reason is not None:
            variable, _ = self._source(provider)
            raise KeyMissing(
                f"{provider.name}: {reason}.",
                remedy=f"Set {variable}, or api_key_command in [providers.{provider.id}].",
            )
        ready = self.ready(provider)
        _, command = self._source(provider)
        if ready is not None or not command:
            return ready
        async with self._running.setdefault(provider.id, asyncio.Lock()):
            if provider.id not in self._printed:
                self._printed[provider.id] = await self._run(provider, command)
            return self._printed[provider.id]

    def forget(self, provider: Provider) -> None:
        """Drops what a command printed, so that it runs again: a refused key may have expired."""
        self._printed.pop(provider.id, None)

    def _source(self, provider: Provider) -> tuple[str | None, tuple[str, ...]]:
        settings = self._settings.get(provider.id, _NO_SETTINGS)
        if settings.api_key_env or not settings.api_key_command:
            return settings.api_key_env or provider.key_env, settings.api_key_command
        return None, settings.api_key_command

    async def _run(self, provider: Provider, command: tuple[str, ...]) -> Secret:
        program = PurePath(command[0]).name
        what = f"The api_key_command of {provider.name} ({program})"
        remedy = (
            f"Run it in a terminal: it must print the key alone. See [providers.{provider.id}]."
        )
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                limit=_LARGEST_OUTPUT,
            )
        except (OSError, ValueError):
            raise KeyMissing(f"{what} cannot be started.", remedy=remedy) from None
        try:
            async with asyncio.timeout(self._seconds):
                output = await _output(process)
                if len(output) >= _LARGEST_OUTPUT:  # it may still be writing, for ever
                    raise KeyMissing(f"{what} printed a text too long for a key.", remedy=remedy)
                code = await process.wait()
        except TimeoutError:
            raise KeyMissing(
                f"{what} did not finish in {self._seconds:g} s.", remedy=remedy
            ) from None
        finally:
            await _end(process)
        if code != 0:
            raise KeyMissing(f"{what} failed with exit code {code}.", remedy=remedy)
        key = output.decode("utf-8", "replace").strip()
        if not key:
            raise KeyMissing(f"{what} printed nothing.", remedy=remedy)
        fault = _fault(key, "what it printed")
        if fault is not None:
            raise KeyMissing(f"{what}: {fault}.", remedy=remedy)
        return Secret(key)


async def _output(process: asyncio.subprocess.Process) -> bytes:
    if process.stdout is None:  # it was asked for above; this tells the type checker
        return b""
    output = bytearray()
    while len(output) < _LARGEST_OUTPUT and (chunk := await process.stdout.read(_LARGEST_OUTPUT)):
        output += chunk
    return bytes(output)


async def _end(process: asyncio.subprocess.Process) -> None:
    """Ends the process if it still runs, and closes its pipe even if a grandchild holds it open."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    # `wait` does not return before the pipe is closed, and there is no public way to close it.
    process._transport.close()  # type: ignore[attr-defined]  # noqa: SLF001 - see above
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_REAP_SECONDS):
            await process.wait()


def _fault(key: str, what: str) -> str | None:
    """Why this cannot be sent as a key; never the key itself."""
    if not key.isascii():
        return f"{what} holds a character that is not ASCII"
    if any(c.isspace() or not c.isprintable() for c in key):
        return f"{what} holds a space, a line end or a control character"
    return None
