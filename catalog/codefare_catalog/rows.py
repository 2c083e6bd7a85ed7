"""What the rows of the catalog's TOML files have in common: strictness, and the kinds of fields."""

import re
from collections.abc import Iterable
from decimal import Decimal
from difflib import get_close_matches
from typing import Annotated, Any, ClassVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    InstanceOf,
    StringConstraints,
    model_validator,
)
from pydantic_core import PydanticCustomError

from codefare_catalog.price import Rate

# No model costs as much, and a sum of bills at such rates would have more digits than are exact.
_A_DOLLAR_A_TOKEN = 1_000_000
_DECIMAL = re.compile(r"[0-9]+(\.[0-9]+)?")


class Row(BaseModel):
    """A table of a catalog file. No field is converted, none is unknown."""

    # One validator is built for all tables together, when it is first used.
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, defer_build=True)
    part: ClassVar[str] = "field"

    @model_validator(mode="before")
    @classmethod
    def _fields_are_known(cls, data: Any) -> Any:
        """Pydantic would refuse an unknown field too, but without the name that was meant."""
        if not isinstance(data, dict):
            raise wrong("must be a table")
        for name in data:
            if name not in cls.model_fields:
                raise wrong(f"has no {cls.part} {name!r}{_did_you_mean(name, cls.model_fields)}")
        return data


def wrong(message: str) -> PydanticCustomError:
    """An error that says exactly `message`."""
    return PydanticCustomError("catalog", "{message}", {"message": message})


def _did_you_mean(name: str, allowed: Iterable[str]) -> str:
    """What to write instead: the nearest name, or all of them."""
    names = list(allowed)
    near = get_close_matches(name, names, n=1)
    return f": did you mean {near[0]!r}?" if near else f"; allowed are {', '.join(names)}"


def in_order(*figures: Decimal | int) -> bool:
    """Whether no figure is lower than the one before it."""
    return list(figures) == sorted(figures)


def plain(value: Any) -> Any:
    """The same JSON value with the decimals that TOML gave as floats, which is what JSON sends."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


def _exact(value: Any) -> Decimal | None:
    """Text, or a TOML number (which is read as a Decimal, never as a float); else None."""
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        return Decimal(value)
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        number = Decimal(value)
        return number if number.is_finite() and number >= 0 else None
    return None


def _amount(value: Any) -> Decimal:
    amount = _exact(value)
    if amount is None:
        raise wrong('must be a decimal, not negative, such as "1.25"')
    return amount


def _rate(value: Any) -> Rate:
    figures = value if isinstance(value, list) else [value, value]
    match [_exact(figure) for figure in figures]:
        case [Decimal() as low, Decimal() as high] if low <= high < _A_DOLLAR_A_TOKEN:
            return Rate(low, high)
        case [Decimal() as low, Decimal() as high] if low <= high:
            raise wrong("must be below 1000000: rates are USD per million tokens")
        case _:
            raise wrong(
                "must be USD per million tokens, not negative: a decimal such as "
                '"0.60", or a range such as ["0.20", "0.60"]'
            )


def _factor_text(value: Any) -> str:
    return str(_amount(value))


Words = Annotated[str, StringConstraints(min_length=1, strip_whitespace=False)]
Amount = Annotated[InstanceOf[Decimal], BeforeValidator(_amount)]
RateField = Annotated[InstanceOf[Rate], BeforeValidator(_rate)]
FactorText = Annotated[str, BeforeValidator(_factor_text)]
Count = Annotated[int, Field(ge=0)]
Tokens = Annotated[int, Field(gt=0)]
# A TOML array is a list; strictness inside it stays.
Lines = Annotated[tuple[Words, ...], Field(strict=False)]
Span = Annotated[tuple[Count, Count], Field(strict=False)]
