"""Where the servers are, as those who call them say it, and what a user is told when they cannot be reached."""

from __future__ import annotations

import socket
import traceback
from collections.abc import Callable
from typing import Any

import pytest
from tests.wire.asking import Heard
from tests.wire.server import WireServer

from codefare.errors import Unreachable
from codefare.providers.http import Transport

HOST = "api.example.test"
PASSWORD = "canaryPASSWORDcanary"  # noqa: S105 - it is to be found nowhere
Opened = Callable[..., Transport]


def far(server: WireServer) -> str:
    """The server's address by a name that only a proxy knows."""
    return f"https://{HOST}:{server.port}/v1"


def near(port: int) -> str:
    """An address on this machine, with TLS."""
    return f"https://localhost:{port}/v1"


def told(heard: Heard) -> str:
    """The error as a user reads it; nothing of a password is in it or in its traceback."""
    assert isinstance(heard.error, Unreachable)
    assert PASSWORD not in "".join(traceback.format_exception(heard.error))
    return heard.error.text


def unknown(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Nothing is known under this name; the resolver of the machine is not asked."""
    known = socket.getaddrinfo

    def look(host: Any, *arguments: Any, **more: Any) -> Any:
        asked = host.decode() if isinstance(host, bytes) else host
        if asked == name:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return known(host, *arguments, **more)

    monkeypatch.setattr(socket, "getaddrinfo", look)
