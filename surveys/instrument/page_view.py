"""A page worked out for drawing: texts, values, choices and messages, nothing left to evaluate."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from surveys.instrument.controls import control_name
from surveys.instrument.evaluation import Program, State
from surveys.instrument.languages import direction, language_code
from surveys.instrument.model import Choice, Group, Item, Kind, Page, Text
from surveys.instrument.questions import nodes_of, shown
from surveys.instrument.view import (
    ChoiceView,
    GroupView,
    InstanceView,
    NodeView,
    NoteView,
    PageView,
    QuestionView,
    RepeatView,
)

#: More instances than this are not added by hand; a count may make more.
MAX_INSTANCES = 50

Place = tuple[str, str]  # key and instance


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is put on a page beside the state: what was typed where it can't be used, and messages, by place."""

    program: Program
    state: State
    language: str
    typed: Mapping[Place, tuple[str, ...]] = field(default_factory=dict)
    messages: Mapping[Place, str] = field(default_factory=dict)


def draw(drawing: Drawing, page: Page) -> PageView:
    """The page as it is shown now."""
    program, state = drawing.program, drawing.state
    pages = [one.name for one in shown(program, state)]
    position = pages.index(page.name) if page.name in pages else 0
    nodes = nodes_of(program, page)
    views = tuple(_nodes(drawing, nodes, ""))
    if len(views) == 1 and isinstance(views[0], GroupView) and not views[0].is_matrix:
        views = views[0].nodes  # the page is the group, and has its label
    return PageView(
        name=page.name,
        label=_group_text(drawing, nodes, page),
        nodes=views,
        problems=tuple((one.control_id, one.label, one.problem) for one in questions_in(views) if one.problem),
        is_first=position == 0,
        is_last=position >= len(pages) - 1,
        done=position,
        total=max(len(pages), 1),
        direction=direction(drawing.language),
        language_code=language_code(drawing.language),
    )


def questions_in(nodes: Sequence[NodeView]) -> Iterator[QuestionView]:
    """Every question of a page view, however deep, in page order."""
    for node in nodes:
        if isinstance(node, QuestionView):
            yield node
        elif isinstance(node, GroupView):
            yield from questions_in(node.nodes)
        elif isinstance(node, RepeatView):
            for instance in node.instances:
                yield from questions_in(instance.nodes)


def repeats_in(nodes: Sequence[NodeView]) -> Iterator[RepeatView]:
    """Every repeat of a page view, outer ones before those inside their instances."""
    for node in nodes:
        if isinstance(node, RepeatView):
            yield node
            for instance in node.instances:
                yield from repeats_in(instance.nodes)
        elif isinstance(node, GroupView):
            yield from repeats_in(node.nodes)


def _group_text(drawing: Drawing, nodes: Sequence[Group | Item], page: Page) -> str:
    key = next((node.key for node in nodes if isinstance(node, Group)), nodes[0].key if nodes else "")
    return drawing.state.text(page.label, key)


def _nodes(drawing: Drawing, nodes: Sequence[Group | Item], instance: str) -> Iterator[NodeView]:
    for node in nodes:
        if isinstance(node, Item):
            if drawing.state.is_relevant(node.key, instance):
                yield from _item(drawing, node, instance)
        elif drawing.state.is_group_relevant(node.path, instance):
            view = _repeat(drawing, node, instance) if node.is_repeat else _group(drawing, node, instance)
            if isinstance(view, RepeatView) or view.nodes:
                yield view


def _item(drawing: Drawing, item: Item, instance: str) -> Iterator[NodeView]:
    if item.kind is Kind.NOTE:
        yield NoteView(item.key, *_texts(drawing, item, instance))
    elif item.is_asked:
        yield _question(drawing, item, instance)


def _texts(drawing: Drawing, item: Item, instance: str) -> tuple[str, str]:
    """Label and hint. Guidance is shown with the hint: there is no interviewer to keep it for."""
    texts = [drawing.state.text(text, item.key, instance) for text in (item.hint, item.guidance)]
    label = drawing.state.text(item.label, item.key, instance) or _media_text(drawing, item.media, item.key, instance)
    return label, "\n".join(text for text in texts if text)


def _media_text(drawing: Drawing, media: Mapping[str, Text], key: str, instance: str) -> str:
    """What stands for pictures and sounds where there are no words: the names of their files, as words."""
    names = (drawing.state.text(text, key, instance) for text in media.values())
    return ", ".join(name.rpartition(".")[0].replace("_", " ") or name for name in names if name)


