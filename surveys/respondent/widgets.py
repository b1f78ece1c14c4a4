"""What templates of the respondents' pages ask of a question: which kind of control it is drawn with, and its parts."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from html import escape

from markupsafe import Markup

from surveys.instrument.controls import plain
from surveys.instrument.model import Kind
from surveys.instrument.view import ChoiceView, QuestionView
from surveys.respondent import labels
from surveys.respondent.words import in_words

_PLAIN = {
    Kind.SELECT_MULTIPLE: "checkboxes",
    Kind.RANK: "ranks",
    Kind.INTEGER: "number",
    Kind.DECIMAL: "number",
    Kind.TIME: "time",
    Kind.DATETIME: "datetime",
    Kind.ACKNOWLEDGE: "acknowledge",
}
#: A range of more values than these is a select, or a field to type into.
MOST_RADIOS = 11
MOST_OPTIONS = 101


def widget(question: QuestionView) -> str:
    """The template of its control."""
    return f"respondent/widgets/{_widget(question)}.html"


def _widget(question: QuestionView) -> str:
    appearance = set(question.appearance)
    if question.kind is Kind.SELECT_ONE:
        if appearance & {"minimal", "autocomplete", "search"} and not has_media(question):
            return "select"
        return "likert" if "likert" in appearance else "radios"
    if question.kind is Kind.DATE:
        return "month_year" if "month-year" in appearance else "year" if "year" in appearance else "date"
    if question.kind is Kind.RANGE:
        n_options = len(range_options(question))
        return "range_radios" if 0 < n_options <= MOST_RADIOS else "range_select" if n_options else "number"
    if question.kind is Kind.TEXT:
        return "multiline" if "multiline" in appearance else "text"
    return _PLAIN[question.kind]


def has_media(question: QuestionView) -> bool:
    """Whether pictures or sounds go with its choices, for which a drop-down list has no room."""
    return any(choice.media for choice in question.choices)


def choice_controls(question: QuestionView, choices: Sequence[ChoiceView]) -> Markup:
    """Choices with their labels. A page may have a hundred: a template for each would take most of the page's time."""
    kind = "checkbox" if question.kind is Kind.SELECT_MULTIPLE else "radio"
    begin = f'<input type="{kind}" name="{escape(question.control)}" value="'
    return Markup("".join(_choice_control(begin, choice) for choice in choices))  # noqa: S704  (all escaped)


def _choice_control(begin: str, choice: ChoiceView) -> str:
    missing, checked = " missing" if choice.is_missing else "", " checked" if choice.is_chosen else ""
    box = f'{begin}{escape(choice.name)}" id="{escape(choice.control_id)}"{checked}>'
    words = labels.label(choice)
    if not choice.media:
        return f'<label class="choice{missing}">{box} <span>{words}</span></label>'
    drawn = f'<label class="choice{missing}">{box} <span>{words}{labels.pictures(choice)}</span></label>'
    sounds = labels.sounds(choice)
    # Which must not be in the label: who presses its buttons chooses nothing.
    return f'<div class="with-sound">{drawn}{sounds}</div>' if sounds else drawn


def is_set(question: QuestionView) -> bool:
    """Whether it is drawn as a set of controls under a legend, rather than one control with a label."""
    sets = {"radios", "likert", "checkboxes", "ranks", "month_year", "acknowledge", "range_radios"}
    return _widget(question) in sets


def describers(question: QuestionView) -> str:
    """Ids of what describes it, for aria-describedby."""
    ids = [f"{question.control_id}-hint"] if question.hint else []
    return " ".join([*ids, f"{question.control_id}-problem"] if question.problem else ids)


def may_be_cleared(question: QuestionView) -> bool:
    """Whether a radio set needs a choice to take an answer back: without a script a radio can't be unticked."""
    is_single = question.kind in {Kind.SELECT_ONE, Kind.RANGE}
    return is_single and not question.is_required and not any(choice.is_missing for choice in question.choices)


def range_options(question: QuestionView) -> list[str]:
    """Every value of a range in order, as stored; [] where there are too many or its parameters aren't numbers."""
    try:
        start, end, step = (Decimal(question.parameters.get(name, "")) for name in ("start", "end", "step"))
    except InvalidOperation:
        return []
    step = abs(step) if end >= start else -abs(step)
    if not step or abs(end - start) / abs(step) >= MOST_OPTIONS:
        return []
    return [plain(start + number * step) for number in range(int((end - start) / step) + 1)]


def month(value: str) -> str:
    """The month of `2022-03`, or of what was typed of it, without a leading zero."""
    year_part, _, month_part = value.partition("-")
    return (month_part[:2] if month_part else year_part if len(year_part) < 3 else "").lstrip("0")


def year(value: str) -> str:
    year_part, _, month_part = value.partition("-")
    return year_part if month_part or len(year_part) > 2 else ""


def said(question: QuestionView, code: str) -> str:
    """Its answer in words."""
    return in_words(question, question.values, code)


def at(values: tuple[str, ...], place: int) -> str:
    """The value at a place counted from 1, "" beyond the end."""
    return values[place - 1] if place <= len(values) else ""


def node_template(node: object) -> str:
    """The template of what stands on a page."""
    return f"respondent/parts/{type(node).__name__.removesuffix('View').lower()}.html"
