"""The user's own catalog file: what it may change, and how it is read."""

import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from codefare_catalog import Catalog, CatalogError, ErrorWords, Rate, UsageFields, load_catalog

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def write(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    """A catalog.toml of the user's own."""
    file = folder / "catalog.toml"
    file.write_bytes(text.encode(encoding))
    return file


def test_no_file_is_no_override(catalog: Catalog, tmp_path: Path) -> None:
    """A file that does not exist, or holds nothing, leaves the packaged catalog as it is."""
    assert load_catalog(tmp_path / "catalog.toml") == catalog
    assert load_catalog(write(tmp_path, "# nothing yet\n")) == catalog


def test_overrides_single_fields(catalog: Catalog, tmp_path: Path) -> None:
    """A field that is named changes; every other field of the row, and every other row, stays."""
    file = write(
        tmp_path,
        """
        [providers.dashscope]
        base_url = "https://dashscope-intl.aliyuncs.com/compatible-mode/v1/"

        [models."glm-4.7".offerings.zai]
        max_output = 4096

        [models."glm-4.7"]
        strengths = ["Mine"]
        """,
    )
    changed = load_catalog(file)
    intl = "https://dashscope-intl.aliyuncs.com/compatible-mode/v1"
    assert changed.providers["dashscope"].base_url == intl
    assert changed.providers["dashscope"].key_env == "DASHSCOPE_API_KEY"
    model = changed.models["glm-4.7"]
    assert model.strengths == ("Mine",)
    assert [o.max_output for o in model.offerings] == [4096, 128_000]
    assert model.offerings[0].prices == catalog.models["glm-4.7"].offerings[0].prices
    assert changed.models["kimi-k2"] == catalog.models["kimi-k2"]
    assert list(changed.models) == list(catalog.models)


def test_quirks_of_a_provider_of_the_users_own(catalog: Catalog, tmp_path: Path) -> None:
    """A row without quirks has the dialect's; those of a row are changed one by one; case does not matter."""
    file = write(
        tmp_path,
        """
        [providers.gateway]
        name = "Gateway"
        base_url = "https://gateway.example/v1"
        dialect = "openai"

        [providers.rack]
        name = "Rack"
        base_url = "http://rack.example/v1"
        dialect = "openai"
        self_hosted = true

        [providers.strict]
        name = "Strict"
        base_url = "http://strict.example/v1"
        dialect = "openai"
        self_hosted = true
        ends_without_marker = false

        [providers.zai.finish_reasons]
        eos = "complete"

        [providers.openrouter.usage]
        report = ["x.usage"]

        [providers.gateway.errors]
        no_credit = ["NO_Money", "Wallet is Empty"]
        """,
    )
    rows = load_catalog(file).providers
    bare = rows["gateway"]
    assert (bare.usage, dict(bare.finish_reasons)) == (UsageFields(), {})
    assert bare.errors == ErrorWords(no_credit=("no_money", "wallet is empty"))
    assert [rows[id_].ends_without_marker for id_ in ("gateway", "rack", "strict")] == [
        False,
        True,
        False,
    ]
    assert rows["zai"].finish_reasons == {
        **catalog.providers["zai"].finish_reasons,
        "eos": "complete",
    }
    assert rows["openrouter"].usage == UsageFields(("x.usage",), cost_usd="cost", no_cost="is_byok")


def test_the_length_of_an_answer_is_written_as_text_or_as_numbers(
    catalog: Catalog, tmp_path: Path
) -> None:
    """TOML's numbers are exact here as they are for prices; what is not named stays."""
    file = write(tmp_path, "[actions.document.output]\nper_input = [0.02, '0.10', 0]\n")
    with pytest.raises(CatalogError, match="low <= likely <= high"):
        load_catalog(file)
    file = write(tmp_path, "[actions.document.output]\nper_input = [0.02, '0.10', 0.3]\n")
    changed = load_catalog(file).actions["document"]
    assert changed.output.per_input == ("0.02", "0.10", "0.3")
    assert changed.output.base == catalog.actions["document"].output.base
    assert changed.title == catalog.actions["document"].title


def test_adds_a_model_at_a_provider_of_the_users_own(tmp_path: Path) -> None:
    """A new row stands beside the others and can be ranked first; TOML numbers are exact money."""
    file = write(
        tmp_path,
        """
        [providers.office]
        name = "Office server"
        base_url = "http://models.office.example:8000/v1"
        dialect = "openai"
        self_hosted = true
        extra_body = { temperature = 0.2, stop = ["<end>", 1.5] }
        omit = ["stream_options"]

        [models.house-coder]
        name = "House Coder"
        vendor = "us"
        vocabulary = "qwen"

        [models.house-coder.offerings.office]
        wire_id = "house-coder-1"
        context_window = 65536
        max_output = 8192
        prices = [{ input = 0.1, output = 1, source = "the office", checked = 2026-11-23 }]

        [task_types.boilerplate]
        candidates = [{ model = "house-coder", role = "ours" }]

        [tiers.budget]
        models = [{ model = "house-coder", role = "ours" }]
        """,
    )
    changed = load_catalog(file)
    model = changed.find("HOUSE-CODER-1")
    assert model is not None
    assert model.tier == "budget"
    assert changed.models["glm-4.7"].tier is None
    price = model.offerings[0].price_at(NOW)
    assert price is not None
    assert price.input == Rate(Decimal("0.1"), Decimal("0.1"))
    assert price.output == Rate(Decimal(1), Decimal(1))
    assert [c.model for c in changed.task_types["boilerplate"].candidates] == ["house-coder"]
    office = changed.providers["office"]
    assert office.omit == ("stream_options",)
    body = office.extra_body
    assert body == {"temperature": 0.2, "stop": ["<end>", 1.5]}
    assert isinstance(body["temperature"], float)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_reads_files_from_windows(tmp_path: Path, encoding: str) -> None:
    """CRLF line ends and a byte order mark do no harm."""
    text = '[models.kimi-k2]\r\nvendor = "Möön"\r\n'
    assert load_catalog(write(tmp_path, text, encoding)).models["kimi-k2"].vendor == "Möön"


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    """A folder, or text in another encoding, is named as unreadable."""
    with pytest.raises(CatalogError, match="cannot be read"):
        load_catalog(tmp_path)
    with pytest.raises(CatalogError, match="is not UTF-8; save it"):
        load_catalog(write(tmp_path, "# Möön", "latin-1"))


def test_plain_http_is_for_this_machine(tmp_path: Path) -> None:
    """A test server or proxy on loopback may speak plain HTTP, whoever it stands for."""
    file = write(tmp_path, "[providers.openai]\nbase_url = 'http://127.0.0.1:8123/v1'")
    assert load_catalog(file).providers["openai"].base_url == "http://127.0.0.1:8123/v1"


def test_the_types_come_without_what_reads_them() -> None:
    """Importing the package loads neither pydantic nor the TOML reader: the server starts on its types alone."""
    program = (
        "import sys, codefare_catalog; "
        "print([m for m in ('pydantic', 'tomllib', 'importlib.resources') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path[:0] = {sys.path!r}; {program}"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


def test_rows_cannot_be_changed(catalog: Catalog) -> None:
    """The catalog is shared by threads: its tables are read-only."""
    with pytest.raises(TypeError):
        catalog.models["x"] = catalog.models["gpt-4o"]  # type: ignore[index]  # that it is refused is the point
