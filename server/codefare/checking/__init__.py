"""What the user's own checker says of a file: now, and with a change that nobody has made yet."""

from codefare.checking.verdict import Verdict, VerdictKind, check, complaints

__all__ = ["Verdict", "VerdictKind", "check", "complaints"]
