"""Keys and tokens that are known by their form, as those who issue them describe it.

Each row says how such a text begins and what may follow. The forms are facts of the vendors' documentation (GitHub:
"Behind GitHub's new authentication token formats"; AWS: "IAM identifiers"; GitLab: "Token overview"; Slack: "Tokens";
Stripe: "API keys"; npm, PyPI, SendGrid, Twilio and the others on the page about their keys), and of keys they issue.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

WORD = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")


@dataclass(frozen=True, slots=True)
class Format:
    """What begins with one of `starts` and goes on like `rest`; with `mixed`, it must hold letters and digits."""

    kind: str
    starts: tuple[str, ...]
    rest: re.Pattern[str]
    mixed: bool = False

    def matches(self, text: str) -> Iterator[tuple[int, int]]:
        """Where such texts stand. Each start is looked at once, and no further than the form is long."""
        for start in self.starts:
            at = text.find(start)
            while at >= 0:
                after = at + len(start)
                found = None
                if at == 0 or text[at - 1] not in WORD:
                    found = self.rest.match(text, after)
                if found is not None and self._holds(found[0]):
                    yield at, found.end()
                    after = found.end()
                at = text.find(start, after)

    def _holds(self, rest: str) -> bool:
        return not self.mixed or (
            sum(map(str.isdigit, rest)) > 1 and sum(map(str.isalpha, rest)) > 1
        )


def _row(kind: str, starts: str, rest: str, *, mixed: bool = False) -> Format:
    # What goes on as a word is another word.
    return Format(kind, tuple(starts.split()), re.compile(rf"(?:{rest})(?![A-Za-z0-9_])"), mixed)


_B64 = r"[A-Za-z0-9_-]"

FORMATS = (
    _row("AWS key", "AKIA ASIA ABIA ACCA", r"[A-Z2-7]{16}"),
    _row("GitHub token", "ghp_ gho_ ghu_ ghs_ ghr_", r"[A-Za-z0-9]{36,251}"),
    _row("GitHub token", "github_pat_", r"[A-Za-z0-9_]{60,244}"),
    _row(
        "GitLab token",
        "glpat- gloas- gldt- glrt- glcbt- glptt- glft- glimt- glagent- glsoat- glffct- GR1348941",
        rf"[A-Za-z0-9_.-]{{20,300}}",  # noqa: F541 - as the others are written
    ),
    _row(
        "Slack token", "xoxa- xoxb- xoxe- xoxo- xoxp- xoxr- xoxs- xoxc- xoxd-", r"[\w.%-]{10,500}"
    ),
    _row("Slack token", "xapp-", r"\d-[A-Z0-9]{5,20}-\d{5,20}-[a-f0-9]{32,128}"),
    _row("Slack webhook", "hooks.slack.com/services/", r"T\w{5,20}/B\w{5,20}/\w{16,40}"),
    _row(
        "Stripe key",
        "sk_live_ sk_test_ rk_live_ rk_test_ sk_prod_ rk_prod_",
        r"[A-Za-z0-9]{16,247}",
    ),
    _row("Stripe key", "whsec_", r"[A-Za-z0-9+/]{24,120}={0,2}"),
    _row("model provider's key", "sk-ant-", rf"{_B64}{{24,250}}", mixed=True),
    _row("model provider's key", "sk-or-v1-", r"[0-9a-f]{64}"),
    _row(
        "model provider's key",
        "sk-proj- sk-svcacct- sk-admin- sk-None-",
        rf"{_B64}{{20,250}}",
        mixed=True,
    ),
    _row("model provider's key", "sk-", r"[A-Za-z0-9]{32,160}", mixed=True),
    _row("model provider's key", "sk-", r"[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}"),
    _row("model provider's key", "gsk_", r"[A-Za-z0-9]{40,60}"),
    _row("model provider's key", "xai-", r"[A-Za-z0-9]{70,100}"),
    _row("model provider's key", "pplx-", r"[A-Za-z0-9]{40,60}"),
    _row("model provider's key", "hf_", r"[A-Za-z0-9]{30,40}"),
    _row("model provider's key", "r8_", r"[A-Za-z0-9]{37}"),
    _row("Google key", "AIza", rf"{_B64}{{35}}"),
    _row("Google key", "GOCSPX-", rf"{_B64}{{28}}"),
    _row("Google token", "ya29.", rf"{_B64}{{20,2000}}", mixed=True),
    _row("npm token", "npm_", r"[A-Za-z0-9]{36}"),
    _row("PyPI token", "pypi-AgE", rf"{_B64}{{50,2000}}"),
    _row("RubyGems key", "rubygems_", r"[a-f0-9]{48}"),
    _row("Cargo token", "cio", r"[A-Za-z0-9]{32}", mixed=True),
    _row("NuGet key", "oy2", r"[a-z0-9]{43}", mixed=True),
    _row("Docker token", "dckr_pat_ dckr_oat_", rf"{_B64}{{20,60}}"),
    _row("SendGrid key", "SG.", rf"{_B64}{{22}}\.{_B64}{{43}}"),
    _row("Twilio key", "SK", r"[0-9a-f]{32}", mixed=True),
    _row("Mailgun key", "key-", r"[0-9a-f]{32}", mixed=True),
    _row("Telegram token", "bot", rf"\d{{8,10}}:{_B64}{{35}}"),
    _row("DigitalOcean token", "dop_v1_ doo_v1_ dor_v1_", r"[a-f0-9]{64}"),
    _row("Shopify token", "shpat_ shpca_ shppa_ shpss_", r"[a-fA-F0-9]{32}"),
    _row("Square token", "sq0atp- sq0csp- sq0idp-", rf"{_B64}{{22,60}}"),
    _row("Databricks token", "dapi", r"[0-9a-f]{32}(?:-\d)?"),
    _row("Vault token", "hvs. hvb. hvr.", rf"{_B64}{{24,300}}"),
    _row("Grafana token", "glsa_", r"[A-Za-z0-9]{32}_[0-9a-f]{8}"),
    _row("Grafana token", "glc_", r"[A-Za-z0-9+/]{32,400}={0,2}"),
    _row("Atlassian token", "ATATT3 ATCTT3", r"[\w=-]{60,300}"),
    _row("Linear key", "lin_api_", r"[A-Za-z0-9]{32,60}"),
    _row("Notion token", "ntn_", r"[A-Za-z0-9]{40,60}"),
    _row("New Relic key", "NRAK- NRJS- NRII-", r"[A-Za-z0-9]{19,40}"),
    _row("Postman key", "PMAK-", r"[a-f0-9]{24}-[a-f0-9]{34}"),
    _row("Doppler token", "dp.pt. dp.st. dp.ct. dp.sa.", r"[\w.]{40,90}"),
    _row("Supabase key", "sbp_ sb_secret_", r"\w{30,60}", mixed=True),
    _row("Sentry token", "sntrys_ sntryu_", r"[A-Za-z0-9+/=_]{40,400}"),
    _row("Heroku key", "HRKU-", r"[\w-]{36,80}"),
    _row("Airtable token", "pat", r"[A-Za-z0-9]{14}\.[a-f0-9]{64}"),
    _row("age key", "AGE-SECRET-KEY-1", r"[A-Z0-9]{58}"),
    _row("JSON web token", "eyJ", rf"{_B64}{{10,2000}}\.eyJ{_B64}{{8,8000}}\.{_B64}{{10,1000}}"),
    _row("Azure key", "AccountKey= SharedAccessKey=", r"[A-Za-z0-9+/]{40,86}={0,2}"),
)
"""The order counts where two rows begin alike: the first that fits names the kind."""
