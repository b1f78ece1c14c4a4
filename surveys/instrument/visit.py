"""One post to one page: what it says is read and stored, as far as it can be read.

A value that can't be read never takes the place of a stored answer. What the page didn't hold, or showed as it still
is, stays as it was stored.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from surveys.instrument import controls, document, hubs
from surveys.instrument.calculated import pull_triggers
from surveys.instrument.controls import Posted, Reading
from surveys.instrument.document import Place, Stored
from surveys.instrument.evaluation import Environment, Program, State
from surveys.instrument.model import Group, Kind
from surveys.instrument.questions import Question, questions_of
from surveys.instrument.screens import Screen, nodes_of


@dataclass
class Visit:
    """One post to one page, while it is worked on."""

    program: Program
    environment: Environment
    screen: Screen
    posted: Posted
    asked: Collection[str]
    answers: dict[str, Any]
    before: State
    after: State = field(init=False)
    readings: dict[Place, Reading] = field(default_factory=dict)
    previous: dict[Place, Stored | None] = field(default_factory=dict)
    previous_marks: dict[Place, str | None] = field(default_factory=dict)  # of answers over calculated values

    def __post_init__(self) -> None:
        self.after = self.before

    def evaluate(self) -> State:
        return self.program.evaluate(self.answers, self.environment)

    def questions(self, state: State) -> Iterator[Question]:
        return questions_of(self.program, state, self.screen)

    def typed(self) -> dict[Place, tuple[str, ...]]:
        """What was typed where it is not what is stored now."""
        return {place: reading.typed for place, reading in self.readings.items() if reading.code}

    def repeats(self) -> Iterator[Group]:
        """Repeats drawn on this page, none where it is a hub."""
        waiting = [] if self.screen.page.hub else list(nodes_of(self.program, self.screen.page))
        while waiting:
            node = waiting.pop()
            if isinstance(node, Group):
                waiting.extend(node.children)
                if node.is_repeat:
                    yield node

    def restore(self, place: Place) -> None:
        """Put back what was stored before this post."""
        document.store(self.answers, *place, self.previous[place])
        if place in self.previous_marks:
            document.store_inputs_mark(self.answers, *place, self.previous_marks[place])


def read_page(visit: Visit) -> None:
    """Store what can be read of the page's controls, and leave alone what this post makes no question of."""
    lists = visit.program.instrument.choice_lists
    _make_counted_instances(visit)
    for question in list(visit.questions(visit.before)):
        item, place = question.item, question.place
        if visit.before.is_read_only(*place) or not _was_sent(visit, question):
            continue
        names = [choice.name for choice in lists[item.choices].choices] if item.choices in lists else []
        reading = controls.read(item, question.control, visit.posted, names)
        if reading is None:
            continue
        visit.readings[place] = reading
        visit.previous[place] = document.stored(visit.answers, *place)
        if not reading.code and not _is_untouched(visit, question, reading):
            _store(visit, question, reading)
    visit.after = visit.evaluate()
    for place in list(visit.readings):
        if not (visit.before.is_relevant(*place) or visit.after.is_relevant(*place)):
            visit.restore(place)
            del visit.readings[place]
    for place in visit.previous_marks.keys() & visit.readings.keys():
        document.store_inputs_mark(visit.answers, *place, visit.after.inputs_mark(*place))
    visit.after = pull_triggers(visit.program, visit.before, visit.after, visit.answers, visit.evaluate)


def _store(visit: Visit, question: Question, reading: Reading) -> None:
    """Store what was read. Over a calculated value it stands until what that is calculated from changes."""
    place = question.place
    document.store(visit.answers, *place, _storable(visit, question, reading))
    if question.item.calculation:
        visit.previous_marks[place] = document.inputs_mark(visit.answers, *place)
        document.store_inputs_mark(visit.answers, *place, None)


def _was_sent(visit: Visit, question: Question) -> bool:
    """Whether the page held this control: it was relevant when the page was made, or the browser sent it."""
    is_there = controls.is_present(question.item, question.control, visit.posted)
    return is_there or visit.before.is_relevant(*question.place)


def _storable(visit: Visit, question: Question, reading: Reading) -> Stored | None:
    """What to store. Blank is absence, except where a default or a calculation would come back: there it is an answer.

    Boxes ticked earlier that were not offered on this page could not be unticked, and stay.
    """
    item, value = question.item, reading.value
    if item.kind is Kind.SELECT_MULTIPLE and isinstance(value, list):
        offered = {choice.name for choice in visit.before.choices(*question.place)}
        hidden = [name for name in visit.previous[question.place] or () if name not in offered]
        names = (choice.name for choice in visit.program.instrument.choice_lists[item.choices].choices)
        value = [name for name in names if name in value or name in hidden]
    return value if value or item.default or item.calculation else None


def _is_untouched(visit: Visit, question: Question, reading: Reading) -> bool:
    """Whether what came back says nothing new, so that what is stored stays.

    A blank where a blank was shown: there may be an answer that is just not offered now. A calculated value as it was
    shown: it stays calculated until it is edited.
    """
    shown_value = visit.before.value(*question.place)
    if not reading.value:
        return not shown_value
    if not question.item.calculation:
        return False
    value = reading.value if isinstance(reading.value, str) else " ".join(reading.value)
    return value == shown_value


def _make_counted_instances(visit: Visit) -> None:
    """Give the instances that a `repeat_count` asks for a place in the answers."""
    hubs.ensure_entry(visit.program, visit.before, visit.screen.hub, visit.answers)
    for repeat in visit.repeats():
        if repeat.repeat_count:
            for outer in visit.before.everywhere(repeat.key):
                for instance in visit.before.instances(repeat.key, outer):
                    document.ensure_instance(visit.answers, repeat.key, instance, outer)
