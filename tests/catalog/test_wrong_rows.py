"""What a user is told of a wrong row: file, place, and what is allowed there."""

from collections.abc import Callable

import pytest

Complaint = Callable[[str], list[str]]

KIMI = "models.kimi-k2.offerings.moonshot"
RATE = (
    'must be USD per million tokens, not negative: a decimal such as "0.60", '
    'or a range such as ["0.20", "0.60"]'
)
FACTOR = 'must be a decimal, not negative, such as "1.25"'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[models.x]\nname = "x\n', "is not TOML: Illegal character '\\n' (at line 2, column 10)"),
        (
            "[models.x]\n[models.x]\n",
            "is not TOML: Cannot declare ('models', 'x') twice (at line 2",
        ),
        ("[model.x]", "the file has no table 'model': did you mean 'models'?"),
        (
            "[zzz]",
            "the file has no table 'zzz'; allowed are models, vocabularies, providers, task_",
        ),
        (f"x = {'[' * 5000}", "holds a number or a nesting that is too large to read"),
        (f"x = {'1' * 5000}", "holds a number or a nesting that is too large to read"),
        (f"x = 1e{'9' * 20}", "holds a number or a nesting that is too large to read"),
        ("models = 3", "models should be a table; it is '3'"),
        ("[models]\nx = 3", "models.x must be a table"),
        ("[models.x]", "models.x.name is missing"),
        ("[models.'a b']\nnames = 1", "models.\"a b\" has no field 'names': did you mean 'name'?"),
        (
            "[providers.local]\nqqq = 1",
            "providers.local has no field 'qqq'; allowed are name, base_",
        ),
    ],
)
def test_text_tables_and_fields(complaint: Complaint, text: str, says: str) -> None:
    """What is no TOML is told with its line, an unknown name with the one that was meant."""
    assert complaint(text)[0].startswith(says)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("max_output = '64k'", ".max_output should be a whole number; it is '64k'"),
        ("max_output = 0", ".max_output should be greater than 0; it is '0'"),
        ("max_output = 300_000", " max_output must fit in context_window"),
        (
            "max_tokens_field = 'max'",
            ".max_tokens_field should be 'max_tokens' or 'max_completion_tokens'; it is 'max'",
        ),
        ("wire_id = ''", ".wire_id should have at least 1 character; it is ''"),
        (
            "thinking = { low = 2, likely = 1, high = 3, max = 4 }",
            ".thinking needs low <= likely <= high <= max",
        ),
    ],
)
def test_offerings(complaint: Complaint, line: str, says: str) -> None:
    """A field of an offering has its kind, and limits fit each other."""
    assert complaint(f"[{KIMI}]\n{line}") == [KIMI + says]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "[models.kimi-k2]\nopen_weights = 1",
            "models.kimi-k2.open_weights should be true or false; it is '1'",
        ),
        (
            "[models.kimi-k2]\nretires_at = 'soon'",
            (
                "models.kimi-k2.retires_at should be a date without quotes, such as 2026-11-30; "
                "it is 'soon'"
            ),
        ),
        (
            "[models.'glm-4.7']\nsuccessor = 'kimi-k2'",
            (
                'models."glm-4.7" a successor needs retires_at, the day on which it takes over; '
                "else use newer"
            ),
        ),
        (
            "[vocabularies.qwen]\nhigh = 1.1",
            "vocabularies.qwen low, likely, high and bound are 1 where exact is true",
        ),
        (
            "[vocabularies.qwen]\nexact = false",
            "vocabularies.qwen needs low, likely, high and bound where exact is false",
        ),
        (
            "[vocabularies.claude]\nbound = 1.1",
            "vocabularies.claude needs 0 < low <= likely <= high <= bound",
        ),
        (
            "[vocabularies.claude]\nlow = 0",
            "vocabularies.claude needs 0 < low <= likely <= high <= bound",
        ),
        (
            "[vocabularies.claude]\nencoding = 'claude3'",
            (
                "vocabularies.claude.encoding should be 'cl100k_base', 'o200k_base', 'deepseek_v3', "
                "'qwen3', 'glm4' or 'kimi_k2'; it is 'claude3'"
            ),
        ),
        ("[vocabularies.claude]\nlow = 'x'", f"vocabularies.claude.low {FACTOR}; it is 'x'"),
    ],
)
def test_models_and_vocabularies(complaint: Complaint, text: str, says: str) -> None:
    """A retirement has its day, and the factors of a vocabulary are in order."""
    assert complaint(text) == [says]


