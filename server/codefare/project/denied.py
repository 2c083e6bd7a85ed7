"""Files that are never read for a prompt: they hold secrets, or mostly do."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from pathspec import GitIgnoreSpec

if TYPE_CHECKING:
    from pathlib import Path

# Gitignore patterns, matched without regard to case. Source files are not among them: `secrets.py` is code.
_PATTERNS = (
    ".env*",
    "*.env",
    ".envrc",
    # These show which variables there are, and are meant to be shared.
    "!.env.example",
    "!.env.sample",
    "!.env.template",
    "!.env.dist",
    # Keys and certificates.
    "*.pem",
    "*.key",
    "*.p8",
    "*.p12",
    "*.pfx",
    "*.pkcs12",
    "*.der",
    "*.crt",
    "*.cer",
    "*.csr",
    "*.asc",
    "*.gpg",
    "*.pgp",
    "*.ppk",
    "*.jks",
    "*.keystore",
    "*.kdbx",
    "*.age",
    "*.ovpn",
    "*.mobileprovision",
    "id_rsa*",
    "id_dsa*",
    "id_ecdsa*",
    "id_ed25519*",
    ".ssh/",
    ".gnupg/",
    # Credentials of tools.
    ".netrc",
    "_netrc",
    ".npmrc",
    ".yarnrc*",
    ".pypirc",
    ".pgpass",
    ".my.cnf",
    ".htpasswd",
    ".git-credentials",
    ".dockercfg",
    ".docker/config.json",
    ".aws/",
    ".azure/",
    ".kube/",
    "kubeconfig*",
    "credentials.json",
    "credentials.y*ml",
    "credentials.toml",
    "client_secret*.json",
    "service[-_]account*.json",
    "secret.*",
    "secrets.*",
    "!secret*.py",
    "!secret*.js",
    "!secret*.ts",
    "!secret*.go",
    "!secret*.rs",
    "!secret*.java",
    "!secret*.c",
    "!secret*.h",
    "!secret*.cpp",
    "!secret*.cs",
    "!secret*.rb",
    "!secret*.php",
    "secrets/*.y*ml",
    "secrets/*.json",
    "*.tfstate*",
    "*.tfvars*",
    "*.keychain*",
    "wallet.dat",
)


_FOLDERS = frozenset(name.rstrip("/") for name in _PATTERNS if name.endswith("/"))


@cache
def _spec() -> GitIgnoreSpec:
    return GitIgnoreSpec.from_lines(_PATTERNS)


def is_denied(path: str) -> bool:
    """Whether a file may not be read for a prompt, by its path from the project's root with slashes."""
    folded = path.lower()
    # A folder of that name may hold code.
    return folded.rpartition("/")[2] == "credentials" or _spec().match_file(folded)


def is_in_denied_folder(path: Path) -> bool:
    """Whether a file lies in a folder that tools keep their keys in, wherever that is: `~/.ssh`."""
    return not _FOLDERS.isdisjoint(part.lower() for part in path.parts[:-1])
