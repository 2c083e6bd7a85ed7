"""Keys and tokens that are known by their form, as those who issue them describe it.

Each row says how such a text begins and what may follow. The forms are facts of the vendors' documentation (GitHub:
"Behind GitHub's new authentication token formats"; AWS: "IAM identifiers"; GitLab: "Token overview"; Slack: "Tokens";
Stripe: "API keys"; npm, PyPI, SendGrid, Twilio and the others on the page about their keys), and of keys they issue.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass

from codefare.gate.values import is_random

WORD = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")


@dataclass(frozen=True, slots=True)
class Format:
    """What begins with one of `starts` and goes on like `rest`; with `mixed`, it must look drawn by lot."""

    kind: str
    starts: tuple[str, ...]
    rest: re.Pattern[str]
    mixed: bool = False

    def end(self, text: str, at: int, start: str) -> int | None:
        """Where such a text ends that begins at `at` with `start`, one of the starts; None if there is none."""
        found = self.rest.match(text, at + len(start)) if text.startswith(start, at) else None
        return found.end() if found is not None and self._holds(found[0]) else None

    def _holds(self, rest: str) -> bool:
        return not self.mixed or is_random(rest)


@dataclass(frozen=True, slots=True)
class Shape:
    """What is like `whole` and has `mark` in it, at most `before` characters from its beginning."""

    kind: str
    mark: str
    before: int
    whole: re.Pattern[str]


def _row(kind: str, starts: str, rest: str, *, mixed: bool = False) -> Format:
    # What goes on as a word is another word.
    return Format(kind, tuple(starts.split()), re.compile(rf"(?:{rest})(?![A-Za-z0-9_])"), mixed)


def _shape(kind: str, mark: str, before: int, whole: str) -> Shape:
    return Shape(kind, mark, before, re.compile(rf"(?<![A-Za-z0-9_])(?:{whole})(?![A-Za-z0-9_])"))


def _base64_starts(*texts: str) -> str:
    """How texts begin in base64, as far as what follows cannot change it."""
    return " ".join(
        base64.b64encode(text[: len(text) // 3 * 3].encode()).decode() for text in texts
    )


_HEX_ID = r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
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
    _row("Vault token", "s.", r"[A-Za-z0-9]{24}", mixed=True),
    _row("Grafana token", "glsa_", r"[A-Za-z0-9]{32}_[0-9a-f]{8}"),
    _row("Grafana token", "glc_", r"[A-Za-z0-9+/]{32,400}={0,2}"),
    _row("Atlassian token", "ATATT3 ATCTT3", r"[\w=-]{60,300}"),
    _row("Linear key", "lin_api_", r"[A-Za-z0-9]{32,60}"),
    _row("Notion token", "ntn_", r"[A-Za-z0-9]{40,60}"),
    _row("New Relic key", "NRAK- NRJS- NRII-", r"[A-Za-z0-9_-]{19,40}"),
    _row("Postman key", "PMAK-", r"[a-f0-9]{24}-[a-f0-9]{34}"),
    _row("Doppler token", "dp.pt. dp.st. dp.ct. dp.sa.", r"[\w.]{40,90}"),
    _row("Supabase key", "sbp_ sb_secret_", r"[\w-]{30,60}", mixed=True),
    _row("Sentry token", "sntrys_ sntryu_", r"[A-Za-z0-9+/=_]{40,400}"),
    _row("Heroku key", "HRKU-", r"[\w-]{36,80}"),
    _row("Airtable token", "pat", r"[A-Za-z0-9]{14}\.[a-f0-9]{64}"),
    _row("age key", "AGE-SECRET-KEY-1", r"[A-Z0-9]{58}"),
    _row("JSON web token", "eyJ", rf"{_B64}{{10,2000}}\.eyJ{_B64}{{8,8000}}\.{_B64}{{10,1000}}"),
    _row("model provider's key", "nvapi-", rf"{_B64}{{50,100}}"),
    _row("model provider's key", "fw_", r"[A-Za-z0-9]{22,24}", mixed=True),
    _row("model provider's key", "tgp_v1_", rf"{_B64}{{40,60}}"),
    _row("model provider's key", "csk-", r"[a-z0-9]{48}", mixed=True),
    _row("model provider's key", "ABSK", r"[A-Za-z0-9+/]{109,269}={0,2}"),
    _row("Hugging Face token", "api_org_", r"[A-Za-z]{34}"),
    _row("LangSmith key", "lsv2_pt_ lsv2_sk_", r"[0-9a-f]{32}_[0-9a-f]{10}"),
    _row("Pinecone key", "pcsk_", r"\w{60,80}", mixed=True),
    _row(
        "1Password key",
        "A3-",
        r"[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})(?:-[A-Z0-9]{5}){2,3}",
    ),
    _row("1Password token", "ops_eyJ", rf"{_B64}{{200,4000}}={{0,2}}"),
    _row("Adobe key", "p8e-", r"[A-Za-z0-9]{32}", mixed=True),
    _row("Alibaba key", "LTAI", r"[A-Za-z0-9]{12,24}", mixed=True),
    _row("Artifactory key", "AKCp", r"[A-Za-z0-9]{69}"),
    _row("Artifactory token", "cmVmd", r"[A-Za-z0-9]{59}"),
    _row("Bitbucket password", "ATBB", r"[A-Za-z0-9]{32}", mixed=True),
    _row(
        "Authress key",
        "sc_ ext_ scauth_ authress_",
        r"[A-Za-z0-9]{5,30}\.[A-Za-z0-9]{4,6}\.acc[_-][A-Za-z0-9-]{10,32}\.[A-Za-z0-9+/_=-]{30,120}",
    ),
    _row("ClickHouse key", "4b1d", r"[A-Za-z0-9]{38}", mixed=True),
    _row("Clojars token", "CLOJARS_", r"[A-Za-z0-9]{60}"),
    _row("Cloudflare key", "v1.0-", r"[a-f0-9]{24}-[a-f0-9]{146}"),
    _row("Defined Networking token", "dnkey-", r"[a-z0-9=_-]{26}-[a-z0-9=_-]{52}"),
    _row("Dropbox token", "sl.", rf"{_B64}{{130,1500}}"),
    _row("Duffel token", "duffel_live_ duffel_test_", rf"{_B64}{{43}}"),
    _row("Dynatrace token", "dt0c01.", r"[A-Z0-9]{24}\.[A-Z0-9]{64}"),
    _row("EasyPost key", "EZAK EZTK", r"[A-Za-z0-9]{54}"),
    _row("Facebook token", "EAAM EAAC EAAB EAAG", r"[A-Za-z0-9]{80,300}", mixed=True),
    _row("Firebase key", "AAAA", rf"{_B64}{{7}}:APA91b{_B64}{{100,200}}"),
    _row("Flutterwave key", "FLWSECK_TEST- FLWSECK-", r"[a-fA-F0-9]{12,32}(?:-X)?", mixed=True),
    _row(
        "Fly.io token", "fm1_ fm1r_ fm1a_ fm2_ fo1_", r"[A-Za-z0-9+/_,-]{40,4000}={0,2}", mixed=True
    ),
    _row("Frame.io token", "fio-u-", rf"{_B64}{{64}}"),
    _row("Google token", "1//0", rf"{_B64}{{60,250}}", mixed=True),
    _row("GoCardless token", "live_ sandbox_", rf"{_B64}{{40}}", mixed=True),
    _row("Harness token", "pat. sat.", r"[\w-]{22}\.[0-9a-f]{24}\.[A-Za-z0-9]{20}"),
    _row("HubSpot token", "pat-na1- pat-na2- pat-eu1- pat-ap1-", _HEX_ID),
    _row("Infracost key", "ico-", r"[A-Za-z0-9]{32}", mixed=True),
    _row("42 secret", "s-s4t2ud- s-s4t2af-", r"[a-f0-9]{64}"),
    _row("LaunchDarkly key", "sdk- mob- api-", _HEX_ID),
    _row("Mapbox token", "sk.eyJ", r"[\w-]{40,300}\.[\w-]{20,40}"),
    _row("Netlify token", "nfp_ nfc_ nfo_ nfu_", r"[A-Za-z0-9]{36}"),
    _row("Notion token", "secret_", r"[A-Za-z0-9]{43}", mixed=True),
    _row("Octopus key", "API-", r"[A-Z0-9]{25,32}", mixed=True),
    _row("Figma token", "figd_ figo_ figor_", rf"{_B64}{{35,60}}"),
    _row(
        "Tailscale key",
        "tskey-auth- tskey-api- tskey-client- tskey-scim- tskey-webhook-",
        r"[A-Za-z0-9]{8,20}-[A-Za-z0-9]{20,40}",
    ),
    _row("PostHog key", "phx_ phs_", r"[A-Za-z0-9]{40,60}"),
    _row("OpenShift token", "sha256~", rf"{_B64}{{43}}"),
    _row("PlanetScale key", "pscale_tkn_ pscale_pw_ pscale_oauth_", r"[\w.=-]{32,64}"),
    _row("Prefect key", "pnu_ pnb_", r"[A-Za-z0-9]{36}"),
    _row("Pulumi token", "pul-", r"[a-f0-9]{40}"),
    _row("ReadMe key", "rdme_", r"[a-z0-9]{70}"),
    _row("Scalingo token", "tk-us-", rf"{_B64}{{48}}"),
    _row("Brevo key", "xkeysib- xsmtpsib-", r"[a-f0-9]{64}-[A-Za-z0-9]{16}"),
    _row("SettleMint token", "sm_pat_ sm_sat_ sm_aat_", r"[A-Za-z0-9]{16}"),
    _row("Shippo token", "shippo_live_ shippo_test_", r"[a-f0-9]{40}"),
    _row("Sonar token", "squ_ sqp_ sqa_", r"[A-Za-z0-9]{40}"),
    _row("Sourcegraph token", "sgp_", r"(?:[a-fA-F0-9]{16}_|local_)?[a-fA-F0-9]{40}"),
    _row("Square token", "EAAA", rf"{_B64}{{60}}", mixed=True),
    _row("Typeform token", "tfp_", r"[\w.=-]{59}"),
    _row("Yandex key", "AQVN", rf"{_B64}{{35,38}}", mixed=True),
    _row("Yandex token", "t1.", rf"{_B64}{{20,300}}={{0,2}}\.{_B64}{{86}}={{0,2}}"),
    _row("Vercel token", "vercel_blob_rw_", r"\w{30,80}"),
    _row(
        "Discord webhook",
        "discord.com/api/webhooks/ discordapp.com/api/webhooks/",
        rf"\d{{17,20}}/{_B64}{{60,80}}",
    ),
    _row(
        "private key",
        _base64_starts(
            *(
                f"-----BEGIN {kind}PRIVATE KEY-----"[:27]
                for kind in ("", "RSA ", "EC ", "DSA ", "OPENSSH ", "ENCRYPTED ")
            )
        ),
        r"[A-Za-z0-9+/]{60,8000}={0,2}",
    ),
    _row("Azure key", "AccountKey= SharedAccessKey=", r"[A-Za-z0-9+/]{40,86}={0,2}"),
)
"""The order counts where two rows begin alike: the first that fits names the kind."""

SHAPES = (
    _shape("Telegram token", ":AA", 10, rf"\d{{8,10}}:AA{_B64}{{33}}"),
    _shape("Terraform token", ".atlasv1.", 14, rf"[A-Za-z0-9]{{14}}\.atlasv1\.{_B64}{{60,70}}"),
    _shape("Azure secret", "Q~", 4, r"[\w~.-]{3}\dQ~[\w~.-]{31,34}"),
    _shape("Mailchimp key", "-us", 32, r"[0-9a-f]{32}-us\d{1,2}"),
    _shape("MaxMind key", "_mmk", 36, r"[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk"),
    _shape(
        "Teams webhook",
        ".webhook.office.com/",
        40,
        rf"\w{{1,40}}\.webhook\.office\.com/webhookb2/{_HEX_ID}@{_HEX_ID}/IncomingWebhook/[0-9a-f]{{32}}/{_HEX_ID}",
    ),
    _shape(
        "Zapier webhook",
        "hooks.zapier.com/",
        0,
        r"hooks\.zapier\.com/hooks/catch/\d{4,12}/\w{5,20}",
    ),
)
"""Keys that begin with nothing of their own."""

UNMARKED = (
    ("model provider's key", re.compile(r"[0-9a-f]{32}\.[A-Za-z0-9]{16}(?![\w.-])")),  # z.ai
    ("Discord token", re.compile(r"[MNO][A-Za-z0-9]{22,28}\.[\w-]{6}\.[\w-]{27,45}(?![\w.-])")),
)
"""Forms that only their parts give away, each after a long word."""
