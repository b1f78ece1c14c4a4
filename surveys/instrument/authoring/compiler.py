"""From pyxform's dict form to an `Instrument`: nodes, keys, texts and our own columns."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from surveys.instrument.authoring import adapter, columns
from surveys.instrument.authoring.adapter import ROW_COLUMN
from surveys.instrument.authoring.choice_lists import OTHER, build_lists, specify_label, with_other
from surveys.instrument.authoring.derivation import references_in
from surveys.instrument.authoring.outside_lists import OutsideLists
from surveys.instrument.authoring.question_types import is_dated, kind_of
from surveys.instrument.authoring.sheets import Workbook, without_or_other
from surveys.instrument.authoring.texts import Languages, languages_of
from surveys.instrument.document import RESERVED
from surveys.instrument.model import ChoiceList, Comparability, Disclosure, Group, Instrument, Item, Kind, Measure
from surveys.instrument.pages import build_pages
from surveys.instrument.problems import Problem, Severity
from surveys.instrument.schema import PANELIST

_LAYOUT = {"group", "repeat", "loop"}
_SETTINGS = ("style", "instance_name", "default_language", "allow_choice_duplicates")


@dataclass(frozen=True, slots=True)
class _Scope:
    """Where a node stands: path of its group, key of its repeat."""

    parent: str = ""
    repeat: str = ""


@dataclass
class _Compilation:
    """What is at hand while one workbook is compiled, and what is found on the way."""

    workbook: Workbook
    languages: Languages
    lists: dict[str, ChoiceList]
    keys: Mapping[str, str]
    outside: OutsideLists
    problems: list[Problem] = field(default_factory=list)

    def cell(self, row: int, column: str) -> str:
        return self.workbook.survey.cell(row, column)

    def report(self, row: int, column: str, code: str, message: str, advice: str = "") -> None:
        self._add(Severity.ERROR, row, column, code, message, advice)

    def warn(self, row: int, column: str, code: str, message: str, advice: str = "") -> None:
        self._add(Severity.WARNING, row, column, code, message, advice)

    def _add(self, severity: Severity, row: int, column: str, code: str, message: str, advice: str) -> None:
        place = self.workbook.survey.place(row, column)
        self.problems.append(Problem(severity, code, message, place, advice))


def build_instrument(
    workbook: Workbook, document: Mapping[str, Any], outside: OutsideLists
) -> tuple[Instrument, tuple[Problem, ...]]:
    """The instrument, without a word yet on its expressions, and what is wrong with its structure."""
    languages = languages_of(workbook)
    lists = {**build_lists(document, languages), **outside.lists}
    work = _Compilation(workbook, languages, lists, _keys(document["children"]), outside)
    children = tuple(_nodes(document["children"], _Scope(), work))
    instrument = Instrument(
        title=str(document.get("title") or ""),
        form_id=str(document.get("id_string") or ""),
        version=str(document.get("version") or ""),
        languages=languages.names,
        default_language=languages.default,
        children=children,
        choice_lists=work.lists,
        pages=build_pages(children, workbook.setting("style")),
        settings={name: workbook.setting(name) for name in _SETTINGS if workbook.setting(name)},
    )
    return instrument, tuple(work.problems)


def _keys(children: list[dict[str, Any]]) -> dict[str, str]:
    """Key of each node by path: its name where that is unique, else the path below its repeat, else the path."""
    paths = list(_paths(children, "", ""))
    names = Counter(path.rsplit("/", 1)[1] for path, _ in paths)
    below = Counter(_below(path, repeat) for path, repeat in paths)
    keys = {}
    for path, repeat in paths:
        name, short = path.rsplit("/", 1)[1], _below(path, repeat)
        keys[path] = name if names[name] == 1 else (short if below[short] == 1 else path[1:])
    if len(set(keys.values())) < len(keys):  # the short path of one node is the whole path of another
        keys = {path: key if names[key] == 1 else path[1:] for path, key in keys.items()}
    return keys


def _below(path: str, repeat: str) -> str:
    return path[len(repeat) + 1 :]


def _paths(children: list[dict[str, Any]], parent: str, repeat: str) -> Iterator[tuple[str, str]]:
    """Path of every node with the path of the repeat around it, "" outside any."""
    for node in _ours(children):
        path = f"{parent}/{node['name']}"
        yield path, repeat
        if "children" in node:
            yield from _paths(node["children"], path, path if node["type"] == "repeat" else repeat)


def _ours(children: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Nodes the author wrote: not the group `meta` that pyxform adds."""
    return (node for node in children if ROW_COLUMN in node)


