"""Prior answers as simulated respondents bring them: what an earlier wave may have recorded of them."""

from collections.abc import Mapping
from random import Random

from surveys.instrument.model import Instrument, Item

Prior = Mapping[str, Mapping[str, str]]

#: How many of the simulated respondents took part in a given earlier wave, and how many of those answered an item.
TOOK_PART = 0.7
ANSWERED = 0.9


def values_of(instrument: Instrument, name: str) -> list[str]:
    """What an earlier wave may hold for an item: the choices of the item of that name or trend here, if there is one.

    What the earlier questionnaire offered isn't known here; a list that goes by the item's name serves as well.
    """
    listed = _list_of(instrument, name)
    if listed is None:
        return ["1"]
    found = instrument.choice_lists.get(listed)
    return [choice.name for choice in found.choices] if found else ["1"]


def simulated(instrument: Instrument, random: Random) -> dict[str, dict[str, str]]:
    """Prior answers of one respondent; a wave they did not take part in is left out."""
    found: dict[str, dict[str, str]] = {}
    for preload in instrument.preloads:
        if preload.wave not in found:
            found[preload.wave] = {"": "took part"} if random.random() < TOOK_PART else {}
        if found[preload.wave] and random.random() < ANSWERED:
            found[preload.wave][preload.item] = random.choice(values_of(instrument, preload.item))
    return {wave: {item: value for item, value in items.items() if item} for wave, items in found.items() if items}


def _list_of(instrument: Instrument, name: str) -> str | None:
    like: list[Item] = [item for item in instrument.items() if name in (item.name, item.trend) and item.has_list]
    if like:
        return like[0].choices
    return name if name in instrument.choice_lists else None
