"""`codefare cache`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from codefare import session
from codefare.options import json_option, print_json

if TYPE_CHECKING:
    from codefare.store.answers import CacheInfo


@click.group()
def cache() -> None:
    """The answers on disk."""


@cache.command("info")
@json_option
def cache_info(as_json: bool) -> None:
    """Where the answers are, how many, how large."""
    from codefare import terminal

    info, health = session.with_cache(lambda store: store.info())
    if as_json:
        print_json(cache_json(info, health))
    else:
        terminal.print_cache(info)


@cache.command("clear")
@json_option
def cache_clear(as_json: bool) -> None:
    """Delete every stored answer."""
    removed, _ = session.with_cache(lambda store: store.clear())
    if as_json:
        print_json({"removed": removed})
    else:
        click.echo(f"{removed} answer{'' if removed == 1 else 's'} deleted.")


def cache_json(info: CacheInfo, health: str | None) -> dict[str, Any]:
    """The cache's state as data: bytes, seconds, a folder, and what is wrong with it (null: nothing)."""
    return {
        "entries": info.entries,
        "size_bytes": info.size_bytes,
        "size_limit_bytes": info.size_limit_bytes,
        "max_age_seconds": info.max_age_seconds,
        "folder": str(info.folder),
        "health": health,
    }
