"""Which variables a release holds, and why the others are left out."""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from surveys.disclosure import Bands, Groups, Keep, Recipe, RecipeError, Rule, Year
from surveys.instrument.model import Choice, Disclosure, Group, Instrument, Item, Kind
from surveys.models.release import ReleaseKind
from surveys.services.releasing.fieldwork import Fieldwork
from surveys.services.releasing.measures import find_measures
from surveys.services.releasing.reading import Reading, strictest

#: What becomes of an item that the recipe doesn't name and that identifies nobody.
KEPT, DATED = Rule(Keep()), Rule(Year())
_NUMBERS = {Kind.INTEGER, Kind.DECIMAL, Kind.RANGE, Kind.CALCULATE}
_DATES = {Kind.DATE, Kind.DATETIME, Kind.CALCULATE}
_CLOCKS = {Kind.TIME, Kind.DATETIME}
_SEVERAL = {Kind.SELECT_MULTIPLE, Kind.RANK}


@dataclass(frozen=True, slots=True)
class Planned:
    """One variable of the release: an item of each version that asks it, or a repeat to be counted."""

    base: str  # what a recipe calls it
    name: str  # what the file calls it
    parts: Mapping[int, Item | Group]  # by version
    is_quasi: bool
    rule: Rule = KEPT
    notes: tuple[str, ...] = ()  # what changed about it over versions and waves

    @property
    def newest(self) -> Item | Group:
        return self.parts[max(self.parts)]

    def choices(self, instruments: Mapping[int, Instrument]) -> dict[str, Choice]:
        """Every choice any version offers, by name, worded as the newest does, in the order of first appearance."""
        found: dict[str, Choice] = {}
        for version in sorted(self.parts):
            part = self.parts[version]
            if isinstance(part, Item) and part.choices:
                listed = instruments[version].choice_lists.get(part.choices)
                found |= {choice.name: choice for choice in (listed.choices if listed else ())}
        return found


@dataclass(frozen=True, slots=True)
class Plan:
    variables: tuple[Planned, ...]
    dropped: Mapping[str, str] = field(default_factory=dict)  # reason by name

    @property
    def quasi(self) -> tuple[Planned, ...]:
        return tuple(variable for variable in self.variables if variable.is_quasi)

    @property
    def other(self) -> tuple[Planned, ...]:
        return tuple(variable for variable in self.variables if not variable.is_quasi)


def make_plan(fieldwork: Fieldwork, recipe: Recipe, kind: ReleaseKind, readings: Mapping[int, Reading]) -> Plan:
    """The variables of the release. Raises RecipeError where the recipe doesn't fit the instruments."""
    measures = list(_measures(fieldwork))
    problems = list(_unknown_names(recipe, measures))
    variables: list[Planned] = []
    dropped: dict[str, str] = {}
    for measure in measures:
        reason = _reason_to_drop(measure, recipe, kind, readings, problems)
        if reason:
            dropped[measure.base if isinstance(measure.newest, Group) else measure.name] = reason
        else:
            variables.append(_with_rule(measure, recipe))
    for variable in variables:
        problems.extend(_misfits(variable, fieldwork.instruments))
    if problems:
        raise RecipeError(problems)
    return Plan(tuple(variables), dropped)


def _measures(fieldwork: Fieldwork) -> Iterator[Planned]:
    """Every item and repeat that is a variable of its own, with the name it would get."""
    for measure in find_measures(fieldwork):
        is_quasi = strictest(measure.parts.values()) is Disclosure.QUASI
        yield Planned(measure.base, measure.name, measure.parts, is_quasi, notes=measure.notes)


def _reason_to_drop(
    measure: Planned,
    recipe: Recipe,
    kind: ReleaseKind,
    readings: Mapping[int, Reading],
    problems: list[str],
) -> str:
    if isinstance(measure.newest, Group):
        return "" if measure.base in recipe.repeats else "repeats are not released"
    quasi, other = recipe.quasi.get(measure.base), recipe.other.get(measure.base)
    if reason := _never(measure):
        if quasi or other:
            problems.append(f"recipe: '{measure.base}' is never released: {reason}")
        return reason
    if measure.is_quasi and other:
        problems.append(f"recipe [other.{measure.base}]: it is quasi-identifying; put it under [quasi.{measure.base}]")
    rule = quasi or other
    if rule and rule.recode is None:
        return "dropped by the recipe"
    if quasi:
        return ""
    if measure.is_quasi:
        return "quasi-identifying, and the recipe doesn't name it"
    return _reason_uncounted(measure, other, kind, readings, problems)


