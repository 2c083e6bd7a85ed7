"""Code with secrets of the forms that real ones have, all drawn by lot, and code that only looks like it."""

from __future__ import annotations

import base64
import hashlib
import random
import string
from dataclasses import dataclass

_ANY = string.ascii_letters + string.digits
_URL = _ANY + "_-"
_BASE64 = _ANY + "+/"
_HEX = "0123456789abcdef"
_AWS = string.ascii_uppercase + "234567"


@dataclass(frozen=True)
class Sample:
    """A piece of code; `secrets` must not be sent, and are none where nothing is to be taken out."""

    name: str
    text: str
    secrets: tuple[str, ...] = ()


def drawn(seed: str, length: int, letters: str = _ANY) -> str:
    """A text drawn by lot, the same for the same seed."""
    lots = random.Random(f"{seed}{length}")  # noqa: S311  nobody has to be unable to guess it
    while True:
        text = "".join(lots.choice(letters) for _ in range(length))
        # As those who draw keys of some length always get it.
        if any(c.isdigit() for c in text) and any(c.isalpha() for c in text):
            return text


def private_key(seed: str, lines: int = 6) -> str:
    """The body of a private key, on lines of 64 letters."""
    body = [drawn(f"{seed}{number}", 64, _BASE64) for number in range(lines)]
    return "\n".join([*body, drawn(seed, 38, _BASE64) + "=="])


def _token() -> str:
    parts = (b'{"alg":"HS256","typ":"JWT"}', b'{"sub":"4711","name":"Jo","iat":1716239022}')
    head, body = (base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)
    return f"{head}.{body}.{drawn('jwt', 43, _URL)}"


def _one(name: str, template: str, *secrets: str) -> Sample:
    return Sample(name, template.format(*secrets), secrets)


_PEM = "-----BEGIN {kind}-----\n{body}\n-----END {kind}-----"


def _pem(kind: str, seed: str) -> tuple[str, tuple[str, ...]]:
    body = private_key(seed)
    return _PEM.format(kind=kind, body=body), tuple(body.splitlines())


def _keys() -> list[Sample]:
    rsa, rsa_lines = _pem("RSA PRIVATE KEY", "rsa")
    ssh, ssh_lines = _pem("OPENSSH PRIVATE KEY", "ssh")
    pgp, pgp_lines = _pem("PGP PRIVATE KEY BLOCK", "pgp")
    google, google_lines = _pem("PRIVATE KEY", "google")
    ec, ec_lines = _pem("EC PRIVATE KEY", "ec")
    joined = "\n".join(f'    "{line}\\n" +' for line in ec_lines)
    cut = rsa.split("\n", 2)[2]
    indented = rsa.replace("\n", "\n      ")
    added = "\n".join(f"+{line}" for line in ssh.splitlines())
    escaped = google.replace("\n", "\\n")
    account = (
        '{\n  "type": "service_account",\n  "project_id": "acme-prod",\n'
        f'  "private_key_id": "{drawn("kid", 40, _HEX)}",\n  "private_key": "{escaped}\\n",\n'
        '  "client_email": "robot@acme-prod.iam.gserviceaccount.com"\n}'
    )
    return [
        Sample("PEM in Python", f'KEY = """{rsa}"""', rsa_lines),
        Sample("PEM in YAML", f"tls:\n  key: |\n      {indented}\n", rsa_lines),
        Sample("OpenSSH key", ssh, ssh_lines),
        Sample("OpenSSH key in a diff", added, ssh_lines),
        Sample("PGP key", pgp, pgp_lines),
        Sample("Google service account", account, google_lines),
        Sample(
            "PEM joined in Java",
            f'String k = "-----BEGIN EC PRIVATE KEY-----\\n" +\n{joined}\n    "-----END EC PRIVATE KEY-----";',
            ec_lines,
        ),
        Sample("PEM without its head", cut, rsa_lines[1:]),
        Sample("PEM without its end", ec.rpartition("\n")[0], ec_lines),
    ]


