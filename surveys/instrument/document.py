"""The answers document: finding, storing and removing answers in it, inside repeats too.

One JSON object: item key -> text, or a list of texts; repeat key -> a list of instances, each an object with a stable
`_id`. Whatever else a document holds is left alone. Functions that change one change it in place: copy first.
"""

import hashlib
from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any

Answers = Mapping[str, Any]
Stored = str | list[str]
#: Where an answer stands: the key of its item and the id of its instance, "" outside repeats.
Place = tuple[str, str]

ID = "_id"
#: Beside answers written over calculated ones: by key, the mark of what the calculation read at that time.
INPUTS = "_inputs"
#: Beside the answers of an entry that a count asks for: somebody has been through its pages to their end.
VISITED = "_visited"
#: Beside the repeats of an object: by key, how many instances were ever added, those since removed included.
ADDED = "_added"
#: No question, group or repeat has such a name: its answers would take the place of what stands there.
RESERVED = frozenset({ID, INPUTS, VISITED, ADDED})


def copied(value: Any) -> Any:
    """A copy of a document that shares no object or list with it."""
    if isinstance(value, dict):
        return {key: copied(inner) for key, inner in value.items()}
    return [copied(inner) for inner in value] if isinstance(value, list) else value


def instances(answers: Answers, repeat: str) -> list[dict[str, Any]]:
    """The well-formed instances directly in this object under a repeat's key."""
    entries = answers.get(repeat)
    if not isinstance(entries, list):
        return []
    return [entry for entry in entries if isinstance(entry, dict) and isinstance(entry.get(ID), str)]


def holder(answers: MutableMapping[str, Any], instance: str) -> MutableMapping[str, Any] | None:
    """The object that holds the answers of an instance: the document itself for "", None where there is no such one."""
    if not instance:
        return answers
    return next((entry for entry in _every_instance(answers) if entry[ID] == instance), None)


def stored(answers: MutableMapping[str, Any], key: str, instance: str) -> Stored | None:
    """What is stored, None where nothing is."""
    found = holder(answers, instance)
    value = found.get(key) if found is not None else None
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return [entry for entry in value if isinstance(entry, str)]
    return None


def store(answers: MutableMapping[str, Any], key: str, instance: str, value: Stored | None) -> None:
    """Store a value; None removes it."""
    found = holder(answers, instance)
    if found is None:
        return
    if value is None:
        found.pop(key, None)
    else:
        found[key] = value


def inputs_marks(answers: Answers) -> Mapping[str, Any]:
    """The marks directly in this object."""
    found = answers.get(INPUTS)
    return found if isinstance(found, dict) else {}


def inputs_mark(answers: MutableMapping[str, Any], key: str, instance: str) -> str | None:
    found = holder(answers, instance)
    mark = inputs_marks(found).get(key) if found is not None else None
    return mark if isinstance(mark, str) else None


def store_inputs_mark(answers: MutableMapping[str, Any], key: str, instance: str, mark: str | None) -> None:
    """Store a mark; None removes it."""
    found = holder(answers, instance)
    if found is None:
        return
    marks = {**inputs_marks(found), key: mark}
    kept = {name: value for name, value in marks.items() if value is not None}
    if kept:
        found[INPUTS] = kept
    else:
        found.pop(INPUTS, None)


def add_instance(answers: MutableMapping[str, Any], repeat: str, outer: str, seed: int) -> str:
    """Append an empty instance to a repeat inside the outer instance ("" for none); returns its id, "" if impossible.

    Ids follow from the interview's seed and from how many were added before, so that the same steps give the same
    document, and the id of one that was removed is never given again: a late post from its page must find nothing.
    """
    found = holder(answers, outer)
    if found is None:
        return ""
    counts = found.get(ADDED)
    known = counts if isinstance(counts, dict) else {}
    before = known.get(repeat)
    number = (before if isinstance(before, int) else 0) + 1
    taken = {entry[ID] for entry in _every_instance(answers)}
    new = _new_id(f"{seed}/{repeat}/{outer}/{number}", taken)
    found[repeat] = [*instances(found, repeat), {ID: new}]
    found[ADDED] = {**known, repeat: number}
    return new


def ensure_instance(answers: MutableMapping[str, Any], repeat: str, instance: str, outer: str = "") -> None:
    """Append an instance of this id to a repeat inside the outer instance ("" for none), unless it is there."""
    around = holder(answers, outer)
    if around is None:
        return
    found = instances(around, repeat)
    if all(entry[ID] != instance for entry in found):
        around[repeat] = [*found, {ID: instance}]


def empty_instance(answers: MutableMapping[str, Any], instance: str) -> None:
    """Remove everything in an instance, so that it is as if it was new."""
    found = holder(answers, instance)
    if found is not None and instance:
        found.clear()
        found[ID] = instance


def mark_visited(answers: MutableMapping[str, Any], instance: str) -> None:
    found = holder(answers, instance)
    if found is not None:
        found[VISITED] = "yes"


def remove_instance(answers: MutableMapping[str, Any], repeat: str, instance: str) -> None:
    """Remove an instance of a repeat with all its answers. Nothing happens where there is none."""
    for inside in (answers, *_every_instance(answers)):
        kept = [entry for entry in instances(inside, repeat) if entry[ID] != instance]
        if len(kept) < len(instances(inside, repeat)):
            inside[repeat] = kept


def _every_instance(answers: Answers) -> Iterator[dict[str, Any]]:
    waiting = [answers]
    while waiting:
        current = waiting.pop()
        for key in current:
            found = instances(current, key)
            yield from found
            waiting.extend(found)


def _new_id(basis: str, taken: set[str]) -> str:
    """Nine letters and digits, first a letter; longer where that would be one that is taken."""
    digest = hashlib.sha256(basis.encode()).hexdigest()
    for length in range(9, len(digest)):
        new = "i" + digest[: length - 1]
        if new not in taken:
            return new
    return f"i{digest}{len(taken)}"
