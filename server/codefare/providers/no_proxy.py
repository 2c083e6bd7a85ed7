"""Which hosts are reached without a proxy: the rules that curl and others share, and networks."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_LARGEST_PORT = 65_535


class NoProxy:
    """Hosts that no proxy is for.

    An entry is `*` (all), a name (`example.com`, `.example.com` and `*.example.com` all mean it and
    what is below it), an address, or a network (`10.0.0.0/8`); all but a network may end with `:port`.
    Names are never looked up: a network says nothing of a host that is given by its name.

    Raises:
        ValueError: An entry is none of these; the words follow it in a sentence.
    """

    def __init__(self, entries: Iterable[str]) -> None:
        self._all = False
        self._networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network] = []
        self._hosts: list[tuple[str, int | None]] = []
        for entry in entries:
            self._add(entry.strip())

    def covers(self, host: str, port: int) -> bool:
        """Whether `host` (a name, or an address without brackets) is reached directly at `port`."""
        if self._all:
            return True
        name = _folded(host)
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return any(
                (name == own or name.endswith(f".{own}")) and wanted in {None, port}
                for own, wanted in self._hosts
            )
        if any(address in network for network in self._networks):
            return True
        return any(own == str(address) and wanted in {None, port} for own, wanted in self._hosts)

    def _add(self, entry: str) -> None:
        if entry == "*":
            self._all = True
            return
        if not entry or any(c.isspace() or c in ",@" for c in entry):
            raise ValueError("is not one host")
        if "/" in entry.partition("://")[2] or ("/" in entry and "://" not in entry):
            try:
                self._networks.append(ipaddress.ip_network(entry, strict=False))
            except ValueError:
                raise ValueError("is no network, such as 10.0.0.0/8") from None
            return
        host, port = _parted(entry.rpartition("://")[2])
        name = _folded(host.removeprefix("*").lstrip("."))
        if not name or "*" in name:
            raise ValueError("is no host, such as example.com or *.example.com")
        self._hosts.append((name, port))


def environment_entries(value: str) -> tuple[str, ...]:
    """The entries of a NO_PROXY variable, without those that mean nothing."""
    found = []
    for entry in value.replace(" ", ",").split(","):
        try:
            NoProxy([entry])
        except ValueError:
            continue
        found.append(entry)
    return tuple(found)


def _parted(entry: str) -> tuple[str, int | None]:
    """Host and port; the canonical form of an address."""
    host, colon, port = entry.rpartition(":")
    if entry.startswith("["):
        host, closed, rest = entry[1:].partition("]")
        if not closed:
            raise ValueError("is no address")
        colon, port = rest[:1], rest[1:]
    elif entry.count(":") != 1:
        host, colon, port = entry, "", ""
    if colon and not (port.isascii() and port.isdigit() and 0 < int(port) <= _LARGEST_PORT):
        raise ValueError("has a port that is none")
    try:
        host = str(ipaddress.ip_address(host))
    except ValueError:
        if ":" in host:
            raise ValueError("is no address") from None
    return host, int(port) if colon else None


def _folded(host: str) -> str:
    """The form in which two spellings of one host are equal."""
    name = host.casefold().strip("[]").rstrip(".")
    try:
        return name if name.isascii() else name.encode("idna").decode("ascii")
    except UnicodeError:
        return name
