"""Relevance, values and offered choices of a questionnaire, each worked out when it is asked for."""

import math
from dataclasses import dataclass, replace
from datetime import tzinfo

from surveys.instrument.model import Group, Item, Kind
from tests.instrument.oracle.functions import OF_NODES, UnknownFunctionError, call
from tests.instrument.oracle.reading import read
from tests.instrument.oracle.values import NUMBER, compare, day, moment, number, stored, text, truth

UNASKED = {Kind.CALCULATE, Kind.HIDDEN, Kind.METADATA, Kind.NOTE}
FAILURES = (ArithmeticError, ValueError, TypeError, LookupError)
NOTHING = {"", "no", "false", "false()", "0"}


class CircleError(Exception):
    """A value was asked for while it was being worked out."""


@dataclass
class Here:
    """Where an expression is read."""

    place: "Place"
    today: str
    zone: tzinfo
    node: object = None  # inside a predicate or a choice filter
    position: int = 1
    size: int = 1
    stored: str | None = None  # what `.` is in a calculation


class Place:
    """An item, a group, or one instance of a repeat, in one interview."""

    def __init__(self, form, node, parent, raw, number=1):
        self.form, self.node, self.parent, self.raw, self.number = form, node, parent, raw, number
        self.name = node.name if node else "*"
        self.known = {}

    def worked_out(self, what, work):
        if what not in self.known:
            self.known[what] = CircleError
            try:
                self.known[what] = work()
            except UnknownFunctionError:
                del self.known[what]
                raise
        if self.known[what] is CircleError:
            raise CircleError(self.name)
        return self.known[what]

    def root(self):
        return self if self.parent is None else self.parent.root()

    def nodes(self):
        """What the author wrote inside it."""
        return self.form.instrument.children if self.node is None else getattr(self.node, "children", ())

    def children(self):
        return [place for node in self.nodes() for place in self.places_of(node)]

    def places_of(self, node):
        """The place of one of its nodes; of a repeat, one for each instance."""
        return self.worked_out(node.path, lambda: self._places_of(node))

    def _places_of(self, node):
        if not (isinstance(node, Group) and node.is_repeat):
            return [Place(self.form, node, self, self.raw)]
        entries = [entry for entry in self.raw.get(node.key) or [] if isinstance(entry, dict)]
        count = self._count(node, len(entries))
        entries = [*entries, *({} for _ in range(count))][:count]
        return [Place(self.form, node, self, entry, number) for number, entry in enumerate(entries, 1)]

    def _count(self, repeat, existing):
        if not repeat.repeat_count:
            return existing
        wanted = number(self.form.result(repeat.repeat_count, self._outside(repeat)))
        return existing if math.isnan(wanted) else int(max(0, min(wanted, 1000)))

    def _outside(self, repeat):
        """The repeat as a node beside its instances, for its own expressions."""
        return Here(Place(self.form, repeat, self, self.raw), self.form.today, self.form.zone)

    def here(self):
        return Here(self, self.form.today, self.form.zone)

    def relevant(self):
        return self.worked_out("relevant", self._relevant)

    def _relevant(self):
        if self.node is None:
            return True
        if not self.parent.relevant():
            return False
        return not self.node.relevance or truth(self.form.result(self.node.relevance, self.here()))

    def text(self):
        if not isinstance(self.node, Item):
            return ""
        return self.worked_out("text", self._text)

    def _text(self):
        item = self.node
        if item.kind is Kind.NOTE or item.name == "panelist" or not self.relevant():
            return ""
        found = self._raw()
        if item.kind in {Kind.SELECT_ONE, Kind.SELECT_MULTIPLE, Kind.RANK}:
            several = found if isinstance(found, list) else str(found).split()
            names = [found] if item.kind is Kind.SELECT_ONE and isinstance(found, str) else several
            offered = self._known_names() if item.key in self.form.loose else [one.name for one in self.offered()]
            return " ".join(name for name in dict.fromkeys(names) if name in offered)
        return cast(item.kind, found, self.form.zone) if isinstance(found, str) else ""

    def _known_names(self):
        return [choice.name for choice in self.form.instrument.choice_lists[self.node.choices].choices]

    def _raw(self):
        item = self.node
        is_computed = item.kind in UNASKED or item.read_only.strip().lower() not in NOTHING
        is_kept = item.key in self.raw and not (item.calculation and not item.trigger and is_computed)
        if is_kept:
            return self.raw[item.key]
        own = self.raw.get(item.key, "")
        here = replace(self.here(), stored=own if isinstance(own, str) else "")
        if item.calculation and not item.trigger:
            return stored(self.form.result(item.calculation, here))
        return stored(self.form.result(item.default, here)) if item.default_is_expression else item.default

    def offered(self):
        item, lists = self.node, self.form.instrument.choice_lists
        choices = lists[item.choices].choices if item.choices in lists else ()
        if not item.choice_filter:
            return list(choices)
        return [one for one in choices if truth(self.form.result(item.choice_filter, self._row(one)))]

    def _row(self, choice):
        return replace(self.here(), node=Row(choice, self.form))

    def breaks_constraint(self):
        if not self.text() or not self.node.constraint:
            return False
        return not truth(self.form.result(self.node.constraint, self.here()))

    def instance_number(self):
        if isinstance(self.node, Group) and self.node.is_repeat:
            return self.number
        return self.parent.instance_number() if self.parent else 1


