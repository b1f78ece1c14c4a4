"""Where things stand on the way: the page a node is on, and choices that end the interview there."""

from surveys.instrument.evaluation import Program
from surveys.instrument.pages import is_visible
from surveys.instrument.schema import Spec
from surveys.instrument.walk.reading import Reader


class WaysOut:
    """The questions of one program whose choices end the interview."""

    def __init__(self, program: Program) -> None:
        instrument = program.instrument
        self._pages = {path: number for number, page in enumerate(instrument.pages) for path in page.nodes}
        self._ending: list[tuple[Spec, frozenset[str]]] = []
        for spec in program.built.schema.specs:
            found = instrument.choice_lists.get(spec.item.choices) if spec.item and spec.item.has_list else None
            names = frozenset(choice.name for choice in found.choices if choice.outcome) if found else frozenset()
            if names:
                self._ending.append((spec, names))

    def page_of(self, spec: Spec) -> int:
        """The number of the page a node is on, beyond the last one for what is on none."""
        here: Spec | None = spec
        while here is not None:
            if here.path in self._pages:
                return self._pages[here.path]
            here = here.parent
        return len(self._pages)

    def before(self, spec: Spec) -> list[tuple[Spec, frozenset[str]]]:
        """Questions on pages before that of `spec`, with those choices of theirs that end the interview there."""
        page = self.page_of(spec)
        return [(one, names) for one, names in self._ending if self.page_of(one) < page]

    def names_before(self, one: Spec, target: Spec | None) -> frozenset[str]:
        """The choices of one question that end the interview before the target's page is reached."""
        if target is None:
            return frozenset()
        return next((names for spec, names in self.before(target) if spec is one), frozenset())


def turns_back(program: Program, reader: Reader) -> bool:
    """Whether an answer may bring up something on an earlier page."""
    places = WaysOut(program)
    visible = (spec for spec in reader.schema.specs if spec.item is not None and is_visible(spec.item))
    return any(
        places.page_of(reader.schema.by_key[key]) > places.page_of(spec)
        for spec in visible
        for goal in reader.goals_of(spec)
        for key in reader.read_by(goal)
        if isinstance(key, str)
    )