def _nodes(children: list[dict[str, Any]], scope: _Scope, work: _Compilation) -> Iterator[Group | Item]:
    for node in _ours(children):
        if node["type"] in _LAYOUT:
            yield _group(node, scope, work)
        else:
            yield from _item_and_other(node, scope, work)


def _group(node: Mapping[str, Any], scope: _Scope, work: _Compilation) -> Group:
    row = int(node[ROW_COLUMN])
    path = f"{scope.parent}/{node['name']}"
    key = work.keys[path]
    is_repeat = node["type"] == "repeat"
    _check_name(str(node["name"]), row, work)
    if _switch(work.cell(row, "required").strip()):
        work.warn(row, "required", "group.required", "Required has no effect on a group.", "Set it on its questions.")
    if node.get("hint"):
        work.warn(row, "hint", "group.hint", "The hint of a group is not shown.", "Put it on a note or a question.")
    if not is_repeat and work.cell(row, "repeat_count"):
        work.report(row, "repeat_count", "group.count", "Only a repeat can have a count.", "Use begin_repeat.")
    if is_repeat and ":" in node["name"]:  # which stands between the parts of a button's value
        work.report(row, "name", "repeat.colon", "The name of a repeat can't hold a colon.", "Write '_' in its place.")
    inside = _Scope(path, key) if is_repeat else replace(scope, parent=path)
    group = Group(
        key=key,
        name=str(node["name"]),
        path=path,
        children=tuple(_nodes(node["children"], inside, work)),
        parent=scope.parent,
        repeat=scope.repeat,
        is_repeat=is_repeat,
        repeat_count=work.cell(row, "repeat_count").strip(),
        label=work.languages.text(node.get("label")),
        hint=work.languages.text(node.get("hint")),
        media=work.languages.media(node.get("media")),
        relevance=_bind(node, "relevant"),
        appearance=_appearance(row, work),
        place=work.workbook.survey.place(row),
    )
    _check_matrix(group, row, work)
    return group


def _item_and_other(node: Mapping[str, Any], scope: _Scope, work: _Compilation) -> Iterator[Item]:
    item = _item(node, scope, work)
    if item is None:
        return
    _, has_other = without_or_other(work.cell(item.place.row, "type"))
    if not (has_other and item.has_list):
        yield item
        return
    if item.choice_filter:
        advice = "Add the choice 'other' to the list and a text question instead."
        work.report(item.place.row, "choice_filter", "or_other.filter", "or_other can't go with a filter.", advice)
    original = work.lists.get(item.choices, ChoiceList(item.choices, ()))
    private = with_other(original, work.languages, work.lists)
    work.lists[private.name] = private
    yield replace(item, choices=private.name, or_other=True)
    yield _other_text(item, work)


def _other_text(item: Item, work: _Compilation) -> Item:
    """The text question beside an `or_other`, asked while "Other" is chosen."""
    name = f"{item.name}_other"
    path = f"{item.path}_other"
    key = f"{item.key}_other"
    if key in work.keys.values():
        work.report(item.place.row, "type", "or_other.taken", f"or_other needs the name '{name}', which is taken.")
    return Item(
        key=key,
        name=name,
        kind=Kind.TEXT,
        path=path,
        parent=item.parent,
        repeat=item.repeat,
        label=specify_label(work.languages),
        relevance=f"selected(${{{item.name}}}, '{OTHER}')",
        disclosure=Disclosure.OPEN,
        place=item.place,
    )


def _item(node: Mapping[str, Any], scope: _Scope, work: _Compilation) -> Item | None:
    row = int(node[ROW_COLUMN])
    kind = kind_of(node["type"])
    if kind is None:  # reported by check_types, or a row such as audit that is left out with a notice
        return None
    name = str(node["name"])
    path = f"{scope.parent}/{name}"
    appearance = _appearance(row, work)
    if kind is Kind.SELECT_ONE and "label" in appearance:
        kind = Kind.NOTE  # heads a matrix of list-nolabel rows and takes no answer
    if name == PANELIST and kind not in {Kind.HIDDEN, Kind.CALCULATE}:
        work.report(row, "name", "name.reserved", f"'{PANELIST}' is a reserved name.", "Use a hidden row or none.")
    _check_name(name, row, work)
    default = work.cell(row, "default").strip()
    return Item(
        key=work.keys[path],
        name=name,
        kind=kind,
        path=path,
        parent=scope.parent,
        repeat=scope.repeat,
        label=work.languages.text(node.get("label")),
        hint=work.languages.text(node.get("hint")),
        guidance=work.languages.text(node.get("guidance_hint")),
        media=work.languages.media(node.get("media")),
        choices=_list_of(node, row, work) if kind is not Kind.NOTE else "",
        choice_filter=str(node.get("choice_filter") or ""),
        required=_switch(_bind(node, "required")),
        required_message=work.languages.text(node.get("bind", {}).get("jr:requiredMsg")),
        relevance=_bind(node, "relevant"),
        constraint=_bind(node, "constraint"),
        constraint_message=work.languages.text(node.get("bind", {}).get("jr:constraintMsg")),
        calculation=_bind(node, "calculate"),
        trigger=_trigger(row, work),
        read_only=_switch(_bind(node, "readonly")),
        default=default,
        default_is_expression=adapter.is_dynamic(default, node["type"]),
        appearance=appearance,
        parameters=_parameters(row, kind, appearance, work),
        place=work.workbook.survey.place(row),
        **_own_columns(row, kind, work),
    )


