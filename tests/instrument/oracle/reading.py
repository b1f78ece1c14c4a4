"""Expressions to nested tuples, by recursive descent: one function for each line of XPath's grammar."""

import re
from functools import cache

TOKEN = re.compile(
    r"""\s*(?:
    (?P<number>\d+\.?\d*|\.\d+) | (?P<string>"[^"]*"|'[^']*') | \$\{\s*(?P<reference>[^}\s]+)\s*\}
  | (?P<name>[^\W\d][\w.\-]*(?::[^\W\d][\w.\-]*)?) | (?P<sign>//|::|\.\.|!=|<=|>=|[()\[\],/.*+\-=<>|@]) )""",
    re.VERBOSE,
)
STRAIGHT = str.maketrans("‘’“”", "''\"\"")
LEVELS = (("or",), ("and",), ("=", "!="), ("<", "<=", ">", ">="), ("+", "-"), ("*", "div", "mod"))


@cache
def read(text):
    """The tree of an expression. Raises SyntaxError."""
    reader = Reader(tokens(text.translate(STRAIGHT)))
    tree = reader.binary(0)
    if reader.rest:
        raise SyntaxError(f"{reader.rest[0]} is left of {text}")
    return tree


def tokens(text):
    found, position, text = [], 0, text.rstrip()
    while position < len(text):
        match = TOKEN.match(text, position)
        if match is None:
            raise SyntaxError(text[position:])
        found.append((match.lastgroup, match[match.lastgroup]))
        position = match.end()
    return found


class Reader:
    def __init__(self, found):
        self.rest = found

    def next_is(self, *texts):
        return bool(self.rest) and self.rest[0][0] in {"sign", "name"} and self.rest[0][1] in texts

    def take(self):
        if not self.rest:
            raise SyntaxError("it ends too early")
        first, *self.rest = self.rest
        return first[1]

    def expect(self, text):
        if not self.next_is(text):
            raise SyntaxError(f"{text} is missing")
        self.take()

    def binary(self, level):
        """Operators are told from names by where they stand: after an operand."""
        if level == len(LEVELS):
            return self.unary()
        left = self.binary(level + 1)
        while self.next_is(*LEVELS[level]):
            operator = self.take()
            left = (operator, left, self.binary(level + 1))
        return left

    def unary(self):
        if self.next_is("-"):
            self.take()
            return ("negative", self.unary())
        left = self.path()
        while self.next_is("|"):
            self.take()
            left = ("|", left, self.path())
        return left

    def path(self):
        if self.next_is("/"):
            self.take()
            start = ("root",)
        elif self.begins_step():
            start = self.step(("here",))
        else:
            start = self.predicates(self.primary())
        while self.next_is("/", "//") or (start == ("root",) and self.rest):
            if start != ("root",):
                start = ("inside", start) if self.take() == "//" else start
            start = self.step(start)
        return start

    def begins_step(self):
        if self.next_is(".", "..", "*", "@"):
            return True
        is_name = bool(self.rest) and self.rest[0][0] == "name"
        return is_name and (len(self.rest) == 1 or self.rest[1] != ("sign", "("))

    def step(self, start):
        test = self.take()
        axis = "child"
        if self.next_is("::"):
            self.take()
            axis, test = test, self.take()
        if test in {"node", "text"} and self.next_is("("):
            self.take()
            self.expect(")")
            test = "*"
        if test in {".", ".."}:
            axis, test = {".": "self", "..": "parent"}[test], "*"
        return self.predicates(("step", start, axis, test))

    def predicates(self, subject):
        while self.next_is("["):
            self.take()
            subject = ("filter", subject, self.binary(0))
            self.expect("]")
        return subject

    def primary(self):
        if not self.rest:
            raise SyntaxError("it ends too early")
        kind, text = self.rest.pop(0)
        if kind == "number":
            return ("number", float(text))
        if kind == "string":
            return ("string", text[1:-1])
        if kind == "reference":
            return ("reference", text)
        if text == "(":
            inner = self.binary(0)
            self.expect(")")
            return inner
        if kind == "name" and self.next_is("("):
            self.take()
            return ("call", text, *self.arguments())
        raise SyntaxError(text)

    def arguments(self):
        found = []
        while not self.next_is(")"):
            found.append(self.binary(0))
            if not self.next_is(")"):
                self.expect(",")
        self.take()
        return found