class Row:
    """A choice as a node whose children are its columns."""

    def __init__(self, choice, form, column=""):
        self.choice, self.form, self.column, self.name = choice, form, column, column or "item"

    def children(self):
        return (
            [] if self.column else [Row(self.choice, self.form, name) for name in ("name", "label", *self.choice.extra)]
        )

    def text(self):
        if self.column == "name":
            return self.choice.name
        if self.column == "label":
            return self.form.label(self.choice)
        return self.choice.extra.get(self.column, "")


class Branch:
    """`instance('list')` and its `root`: nodes with nothing but children."""

    def __init__(self, name, children):
        self.name, self.below = name, children

    def children(self):
        return self.below

    def text(self):
        return ""


class Form:
    """One questionnaire with one interview's answers."""

    def __init__(self, instrument, answers, environment, loose=frozenset()):
        self.instrument, self.answers = instrument, answers
        self.language, self.loose = environment.language, loose
        self.today, self.now, self.zone = environment.today.isoformat(), environment.now, environment.now.tzinfo
        self.by_name, self.by_key = {}, {}
        for node in instrument.nodes():
            self.by_name.setdefault(node.name, []).append(node)
            if isinstance(node, Item):
                self.by_key[node.key] = node
        self.top = Place(self, None, None, answers)

    def label(self, choice):
        for language in (self.language, self.instrument.default_language, ""):
            if choice.label.get(language):
                return choice.label[language]
        return next(filter(None, choice.label.values()), "")

    def result(self, source, here):
        try:
            return self.value(read(source), here)
        except FAILURES:
            return ""

    # Expressions

    def value(self, tree, here):
        kind, *parts = tree
        if kind in {"number", "string"}:
            return parts[0]
        if kind == "reference":
            return self.reference(parts[0], here)
        if kind in {"or", "and"}:
            first = truth(self.value(parts[0], here))
            return first if first is (kind == "or") else truth(self.value(parts[1], here))
        if kind == "call":
            return self.call(parts[0], parts[1:], here)
        if kind in {"root", "here", "step", "filter", "inside", "|"}:
            return self.path(tree, here)
        if kind == "negative":
            return -number(self.value(parts[0], here))
        left, right = (self.value(part, here) for part in parts)
        return compare(kind, left, right) if kind[0] in "=!<>" else arithmetic(kind, number(left), number(right))

    def path(self, tree, here):
        if tree == ("step", ("here",), "self", "*") and here.node is None and isinstance(here.place.node, Item):
            return here.place.text() if here.stored is None else here.stored
        found = self.nodes(tree, here)
        # A column of the choice under a filter is a single thing, not a set.
        return text(found) if isinstance(here.node, Row) and tree[:2] == ("step", ("here",)) else found

    def call(self, name, trees, here):
        if name == "if":
            return self.value(trees[1 if truth(self.value(trees[0], here)) else 2], here)
        if name == "coalesce":
            values = (self.value(tree, here) for tree in trees)
            return next((value for value in values if stored(value) != ""), "")
        if name == "once":
            own = self.path(("step", ("here",), "self", "*"), here)
            return self.value(trees[0], here) if stored(own) == "" else own
        if name == "instance":
            rows = [Row(choice, self) for choice in self.instrument.choice_lists[trees[0][1]].choices]
            return [Branch("", [Branch("root", rows)])]
        if name == "current":
            return [here.place]
        if name in {"jr:choice-name", "choice-label"}:
            question = trees[-1] if name == "jr:choice-name" else trees[0]
            return self.choice_label(question, text(self.value(trees[0 if name == "jr:choice-name" else -1], here)))
        if name == "indexed-repeat":
            return self.indexed(trees, here)
        if name == "now":
            return self.now.isoformat(timespec="milliseconds")
        read = self.nodes if name in OF_NODES else self.value
        return call(here, name, [read(tree, here) for tree in trees])

    def choice_label(self, question, chosen):
        item = self.named(question[1].strip("${} "))
        labels = {
            choice.name: self.label(choice) for choice in reversed(self.instrument.choice_lists[item.choices].choices)
        }
        if any("${" in label for label in labels.values()):
            raise UnknownFunctionError("a reference in a label")
        return labels.get(chosen) or ", ".join(filter(None, (labels.get(name) for name in chosen.split())))

    def indexed(self, trees, here):
        target, *pairs = trees
        places = None
        for repeat, index in zip(pairs[::2], pairs[1::2], strict=True):
            found = self.reference(repeat[1], here) if places is None else below(places, self.named(repeat[1]))
            wanted = number(self.value(index, here))
            places = [place for place in found if place.number == wanted and place.relevant()][:1]
        return text(below(places, self.named(target[1])))

    # Nodes

    def named(self, name):
        found = self.by_name.get(name, [])
        return found[0] if len(found) == 1 else self.by_key[name]

    def reference(self, name, here):
        """What it means where no nodes are wanted: of a question that has one place, the value."""
        if name == "panelist":
            return "panelist"
        wanted = self.named(name)
        is_single = isinstance(wanted, Item) and wanted.repeat in repeats_around(here.place)
        return text(self.found(wanted, here)) if is_single else self.nodes(("reference", name), here)

    def found(self, wanted, here):
        """From the nearest place around the expression that has the node inside it, every such node below."""
        place = here.place
        while not contains(place.node, wanted):
            place = place.parent
        return below([place], wanted)

    def nodes(self, tree, here):
        kind, *parts = tree
        if kind == "here":
            return [here.place if here.node is None else here.node]
        if kind == "reference" and parts[0] != "panelist":
            return [one for one in self.found(self.named(parts[0]), here) if one.relevant()]
        if kind == "root":
            return [Branch("", [here.place.root()])]
        if kind == "|":
            return list(dict.fromkeys(node for part in parts for node in self.nodes(part, here)))
        if kind == "filter":
            return self.kept(self.nodes(parts[0], here), parts[1], here)
        if kind == "inside":
            return [node for one in self.nodes(parts[0], here) for node in everything(one)]
        if kind == "step":
            start, axis, test = parts
            return list(dict.fromkeys(node for one in self.nodes(start, here) for node in along(one, axis, test)))
        value = self.value(tree, here)
        return value if isinstance(value, list) else []

    def kept(self, found, predicate, here):
        kept = []
        for position, node in enumerate(found, 1):
            value = self.value(predicate, replace(here, node=node, position=position, size=len(found)))
            if value == position if isinstance(value, float) else truth(value):
                kept.append(node)
        return kept