SECRETS = [
    _one("AWS id", 'aws_access_key_id = "AKIA{}"', drawn("aws", 16, _AWS)),
    _one("AWS secret", "aws_secret_access_key = {}", drawn("aws", 40, _BASE64)),
    _one("AWS secret in JS", "const awsSecretAccessKey = '{}';", drawn("awsjs", 40, _BASE64)),
    _one("AWS secret in Go", 'creds := NewStatic("AKIA{}", "x")', drawn("awsgo", 16, _AWS)),
    _one("GitHub classic", 'TOKEN = "ghp_{}"', drawn("gh", 36)),
    _one("GitHub app", "git clone https://x-access-token:ghs_{}@github.com/a/b", drawn("ghs", 36)),
    _one("GitHub fine", "gh auth login --with-token github_pat_11{}", drawn("ghf", 80, _ANY + "_")),
    _one("GitLab", "curl --header 'PRIVATE-TOKEN: glpat-{}'", drawn("gl", 20, _URL)),
    _one(
        "Slack bot",
        'slack = Slack("xoxb-{}-{}")',
        drawn("slk", 12, "0123456789a"),
        drawn("slb", 24),
    ),
    _one(
        "Slack webhook",
        'post("https://hooks.slack.com/services/T{}/B{}/{}")',
        drawn("t", 8),
        drawn("b", 10),
        drawn("w", 24),
    ),
    _one("Stripe live", 'stripe.api_key = "sk_live_{}"', drawn("st", 24)),
    _one("Stripe webhook", "STRIPE_WEBHOOK=whsec_{}", drawn("wh", 32)),
    _one("OpenAI old", 'openai.api_key = "sk-{}"', drawn("oa", 48)),
    _one("OpenAI project", 'OpenAI(api_key="sk-proj-{}")', drawn("oap", 120, _URL)),
    _one("Anthropic", "ANTHROPIC_API_KEY=sk-ant-api03-{}AA", drawn("an", 93, _URL)),
    _one("OpenRouter", 'key: "sk-or-v1-{}"', drawn("or", 64, _HEX)),
    _one("DeepSeek", 'client = Client("sk-{}")', drawn("ds", 32, _HEX)),
    _one("Groq", 'groq = "gsk_{}"', drawn("gq", 52)),
    _one("Hugging Face", 'login("hf_{}")', drawn("hf", 34)),
    _one("npm", "//npm.example.com/:_authToken=npm_{}", drawn("npm", 36)),
    _one("PyPI", "  password: pypi-AgEIcHlwaS5vcmc{}", drawn("pp", 120, _URL)),
    _one("SendGrid", 'sg.setApiKey("SG.{}.{}")', drawn("sg", 22, _URL), drawn("sgb", 43, _URL)),
    _one("Twilio key", 'sid = "SK{}"', drawn("tw", 32, _HEX)),
    _one("Twilio auth token", 'auth_token = "{}"', drawn("twa", 32, _HEX)),
    _one("Mailgun", "api = 'key-{}'", drawn("mg", 32, _HEX)),
    _one(
        "Google API",
        "https://maps.googleapis.com/maps/api/js?key=AIza{}&v=3",
        drawn("gm", 35, _URL),
    ),
    _one("Google OAuth", '"client_secret": "GOCSPX-{}"', drawn("go", 28, _URL)),
    _one("DigitalOcean", "doctl auth init -t dop_v1_{}", drawn("do", 64, _HEX)),
    _one("Shopify", 'X_SHOPIFY = "shpat_{}"', drawn("sh", 32, _HEX)),
    _one("Telegram", 'url = "https://api.telegram.org/bot71234567:{}/send"', drawn("tg", 35, _URL)),
    _one("Databricks", "databricks.token = dapi{}", drawn("db", 32, _HEX)),
    _one("Vault", 'VAULT_TOKEN="hvs.{}"', drawn("hv", 90, _URL)),
    _one("Docker Hub", "docker login -u jo -p dckr_pat_{}", drawn("dk", 27, _URL)),
    _one(
        "Azure storage",
        'conn = "DefaultEndpointsProtocol=https;AccountName=acme;AccountKey={}==;"',
        drawn("az", 86, _BASE64),
    ),
    Sample("JWT", f'headers = {{"Authorization": "Bearer {_token()}"}}', (_token(),)),
    _one("bearer", 'req.Header.Set("Authorization", "Bearer {}")', drawn("be", 40)),
    _one(
        "basic",
        "Authorization: Basic {}",
        base64.b64encode(f"jo:{drawn('bs', 14)}".encode()).decode(),
    ),
    _one(
        "Postgres URL",
        'engine = create_engine("postgresql://app:{}@db.acme.io:5432/main")',
        "tR7!kq" + drawn("pg", 8),
    ),
    _one(
        "Mongo URL",
        "MONGO=mongodb+srv://root:{}@cluster0.mongodb.net/?retryWrites=true",
        drawn("mo", 16),
    ),
    _one("Redis URL", "redis.from_url('redis://:{}@cache:6379/0')", drawn("re", 24)),
    _one("AMQP URL", "  broker: amqp://jobs:{}@rabbit:5672//", drawn("am", 10)),
    _one(
        "basic auth URL",
        "pip install --index-url https://ci:{}@pypi.acme.io/simple",
        drawn("ba", 20),
    ),
    _one(
        "SQL Server",
        '"Server=tcp:db;User ID=sa;Password={};Encrypt=true"',
        "N0rd-" + drawn("ms", 9),
    ),
    _one(
        "JDBC",
        'DriverManager.getConnection("jdbc:mysql://db/x?user=app&password={}")',
        drawn("jd", 12),
    ),
    _one("password, Python", 'password = "{}"', "hunter2"),
    _one("password, argument", 'connect(host="db", user="app", password="{}")', "Tr0ub4dor&3"),
    _one("password, typed", 'DB_PASSWORD: Final[str] = "{}"', "kX9$wq2L"),
    _one("password, dict", "config = {{'user': 'jo', 'passwd': '{}'}}", "s3rv1ce!acct"),
    _one("password, subscript", 'app.config["MAIL_PASSWORD"] = "{}"', "mB7pq2xZ"),
    _one("password, JS", "const dbPassword = '{}';", "v3ryL0ngOne!"),
    _one("password, TS", "private readonly password: string = `{}`;", "G7h!pQ22z"),
    _one("password, Go", 'const adminPassword string = "{}"', "Winter2024!"),
    _one("password, Rust", 'const PASSWORD: &str = "{}";', "p4ss-Rust-77!"),
    _one("password, C", '#define WIFI_PASS "{}"', "fritz!88box"),
    _one("password, Java", 'private static final String PASSWORD = "{}";', "Xk29#mmQ"),
    _one("password, PHP", "'password' => '{}',", "qz81!Lmn"),
    _one("password, C#", 'var cred = new NetworkCredential {{ Password = @"{}" }};', "zuG4!hT9"),
    _one("password, SQL", "CREATE ROLE app LOGIN PASSWORD '{}';", "r0le-7hQz!"),
    _one("password, YAML", "db:\n  user: app\n  password: {}\n", "hunter2"),
    _one("password, YAML quoted", 'spring:\n  datasource:\n    password: "{}"\n', "Qk7pZ2m!"),
    _one("password, properties", "spring.datasource.password={}", "Vb3kq9Lw"),
    _one("password, TOML", '[db]\npassword = "{}"', "n1mda#441"),
    _one("password, XML", "<property><password>{}</password></property>", "Hj8!kdd2"),
    _one("password, .env", "export DB_PASSWORD={}", "hunter2horse"),
    _one("password, .env quoted", 'DB_PASS="{}"', "a8!pq-Zt"),
    _one("password, Dockerfile", "ENV POSTGRES_PASSWORD {}", drawn("dkf", 14)),
    _one("password, shell flag", "mysqldump --user root --password={} acme", "k3yb0ard!"),
    _one("password, curl", "curl -u admin:{} https://acme.io/api", "pl4net-X!"),
    _one("password, compared", 'if password == "{}":', "letMe1n!now"),
    _one("password, comment", "# the staging password is '{}'", "b4nana!split"),
    _one("password, diff", '+    password = "{}"\n-    password = None', "zz91!kkP"),
    _one("password, diagnostic", 'Possible hardcoded password: "{}"', "tU9!mm2x"),
    _one(
        "secret, Django",
        "SECRET_KEY = 'django-insecure-{}'",
        drawn("dj", 50, _ANY + "!@#$%^&*(-_=+)"),
    ),
    _one("secret, Flask", 'app.secret_key = b"{}"', drawn("fl", 24)),
    _one("secret, JS", 'jwt.sign(payload, {{ jwtSecret: "{}" }})', drawn("js", 32)),
    _one("secret, hex", "session_secret: {}", drawn("hx", 64, _HEX)),
    _one("secret, UUID", "clientSecret: '{}'", "7f3b0a52-9c1d-4e8f-b6a7-2d5e8c9f0a1b"),
    _one("secret, Go", 'ClientSecret: "{}",', drawn("gos", 40, _URL)),
    _one("secret, Terraform", 'client_secret = "{}"', drawn("tf", 34, _URL + "~.")),
    _one("token, Ruby", 'token: "{}",', drawn("rb", 40, _HEX)),
    _one("token, query", "GET /v1/items?access_token={}&page=2", drawn("qu", 32)),
    _one("token, header", 'headers["X-Auth-Token"] = "{}"', drawn("xa", 28)),
    _one("API key, Kotlin", 'val apiKey: String = "{}"', drawn("kt", 32)),
    _one("API key, default", 'os.environ.get("WEATHER_API_KEY", "{}")', drawn("wk", 32, _HEX)),
    _one("API key, header", "-H 'X-API-Key: {}'", drawn("xk", 32)),
    _one("encryption key", 'ENCRYPTION_KEY = "{}"', drawn("ek", 43, _BASE64) + "="),
    *_keys(),
]
"""Each must lose its secrets."""


