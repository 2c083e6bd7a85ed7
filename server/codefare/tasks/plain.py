"""Files whose language has no grammar here: what can still be known from their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codefare.source.target import Target

# Inserting whole lines that start with the marker of a line comment cannot change code, so that selected lines can be
# documented without a grammar.
_PROGRAMS = {
    **dict.fromkeys((".lua", ".sql", ".hs", ".elm", ".adb", ".ads", ".vhd"), "--"),
    **dict.fromkeys((".kt", ".kts", ".swift", ".scala", ".dart", ".zig", ".groovy", ".fs"), "//"),
    **dict.fromkeys(
        (".sh", ".bash", ".zsh", ".fish", ".pl", ".pm", ".r", ".jl", ".ex", ".exs"), "#"
    ),
    **dict.fromkeys((".tcl", ".nim", ".cr", ".ps1"), "#"),
    **dict.fromkeys((".lisp", ".el", ".clj", ".cljs", ".scm", ".rkt"), ";;"),
    **dict.fromkeys((".erl", ".m"), "%"),
}
_SETTINGS = {
    **dict.fromkeys((".yaml", ".yml", ".toml", ".cmake", ".mk", ".conf", ".nix", ".tf"), "#"),
    ".proto": "//",
    ".tex": "%",
}


def line_comment(target: Target) -> str | None:
    """What starts a line comment in this file; None if that is not known."""
    suffix = target.path.suffix.lower() if target.path else ""
    return _PROGRAMS.get(suffix) or _SETTINGS.get(suffix)


def is_program(target: Target) -> bool:
    """Whether the file's name says that it holds a program."""
    return target.path is not None and target.path.suffix.lower() in _PROGRAMS
