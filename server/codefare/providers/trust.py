"""Whose certificates are believed, and the user's own certificate: the TLS side of a connection.

Imports httpx: only what is imported by `providers.wire` may import this.
"""

from __future__ import annotations

import logging
import os
import ssl
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from codefare.errors import Unreachable
from codefare.providers.failure import AttemptError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codefare.providers.network import ClientCertificate, Network
    from codefare.providers.secret import Secret

_log = logging.getLogger(__name__)

# Where systems keep their certificates if not where this Python's OpenSSL was built to look.
_PLACES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
_CONFIG = "config.toml"


def client_context(
    network: Network, key_password: Secret | None = None, *, platform: str = sys.platform
) -> ssl.SSLContext:
    """The TLS settings for connections to providers. Takes 25 ms: it reads all certificates.

    Raises:
        AttemptError: A file is missing or is not what it should be.
    """
    context = _trusting(network, platform)
    if network.ca_bundle is not None:
        _believe(context, network.ca_bundle)
    if network.certificate is not None:
        _show(context, network.certificate, key_password)
    return context


def _trusting(network: Network, platform: str) -> ssl.SSLContext:
    file, folder = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    if network.trust is None and (file or folder):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        try:
            context.load_verify_locations(file or None, folder or None)
        except (OSError, ValueError):
            raise _unusable(
                "The certificates that the environment names cannot be read.",
                "Check SSL_CERT_FILE and SSL_CERT_DIR: a file of PEM certificates, a folder of them.",
            ) from None
        return _as_others_do(context)
    if network.trust == "none":
        return _as_others_do(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    if network.trust == "bundled":
        return _bundled()
    if platform in {"darwin", "win32"}:
        # OpenSSL knows neither system's store as a whole. On Linux truststore would read the same
        # files as below, but all of them for each connection, on the event loop: 28 ms.
        import truststore

        return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return system_context()


def system_context(places: Sequence[str] = _PLACES) -> ssl.SSLContext:
    """Trusts what the system does where certificates are files; the bundled ones if it has none.

    A small container often has none at all.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_default_certs()
    defaults = ssl.get_default_verify_paths()
    # Those of a folder are read when they are needed: they are not counted yet.
    hashed = Path(defaults.capath).glob("*.[0-9]") if defaults.capath else iter(())
    if context.cert_store_stats()["x509_ca"] or next(hashed, None):
        return _as_others_do(context)
    for place in places:
        if Path(place).is_file():
            context.load_verify_locations(place)
            return _as_others_do(context)
    _log.info("this system has no certificates of its own: those that come with codefare are used")
    return _bundled()


def _bundled() -> ssl.SSLContext:
    return _as_others_do(httpx.create_ssl_context(trust_env=False))


def _as_others_do(context: ssl.SSLContext) -> ssl.SSLContext:
    """Judges certificates as browsers and curl do, whatever this Python's defaults.

    Python 3.13 refuses authorities without some extensions: those of many companies' proxies.
    """
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


def _believe(context: ssl.SSLContext, file: Path) -> None:
    """Trusts the certificates in a file as well: PEM, or one in DER as Windows exports it."""
    remedy = (
        f"Set ca_bundle in {_CONFIG} to a file of certificates (PEM), as your company gives it."
    )
    data = _read(file, "ca_bundle", remedy)
    try:
        context.load_verify_locations(cadata=data if not _is_pem(data) else data.decode("ascii"))
    except (ssl.SSLError, ValueError):
        raise _unusable(f"The ca_bundle {file} holds no certificate.", remedy) from None


def _is_pem(data: bytes) -> bool:
    return data.isascii() and b"-----BEGIN" in data


def _show(context: ssl.SSLContext, own: ClientCertificate, password: Secret | None) -> None:
    """Loads the user's own certificate.

    OpenSSL would ask for the password of an encrypted key on the terminal: it is given one, always.
    """
    remedy = f"Check client_certificate and client_key in {_CONFIG}."
    _read(own.file, "client_certificate", remedy)
    if own.key is not None:
        _read(own.key, "client_key", remedy)
    asked = False

    def given() -> str:
        nonlocal asked
        asked = True
        return password.reveal() if password is not None else ""

    try:
        context.load_cert_chain(own.file, own.key, given)
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        raise _unusable(*_why_not(own, asked, password, error)) from None


def _why_not(
    own: ClientCertificate, asked: bool, password: Secret | None, error: Exception
) -> tuple[str, str]:
    """What is wrong with the user's own certificate, and what to do about it."""
    key = own.key or own.file
    if asked and password is None:
        return (
            f"The client key {key} is encrypted.",
            f"Set client_key_password_env or client_key_password_command in {_CONFIG}.",
        )
    if asked:
        return (
            f"The password does not open the client key {key}.",
            "Check client_key_password_env or client_key_password_command.",
        )
    if getattr(error, "reason", None) == "KEY_VALUES_MISMATCH":
        return (
            f"The client key {key} does not belong to the certificate {own.file}.",
            f"Check client_certificate and client_key in {_CONFIG}.",
        )
    remedy = (
        "Set client_key to the key's file. Of a .p12 or .pfx file make one with:"
        " openssl pkcs12 -in FILE -out client.pem"
    )
    return (
        f"The client certificate {own.file} or its private key is not PEM, or the key is missing.",
        remedy,
    )


def _read(file: Path, name: str, remedy: str) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise _unusable(f"The {name} {file} cannot be read: {error.strerror}.", remedy) from None


def _unusable(words: str, remedy: str) -> AttemptError:
    return AttemptError(Unreachable(words, remedy=remedy), retry=False)
