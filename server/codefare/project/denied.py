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
    "*_rsa",
    "*_dsa",
    "*_ecdsa",
    "*_ed25519",
    "*.psafe3",
    "*.jceks",
    "*.bks",
    "*.1pux",
    ".ssh/",
    ".gnupg/",
    # Credentials of tools.
    ".netrc",
    "_netrc",
    ".authinfo",
    "*pgpass.conf",
    ".mylogin.cnf",
    ".msmtprc",
    ".fetchmailrc",
    ".s3cfg",
    ".boto",
    "rclone.conf",
    ".databrickscfg",
    ".snowsql/",
    ".oci/",
    ".terraformrc",
    "*.tfrc.json",
    ".vault-token",
    ".vault_pass*",
    ".m2/settings*.xml",
    ".config/gh/hosts.yml",
    ".config/gcloud/",
    "application_default_credentials.json",
    ".dockerconfigjson",
    ".password-store/",
    "keyrings/",
    "auth.json",
    "token.json",
    "*-credentials.json",
    "*firebase-adminsdk*.json",
    "wg[0-9]*.conf",
    "passwords.txt",
    "*.secret",
    "*.secrets",
    # What was typed: passwords are.
    ".*_history",
    "logins.json",
    "key[34].db",
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
    "!secret*.[jt]sx",
    "!secret*.[cm]js",
    "!secret*.[cm]ts",
    "!secret*.kt",
    "!secret*.kts",
    "!secret*.swift",
    "!secret*.scala",
    "!secret*.ex",
    "!secret*.exs",
    "!secret*.lua",
    "!secret*.dart",
    "!secret*.hpp",
    "!secret*.cc",
    "!secret*.cxx",
    "!secret*.m",
    "!secret*.vue",
    "!secret*.html",
    "!secret*.md",
    "secrets/*.y*ml",
    "secrets/*.json",
    "*.tfstate*",
    "*.tfvars*",
    "*.keychain*",
    "wallet.dat",
)

# Where a pattern names a folder, too, it is one in any folder.
_ANYWHERE = tuple(f"**/{one}" if "/" in one.rstrip("/") else one for one in _PATTERNS)
# Folders of tools, which are such ones wherever they are: `~/.ssh`, `~/.config/gcloud`.
_OF_TOOLS = tuple(
    one for one in _ANYWHERE if one.removeprefix("**/").startswith(".") and "/" in one
)


@cache
def _spec() -> GitIgnoreSpec:
    return GitIgnoreSpec.from_lines(_ANYWHERE)


@cache
def _tools() -> GitIgnoreSpec:
    return GitIgnoreSpec.from_lines(_OF_TOOLS)


def is_denied(path: str) -> bool:
    """Whether a file may not be read for a prompt, by its path from the project's root with slashes."""
    folded = path.lower()
    # A folder of that name may hold code.
    return folded.rpartition("/")[2] == "credentials" or _spec().match_file(folded)


def is_in_denied_folder(path: Path) -> bool:
    """Whether a file lies in a folder that tools keep their keys in, wherever that is: `~/.ssh`."""
    return _tools().match_file("/".join(path.parts[1:]).lower())