def _reason_uncounted(
    measure: Planned,
    other: Rule | None,
    kind: ReleaseKind,
    readings: Mapping[int, Reading],
    problems: list[str],
) -> str:
    """Why an item that isn't counted in k is left out, "" where it isn't."""
    if kind == ReleaseKind.PUBLIC and strictest(measure.parts.values()) is Disclosure.SENSITIVE:
        return "sensitive: not in a public release"
    if reason := _telling(measure, readings):
        if other:
            problems.append(f"recipe [other.{measure.base}]: {reason}; put it under [quasi.{measure.base}], or drop it")
        return reason
    return _free_text(measure, other, problems)


def _telling(measure: Planned, readings: Mapping[int, Reading]) -> str:
    if any(readings[v].choices_identify(part) for v, part in measure.parts.items() if isinstance(part, Item)):
        return "the choices offered tell what identifies"
    return ""


def _free_text(measure: Planned, rule: Rule | None, problems: list[str]) -> str:
    """Why a text is left out, "" where it isn't one, or where it is of class none and the recipe names it."""
    if not any(isinstance(part, Item) and part.kind is Kind.TEXT for part in measure.parts.values()):
        return ""
    is_none = strictest(measure.parts.values()) is Disclosure.NONE
    if rule and not is_none:
        problems.append(f"recipe [other.{measure.base}]: a sensitive text is never released as given")
    return "" if rule and is_none else "text, and the recipe doesn't keep it"


def _never(measure: Planned) -> str:
    """Why no recipe can bring this item into a release, "" where one can."""
    items = [part for part in measure.parts.values() if isinstance(part, Item)]
    disclosure = strictest(items)
    if disclosure is Disclosure.DIRECT or measure.base == "panelist":
        return "directly identifying"
    if disclosure is Disclosure.OPEN:
        return "open text"
    if any(item.consent for item in items):
        return "consent, not a measurement"
    if any(item.kind in _CLOCKS for item in items):
        return "a time of day"
    return ""


def _with_rule(measure: Planned, recipe: Recipe) -> Planned:
    named = recipe.repeats if isinstance(measure.newest, Group) else recipe.quasi
    rule = named.get(measure.base)
    if rule:
        return replace(measure, is_quasi=True, rule=rule)
    is_date = any(isinstance(part, Item) and part.kind is Kind.DATE for part in measure.parts.values())
    rule = recipe.other.get(measure.base, DATED if is_date else KEPT)
    return replace(measure, is_quasi=False, rule=rule)


def _unknown_names(recipe: Recipe, measures: list[Planned]) -> Iterator[str]:
    repeats = {measure.base for measure in measures if isinstance(measure.newest, Group)}
    items = {measure.base for measure in measures} - repeats
    for section, rules, known in (
        ("quasi", recipe.quasi, items),
        ("other", recipe.other, items),
        ("repeats", recipe.repeats, repeats),
    ):
        for name in rules:
            if name not in known:
                near = difflib.get_close_matches(name, sorted(known), n=1)
                advice = f" Did you mean '{near[0]}'?" if near else ""
                what = "repeat" if section == "repeats" else "item"
                yield f"recipe [{section}.{name}]: the waves have no {what} of that name.{advice}"
    for name in recipe.quasi.keys() & recipe.other.keys():
        yield f"recipe: '{name}' stands under both [quasi] and [other]"


def _misfits(variable: Planned, instruments: Mapping[int, Instrument]) -> Iterator[str]:
    """Where a rule can't be applied to the items it is for."""
    items = [part for part in variable.parts.values() if isinstance(part, Item)]
    where = f"recipe [{'quasi' if variable.is_quasi else 'other'}.{variable.base}]"
    kinds = {item.kind for item in items}
    if kinds & _SEVERAL and (variable.is_quasi or not isinstance(variable.rule.recode, Keep)):
        yield f"{where}: several answers at once ({min(kinds & _SEVERAL)}) can only be dropped"
    elif kinds & _SEVERAL and len(kinds) > 1:
        yield f"'{variable.name}' is of different types in the waves; give one of the items another trend name"
    match variable.rule.recode:
        case Bands() if kinds - _NUMBERS:
            yield f"{where}: bands need a number, and it is {min(kinds - _NUMBERS)}"
        case Year() if kinds - _DATES:
            yield f"{where}: year needs a date, and it is {min(kinds - _DATES)}"
        case Groups() as groups:
            choices = variable.choices(instruments)
            if choices:
                yield from _group_misfits(where, groups, choices)


def _group_misfits(where: str, groups: Groups, choices: Mapping[str, Choice]) -> Iterator[str]:
    for name in sorted(groups.named - choices.keys()):
        near = difflib.get_close_matches(name, choices, n=1)
        yield f"{where}: no choice is named '{name}'." + (f" Did you mean '{near[0]}'?" if near else "")
    unnamed = [name for name, choice in choices.items() if name not in groups.named and not choice.missing]
    if unnamed and not groups.rest:
        yield f"{where}: {', '.join(unnamed)} in no group. Add them, or a rest group."