@pytest.mark.parametrize(
    "wrong",
    [
        *('"1,50"', '"-1"', "-1", "-0.5", "nan", "inf", "true", '"free"'),
        *('["2", "1"]', '["1"]', '["1", "2", "3"]', '["1", "x"]'),
    ],
)
def test_rates(complaint: Complaint, wrong: str) -> None:
    """A rate is a decimal or a range of two, neither negative nor endless."""
    prices = f"prices = [{{ input = {wrong}, output = 1, source = 's', checked = 2026-11-23 }}]"
    [line] = complaint(f"[{KIMI}]\n{prices}")
    assert line.startswith(f"{KIMI}.prices[0].input {RATE}")


def test_a_rate_is_below_a_dollar_a_token(complaint: Complaint) -> None:
    """A slip of the keyboard must not become a price with more digits than can be added exactly."""
    prices = f"prices = [{{ input = 1{'0' * 40}, output = 1, source = 's', checked = 2026-11-23 }}]"
    [line] = complaint(f"[{KIMI}]\n{prices}")
    assert line.startswith(
        f"{KIMI}.prices[0].input must be below 1000000: rates are USD per million tokens; it is '1"
    )


def priced(more: str) -> str:
    """A price with more fields than it must have."""
    return f"{{ input = 2, output = 2, source = 's', checked = 2026-11-23 {more} }}"


def tiers(*rates: str) -> str:
    """The field for tiers above five tokens at these rates."""
    rows = ", ".join(f"{{ above_tokens = 5, {rate} }}" for rate in rates)
    return f", long_prompt = [{rows}]"


def peak(hours: str, day: str) -> str:
    """The field for a peak at these hours on this day."""
    return f", peak = {{ hours = [{hours}], weekdays = ['{day}'], factor = 2 }}"


@pytest.mark.parametrize(
    ("prices", "says"),
    [
        ("{ input = 1, output = 1, source = 's' }", ".prices[0].checked is missing"),
        (
            priced(", cache_read = 3"),
            ".prices[0] cache_read must not be dearer than input",
        ),
        (
            f"{priced('')}, {priced('')}",
            " prices must be in order of since; only the first may have none",
        ),
        *(
            (
                priced(tiers(*rates)),
                ".prices[0] long_prompt must be in order of above_tokens, no tier cheaper",
            )
            for rates in (
                ("input = 2, output = 2", "input = 3, output = 3"),
                ("input = 1, output = 2",),
                ("input = 2, output = 1",),
            )
        ),
        (
            priced(", cache_write = 3" + tiers("input = 2, output = 2")),
            ".prices[0] long_prompt must be in order of above_tokens, no tier cheaper",
        ),
        (
            priced(peak("[10:00:00, 06:00:00]", "mon")),
            (
                ".prices[0].peak hours must open before they close, both on one day: "
                "10:00:00 to 06:00:00"
            ),
        ),
        (
            priced(peak("[01:00:00, 02:00:00]", "mo")),
            (
                ".prices[0].peak.weekdays[0] should be 'mon', 'tue', 'wed', 'thu', 'fri', 'sat' or "
                "'sun'; it is 'mo'"
            ),
        ),
    ],
)
def test_prices(complaint: Complaint, prices: str, says: str) -> None:
    """A price says when it was checked, and nothing in it can make a ceiling too low."""
    assert complaint(f"[{KIMI}]\nprices = [{prices}]") == [KIMI + says]


@pytest.mark.parametrize(
    "address",
    ["api.openai.com", "ftp://x.example", "https:///v1", "https://x.example:port", "https://[::1"],
)
def test_addresses(complaint: Complaint, address: str) -> None:
    """A base URL is a whole address."""
    assert complaint(f"[providers.openai]\nbase_url = '{address}'") == [
        f"providers.openai base_url must be an http or https address; it is '{address}'"
    ]


@pytest.mark.parametrize(
    "address",
    [
        "https://me:hunter2@x.example/v1",
        "https://x.example/v1?key=hunter2",
        "https://x.example/#hunter2",
    ],
)
def test_addresses_hold_no_secret(complaint: Complaint, address: str) -> None:
    """They are shown in messages; this one shows nothing of it."""
    assert complaint(f"[providers.openai]\nbase_url = '{address}'") == [
        "providers.openai base_url must hold no user name, password, ? or #: addresses are shown"
    ]


