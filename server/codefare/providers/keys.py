"""Where keys come from: an environment variable, a command of the user's, or the system's keyring.

They are kept in memory only.
"""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from codefare.errors import KeyMissing
from codefare.providers.access import ProviderSettings
from codefare.providers.command import SECONDS, CommandFailed, printed, program_name
from codefare.providers.secret import Secret
from codefare.providers.system_keyring import KeyringEntry, KeyringFailed, SystemKeyring

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codefare_catalog import Provider

__all__ = ["KeyRing", "Secret"]

_NO_SETTINGS = ProviderSettings()


class KeyRing:
    """The keys of all providers.

    The user's `api_key_env` comes first, then the user's `api_key_command` or `api_key_keyring`, then
    the catalog's `key_env`: what was configured for codefare is meant more than what stands in the
    environment for any program.

    Args:
        settings: The user's settings by provider id.
        environ: The environment; read anew at each look.
        seconds: How long a command or the keyring may take.
    """

    def __init__(
        self,
        settings: Mapping[str, ProviderSettings],
        environ: Mapping[str, str] = os.environ,
        *,
        seconds: float = SECONDS,
    ) -> None:
        self._settings = settings
        self._environ = environ
        self._seconds = seconds
        self._system = SystemKeyring(seconds)
        self._fetched_keys: dict[str, Secret] = {}
        self._fetching: dict[str, asyncio.Lock] = {}

    def missing(self, provider: Provider) -> str | None:
        """Why there is no key, in a user's words; None if there is one, or no need.

        A command and an entry of the keyring count as a key: neither is asked.
        """
        variable, elsewhere = self._source(provider)
        value = self._environ.get(variable, "") if variable else ""
        if value:
            return _fault(value, f"the key in {variable}")
        if elsewhere or not variable:
            return None
        return f"no key: set {variable}"

    def source(self, provider: Provider) -> str | None:
        """Where the key is taken from, in a user's words; None if none was set. Runs no command."""
        variable, elsewhere = self._source(provider)
        if variable and self._environ.get(variable):
            return variable
        if not elsewhere:
            return None
        command = self._settings[provider.id].api_key_command
        return f"api_key_command ({program_name(command)})" if command else "the system keyring"

    def ready(self, provider: Provider) -> Secret | None:
        """The key if it is at hand without running a command or asking the keyring."""
        variable, _ = self._source(provider)
        value = self._environ.get(variable, "") if variable else ""
        if value and _fault(value, "") is None:
            return Secret(value)
        return self._fetched_keys.get(provider.id)

    async def key(self, provider: Provider) -> Secret | None:
        """The key; None where no key is needed. A command runs once, at first use.

        Raises:
            KeyMissing: There is none, it cannot be a key, or the command or the keyring failed.
        """
        reason = self.missing(provider)
        variable, elsewhere = self._source(provider)
        if reason is not None:
            raise KeyMissing(
                f"{provider.name}: {reason}.",
                remedy=f"Set {variable}, or api_key_command in [providers.{provider.id}].",
            )
        ready = self.ready(provider)
        if ready is not None or not elsewhere:
            return ready
        async with self._fetching.setdefault(provider.id, asyncio.Lock()):
            if provider.id not in self._fetched_keys:
                settings = self._settings[provider.id]
                self._fetched_keys[provider.id] = await self._fetched(provider, settings)
            return self._fetched_keys[provider.id]

    def forget(self, provider: Provider) -> None:
        """Drops what a command or the keyring gave, so that it is asked again: a refused key may have expired."""
        self._fetched_keys.pop(provider.id, None)

    def _source(self, provider: Provider) -> tuple[str | None, bool]:
        """The variable that may hold the key, and whether a command or the keyring can give it."""
        settings = self._settings.get(provider.id, _NO_SETTINGS)
        elsewhere = bool(settings.api_key_command or settings.api_key_keyring)
        if settings.api_key_env or not elsewhere:
            return settings.api_key_env or provider.key_env, elsewhere
        return None, elsewhere

    async def _fetched(self, provider: Provider, settings: ProviderSettings) -> Secret:
        """What the user's command prints, or the system's keyring holds."""
        if settings.api_key_command:
            what = (
                f"The api_key_command of {provider.name} ({program_name(settings.api_key_command)})"
            )
            remedy = f"Run it in a terminal: it must print the key alone. See [providers.{provider.id}] in config.toml."
            try:
                key = await printed(settings.api_key_command, seconds=self._seconds)
            except CommandFailed as failed:
                raise KeyMissing(f"{what} {failed}.", remedy=remedy) from None
            fault = _fault(key, "what it printed")
        else:
            what = f"The system keyring's entry for {provider.name}"
            remedy = f"Store the key anew, or see api_key_keyring in [providers.{provider.id}]."
            entry = settings.api_key_keyring or KeyringEntry("", provider.id)
            try:
                key = await self._system.password(entry)
            except KeyringFailed as failed:
                text = f"{provider.name}: the system keyring {failed}"
                raise KeyMissing(text, remedy=failed.remedy) from None
            fault = _fault(key, "what it holds")
        if fault is not None:
            raise KeyMissing(f"{what}: {fault}.", remedy=remedy)
        return Secret(key)


def _fault(key: str, what: str) -> str | None:
    """Why this cannot be sent as a key; never the key itself."""
    if not key.isascii():
        return f"{what} holds a character that is not ASCII"
    if any(c.isspace() or not c.isprintable() for c in key):
        return f"{what} holds a space, a line end or a control character"
    return None
