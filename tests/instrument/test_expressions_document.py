"""docs/expressions.md: every example in it holds, every row of the semantics contract and every function is there."""

import json
import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import pytest

from surveys.instrument.evaluation import Environment, Program, check, compile_program
from surveys.instrument.language.functions.reference import renewed
from surveys.instrument.model import Group, Instrument, Item, Kind
from surveys.instrument.problems import InstrumentError, Severity
from tests.builders import compiled, rows

DOCUMENT = Path(__file__).parents[2] / "docs" / "expressions.md"
TEXT = DOCUMENT.read_text(encoding="utf-8")
ENVIRONMENT = Environment(datetime(2024, 5, 1, 12, tzinfo=UTC), date(2024, 5, 1), 7)
NAME = "example"
CONTRACT_ROWS = 22


@dataclass(frozen=True)
class Example:
    row: str
    column: str
    expression: str
    answers: str
    gives: str

    def __str__(self) -> str:
        return f"{self.row}: {self.expression} of {self.answers}"


def sections(level: str) -> dict[str, str]:
    """The text below each heading of a level, up to the next heading of that or a higher one."""
    parts = re.split(rf"^(#{{2,{len(level)}}}) (.*)$", TEXT, flags=re.MULTILINE)
    found = zip(parts[1::3], parts[2::3], parts[3::3], strict=True)
    return {title: body for mark, title, body in found if mark == level}


def tables(text: str) -> list[list[list[str]]]:
    """The rows of each table, without the line below the header."""
    found = re.findall(r"(?:^\|.*\|$\n?)+", text, flags=re.MULTILINE)
    return [[row for number, row in enumerate(rows(table)) if number != 1] for table in found]


def examples() -> list[Example]:
    return [
        Example(title, row[0], row[1].strip("`"), row[2].strip("`") or "{}", row[3])
        for title, body in sections("###").items()
        for table in tables(body)
        for row in table[1:]
    ]


@cache
def base() -> Instrument:
    survey, choices = tables(sections("##")["The questionnaire of the examples"])
    found = compiled(*["\n".join(" | ".join(row) for row in table) for table in (survey, choices)])
    assert found.instrument is not None, found.errors
    return found.instrument


def with_example(column: str, expression: str) -> Instrument:
    """The questionnaire with one item more, in a repeat where the column says so."""
    kind, _, rest = column.partition(",")
    kind, _, repeat = kind.partition(" in ")
    trigger = (rest.removeprefix(" trigger "),) if rest else ()
    if repeat:
        children = tuple(
            replace(child, children=(*child.children, made(kind, expression, child.path, repeat)))
            if child.name == repeat and isinstance(child, Group)
            else child
            for child in base().children
        )
        return replace(base(), children=children)
    item = made(kind, expression, "", "")
    item = replace(item, trigger=trigger) if trigger else item
    return replace(base(), children=(*base().children, item))


def made(column: str, expression: str, parent: str, repeat: str) -> Item | Group:
    path = f"{parent}/{NAME}"
    if column == "repeat_count":
        return Group(NAME, NAME, path, (), is_repeat=True, repeat_count=expression)
    kinds = {"calculation": Kind.CALCULATE, "choice_filter": Kind.SELECT_ONE}
    fields = {{"relevant": "relevance"}.get(column, column): expression}
    if column == "default":
        fields["default_is_expression"] = True
    choices = "place" if column == "choice_filter" else ""
    kind = kinds.get(column, Kind.TEXT)
    return Item(NAME, NAME, kind, path, parent, repeat, choices=choices, **fields)


def outcome(example: Example) -> str:
    """What the document should say of the example."""
    if example.column == "required of a group":
        survey = f"type|name|label|required\nbegin_group|g|G|{example.expression}\ntext|q|Q|\nend_group|g||"
        return with_warnings("accepted", compiled(survey).problems)
    instrument = with_example(example.column, example.expression)
    try:
        program = compile_program(instrument)
    except InstrumentError as error:
        return f"refused: `{error.problems[0].code}`"
    answers = with_ids(json.loads(example.answers))
    return with_warnings(given(program, example, answers), check(instrument))


def with_warnings(text: str, problems) -> str:
    warnings = {problem.code for problem in problems if problem.severity is Severity.WARNING} - {"disclosure.unstated"}
    return "".join([text, *(f", with `{code}`" for code in sorted(warnings))])


def with_ids(answers: dict) -> dict:
    instances = {key: value for key, value in answers.items() if value and isinstance(value, list)}
    for key, entries in instances.items():
        if isinstance(entries[0], dict):
            answers[key] = [{"_id": f"i{number}", **entry} for number, entry in enumerate(entries, 1)]
    return answers


def given(program: Program, example: Example, answers: dict) -> str:
    state = program.evaluate(answers, ENVIRONMENT)
    match example.column:
        case "relevant":
            return "asked" if state.is_relevant(NAME) else "not asked"
        case "constraint":
            return "refused" if state.violates_constraint(NAME) else "accepted"
        case "required":
            return "required" if state.is_required(NAME) else "not required"
        case "repeat_count":
            return f"{len(state.instances(NAME))} instances"
        case "choice_filter":
            offered = " ".join(choice.name for choice in state.choices(NAME))
            return f"{offered}, value {shown(state.value(NAME))}" if ", value" in example.gives else offered
        case _:
            values = [shown(state.value(NAME, instance)) for instance in state.everywhere(NAME)]
            if example.gives == "the same each time":
                again = program.evaluate(answers, ENVIRONMENT)
                return example.gives if values == [again.value(NAME)] != ["*blank*"] else "different each time"
            return ", ".join(values)


def shown(value: str) -> str:
    return value or "*blank*"


@pytest.mark.parametrize("example", examples(), ids=str)
def test_every_example_of_the_document_holds(example):
    assert outcome(example) == example.gives


def test_the_whole_contract_is_there_and_every_row_has_examples():
    titles = list(sections("###"))
    assert len(titles) == CONTRACT_ROWS
    assert {example.row for example in examples()} == set(titles)


def test_the_functions_of_the_document_are_those_of_the_registry():
    assert renewed(TEXT) == TEXT, "Run: python -m surveys.instrument.language.functions.reference docs/expressions.md"
