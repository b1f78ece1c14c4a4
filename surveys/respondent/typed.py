"""What was typed on a page that can't be saved any more, beside its questions."""

from surveys.instrument import controls
from surveys.instrument.controls import Posted
from surveys.instrument.model import Instrument, Item, Kind
from surveys.instrument.texts import pick


def typed_in_words(instrument: Instrument, language: str, posted: Posted) -> list[tuple[str, str]]:
    """Each question of which something was typed, with that, in the order of the page; choices by their labels.

    Where no question of that name is found its label is "".
    """
    items = {item.key: item for item in instrument.items()}
    found: dict[str, tuple[str, str]] = {}
    for name, values in posted.items():
        item, control = _item_of(name, items)
        words = _in_words(instrument, language, item, control, posted) if item else "\n".join(filter(None, values))
        if words:
            found[control] = (pick(item.label, language, instrument.default_language) if item else "", words)
    return list(found.values())


def _item_of(name: str, items: dict[str, Item]) -> tuple[Item | None, str]:
    """The item and its control. A name may be that of a part, such as `since.year`, and of one in a repeat's entry."""
    for control in (name, name.rpartition(".")[0]):
        for key in (control, control.split(".", 2)[-1]):
            if key in items:
                return items[key], control
    return None, name


def _in_words(instrument: Instrument, language: str, item: Item, control: str, posted: Posted) -> str:
    choices = instrument.choice_lists[item.choices].choices if item.has_list else ()
    labels = {choice.name: pick(choice.label, language, instrument.default_language) for choice in choices}
    reading = controls.read(item, control, posted, list(labels))
    if reading is None:
        return ""
    values = reading.typed if reading.code else reading.value
    words = [labels.get(one, one) for one in ([values] if isinstance(values, str) else values)]
    return "\n".join(words).strip("-" if item.kind is Kind.DATE else None)  # of a date a part may be missing
