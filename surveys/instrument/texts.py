"""Texts in the respondent's language, with answers put in where the author wrote `${name}`."""

import re
from collections.abc import Callable, Sequence

from surveys.instrument.language import nodes
from surveys.instrument.language.context import Closure, Context
from surveys.instrument.language.parser import parse
from surveys.instrument.language.values import to_printed
from surveys.instrument.languages import language_code
from surveys.instrument.model import Text

_PIECE = re.compile(r"jr:choice-name\(\s*\$\{[^{}]*\}\s*,\s*['\"]\$\{[^{}]*\}['\"]\s*\)|\$\{[^{}]*\}")


def pick(text: Text, language: str, default: str) -> str:
    """The text in `language`, else in the default language, else without one, else any, else ""."""
    if not text:
        return ""
    for wanted in (language, default, ""):
        found = text.get(wanted) or _by_code(text, wanted)
        if found:
            return found
    return next((found for found in text.values() if found), "")


def _by_code(text: Text, wanted: str) -> str:
    code = language_code(wanted)
    if not code:
        return ""
    return next((found for language, found in text.items() if found and language_code(language) == code), "")


def segments(template: str) -> list[str | nodes.Node]:
    """Plain text and the expressions between it. Raises ExpressionError where a reference can't be read."""
    found: list[str | nodes.Node] = []
    end = 0
    for match in _PIECE.finditer(template):
        if match.start() > end:
            found.append(template[end : match.start()])
        found.append(parse(match.group()))
        end = match.end()
    if end < len(template):
        found.append(template[end:])
    return found


def references_in(template: str) -> list[nodes.Reference]:
    """Every `${name}` in a template. Raises ExpressionError where one can't be read."""
    trees = [piece for piece in segments(template) if not isinstance(piece, str)]
    return [node for tree in trees for node in nodes.walk(tree) if isinstance(node, nodes.Reference)]


def filler(template: str, compile_node: Callable[[nodes.Node], Closure]) -> Callable[[Context], str]:
    """What fills a template in: answers are put in as they are, as ODK does, without any markup."""
    parts: list[str | Closure] = [
        piece if isinstance(piece, str) else compile_node(piece) for piece in segments(template)
    ]
    if not any(callable(part) for part in parts):
        return lambda c: template
    return lambda c: _filled(parts, c)


def _filled(parts: Sequence[str | Closure], context: Context) -> str:
    return "".join(part if isinstance(part, str) else to_printed(part(context)) for part in parts)
