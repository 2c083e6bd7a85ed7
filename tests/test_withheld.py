"""Programs that codefare starts for a project are not handed the user's keys and passwords."""

from __future__ import annotations

from pathlib import Path

from codefare.assembly import assemble
from codefare.environment import for_programs

CONFIG = """
[network]
proxy = "http://127.0.0.1:9"
proxy_user = "me"
proxy_password_env = "PROXY_PASSWORD"
[providers.anthropic]
api_key_env = "MY_KEY"
[providers.local.network]
client_certificate = "/nowhere/me.pem"
client_key_password_env = "CERTIFICATE_PASSWORD"
"""


async def test_git_and_checkers_get_no_secrets(home: Path, configure, monkeypatch) -> None:
    """Keys by the catalog's names and the user's, and passwords of proxies and certificates; all else is there."""
    secret = ("MY_KEY", "OPENAI_API_KEY", "PROXY_PASSWORD", "CERTIFICATE_PASSWORD")
    for name in (*secret, "PLAIN"):
        monkeypatch.setenv(name, "x")
    configure(CONFIG)
    made = assemble()
    await made.close()
    given = for_programs()
    assert not given.keys() & set(secret)
    assert given["PLAIN"] == "x"
