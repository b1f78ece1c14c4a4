"""Arithmetic."""

import math
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from surveys.instrument.language.functions.registry import Type, function
from surveys.instrument.language.values import NAN, Value, to_number

_MAX_PLACES = 30


@function("round", "any number?", Type.NUMBER, "A number to so many decimal places; halves away from zero.")
def round_(source: Value, places: float = 0.0) -> Value:
    """Works on the decimal text of the number, so that 2.675 is a half. Negative places round tens and hundreds.

    As in JavaRosa, text may have a decimal comma here.
    """
    value = to_number(source.replace(",", ".") if isinstance(source, str) else source)
    if math.isnan(value) or math.isnan(places):
        return NAN
    if math.isinf(value) or places > _MAX_PLACES:
        return value
    exponent = Decimal(1).scaleb(-int(max(places, -400)))
    try:
        return float(Decimal(repr(value)).quantize(exponent, ROUND_HALF_UP)) + 0.0
    except InvalidOperation:
        return value  # more digits than a decimal holds: nothing to round


@function("floor", "number", Type.NUMBER, "The largest whole number not above it.")
def floor(value: float) -> Value:
    return float(math.floor(value)) if math.isfinite(value) else value


@function("ceiling", "number", Type.NUMBER, "The smallest whole number not below it.")
def ceiling(value: float) -> Value:
    return float(math.ceil(value)) if math.isfinite(value) else value


@function("abs", "number", Type.NUMBER, "The number without its sign.")
def abs_(value: float) -> Value:
    return abs(value)


@function("pow", "number number", Type.NUMBER, "The first number to the power of the second.")
def pow_(base: float, exponent: float) -> Value:
    try:
        return math.pow(base, exponent)
    except ValueError:
        return math.inf if base == 0 else NAN
    except OverflowError:
        return math.inf


@function("pi", "", Type.NUMBER, "3.14159…")
def pi() -> Value:
    return math.pi


@function("atan2", "number number", Type.NUMBER, "The angle of the point (second, first), in radians.")
def atan2(y: float, x: float) -> Value:
    return math.atan2(y, x)


def _guarded(compute: Callable[[float], float]) -> Callable[[float], Value]:
    """Outside its domain a function gives not-a-number, beyond all bounds infinity."""

    def guarded(value: float) -> Value:
        try:
            return compute(value)
        except ValueError:
            return NAN
        except OverflowError:
            return math.inf

    return guarded


def _logarithm(compute: Callable[[float], float]) -> Callable[[float], float]:
    return lambda value: -math.inf if value == 0 else compute(value)


_OF_ONE_NUMBER: tuple[tuple[str, Callable[[float], float], str], ...] = (
    ("sqrt", math.sqrt, "The square root."),
    ("log", _logarithm(math.log), "The natural logarithm."),
    ("log10", _logarithm(math.log10), "The logarithm to base 10."),
    ("exp", math.exp, "e to the power of the number."),
    ("exp10", lambda value: math.pow(10, value), "10 to the power of the number."),
    ("sin", math.sin, "The sine of an angle in radians."),
    ("cos", math.cos, "The cosine of an angle in radians."),
    ("tan", math.tan, "The tangent of an angle in radians."),
    ("asin", math.asin, "The arcsine, in radians."),
    ("acos", math.acos, "The arccosine, in radians."),
    ("atan", math.atan, "The arctangent, in radians."),
)

for _name, _compute, _doc in _OF_ONE_NUMBER:
    function(_name, "number", Type.NUMBER, _doc)(_guarded(_compute))