def _lock(algorithm: str, seed: str) -> str:
    return base64.b64encode(hashlib.new(algorithm, seed.encode()).digest()).decode()


_SHA1 = hashlib.sha1(b"commit").hexdigest()  # noqa: S324  what git has
_SHA256 = hashlib.sha256(b"package").hexdigest()
_IMAGE = base64.b64encode(bytes(random.Random(7).randbytes(600))).decode()  # noqa: S311  an image of noise
_CERTIFICATE = _PEM.format(kind="CERTIFICATE", body=private_key("certificate"))
_PUBLIC = _PEM.format(kind="PUBLIC KEY", body=private_key("public"))

LOOK_ALIKES = [
    Sample("npm lock", f'"integrity": "sha512-{_lock("sha512", "a")}",'),
    Sample("yarn lock", f'  resolved "https://registry.yarnpkg.com/a/-/a-1.0.0.tgz#{_SHA1}"'),
    Sample("pip hash", f"requests==2.31.0 --hash=sha256:{_SHA256}"),
    Sample("poetry lock", f'    {{file = "a-1.0.whl", hash = "sha256:{_SHA256}"}},'),
    Sample("Cargo lock", f'checksum = "{_SHA256}"'),
    Sample("go.sum", f"github.com/a/b v1.2.3 h1:{_lock('sha256', 'go')}"),
    Sample("git SHA", f'rev = "{_SHA1}"'),
    Sample("git submodule", f"-Subproject commit {_SHA1}"),
    Sample("GitHub action", f"- uses: actions/checkout@{_SHA1}"),
    Sample("Docker digest", f"FROM python@sha256:{_SHA256}"),
    Sample("UUID", 'NAMESPACE = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"'),
    Sample("UUID key", 'primary_key = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"'),
    Sample("image", f'<img src="data:image/png;base64,{_IMAGE}">'),
    Sample("test data", f'PAYLOAD = "{_IMAGE[:200]}"'),
    Sample("certificate", _CERTIFICATE),
    Sample("public key", _PUBLIC),
    Sample(
        "SSH public key",
        f"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{drawn('pub', 43, _BASE64)} jo@acme",
    ),
    Sample(
        "minified",
        "!function(e,t){var n=e.token,r=t.secret;n&&r?a(n,r):b(0)}(this,{token:k,secret:s});",
    ),
    Sample(
        "minified keys", 'var _0x3a2f=["tokenize","passwd","keyCode"];h.key=e.keyCode||e.which;'
    ),
    Sample(
        "long identifier",
        "class AbstractSingletonProxyFactoryBean2TokenProvider(SecretTokenBase): ...",
    ),
    Sample("CSS", ".sk-circle-fade-dot-12 { animation: sk-circle-fade 1.2s infinite }"),
    Sample("scikit", 'html = "<div class=\\"sk-toggleable__content-arrow-2\\">"'),
    Sample("changeme", 'password = "changeme"'),
    Sample("change-me", "DB_PASSWORD=change-me-please"),
    Sample("your key", 'api_key = "your-api-key-here-1234"'),
    Sample("angle brackets", "API_KEY=<your key here>"),
    Sample("stars", 'password = "********"'),
    Sample("x", "token: xxxxxxxxxxxxxxxxxxxx1"),
    Sample("AWS example", 'aws_access_key_id = "AKIAIOSFODNN7EXAMPLE"'),
    Sample(
        "AWS example secret", "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    ),
    Sample("test password", 'User(name="jo", password="test1234")'),
    Sample("the word", 'password = "password"'),
    Sample("environment, Python", 'password = os.environ["DB_PASSWORD2"]'),
    Sample("environment, default", 'token = os.getenv("API_TOKEN", "")'),
    Sample("environment, JS", "const secret = process.env.JWT_SECRET_V2;"),
    Sample("environment, shell", 'export TOKEN="${GITHUB_TOKEN}"'),
    Sample("environment, shell call", "PASSWORD=$(pass show acme/db2)"),
    Sample("GitHub secret", "token: ${{ secrets.DEPLOY_TOKEN2 }}"),
    Sample("Jinja", 'password: "{{ vault_db_password2 }}"'),
    Sample("Terraform variable", "password = var.db_password2"),
    Sample("type hint", "def login(user: str, password: str, token: bytes32) -> None:"),
    Sample("type hint, default", "password: str | None = None"),
    Sample(
        "TS type", "interface Login { password: string; token: Uint8Array; secretKey: Base64; }"
    ),
    Sample("Rust type", "struct Login { password: String, token: u64, api_key: [u8; 32] }"),
    Sample(
        "Go type",
        "type Login struct {\n\tPassword string\n\tToken uuid.UUID\n\tSecretKey []byte\n}",
    ),
    Sample("Java call", "String password = config.getPassword2();"),
    Sample("a variable", "password = password2"),
    Sample("a keyword argument", "login(password=new_password1, token=token_2)"),
    Sample("a field", 'PASSWORD_FIELD = "login_password2"'),
    Sample("a label", 'label = "Password:"; placeholder = "Enter your password (8 characters)"'),
    Sample("a message", 'raise ValueError("password: must hold 1 digit and 1 letter")'),
    Sample("a URL", 'TOKEN_URL = "https://login.acme.io/oauth2/v2.0/token"'),
    Sample("a URL as value", 'token = "https://login.acme.io/oauth2/v2.0/token"'),
    Sample("token type", 'token_type = "Bearer2"'),
    Sample(
        "tokens of a language",
        'Token("NUMBER", r"\\d+(\\.\\d*)?"), Token(kind="ASSIGN2", value=":=")',
    ),
    Sample("tokenizer", 'tokenizer = Tokenizer.from_pretrained("gpt2-medium-v2")'),
    Sample("special token", 'eos_token = "<|endoftext|>"; pad_token_id = 50257'),
    Sample("page token", 'params = {"page_token": next_page_token2}'),
    Sample("key of a map", 'cache_key = f"user:{user_id}:v2"; key = "created_at_2024"'),
    Sample("sort key", "sorted(rows, key=lambda r: r.total2)"),
    Sample("React key", '<li key={item.id2} data-key="item-42">'),
    Sample("key code", 'KEY_BINDINGS = {"ctrl+shift+p": "palette", "f12": "goto"}'),
    Sample("public id", 'ACCOUNT_SID = "AC0123456789abcdef0123456789abcdef"'),
    Sample("secret's name", 'secret_name = "prod/db/credentials-v2"'),
    Sample(
        "secret's ARN",
        'secret_arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-a1B2c3"',
    ),
    Sample("secret, path", 'secret = "/run/secrets/db_password2"'),
    Sample("compose", "secrets:\n  db_password2:\n    file: ./db_password2.txt\n"),
    Sample(
        "URL without a password",
        'url = "https://user@acme.io:8080/path"; git = "ssh://git@github.com:22/a"',
    ),
    Sample("URL, template", 'f"postgresql://{user}:{password}@{host}:5432/{name}"'),
    Sample("URL, default", "postgres://postgres:postgres@localhost:5432/test"),
    Sample("docker user", "docker run -u 1000:1000 python:3.12"),
    Sample("colour and size", 'PASSED = "#00ff7f"; bypass = "a1b2c3d4e5"; compass = "n0rth-e4st!"'),
    Sample("regular expression", 'PASSWORD_RE = re.compile(r"^(?=.*[A-Z])(?=.*\\d).{8,}$")'),
    Sample("algorithm", 'token_algorithm = "HS256"; secret_hash = "sha256"'),
    Sample("test name", "def test_password_2_is_rejected(token1, secret2): ..."),
    Sample("import", "import { token2 as accessToken2 } from './auth/token-v2.js'"),
    Sample("i18n", '"auth.password.title2": "Passwort 2", "auth.token.help": "Token (6 Ziffern)"'),
    Sample("prose", "# Token buckets refill at rate 10/s; the secret sauce is in section 4.2."),
    Sample("none", "password=None, secret=False, token=undefined, api_key=null"),
    Sample("SRI", f'<script src="/a.js" integrity="sha384-{_lock("sha384", "s")}">'),
    Sample(
        "arguments",
        "def begin(self, token: ProgressToken,\n    value: WorkDoneProgressBegin) -> None:",
    ),
    Sample("a member", "if pass_arg is _PassArg.context:\n    password = self._PassArg2.context"),
    Sample("an event", "{ onresumptiontoken: onLastEventIdUpdate }\n  token: onLastEventUpdate"),
    Sample("negated", "this._passThroughOptions = !!passThrough2;"),
    Sample("counts", "pass: 1234567\nfail: 3\nmax_tokens = 100000\ntoken_count: 2185541324"),
    Sample("runs of digits", 'password = "123456"; other_password = "111111"'),
    Sample("prose", 'password = "enter your new password"; passphrase = "it must have four words"'),
    Sample("form", 'body = "username=test&password=password&from_page=/"'),
    Sample(
        "module",
        "private_key: ed25519.Ed25519PrivateKey, key: rust_openssl.hpke.MLKEM1024P384PrivateKey",
    ),
    Sample(
        "key reader",
        'const head = "-----BEGIN PRIVATE KEY-----"; throw new JOSENotSupportedError(validateExtractableOption);',
    ),
    Sample("config map", "kind: ConfigMap\ndata:\n  motd: aGVsbG8gd29ybGQ\n"),
    Sample("cookie names", 'set_cookie("theme", "dark"); Cookie: theme=dark; lang=en'),
    Sample(
        "calls", 'user.login("jo", password2); AES.new(key, AES.MODE_GCM); auth=(user, secret2)'
    ),
    Sample("query", 'fetch("/search?key=title&sig=none&code=200")'),
    Sample("snowflake", "user_id = 175928847299117063; tokens_used = 1234567890123"),
]
"""Each must stay as it is."""
