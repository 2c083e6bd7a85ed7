"""How a user reaches a provider: the address, and where the key comes from."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from codefare.errors import ConfigError

if TYPE_CHECKING:
    from codefare.providers.network import Network
    from codefare.providers.system_keyring import KeyringEntry


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """What the user says of one provider (`[providers.<id>]`); a workspace never may.

    `base_url` replaces the catalog's. `api_key_env` names the variable that holds the key, in place
    of the catalog's. `api_key_command` is a program with its arguments that prints the key,
    `api_key_keyring` where the system's keyring holds it. `requests_per_minute` and
    `tokens_per_minute` (prompt and answer) hold for all of its models together, in place of the
    catalog's. `network` is how requests get there, None if as for all.
    """

    base_url: str | None = None
    api_key_env: str | None = None
    api_key_command: tuple[str, ...] = ()
    api_key_keyring: KeyringEntry | None = None
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    network: Network | None = None


def is_loopback(host: str) -> bool:
    """Whether `host` (a name or an address, without port or brackets) is this machine."""
    name = host.casefold().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def checked_base_url(base_url: str, *, provider: str, self_hosted: bool) -> str:
    """The address without a slash at its end.

    Args:
        base_url: What the user configured.
        provider: The provider's id, for the message.
        self_hosted: Whether plain HTTP is allowed beyond this machine (a server in the user's own
            network).

    Raises:
        ConfigError: It is not an address that a key and code may be sent to.
    """
    place = f"[providers.{provider}] base_url"
    example = 'Write it like "https://gateway.example.com/v1".'
    try:
        parts = urlsplit(base_url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ConfigError(f"{place} is not an address.", remedy=example) from None
    if parts.scheme not in {"http", "https"} or not host:
        raise ConfigError(f"{place} is not an http or https address.", remedy=example)
    if parts.username is not None or parts.password is not None:
        # Addresses are printed and logged, so that a password inside one would be, too.
        raise ConfigError(
            f"{place} holds a user name or password.",
            remedy="Take it out and set api_key_env or api_key_command.",
        )
    if parts.query or parts.fragment:
        raise ConfigError(f"{place} must end before any ? or #.", remedy=example)
    if parts.scheme == "http" and not self_hosted and not is_loopback(host):
        raise ConfigError(
            f"{place} would send the key and your code in clear text.",
            remedy="Use https:// for every machine but this one.",
        )
    return base_url.rstrip("/")
