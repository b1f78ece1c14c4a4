"""Text to tokens, with XPath 1.0's rules for telling an operator from a name."""

import re
from dataclasses import dataclass
from enum import StrEnum

from surveys.instrument.language.errors import ExpressionError

MAX_LENGTH = 10_000  # characters


class Type(StrEnum):
    NUMBER = "number"
    LITERAL = "literal"
    REFERENCE = "reference"
    NAME = "name"
    OPERATOR = "operator"
    MARK = "mark"
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    type: Type
    text: str
    position: int


# A workbook's smart quotes open and close like the straight ones.
_SINGLE = "'‘’‚‛"
_DOUBLE = '"“”„‟'
_NAME = r"[^\W\d][\w.\-·]*"
_PATTERN = re.compile(
    rf"""
    (?P<space>[ \t\r\n\xa0\ufeff]+)
  | (?P<number>\d+(?:\.\d*)?|\.\d+)
  | (?P<single>'[^']*'|[‘’‚‛][^'‘’‚‛]*['‘’‚‛])
  | (?P<double>"[^"]*"|[“”„‟][^"“”„‟]*["“”„‟])
  | (?P<reference>\$\{{\s*[^{{}}]*?\s*\}})
  | (?P<name>{_NAME}(?::(?!:)(?:{_NAME}|\*))?)
  | (?P<mark>//|::|\.\.|!=|<=|>=|[()\[\],/@.*+\-=<>|]|\$(?!\{{))
    """,
    re.VERBOSE,
)
_OPERATOR_MARKS = frozenset({"*", "+", "-", "=", "!=", "<", "<=", ">", ">=", "|"})
_GLUED_OPERATOR = re.compile(r"(?:or|and|div|mod)(?=$|\d)")
# After these a name or a star is an operand; after anything else it must be an operator.
_OPENING_MARKS = frozenset({"(", "[", ",", "/", "//", "@", "::", "$"})


def tokenize(text: str) -> list[Token]:
    """The tokens of `text`, an END token last. Raises ExpressionError."""
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"The expression is longer than {MAX_LENGTH:,} characters.", MAX_LENGTH)
    tokens: list[Token] = []
    position = 0
    while position < len(text):
        match = _PATTERN.match(text, position)
        if match is None:
            raise _unreadable(text, position)
        kind = match.lastgroup or ""
        if kind != "space":
            tokens.append(_token(kind, match.group(), position, tokens[-1] if tokens else None))
        is_glued = kind == "name" and tokens[-1].type is Type.OPERATOR
        position += len(tokens[-1].text) if is_glued else len(match.group())
    tokens.append(Token(Type.END, "", len(text)))
    return tokens


def _token(kind: str, text: str, position: int, previous: Token | None) -> Token:
    match kind:
        case "number":
            return Token(Type.NUMBER, text, position)
        case "single" | "double":
            return Token(Type.LITERAL, text[1:-1], position)
        case "reference":
            return Token(Type.REFERENCE, text[2:-1].strip(), position)
        case "name":
            return _name(text, position, previous)
        case _:
            is_operator = text in _OPERATOR_MARKS and (text != "*" or _ends_an_operand(previous))
            return Token(Type.OPERATOR if is_operator else Type.MARK, text, position)


def _name(text: str, position: int, previous: Token | None) -> Token:
    """A name, or an operator where one must stand; `1and1` is `1 and 1`, as ODK's engines read it."""
    if _ends_an_operand(previous):
        glued = _GLUED_OPERATOR.match(text)
        if glued:
            return Token(Type.OPERATOR, glued.group(), position)
    return Token(Type.NAME, text, position)


def _ends_an_operand(token: Token | None) -> bool:
    if token is None or token.type is Type.OPERATOR:
        return False
    return not (token.type is Type.MARK and token.text in _OPENING_MARKS)


def _unreadable(text: str, position: int) -> ExpressionError:
    character = text[position]
    if character in _SINGLE + _DOUBLE:
        return ExpressionError("A quotation mark is not closed.", position)
    if text.startswith("${", position):
        return ExpressionError("A reference is not closed: write ${name}.", position)
    return ExpressionError(f"The character '{character}' has no meaning here.", position)
