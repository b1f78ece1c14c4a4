"""The engine held against the oracle, on random answers."""

import random as chance
import re
from collections import Counter
from dataclasses import dataclass, field

from surveys.instrument.evaluation import Environment, Program, State
from surveys.instrument.model import Group, Instrument, Item, Kind
from tests.instrument.oracle.evaluator import CircleError, Form, Place
from tests.instrument.oracle.functions import UnknownFunctionError

WORDS = ("Ana", "no", "1", "0", "other", "2024-02-29", "", "a b", "O'Neil", "12.5")
MAX_INSTANCES = 3


@dataclass
class Comparison:
    """`compared` counts relevances, values, offers and constraints; `skipped` what the oracle has no opinion on."""

    compared: int = 0
    skipped: Counter = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)


def compare(
    instrument: Instrument, environment: Environment, seed: int, interviews: int, program: Program | None = None
) -> Comparison:
    """The engine runs `program` where one is given, else the instrument's own."""
    program, random = program or Program(instrument), chance.Random(seed)
    documents = [random_answers(instrument, random) for _ in range(interviews)]
    loose: frozenset[str] = frozenset()
    while True:
        found, before = Comparison(), loose
        for answers in documents:
            loose = _compare_state(
                instrument, answers, environment, program.evaluate(answers, environment), loose, found
            )
        if loose == before:  # else those before the circle was met are looked at once more
            return found


def _compare_state(
    instrument: Instrument,
    answers: dict,
    environment: Environment,
    state: State,
    loose: frozenset[str],
    found: Comparison,
) -> frozenset[str]:
    """Filters that lead back to their own question are found out by running into them."""
    while True:
        form = Form(instrument, answers, environment, loose)
        try:
            _walk(form.top, "", state, found)
        except CircleError as circle:
            keys = {item.key for item in instrument.items() if item.choice_filter and item.name == str(circle)}
            if not keys - loose:
                keys = {item.key for item in instrument.items() if item.choice_filter}
            if not keys - loose:
                raise
            loose |= keys
        else:
            return loose


def _walk(place: Place, instance: str, state: State, found: Comparison) -> None:
    seen: Counter = Counter()
    for child in place.children():
        inside, key = instance, child.node.key
        if isinstance(child.node, Group) and child.node.is_repeat:
            ids = state.instances(child.node.path, instance)
            number = seen[child.node.path]
            seen[child.node.path] += 1
            _same(found, f"{key}: instances", len(ids) > number, True)
            if number >= len(ids):
                continue
            inside = ids[number]
        _compare_node(child, inside, state, found)
        if isinstance(child.node, Group):
            _walk(child, inside, state, found)


def _compare_node(place: Place, instance: str, state: State, found: Comparison) -> None:
    key = place.node.key if isinstance(place.node, Item) else place.node.path
    try:
        _same(found, f"{key}{instance}: relevant", state.is_relevant(key, instance), place.relevant())
        if isinstance(place.node, Item):
            _same(found, f"{key}{instance}: value", state.value(key, instance), place.text())
            _same(
                found,
                f"{key}{instance}: constraint",
                state.violates_constraint(key, instance),
                place.breaks_constraint(),
            )
            if place.node.has_list:
                offered = sorted(choice.name for choice in state.choices(key, instance))
                _same(found, f"{key}{instance}: offered", offered, sorted(one.name for one in place.offered()))
    except UnknownFunctionError as unknown:
        found.skipped[str(unknown)] += 1


def _same(found: Comparison, what: str, given: object, wanted: object) -> None:
    found.compared += 1
    if given != wanted:
        found.differences.append(f"{what}: engine {given!r}, oracle {wanted!r}")


# Random answers


def random_answers(instrument: Instrument, random: chance.Random) -> dict:
    """A document that answers most questions with something that may matter to some expression."""
    sources = [str(getattr(node, name, "")) for node in instrument.nodes() for name in ("relevance", "calculation")]
    constants = sorted({int(text) for text in re.findall(r"\b\d{1,4}\b", " ".join(sources))} | {0, 1, 18})
    share = random.choice((0.4, 0.8, 1.0))
    ids = (f"i{number}" for number in range(10_000))
    return _answers(instrument, instrument.children, random, constants, share, ids)


def _answers(instrument, nodes, random, constants, share, ids) -> dict:
    found: dict = {}
    for node in nodes:
        if isinstance(node, Item):
            if node.is_asked and random.random() < share:
                found[node.key] = _answer(instrument, node, random, constants)
        elif node.is_repeat:
            count = random.randrange(MAX_INSTANCES + 1)
            found[node.key] = [
                {"_id": next(ids), **_answers(instrument, node.children, random, constants, share, ids)}
                for _ in range(count)
            ]
        else:
            found |= _answers(instrument, node.children, random, constants, share, ids)
    return found


def _answer(instrument: Instrument, item: Item, random: chance.Random, constants: list[int]) -> str | list[str]:
    if item.has_list and item.choices in instrument.choice_lists:
        names = [choice.name for choice in instrument.choice_lists[item.choices].choices] or [""]
        several = random.sample(names, min(len(names), random.randrange(4)))
        return random.choice(names) if item.kind is Kind.SELECT_ONE else several
    match item.kind:
        case Kind.INTEGER | Kind.RANGE:
            return str(random.choice(constants) + random.choice((-1, 0, 0, 1)))
        case Kind.DECIMAL:
            return f"{random.choice(constants)}.{random.randrange(100)}"
        case Kind.DATE:
            return f"{random.randrange(1930, 2027)}-{random.randrange(1, 13):02}-{random.randrange(1, 29):02}"
        case Kind.DATETIME:
            return f"{random.randrange(1990, 2027)}-03-{random.randrange(1, 29):02}T{random.randrange(24):02}:30:00"
        case Kind.TIME:
            return f"{random.randrange(24):02}:{random.randrange(60):02}"
        case Kind.ACKNOWLEDGE:
            return "OK"
        case _:
            return random.choice((*WORDS, str(random.choice(constants))))