def _check_name(name: str, row: int, work: _Compilation) -> None:
    if name in RESERVED:
        work.report(row, "name", "name.reserved", f"'{name}' is a reserved name.", "Write it without the underscore.")


def _list_of(node: Mapping[str, Any], row: int, work: _Compilation) -> str:
    """Name of the list a select takes its choices from."""
    return work.outside.by_row.get(row) or str(node.get("itemset") or "")


def _own_columns(row: int, kind: Kind, work: _Compilation) -> dict[str, Any]:
    stated = columns.allowed_value(work.cell(row, "disclosure"), tuple(Disclosure))
    measure = columns.allowed_value(work.cell(row, "measure"), tuple(Measure))
    compare = columns.allowed_value(work.cell(row, "compare"), tuple(Comparability))
    unstated = Disclosure.OPEN if kind is Kind.TEXT else Disclosure.NONE
    return {
        "disclosure": Disclosure(stated) if stated else unstated,
        "measure": Measure(measure) if measure else None,
        "trend": work.cell(row, "trend").strip(),
        "consent": columns.allowed_value(work.cell(row, "consent"), columns.CONSENTS),
        "preload_shown": columns.is_yes(work.cell(row, "preload_shown")),
        "soft_required": columns.is_yes(work.cell(row, "soft_required")),
        "compare": Comparability(compare) if compare else None,
        "compare_reason": work.cell(row, "compare_reason").strip() if compare else "",
        "renamed_from": work.cell(row, "renamed_from").strip(),
    }


def _bind(node: Mapping[str, Any], name: str) -> str:
    value = node.get("bind", {}).get(name, "")
    return value.strip() if isinstance(value, str) else ""


def _switch(expression: str) -> str:
    """`yes` and `no` as expressions: `true()` and none."""
    if columns.is_yes(expression):
        return "true()"
    return "" if columns.is_no(expression) else expression


def _appearance(row: int, work: _Compilation) -> tuple[str, ...]:
    return tuple(work.cell(row, "appearance").split())


def _trigger(row: int, work: _Compilation) -> tuple[str, ...]:
    text = work.cell(row, "trigger")
    if not text:
        return ()
    return tuple(references_in(text))


def _parameters(row: int, kind: Kind, appearance: tuple[str, ...], work: _Compilation) -> dict[str, str]:
    parameters = {"start": "1", "end": "10", "step": "1"} if kind is Kind.RANGE else {}
    for part in work.cell(row, "parameters").replace(",", " ").replace(";", " ").split():
        name, _, value = part.partition("=")
        parameters[name.strip().lower()] = value.strip()
    if "randomized" in appearance:
        parameters.setdefault("randomize", "true")
    if kind is Kind.METADATA:
        parameters["kind"] = "date" if is_dated(work.cell(row, "type").strip()) else "none"
    return parameters


def _check_matrix(group: Group, row: int, work: _Compilation) -> None:
    if "table-list" not in group.appearance:
        return
    place = "appearance"
    advice = "Give it select_one or select_multiple questions over one list, or remove table-list."
    asked = [child for child in group.children if isinstance(child, Item) and child.is_asked]
    if any(isinstance(child, Group) for child in group.children) or not all(child.has_list for child in asked):
        work.report(row, place, "matrix.not_selects", "A table-list holds selects only.", advice)
    elif len({(child.choices, child.kind) for child in asked}) > 1:
        work.report(row, place, "matrix.lists_differ", "The questions of a table-list have different lists.", advice)
    elif any(child.choice_filter for child in asked):
        work.report(row, place, "matrix.filter", "A table-list can't have a choice_filter.", advice)
