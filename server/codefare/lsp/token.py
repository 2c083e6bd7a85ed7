"""The token of a server on a socket: who knows it may spend the user's money.

It comes from a file or from the environment, else it is made anew and told once. It is compared in constant
time, and shows itself nowhere: not in a repr, not in a log, not in the environment of child processes.
"""

from __future__ import annotations

import os
import secrets
import stat
from typing import TYPE_CHECKING

from codefare.errors import WrongUse

if TYPE_CHECKING:
    from collections.abc import MutableMapping

VARIABLE = "CODEFARE_TOKEN"
"""The environment variable that may hold it."""

_SHORTEST = 16  # characters; a shorter one can be guessed over a socket
_LONGEST = 1024
_FRESH = 32  # bytes from the system's source of randomness
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
# A FIFO would hold up the start, and nothing is to be read from a device.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)


class Token:
    """A token. `is_fresh` tells that it was made here, so that the user has still to be told of it."""

    __slots__ = ("_value", "is_fresh")

    def __init__(self, value: str, *, is_fresh: bool = False) -> None:
        """Takes a token that was chosen.

        Raises:
            WrongUse: it is too short, too long, or holds what no editor's settings should have to.
        """
        if not (_SHORTEST <= len(value) <= _LONGEST and value.isascii() and value.isprintable()):
            raise WrongUse(
                f"The token must have {_SHORTEST} to {_LONGEST} printable ASCII characters.",
                remedy="For example: python3 -c 'import secrets; print(secrets.token_urlsafe())'.",
            )
        self._value = value.encode("ascii")
        self.is_fresh = is_fresh

    def __repr__(self) -> str:
        return "Token(…)"

    def __reduce__(self) -> str:
        raise TypeError("a token is not written anywhere")

    def fits(self, said: object) -> bool:
        """Whether a client knows it. How long this takes tells nothing of it."""
        if not isinstance(said, str):
            return False
        # JSON can say half a character, which UTF-8 cannot.
        return secrets.compare_digest(said.encode("utf-8", "surrogatepass"), self._value)

    def reveal(self) -> str:
        """The token itself, to tell the user."""
        return self._value.decode("ascii")


def find_token(file: str | None, environ: MutableMapping[str, str] = os.environ) -> Token:
    """The token in `file`, else in the environment, from which it is taken out; else a fresh one.

    Raises:
        WrongUse: the file cannot be read, or others can read it; or what was found cannot be a token.
    """
    found = environ.pop(VARIABLE, "")  # git, checkers and key commands have no use for it
    if file:
        return Token(_read(file))
    if found:
        return Token(found)
    return Token(secrets.token_urlsafe(_FRESH), is_fresh=True)


def _read(file: str) -> str:
    try:
        handle = os.open(file, _FLAGS)
        with os.fdopen(handle, encoding="utf-8", errors="replace") as opened:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                raise WrongUse(
                    f"{file} is not a regular file.", remedy="Name a file that holds the token."
                )
            if os.name == "posix" and _is_open_to_others(status):
                raise WrongUse(
                    f"Others can read or change the token in {file}.",
                    remedy=f"chmod 600 {file}, and own it.",
                )
            return opened.read(_LONGEST + 2).strip()
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        why = getattr(error, "strerror", None) or str(error)
        raise WrongUse(
            f"The token cannot be read from {file}: {why.lower()}.", remedy="Check --token-file."
        ) from None


def _is_open_to_others(status: os.stat_result) -> bool:
    return bool(status.st_mode & _OTHERS) or status.st_uid not in {0, os.geteuid()}
