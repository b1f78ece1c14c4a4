"""Text."""

import base64
import binascii
import hashlib
import math
from functools import lru_cache

import regex

from surveys.instrument.language import nodes
from surveys.instrument.language.context import Closure
from surveys.instrument.language.errors import ExpressionError
from surveys.instrument.language.functions.registry import Builder, Type, function, special_form
from surveys.instrument.language.values import BLANKS, Value, strings, to_string

REGEX_SECONDS = 0.1  # an author's pattern must not be able to hold up a page
REGEX_MAX_TEXT = 2_000  # characters


@function("concat", "any*", Type.STRING, "All its arguments joined; a node-set counts with each of its values.")
def concat(*values: Value) -> Value:
    return "".join(text for value in values for text in strings(value))


@function("join", "string any*", Type.STRING, "Its arguments and the values of its node-sets, a separator between.")
def join(separator: str, *values: Value) -> Value:
    return separator.join(text for value in values for text in strings(value))


@function("contains", "string string", Type.BOOLEAN, "Whether the first text holds the second.")
def contains(text: str, part: str) -> Value:
    return part in text


@function("starts-with", "string string", Type.BOOLEAN, "Whether the first text begins with the second.")
def starts_with(text: str, start: str) -> Value:
    return text.startswith(start)


@function("ends-with", "string string", Type.BOOLEAN, "Whether the first text ends with the second.")
def ends_with(text: str, end: str) -> Value:
    return text.endswith(end)


@function("substring-before", "string string", Type.STRING, "What stands before the first occurrence, or nothing.")
def substring_before(text: str, mark: str) -> Value:
    return text.partition(mark)[0] if mark and mark in text else ""


@function("substring-after", "string string", Type.STRING, "What stands behind the first occurrence, or nothing.")
def substring_after(text: str, mark: str) -> Value:
    return text.partition(mark)[2] if mark else text


@function(
    "substr", "string number number?", Type.STRING, "From a position up to another; from 0, negative from the end."
)
def substr(text: str, start: float, end: float = math.inf) -> Value:
    return text[_index(start, text) : _index(end, text)]


def _index(number: float, text: str) -> int:
    if math.isnan(number):
        return 0
    return int(max(-len(text), min(len(text), number)))


@function("substring", "string number number?", Type.STRING, "So many characters from a position that counts from 1.")
def substring(text: str, start: float, length: float | None = None) -> Value:
    """XPath's rule: positions p with round(start) <= p < round(start) + round(length)."""
    first = _half_up(start)
    past = math.inf if length is None else first + _half_up(length)
    return "".join(letter for place, letter in enumerate(text, start=1) if first <= place < past)


def _half_up(number: float) -> float:
    return math.floor(number + 0.5) if math.isfinite(number) else number


@function("translate", "string string string", Type.STRING, "Each character of the second replaced by the third's.")
def translate(text: str, source: str, target: str) -> Value:
    table: dict[int, str] = {}
    for place, letter in enumerate(source):
        table.setdefault(ord(letter), target[place : place + 1])
    return text.translate(table)


@special_form("string-length", "string?", Type.NUMBER, "How many characters a text has.")
def string_length(builder: Builder, call: nodes.Call) -> Closure:
    value = builder.closure(call.arguments[0] if call.arguments else nodes.Path((nodes.SELF,)))
    return lambda c: float(len(to_string(value(c))))


@special_form("normalize-space", "string?", Type.STRING, "Without blanks at both ends, runs of blanks as one space.")
def normalize_space(builder: Builder, call: nodes.Call) -> Closure:
    value = builder.closure(call.arguments[0] if call.arguments else nodes.Path((nodes.SELF,)))
    return lambda c: _squeezed(to_string(value(c)))


_TO_SPACE = {ord(blank): " " for blank in BLANKS}


def _squeezed(text: str) -> str:
    return " ".join(part for part in text.translate(_TO_SPACE).split(" ") if part)


@special_form("regex", "string string", Type.BOOLEAN, "Whether the whole text matches a pattern.")
def regex_(builder: Builder, call: nodes.Call) -> Closure:
    text, pattern = map(builder.closure, call.arguments)
    written = call.arguments[1]
    if isinstance(written, nodes.Literal):
        try:
            _compiled(written.text)
        except regex.error as error:
            message = f"The pattern can't be read: {error.msg}."
            raise ExpressionError(message, written.position, "expression.pattern") from None
    return lambda c: matches(to_string(text(c)), to_string(pattern(c)))


def matches(text: str, pattern: str) -> bool:
    """Whether `pattern` matches all of `text`. Raises TimeoutError after REGEX_SECONDS, ValueError where unreadable."""
    if len(text) > REGEX_MAX_TEXT:
        return False
    try:
        compiled = _compiled(pattern)
    except regex.error as error:
        raise ValueError("unreadable pattern") from error
    return compiled.fullmatch(text, timeout=REGEX_SECONDS) is not None


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> "regex.Pattern[str]":
    return regex.compile(pattern)


DIGESTS = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}
ENCODINGS = ("base64", "hex")


@function("digest", "string string string?", Type.STRING, "The MD5, SHA-1, … SHA-512 of a text, in base64 or hex.")
def digest(text: str, algorithm: str, encoding: str = "base64") -> Value:
    if algorithm not in DIGESTS or encoding not in ENCODINGS:
        return ""
    found = hashlib.new(DIGESTS[algorithm], text.encode(), usedforsecurity=False)
    return found.hexdigest() if encoding == "hex" else base64.b64encode(found.digest()).decode()


@function("base64-decode", "string", Type.STRING, "The text that was encoded in base64; nothing where it wasn't.")
def base64_decode(text: str) -> Value:
    padding = "=" * (-len(text) % 4)  # browsers' decoders do without it
    try:
        return base64.b64decode(text + padding, validate=True).decode()
    except (binascii.Error, ValueError):
        return ""


@function("base64-encode", "string", Type.STRING, "A text in base64.")
def base64_encode(text: str) -> Value:
    return base64.b64encode(text.encode()).decode()
