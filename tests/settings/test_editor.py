"""What an editor, and so a workspace, may set: little, and only to be stricter."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from codefare.settings import ModelChoice, Privacy, Settings, load_settings
from codefare.source.target import Complexity

Configure = Callable[[str], Path]


def test_harmless_keys_are_taken() -> None:
    """All that is harmless arrives; what an editor left unset changes nothing."""
    settings, refused = Settings(hover=True).with_editor(
        {
            "prices": "listed",
            "complexity": "low",
            "budget_mode": True,
            "hover": None,
            "privacy": {"self_hosted_only": True, "paths": ["a/"], "never": ["b/"]},
            "models": {"avoid": ["m"]},
        }
    )
    assert refused == []
    assert settings == Settings(
        prices="listed",
        complexity=Complexity.LOW,
        budget_mode=True,
        privacy=Privacy(True, ("a/",), ("b/",)),
        models=ModelChoice((), ("m",)),
    )


def test_automatic_complexity_takes_the_users_choice_back() -> None:
    """`auto` means measured."""
    settings, refused = Settings(complexity=Complexity.HIGH).with_editor({"complexity": "auto"})
    assert (settings.complexity, refused) == (None, [])


def test_dotted_keys_are_the_same() -> None:
    """Some editors send `privacy.paths` as one key."""
    settings, refused = Settings().with_editor({"privacy.paths": ["a/"]})
    assert (settings.privacy.paths, refused) == (("a/",), [])


def test_lists_are_only_ever_added_to() -> None:
    """The user's own patterns and models stay."""
    own = Settings(privacy=Privacy(False, ("mine/",), ("never/",)), models=ModelChoice((), ("x",)))
    settings, _ = own.with_editor(
        {"privacy": {"paths": [], "never": ["more"]}, "models": {"avoid": ["y"]}}
    )
    assert settings.privacy == Privacy(False, ("mine/",), ("never/", "more"))
    assert settings.models.avoid == ("x", "y")


def test_privacy_is_only_ever_tightened() -> None:
    """A workspace cannot make code leave the machine that the user keeps on it."""
    own = Settings(privacy=Privacy(self_hosted_only=True))
    settings, refused = own.with_editor({"privacy": {"self_hosted_only": False}})
    assert settings == own
    assert len(refused) == 1
    assert "`privacy.self_hosted_only`" in refused[0]
    assert Settings().with_editor({"privacy": {"self_hosted_only": False}})[1] == []


@pytest.mark.parametrize(
    "key",
    [
        "providers.openai.base_url",
        "providers.openai.api_key_command",
        "providers.local.base_url",
        "providers.openai.requests_per_minute",
        "offline_fallback",
        "log_level",
        "models.use",
        "checkers.python.command",
        "budget.per_day_usd",
        "budget.per_action_usd",
        "cache.enabled",
        "cache.size_limit_mb",
        "roots",
        "file",
        "warnings",
        "privacy",
        "models",
        "anything",
        "privacy.paths.x",
    ],
)
def test_everything_else_is_refused_by_name(key: str) -> None:
    """Endpoints, keys, budgets and what we do not know: not taken, and said, without the value."""
    nested: object = "SECRET"
    for part in reversed(key.split(".")):
        nested = {part: nested}
    assert isinstance(nested, dict)
    for options in (nested, {key: "SECRET"}):
        settings, refused = Settings().with_editor(options)
        assert settings == Settings()
        (message,) = refused
        assert f"`{key}`" in message or "`privacy.paths`" in message
        assert "SECRET" not in message


@pytest.mark.parametrize(
    "options",
    [
        {"hover": "yes"},
        {"complexity": "highest"},
        {"complexity": ["low"]},
        {"prices": 5},
        {"privacy": {"paths": "secrets/"}},
        {"privacy": {"paths": [5]}},
        {"privacy": {"paths": ["!secrets/"]}},
        {"privacy": {"never": ["#"]}},
        {"privacy": {"never": ["x" * 201]}},
        {"privacy": {"never": ["x"] * 101}},
        {"privacy": {"never": ["*a*a*a*a*a*b"]}},
        {"privacy": {"self_hosted_only": "no"}},
        {"models": {"avoid": {"a": 1}}},
        {5: 6},
        {"a": {"b": {"c": {"d": {"e": {"f": 1}}}}}},
    ],
)
def test_a_value_that_does_not_fit_is_refused_never_raised(options: dict[object, object]) -> None:
    """Whatever an editor sends, the server lives and the user's settings stand."""
    settings, refused = Settings().with_editor(options)
    assert settings == Settings()
    assert len(refused) == 1


@pytest.mark.parametrize(
    ("options", "right"),
    [
        ({"complexiti": "low"}, "complexity"),
        ({"budget_mod": True}, "budget_mode"),
        ({"privacy": {"self_hosted": True}}, "privacy.self_hosted_only"),
    ],
)
def test_a_slip_in_a_key_is_answered_with_the_right_one(
    options: dict[str, object], right: str
) -> None:
    """What is no key anywhere is not to be set in config.toml either."""
    _, (message,) = Settings().with_editor(options)
    assert message.endswith(f"did you mean `{right}`?")


@pytest.mark.parametrize("options", [None, [], "text", 5])
def test_options_that_are_no_table_change_nothing(options: object) -> None:
    """No options at all are no matter; others are said."""
    settings, refused = Settings().with_editor(options)
    assert settings == Settings()
    assert len(refused) == (options is not None)


def test_a_refusal_names_the_users_file(configure: Configure) -> None:
    """The user learns where the key belongs."""
    file = configure("")
    _, (message,) = load_settings().with_editor({"budget": {"per_day_usd": 100}})
    assert str(file) in message
