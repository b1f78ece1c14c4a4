"""What a respondent has to look at before going on, and what is wrong with answers as they are stored."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from surveys.instrument.document import Place
from surveys.instrument.evaluation import Environment, Program, State
from surveys.instrument.messages import message
from surveys.instrument.model import Kind
from surveys.instrument.questions import Question, questions_of
from surveys.instrument.screens import Screen

REVEALED = "revealed"
NOTE_REVEALED = "revealed_note"
LEFT_EMPTY = "soft_required"
#: Of an entry on a hub: something in it is missing or wrong.
ENTRY_OPEN = "entry_open"
#: What is no mistake: it is said once, and the next press goes on.
GENTLE = frozenset({REVEALED, NOTE_REVEALED, LEFT_EMPTY})


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a respondent has to look at before going on."""

    key: str
    instance: str
    code: str
    message: str

    @property
    def place(self) -> Place:
        return self.key, self.instance


def messages_of(findings: Iterable[Finding]) -> dict[Place, str]:
    """What is said, by where."""
    return {finding.place: finding.message for finding in findings}


def is_open(state: State, question: Question) -> bool:
    """Whether it is asked now and takes an answer."""
    return state.is_relevant(*question.place) and not state.is_read_only(*question.place)


def stored_findings(program: Program, state: State, screen: Screen, environment: Environment) -> Iterator[Finding]:
    for question in questions_of(program, state, screen):
        if is_open(state, question):
            code = stored_code(state, question)
            if code:
                yield finding_of(state, question, code, environment.language)


def stored_code(state: State, question: Question) -> str:
    """What is wrong with the answer as it is stored, "" where nothing is."""
    value = state.value(*question.place)
    if not value:
        return "required" if state.is_required(*question.place) else ""
    if question.item.kind is Kind.RANK and len(value.split()) < len(state.choices(*question.place)):
        return "not_ranked"
    return "constraint" if state.violates_constraint(*question.place) else ""


def finding_of(
    state: State, question: Question, code: str, language: str, parameters: Mapping[str, str] | None = None
) -> Finding:
    item = question.item
    own = {"required": item.required_message, "constraint": item.constraint_message}.get(code)
    text = state.text(own, *question.place) if own else ""
    return Finding(*question.place, code, text or message(code, language, parameters))
