"""The expression language of XLSForm: ODK's XPath over answers.

`parse` and `parsed` read, `print_expression` writes, `functions` is the registry of everything that can be called.
"""

from surveys.instrument.language import functions
from surveys.instrument.language.errors import ExpressionError
from surveys.instrument.language.nodes import Node
from surveys.instrument.language.parser import parse, parsed
from surveys.instrument.language.printer import print_expression

__all__ = ["ExpressionError", "Node", "functions", "parse", "parsed", "print_expression"]