@pytest.mark.parametrize("name", ["not a name", "sk-proj-0123456789", "a1b2c3d4e5f6a7b8c9"])
def test_a_key_is_no_name_of_a_variable(complaint: Complaint, name: str) -> None:
    """Whoever writes his key where its variable belongs is told so, without the key."""
    assert complaint(f"[providers.openai]\nkey_env = '{name}'") == [
        "providers.openai key_env must be the name of an environment variable, not the key itself"
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "[providers.openai]\nbase_url = 'http://proxy.example/v1'",
            "providers.openai base_url must be https, unless the provider is self_hosted",
        ),
        (
            "[providers.openai]\ndialect = 'grpc'",
            "providers.openai.dialect should be 'anthropic', 'openai' or 'ollama'; it is 'grpc'",
        ),
        (
            "[providers.openai.finish_reasons]\nlength = 'whole'",
            (
                "providers.openai.finish_reasons.length should be 'complete', 'length', 'refused', "
                "'filtered', 'context' or 'failed'; it is 'whole'"
            ),
        ),
        (
            "[providers.openai.finish_reasons]\nlength = 'complete'",
            (
                "providers.openai.finish_reasons cannot have length = 'complete': "
                "such an answer is not whole"
            ),
        ),
        (
            "[providers.openai]\nomit = ['stream_options', 'max_tokens', 'model']",
            "providers.openai.omit cannot name max_tokens, model: no request can be without it",
        ),
        (
            "[providers.openai.usage]\nreport = []",
            "providers.openai.usage.report should have at least 1 item, not 0",
        ),
        (
            "[providers.openai.usage]\ncache = 'x'",
            "providers.openai.usage has no field 'cache': did you mean 'cached'?",
        ),
        (
            "[providers.openai.errors]\nno_credit = 'poor'",
            "providers.openai.errors.no_credit should be a list in brackets; it is 'poor'",
        ),
        (
            "[task_types.research]\ncandidates = []",
            ("task_types.research.candidates should have at least 1 item, not 0"),
        ),
        *(
            (
                f"[actions.explain.output]\n{line}",
                (
                    "actions.explain.output base and per_input need low <= likely <= high <= "
                    "the max of the request"
                ),
            )
            for line in ("max_base = 800", "per_input = ['1', '2', '3']")
        ),
        (
            "[actions.explain.output]\nmax_per_input = '-1'",
            f"actions.explain.output.max_per_input {FACTOR}; it is '-1'",
        ),
        *(
            (
                f"[tiers.premium]\nusage = {usage}",
                (
                    "tiers.premium usage must be two shares in per cent, the lower first, "
                    "such as [5, 10]"
                ),
            )
            for usage in ("[10, 5]", "[10, 101]")
        ),
        (
            "[context_classes.long]\nmax_tokens = 100",
            "context_classes.long min_tokens must be lower than max_tokens",
        ),
    ],
)
def test_providers_and_tasks(complaint: Complaint, text: str, says: str) -> None:
    """Keys and code go over https, and the figures of tasks are in order."""
    assert complaint(text) == [says]


def test_never_shows_a_header(complaint: Complaint) -> None:
    """A header may hold a key: its value stands in no message."""
    assert complaint("[providers.openai]\nheaders = { X-Key = 918273645 }") == [
        "providers.openai.headers.X-Key should be text in quotes"
    ]


def test_tells_five_problems_at_once(complaint: Complaint) -> None:
    """Five are enough for one reading; how many more there are is said."""
    rows = "\n".join(f"[models.kimi-k2.offerings.x{n}]\nmax_output = '{n}'" for n in range(3))
    lines = complaint(rows)
    # of each: wire_id and context_window are missing, max_output is no integer
    assert len(lines) == 6
    assert lines[5] == "and 4 more"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('kind = "source.translate"', " kind must begin with one of refactor, quickfix, codefare"),
        ('scopes = ["symbol", "folder"]', " scopes folder and diff go with the results report and"),
        ("scopes = []", " scopes names none"),
        ('scopes = ["world"]', ".scopes[0] should be 'symbol', 'selection', 'file', 'folder' or"),
        (
            'result = "magic"',
            ".result should be 'edit', 'comment', 'insertion', 'tests', 'findings'",
        ),
        ('task_type = "cooking"', ".task_type names 'cooking', which is not in task_types"),
    ],
)
def test_own_actions(complaint: Complaint, line: str, says: str) -> None:
    """An action of the user's own is held to what an editor can bear."""
    needed = "" if line.startswith("task_type") else 'task_type = "boilerplate"\n'
    row = f'[actions.translate]\ntitle = "Translate"\nprompt = "t.md"\n{needed}{line}\n'
    [told] = complaint(row)
    assert told.startswith(f"actions.translate{says}")
