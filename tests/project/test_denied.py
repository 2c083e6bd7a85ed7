"""Which files are never read for a prompt."""

from __future__ import annotations

import pytest

from codefare.project.denied import is_denied


@pytest.mark.parametrize(
    "path",
    [
        ".env",
        "deploy/.env.production",
        "certs/server.PEM",
        "a/b/id_rsa",
        "id_ed25519.pub",
        ".aws/config",
        "home/.ssh/config",
        "conf/credentials",
        "credentials.json",
        "config/secrets.yml",
        "service-account-prod.json",
        "infra/terraform.tfstate.backup",
        ".npmrc",
        "App.KeyStore",
        ".envrc",
        "prod.tfvars",
        "prod.auto.tfvars.json",
        "vault.kdbx",
        "a.p12",
        ".htpasswd",
        ".pgpass",
        ".my.cnf",
        "office.ovpn",
        "k8s/secrets.yaml",
        ".gnupg/private-keys-v1.d/a",
        "home/.config/gcloud/access_tokens.db",
        "deploy_ed25519",
        ".bash_history",
        ".m2/settings.xml",
        "acme-firebase-adminsdk-x1.json",
        ".vault-token",
        "composer/auth.json",
        "etc/wireguard/wg0.conf",
    ],
)
def test_files_that_hold_secrets_are_denied(path: str) -> None:
    """In any folder, in upper or lower case."""
    assert is_denied(path)


@pytest.mark.parametrize(
    "path",
    [
        *("secrets.py", "src/secret_store.go", "credentials/provider.py", "environment.py"),
        *("keys.ts", "Secrets.kt", "secrets.tsx", "history.py", "token.py", "auth.ts", "wg.c"),
        *("oci/image.go", "keyring.py", "passwords.py", "secrets.md"),
    ],
)
def test_code_about_secrets_is_not(path: str) -> None:
    """A name alone makes no source file a secret."""
    assert not is_denied(path)
