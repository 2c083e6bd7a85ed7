"""Which hosts are reached without a proxy."""

from __future__ import annotations

import pytest

from codefare.providers.no_proxy import NoProxy, environment_entries


@pytest.mark.parametrize(
    ("entry", "host", "covered"),
    [
        ("*", "anything.example", True),
        ("example.com", "example.com", True),
        ("example.com", "api.example.com", True),
        ("example.com", "notexample.com", False),
        ("example.com", "example.com.evil.test", False),
        (".example.com", "api.example.com", True),
        (".example.com", "example.com", True),
        ("*.example.com", "api.example.com", True),
        ("EXAMPLE.com.", "Api.Example.COM", True),
        ("example.com", "api.example.com.", True),
        ("bücher.example", "xn--bcher-kva.example", True),
        ("example.com:443", "example.com", True),
        ("example.com:8443", "example.com", False),
        ("http://example.com", "example.com", True),
        ("10.0.0.0/8", "10.1.2.3", True),
        ("10.0.0.1/8", "10.1.2.3", True),
        ("10.0.0.0/8", "11.1.2.3", False),
        ("10.0.0.0/8", "10.example.com", False),
        ("10.1.2.3", "10.1.2.3", True),
        ("10.1.2.3", "10.1.2.30", False),
        ("1.2.3", "4.1.2.3", False),
        ("10.1.2.3:443", "10.1.2.3", True),
        ("10.1.2.3:80", "10.1.2.3", False),
        ("fd00::/8", "fd12::1", True),
        ("FD12:0::1", "fd12::1", True),
        ("[fd12::1]", "fd12::1", True),
        ("[fd12::1]:443", "fd12::1", True),
        ("[fd12::1]:80", "fd12::1", False),
        ("fd12::1", "fd12::2", False),
    ],
)
def test_rules(entry: str, host: str, *, covered: bool) -> None:
    """An entry covers a host at port 443 as curl would say, and networks cover the addresses in them."""
    assert NoProxy([entry]).covers(host, 443) is covered


def test_any_entry_is_enough() -> None:
    """One that covers a host is enough, whatever the others say."""
    rules = NoProxy(["10.0.0.0/8", "example.com:80", "example.org"])
    assert rules.covers("example.org", 443)
    assert rules.covers("example.com", 80)
    assert rules.covers("10.9.9.9", 443)
    assert not rules.covers("example.com", 443)
    assert not NoProxy([]).covers("example.com", 443)


@pytest.mark.parametrize(
    "entry",
    [
        "",
        " ",
        "a b",
        "a,b",
        "10.0.0.0/33",
        "example.com/8",
        "example.com:x",
        "example.com:0",
        "example.com:65536",
        "a:b:c",
        "ex*mple.com",
        "*.",
        "me@example.com",
        "[::1",
    ],
)
def test_what_is_no_host(entry: str) -> None:
    """A setting that could cover nothing is refused; in the environment it is passed over."""
    with pytest.raises(ValueError, match=r"^(is|has) "):
        NoProxy([entry])
    kept = environment_entries(f"example.com,{entry},10.0.0.0/8")
    assert {"example.com", "10.0.0.0/8"} <= set(kept)


def test_the_environments_way_of_writing() -> None:
    """NO_PROXY is parted by commas, spaces, or both."""
    assert environment_entries("a.test, b.test c.test,,") == ("a.test", "b.test", "c.test")
    assert environment_entries("") == ()