def _group(drawing: Drawing, group: Group, instance: str) -> GroupView:
    views = tuple(_nodes(drawing, group.children, instance))
    label = drawing.state.text(group.label, group.key, instance)
    if "table-list" in group.appearance and views and all(isinstance(view, QuestionView) for view in views):
        return GroupView(group.key, label, views, is_matrix=True)
    return GroupView(group.key, label, tuple(_with_matrices(group.key, views)))


def _with_matrices(key: str, views: Sequence[NodeView]) -> Iterator[NodeView]:
    """Questions that follow each other with `list-nolabel` over one list become a matrix."""
    rows: list[QuestionView] = []
    for view in views:
        if isinstance(view, QuestionView) and "list-nolabel" in view.appearance:
            if rows and _offer(rows[-1]) != _offer(view):
                yield GroupView(f"{key}-{rows[0].key}", "", tuple(rows), is_matrix=True)
                rows = []
            rows.append(view)
            continue
        if rows:
            yield GroupView(f"{key}-{rows[0].key}", "", tuple(rows), is_matrix=True)
            rows = []
        yield view
    if rows:
        yield GroupView(f"{key}-{rows[0].key}", "", tuple(rows), is_matrix=True)


def _offer(view: QuestionView) -> tuple[Kind, tuple[str, ...]]:
    return view.kind, tuple(choice.name for choice in view.choices)


def _repeat(drawing: Drawing, repeat: Group, outer: str) -> RepeatView:
    found = drawing.state.instances(repeat.key, outer)
    instances = tuple(
        InstanceView(instance, number, tuple(_nodes(drawing, repeat.children, instance)))
        for number, instance in enumerate(found, 1)
    )
    by_hand = not repeat.repeat_count
    return RepeatView(
        key=repeat.key,
        label=drawing.state.text(repeat.label, repeat.key, outer),
        instances=instances,
        may_add=by_hand and len(instances) < MAX_INSTANCES,
        may_remove=by_hand and bool(instances),
        outer=outer,
    )


def _question(drawing: Drawing, item: Item, instance: str) -> QuestionView:
    state, place = drawing.state, (item.key, instance)
    control = control_name(item.key, item.repeat, instance)
    label, hint = _texts(drawing, item, instance)
    values = drawing.typed.get(place)
    if values is None:
        values = as_typed(item, state.value(item.key, instance))
    return QuestionView(
        key=item.key,
        control=control,
        control_id=f"q-{control}",
        kind=item.kind,
        label=label,
        hint=hint,
        values=values,
        is_required=state.is_required(item.key, instance),
        is_read_only=state.is_read_only(item.key, instance),
        appearance=item.appearance,
        parameters=dict(item.parameters),
        problem=drawing.messages.get(place, ""),
        choices=_choices(drawing, item, instance, control, values) if item.has_list else (),
    )


def as_typed(item: Item, value: str) -> tuple[str, ...]:
    """A stored value as it is typed: the choices apart, a month without its day, a moment without its zone."""
    if not value:
        return ()
    if item.kind in {Kind.SELECT_MULTIPLE, Kind.RANK}:
        return tuple(value.split())
    if item.kind is Kind.DATETIME:
        return (value[:19].removesuffix(":00"),)  # in the study's zone, as a browser's control has it
    if item.kind is Kind.DATE and "year" in item.appearance:
        return (value[:4],)
    if item.kind is Kind.DATE and "month-year" in item.appearance:
        return (value[:7],)
    return (value,)


def _choices(
    drawing: Drawing, item: Item, instance: str, control: str, values: Sequence[str]
) -> tuple[ChoiceView, ...]:
    offered = drawing.state.choices(item.key, instance)
    return tuple(
        ChoiceView(
            name=choice.name,
            label=_choice_label(drawing, item, instance, choice),
            is_chosen=choice.name in values,
            is_missing=bool(choice.missing),
            control_id=f"o{number}-{control}",
        )
        for number, choice in enumerate(offered, 1)
    )


def _choice_label(drawing: Drawing, item: Item, instance: str, choice: Choice) -> str:
    label = drawing.state.text(choice.label, item.key, instance)
    return label or _media_text(drawing, choice.media, item.key, instance) or choice.name
