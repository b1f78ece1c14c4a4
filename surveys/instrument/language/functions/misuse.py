"""Calls that can only give a blank. They are refused when a workbook is checked, and versions that have them run on."""

from surveys.instrument.language import nodes
from surveys.instrument.language.errors import ExpressionError
from surveys.instrument.language.functions.strings import DIGESTS, ENCODINGS


def misuse(call: nodes.Call) -> ExpressionError | None:
    """What is wrong with a call that has as many arguments as it may have."""
    match call.name:
        case "weighted-checklist" if len(call.arguments) % 2:
            message = "weighted-checklist() takes pairs: after each value stands its weight."
            return ExpressionError(message, call.position, "expression.arity")
        case "digest":
            return _unknown_digest(call)
    return None


def _unknown_digest(call: nodes.Call) -> ExpressionError | None:
    for written, known in zip(call.arguments[1:], (DIGESTS, ENCODINGS), strict=False):
        if isinstance(written, nodes.Literal) and written.text not in known:
            message, advice = f"digest() knows no '{written.text}'.", f"Write {', '.join(known)}."
            return ExpressionError(message, written.position, "expression.digest", advice)
    return None
