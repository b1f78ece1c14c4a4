"""Answers to questions with choices."""

import math

from surveys.instrument.language import nodes
from surveys.instrument.language.context import Closure, Context
from surveys.instrument.language.errors import ExpressionError
from surveys.instrument.language.functions.registry import Builder, Purity, Type, function, special_form
from surveys.instrument.language.parser import parse
from surveys.instrument.language.values import BLANKS, Value, is_blank, strings, to_string


@special_form("selected", "any string", Type.BOOLEAN, "Whether a choice is among those chosen.")
def selected(builder: Builder, call: nodes.Call) -> Closure:
    """Half of all that real questionnaires ask; a choice written out is therefore read only once.

    As in ODK's engines, `selected(…, '')` is true where nothing is chosen.
    """
    value, name = map(builder.closure, call.arguments)
    written = call.arguments[1]
    if isinstance(written, nodes.Literal):
        return _has_chosen(value, written.text.strip(BLANKS))
    return lambda c: _is_chosen(value(c), to_string(name(c)).strip(BLANKS))


def _has_chosen(value: Closure, wanted: str) -> Closure:
    def has_chosen(context: Context) -> Value:
        found = value(context)
        if isinstance(found, str):
            return found == wanted or (wanted in found and _holds(found, wanted))
        return _is_chosen(found, wanted)

    return has_chosen


def _is_chosen(value: Value, wanted: str) -> bool:
    texts = strings(value) if isinstance(value, tuple) else [to_string(value)]
    return any(_holds(text, wanted) for text in texts)


def _holds(text: str, wanted: str) -> bool:
    """Whether it is the one answer, whose code may have spaces in it, or among several."""
    return text == wanted or wanted in (text.split() or [""])


@function("selected-at", "string number", Type.STRING, "The choice at a place that counts from 0, or blank.")
def selected_at(text: str, index: float) -> Value:
    chosen = text.split()
    if math.isnan(index) or not 0 <= index < len(chosen):
        return ""
    return chosen[int(index)]


@function("count-selected", "string", Type.NUMBER, "How many choices are chosen.")
def count_selected(text: str) -> Value:
    return float(len(text.split()))


def choice_reference(argument: nodes.Node) -> nodes.Reference:
    """The question that `'${question}'` or `${question}` means. Raises ExpressionError for anything else."""
    target = argument
    if isinstance(argument, nodes.Literal):
        target = parse(argument.text)
    if isinstance(target, nodes.Reference):
        return nodes.Reference(target.name, target.is_last_saved, argument.position)
    message = "Name the question whose choices are meant in quotation marks: '${name}'."
    raise ExpressionError(message, argument.position, "expression.unsupported")


@special_form(
    "jr:choice-name",
    "string string",
    Type.STRING,
    "The label of a choice: jr:choice-name(${country}, '${country}').",
    purity=Purity.INTERVIEW,
)
def choice_name(builder: Builder, call: nodes.Call) -> Closure:
    value, question = call.arguments
    return builder.scope.choice_label(builder.closure(value), choice_reference(question))


@special_form(
    "choice-label",
    "any any?",
    Type.STRING,
    "SurveyCTO's jr:choice-name(): choice-label(${country}, ${country}).",
    purity=Purity.INTERVIEW,
)
def choice_label(builder: Builder, call: nodes.Call) -> Closure:
    question = choice_reference(call.arguments[0])
    return builder.scope.choice_label(builder.closure(call.arguments[-1]), question)


@special_form(
    "pulldata",
    "string string string any",
    Type.STRING,
    "An answer of an earlier wave: pulldata('w2023', 'country', 'panelist', ${panelist}).",
    purity=Purity.INTERVIEW,
)
def pulldata(builder: Builder, call: nodes.Call) -> Closure:
    wave, item = prior_source(call)
    key = builder.closure(call.arguments[3])

    def closure(context: Context) -> Value:
        return "" if is_blank(key(context)) else context.surroundings.prior(wave, item)

    return closure


def prior_source(call: nodes.Call) -> tuple[str, str]:
    """The wave and the item a pulldata() reads. Raises ExpressionError where they are not written out."""
    wave, item, key, _ = call.arguments
    if isinstance(wave, nodes.Literal) and isinstance(item, nodes.Literal) and isinstance(key, nodes.Literal):
        if key.text == "panelist":
            return wave.text, item.text
        message = "pulldata() reads answers of an earlier wave; its third argument is always 'panelist'."
        advice = "Make a table a choice list and read it with instance('list')/root/item[name = ${code}]/column."
        raise ExpressionError(message, key.position, "expression.unsupported", advice)
    message = "Wave, item and key of pulldata() are written out in quotation marks, not computed."
    raise ExpressionError(message, call.position, "expression.unsupported")