def arithmetic(operator, left, right):
    if operator == "div":
        if right == 0:
            return (
                math.nan if left == 0 or math.isnan(left) else math.copysign(math.inf, left) * math.copysign(1, right)
            )
        return left / right
    if operator == "mod":
        return math.nan if right == 0 or math.isinf(left) else math.fmod(left, right)
    return {"+": left + right, "-": left - right, "*": left * right}[operator]


def cast(kind, found, zone):
    found = found if kind not in {Kind.INTEGER, Kind.DECIMAL, Kind.RANGE, Kind.DATE, Kind.TIME} else found.strip()
    if kind is Kind.INTEGER:
        return str(int(found) if "." not in found else math.trunc(float(found))) if NUMBER.fullmatch(found) else ""
    if kind in {Kind.DECIMAL, Kind.RANGE}:
        return found if NUMBER.fullmatch(found) else ""
    if kind is Kind.DATE:
        return found[:10] if day(found.split("T")[0]) else ""
    if kind is Kind.DATETIME:
        instant = moment(found, zone) or (moment(f"{found}T00:00", zone) if day(found) else None)
        return instant.astimezone(zone).isoformat(timespec="milliseconds") if instant else ""
    return found


def along(node, axis, test):
    if axis in {"self", "parent"}:
        found = [node if axis == "self" else getattr(node, "parent", None)]
        return [one for one in found if one and (test == "*" or one.name in {test, "*"})]
    if axis != "child":
        raise UnknownFunctionError(axis)
    if not isinstance(node, Place):
        return [child for child in node.children() if test == "*" or child.name in {test, "*"}]
    named = [one for one in node.nodes() if test in {"*", one.name}]
    return [place for one in named for place in node.places_of(one) if place.relevant()]


def everything(node):
    return [node, *(inner for child in along(node, "child", "*") for inner in everything(child))]


def contains(node, wanted):
    """Whether what the author wrote as `wanted` is inside `node`, or inside the questionnaire where that is None."""
    return node is None or wanted.path.startswith(f"{node.path}/")


def below(places, wanted):
    found = []
    for place in places or ():
        for node in place.nodes():
            if node is wanted:
                found += place.places_of(node)
            elif contains(node, wanted):
                found += below(place.places_of(node), wanted)
    return found


def repeats_around(place):
    """Keys of the repeats whose instance the place is in, "" for the questionnaire itself."""
    if place is None or place.node is None:
        return {""}
    own = {place.node.key} if isinstance(place.node, Group) and place.node.is_repeat else set()
    return own | repeats_around(place.parent)
