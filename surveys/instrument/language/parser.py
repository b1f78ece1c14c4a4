"""Tokens to a syntax tree: XPath 1.0's grammar, and `${name}` of XLSForm."""

import math
from dataclasses import replace

from surveys.instrument.language import nodes
from surveys.instrument.language.errors import ExpressionError
from surveys.instrument.language.lexer import Token, Type, tokenize
from surveys.instrument.language.nodes import AXES, LEVELS, NEGATE_LEVEL, SHORT_STEPS, Node

MAX_DEPTH = 200
_NODE_TYPES = frozenset({"node", "text", "comment", "processing-instruction"})
_LAST_SAVED = "last-saved#"


def parse(text: str) -> Node:
    """The tree of an expression. Raises ExpressionError with the position where it stops making sense."""
    tokens = tokenize(text)
    if len(tokens) == 1:
        raise ExpressionError("The expression is empty.", 0)
    parser = _Parser(tokens)
    tree = parser.expression()
    if parser.index < len(tokens) - 1:
        raise parser.unexpected()
    return tree


def parsed(text: str) -> Node | None:
    """The tree of an expression, None where it is empty or can't be read: for those who needn't say why."""
    try:
        return parse(text) if text.strip() else None
    except ExpressionError:
        return None


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.index = 0
        self.depth = 0

    # Reading tokens

    @property
    def token(self) -> Token:
        return self.tokens[self.index]

    def take(self) -> Token:
        token = self.tokens[self.index]
        self.index += 1
        return token

    def is_mark(self, *texts: str) -> bool:
        token = self.token
        return token.type is Type.MARK and token.text in texts

    def expect(self, text: str) -> None:
        if not self.is_mark(text):
            raise self.unexpected(f"'{text}' is missing")
        self.index += 1

    def unexpected(self, instead: str = "") -> ExpressionError:
        token = self.token
        found = "The expression ends too early" if token.type is Type.END else f"'{token.text}' is not expected here"
        if token.type is Type.MARK and token.text == "$":
            return ExpressionError("A reference is written ${name}, with curly brackets.", token.position)
        if token.type is Type.OPERATOR and token.text == "=" and self.index and self.tokens[self.index - 1].text == "=":
            return ExpressionError("Equality is written with a single '='.", token.position)
        return ExpressionError(f"{found}{': ' + instead if instead else ''}.", token.position)

    # Operators

    def expression(self, level: int = 1) -> Node:
        """Operands joined by operators that bind at least as strongly as `level`."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ExpressionError(f"The expression is nested more than {MAX_DEPTH} levels deep.", self.token.position)
        left = self.negated() if level <= NEGATE_LEVEL and self.is_minus() else self.operand()
        while self.token.type is Type.OPERATOR and (current := LEVELS[self.token.text]) >= level:
            left = self.chain(left, current)
        self.depth -= 1
        return left

    def chain(self, first: Node, level: int) -> Node:
        rest: list[tuple[str, Node]] = []
        while self.token.type is Type.OPERATOR and LEVELS[self.token.text] == level:
            operator = self.take().text
            rest.append((operator, self.expression(level + 1)))
        return nodes.Operation(first, tuple(rest), first.position)

    def is_minus(self) -> bool:
        return self.token.type is Type.OPERATOR and self.token.text == "-"

    def negated(self) -> Node:
        position = self.take().position
        return nodes.Negate(self.expression(NEGATE_LEVEL), position)

    # Operands

    def operand(self) -> Node:
        token = self.token
        if token.type is Type.NAME and not self.is_call():
            return self.path()
        if self.is_mark(".", "..", "/", "//", "@", "*"):
            return self.path()
        # Few frames a level: 200 of them must fit on the stack of whoever calls.
        if token.type is Type.NAME:
            primary = self.call()
        elif self.is_mark("("):
            primary = self.parenthesized()
        else:
            primary = self.primary()
        predicates = self.predicates()
        subject: Node = nodes.Filter(primary, predicates, token.position) if predicates else primary
        if self.is_mark("/", "//"):
            return nodes.Path(tuple(self.steps(after_slash=False)), False, subject, token.position)
        return subject

    def is_call(self) -> bool:
        following = self.tokens[self.index + 1]
        is_open = following.type is Type.MARK and following.text == "("
        return is_open and self.token.text not in _NODE_TYPES

    def primary(self) -> Node:
        token = self.token
        match token.type:
            case Type.NUMBER:
                return self.number()
            case Type.LITERAL:
                return nodes.Literal(self.take().text, token.position)
            case Type.REFERENCE:
                return self.reference()
        raise self.unexpected()

    def parenthesized(self) -> Node:
        self.index += 1
        inner = self.expression()
        self.expect(")")
        return inner

    def number(self) -> Node:
        token = self.take()
        value = float(token.text)
        if math.isinf(value):
            raise ExpressionError("The number is too large.", token.position)
        return nodes.Number(value, token.position)

    def reference(self) -> Node:
        token = self.take()
        is_last_saved = token.text.startswith(_LAST_SAVED)
        name = token.text.removeprefix(_LAST_SAVED)
        if "(" in name:
            message = "Between ${ and } stands the name of a question, not an expression."
            advice = "Work it out in a calculate and write the name of that."
            raise ExpressionError(message, token.position, advice=advice)
        if not name or any(character.isspace() or character in "#$'\"" for character in name):
            raise ExpressionError("A reference is written ${name}, without spaces in the name.", token.position)
        return nodes.Reference(name, is_last_saved, token.position)

    def call(self) -> Node:
        token = self.take()
        self.index += 1
        if self.is_mark(")"):
            self.index += 1
            return nodes.Call(token.text, (), token.position)
        found = [self.expression()]
        while self.is_mark(","):
            self.index += 1
            found.append(self.expression())
        if not self.is_mark(")"):
            raise self.unexpected("a comma or ')' is missing")
        self.index += 1
        return nodes.Call(token.text, tuple(found), token.position)

    def predicates(self) -> tuple[Node, ...]:
        """A predicate counts as two levels, because it takes twice the stack."""
        found: list[Node] = []
        self.depth += 1
        while self.is_mark("["):
            self.index += 1
            found.append(self.expression())
            self.expect("]")
        self.depth -= 1
        return tuple(found)

    # Paths

    def path(self) -> Node:
        position = self.token.position
        is_absolute = self.is_mark("/", "//")
        if self.is_mark("/") and not self.begins_step(self.tokens[self.index + 1]):
            self.index += 1
            return nodes.Path((), True, None, position)
        return nodes.Path(tuple(self.steps(after_slash=not is_absolute)), is_absolute, None, position)

    def begins_step(self, token: Token) -> bool:
        return token.type is Type.NAME or (token.type is Type.MARK and token.text in {".", "..", "@", "*"})

    def steps(self, *, after_slash: bool) -> list[nodes.Step]:
        found = [self.step()] if after_slash else []
        while self.is_mark("/", "//"):
            if self.take().text == "//":
                found.append(nodes.ANYWHERE)
            found.append(self.step())
        return found

    def step(self) -> nodes.Step:
        token = self.token
        if self.is_mark(*SHORT_STEPS):
            self.index += 1
            if self.is_mark("["):
                step = SHORT_STEPS[token.text]
                raise self.unexpected(f"write {step.axis}::{step.test}[…]")
            return replace(SHORT_STEPS[token.text], position=token.position)
        axis = self.axis()
        return nodes.Step(axis, self.node_test(), self.predicates(), token.position)

    def axis(self) -> str:
        if self.is_mark("@"):
            self.index += 1
            return "attribute"
        following = self.tokens[self.index + 1] if self.token.type is not Type.END else self.token
        if following.type is Type.MARK and following.text == "::":
            token = self.take()
            if token.text not in AXES:
                raise ExpressionError(f"'{token.text}' is not an axis.", token.position)
            self.index += 1
            return token.text
        return "child"

    def node_test(self) -> str:
        token = self.token
        if self.is_mark("*"):
            self.index += 1
            return "*"
        if token.type is not Type.NAME:
            raise self.unexpected()
        is_type = token.text in _NODE_TYPES and self.tokens[self.index + 1].text == "("
        self.index += 1
        if not is_type:
            return token.text
        self.expect("(")
        self.expect(")")
        return f"{token.text}()"
