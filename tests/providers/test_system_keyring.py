"""Keys in the system's keyring, with real backends of the package `keyring`."""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
import traceback
from collections.abc import Callable, Iterator

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail
from keyring.errors import InitError, KeyringLocked

from codefare.errors import KeyMissing
from codefare.providers.access import ProviderSettings
from codefare.providers.keys import KeyRing
from codefare.providers.system_keyring import KeyringEntry
from codefare_catalog import Provider

HOSTED = Provider("hosted", "Hosted", "https://example.com", "openai", key_env="HOSTED_KEY")
ENTRY = KeyringEntry("codefare", "hosted")


class Memory(KeyringBackend):
    """Holds one password; counts how often it is asked."""

    priority = 1

    def __init__(self, password: str | None = None, error: Exception | None = None) -> None:
        super().__init__()
        self.password = password
        self.error = error
        self.asked: list[tuple[str, str]] = []
        self.threads: list[threading.Thread] = []
        self.open = threading.Event()
        self.open.set()
        self.called = threading.Event()

    def get_password(self, service: str, username: str) -> str | None:
        """The password of the one entry."""
        self.asked.append((service, username))
        self.threads.append(threading.current_thread())
        self.called.set()
        self.open.wait()
        if self.error is not None:
            raise self.error
        return self.password if (service, username) == (ENTRY.service, ENTRY.user) else None

    def set_password(self, service: str, username: str, password: str) -> None:
        """Not needed."""

    def delete_password(self, service: str, username: str) -> None:
        """Not needed."""


Use = Callable[[KeyringBackend], None]


@pytest.fixture
def use() -> Iterator[Use]:
    """Makes a backend the system's."""
    yield keyring.set_keyring
    keyring.set_keyring(fail.Keyring())


def ring(seconds: float = 30.0, **environ: str) -> KeyRing:
    """A ring whose hosted provider has its key in the keyring."""
    return KeyRing({"hosted": ProviderSettings(api_key_keyring=ENTRY)}, environ, seconds=seconds)


async def key(keys: KeyRing) -> str:
    """The key in clear."""
    found = await keys.key(HOSTED)
    assert found is not None
    return found.reveal()


async def test_looked_up_at_first_use(use: Use) -> None:
    """A menu asks for nothing; requests at the same time share one look, off the event loop's thread."""
    backend = Memory("k-1")
    use(backend)
    keys = ring(HOSTED_KEY="other")
    assert keys.missing(HOSTED) is None
    assert keys.ready(HOSTED) is None
    assert backend.asked == []
    assert await asyncio.gather(*(key(keys) for _ in range(5))) == ["k-1"] * 5
    assert backend.asked == [("codefare", "hosted")]
    assert backend.threads[0] is not threading.main_thread()
    assert keys.ready(HOSTED) is not None


async def test_refused_key_is_looked_up_anew(use: Use) -> None:
    """A key that the provider refused may have been replaced in the keyring."""
    backend = Memory("k-1")
    use(backend)
    keys = ring()
    await key(keys)
    backend.password = "k-2"  # noqa: S105
    assert await key(keys) == "k-1"
    keys.forget(HOSTED)
    assert await key(keys) == "k-2"


@pytest.mark.parametrize(
    ("backend", "says", "remedy"),
    [
        (Memory(), "has no entry for the service 'codefare'", "keyring set codefare hosted"),
        (Memory(""), "has no entry", "keyring set"),
        (Memory(error=KeyringLocked("SECRET")), "is locked", "Unlock it"),
        (Memory(error=InitError("SECRET")), "is locked or cannot be opened", "Unlock it"),
        (Memory(error=OSError("SECRET")), "failed (OSError)", "keyring get"),
        (fail.Keyring(), "this system has none", "api_key_command"),
        (Memory("SECRET\n"), "a space, a line end", "Store the key anew"),
    ],
)
async def test_what_goes_wrong(
    use: Use, caplog: pytest.LogCaptureFixture, backend: KeyringBackend, says: str, remedy: str
) -> None:
    """Each failure says what to do; no word of the keyring's own is shown or logged."""
    caplog.set_level(logging.DEBUG)
    use(backend)
    with pytest.raises(KeyMissing) as caught:
        await key(ring())
    assert says in str(caught.value)
    assert remedy in caught.value.remedy
    assert "SECRET" not in "".join(traceback.format_exception(caught.value))
    assert "SECRET" not in caplog.text


async def test_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has not installed the extra is told how to."""
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(KeyMissing) as caught:
        await key(ring())
    assert 'pip install "codefare[keyring]"' in caught.value.remedy


async def test_keyring_that_waits_for_the_user(use: Use) -> None:
    """One that shows a window is given up in time; unlocked later, it has been asked once only."""
    backend = Memory("k-1")
    backend.open.clear()
    use(backend)
    keys = ring(seconds=0.05)
    for _ in range(2):
        with pytest.raises(KeyMissing, match=r"did not answer in 0\.05 s"):
            await key(keys)
    backend.open.set()
    backend.threads[0].join()
    assert await key(keys) == "k-1"
    assert len(backend.asked) == 1


async def test_cancelled_look_up(use: Use) -> None:
    """Whoever cancels the action does not wait for the keyring; the next action joins the look."""
    backend = Memory("k-1")
    backend.open.clear()
    use(backend)
    keys = ring()
    task = asyncio.create_task(key(keys))
    await asyncio.to_thread(backend.called.wait)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    backend.open.set()
    assert await key(keys) == "k-1"
    assert len(backend.asked) == 1
