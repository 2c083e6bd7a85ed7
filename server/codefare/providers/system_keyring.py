"""Keys in the system's keyring (Keychain, Credential Locker, Secret Service), by the package `keyring`."""

from __future__ import annotations

import asyncio
import shlex
import threading
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KeyringEntry:
    """Under which service and user name the keyring holds a key."""

    service: str
    user: str


class KeyringFailed(Exception):
    """What went wrong, in words that follow "the system keyring", and what to do about it."""

    def __init__(self, words: str, remedy: str) -> None:
        super().__init__(words)
        self.remedy = remedy


class SystemKeyring:
    """Looks entries up, one time at once for each.

    A keyring may ask the user to unlock it and wait for as long as he takes. A thread cannot be ended,
    so one that took too long goes on, and the next look joins it.

    Args:
        seconds: How long to wait for an answer.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._looking: dict[KeyringEntry, asyncio.Future[str]] = {}

    async def password(self, entry: KeyringEntry) -> str:
        """What the keyring holds for the entry.

        Raises:
            KeyringFailed: It has no such entry, is locked, takes too long, or cannot be used at all.
        """
        looking = self._looking.get(entry)
        if looking is None:
            looking = self._looking[entry] = _in_thread(entry)
            looking.add_done_callback(lambda _: self._looking.pop(entry, None))
        try:
            async with asyncio.timeout(self._seconds):
                return await asyncio.shield(looking)
        except TimeoutError:
            raise KeyringFailed(
                f"did not answer in {self._seconds:g} s.",
                "Unlock it (it may be showing a window), then run the action again.",
            ) from None


def _in_thread(entry: KeyringEntry) -> asyncio.Future[str]:
    """The look-up in a thread of its own, which keeps no program from ending."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[str] = loop.create_future()
    # If nobody waits any more, its failure is nobody's matter.
    future.add_done_callback(lambda done: done.cancelled() or done.exception())

    def settle(value: str | None, error: KeyringFailed | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(value or "")

    def look() -> None:
        value: str | None = None
        error: KeyringFailed | None = None
        try:
            value = _password(entry)
        except KeyringFailed as failed:
            error = failed
        try:
            loop.call_soon_threadsafe(settle, value, error)
        except RuntimeError:  # the loop is closed: the server has ended meanwhile
            return

    threading.Thread(target=look, name="codefare: system keyring", daemon=True).start()
    return future


def _password(entry: KeyringEntry) -> str:
    """The look-up itself. No word of a keyring's own errors is passed on: they may hold anything."""
    try:
        import keyring  # an extra, and 75 ms
        from keyring.errors import InitError, KeyringLocked, NoKeyringError
    except ImportError:
        raise KeyringFailed(
            "cannot be used: a package is missing.", 'Run: pip install "codefare[keyring]"'
        ) from None
    try:
        value = keyring.get_password(entry.service, entry.user)
    except NoKeyringError:
        raise KeyringFailed(
            "cannot be used: this system has none that codefare knows.",
            "Set api_key_command or api_key_env in its place; `keyring diagnose` tells more.",
        ) from None
    except (KeyringLocked, InitError):
        raise KeyringFailed(
            "is locked or cannot be opened.", "Unlock it, then run the action again."
        ) from None
    except Exception as error:  # noqa: BLE001 - each backend has errors of its own kind
        raise KeyringFailed(
            f"failed ({type(error).__name__}).",
            "Try `keyring get` in a terminal, with the same service and user.",
        ) from None
    if not value:
        raise KeyringFailed(
            f"has no entry for the service {entry.service!r} and the user {entry.user!r}.",
            f"Run: keyring set {shlex.quote(entry.service)} {shlex.quote(entry.user)}",
        )
    return value
