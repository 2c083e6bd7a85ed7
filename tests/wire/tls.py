"""Certificates made for a test, and a TLS server that says why it refuses (asyncio's says nothing)."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import trustme

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Authority:
    """A certificate authority of the test's own, its certificate in `file`."""

    def __init__(self, folder: Path, name: str = "authority") -> None:
        self._folder = folder
        self._ca = trustme.CA(organization_name=name)
        self.file = folder / f"{name}.pem"
        self._ca.cert_pem.write_to_path(self.file)

    def server(self, *names: str, **how: Any) -> ssl.SSLContext:
        """TLS for a server with these names."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._ca.issue_cert(*(names or ("localhost",)), **how).configure_cert(context)
        return context

    def wanting(self, *names: str) -> ssl.SSLContext:
        """The same for a server that wants a client certificate of this authority."""
        context = self.server(*names)
        context.verify_mode = ssl.CERT_REQUIRED
        self._ca.configure_trust(context)
        return context

    def client(self, name: str = "me") -> Path:
        """A file with a client certificate and its key."""
        file = self._folder / f"{name}.pem"
        self._ca.issue_cert(f"{name}@example.com").private_key_and_cert_chain_pem.write_to_path(
            file
        )
        return file


@contextmanager
def strict_server(context: ssl.SSLContext) -> Iterator[int]:
    """The port of a TLS server that ends a handshake it does not like with an alert."""
    listening = socket.create_server(("127.0.0.1", 0))
    listening.settimeout(0.05)
    ended = threading.Event()

    def serve() -> None:
        while not ended.is_set():
            with contextlib.suppress(TimeoutError):
                connection, _ = listening.accept()
                _shake(connection, context)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        ended.set()
        thread.join()
        listening.close()


def _shake(connection: socket.socket, context: ssl.SSLContext) -> None:
    connection.settimeout(60)
    safe = context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
    with safe, contextlib.suppress(OSError):
        try:
            safe.do_handshake()
        except ssl.SSLError:  # the alert is sent; with anything unread, TCP would reset and lose it
            while socket.socket.recv(safe, 65_536):
                pass
