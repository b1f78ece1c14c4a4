"""A page worked out for drawing: texts, values, choices and messages, nothing left to evaluate."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from surveys.instrument.controls import control_name
from surveys.instrument.evaluation import Program, State
from surveys.instrument.languages import direction, language_code
from surveys.instrument.media_view import with_media
from surveys.instrument.model import Group, Item, Kind, Page, Text
from surveys.instrument.questions import nodes_of, shown
from surveys.instrument.view import (
    ChoiceView,
    GroupView,
    InstanceView,
    MediaView,
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
    done, total = position(program, state, page)
    nodes = nodes_of(program, page)
    views = tuple(_nodes(drawing, nodes, ""))
    media: tuple[MediaView, ...] = ()
    if len(views) == 1 and isinstance(views[0], GroupView) and not views[0].is_matrix:
        media, views = views[0].media, views[0].nodes  # the page is the group, and has its label
    return PageView(
        name=page.name,
        label=_group_text(drawing, nodes, page),
        nodes=views,
        problems=tuple((one.control_id, one.label, one.problem) for one in questions_in(views) if one.problem),
        is_first=done == 0,
        is_last=done >= total - 1,
        done=done,
        total=total,
        direction=direction(drawing.language),
        language_code=language_code(drawing.language),
        media=media,
    )


def position(program: Program, state: State, page: Page) -> tuple[int, int]:
    """How many of the pages to be shown now lie before this one, and how many there are."""
    pages = shown(program, state)
    return pages.index(page) if page in pages else 0, max(len(pages), 1)


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
        label, media = _labelled(drawing, item.label, item.media, item.key, instance)
        yield NoteView(item.key, label, _hint(drawing, item, instance), media)
    elif item.is_asked:
        yield _question(drawing, item, instance)


def _hint(drawing: Drawing, item: Item, instance: str) -> str:
    """Guidance is shown with the hint: there is no interviewer to keep it for."""
    texts = [drawing.state.text(text, item.key, instance) for text in (item.hint, item.guidance)]
    return "\n".join(text for text in texts if text)


def _labelled(
    drawing: Drawing, label: Text, media: Mapping[str, Text], key: str, instance: str
) -> tuple[str, tuple[MediaView, ...]]:
    """A label with its pictures and sounds, or with what stands for them where there are no words."""
    state = drawing.state
    words = state.text(label, key, instance)
    if not media:
        return words, ()
    return with_media(words, media, lambda text: state.text(text, key, instance), drawing.program.instrument.media)


def _group(drawing: Drawing, group: Group, instance: str) -> GroupView:
    views = tuple(_nodes(drawing, group.children, instance))
    label, media = _labelled(drawing, group.label, group.media, group.key, instance)
    if "table-list" in group.appearance and views and all(isinstance(view, QuestionView) for view in views):
        return GroupView(group.key, label, views, is_matrix=True, media=media)
    return GroupView(group.key, label, tuple(_with_matrices(group.key, views)), media=media)


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
    label, media = _labelled(drawing, item.label, item.media, item.key, instance)
    values = drawing.typed.get(place)
    if values is None:
        values = _values(item, state.value(item.key, instance))
    return QuestionView(
        key=item.key,
        control=control,
        control_id=f"q-{control}",
        kind=item.kind,
        label=label,
        hint=_hint(drawing, item, instance),
        values=values,
        is_required=state.is_required(item.key, instance),
        is_read_only=state.is_read_only(item.key, instance),
        appearance=item.appearance,
        parameters=dict(item.parameters),
        problem=drawing.messages.get(place, ""),
        media=media,
        choices=_choices(drawing, item, instance, control, values) if item.has_list else (),
    )


def _values(item: Item, value: str) -> tuple[str, ...]:
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
    labelled = [_labelled(drawing, choice.label, choice.media, item.key, instance) for choice in offered]
    return tuple(
        ChoiceView(
            name=choice.name,
            label=label or choice.name,
            is_chosen=choice.name in values,
            is_missing=bool(choice.missing),
            control_id=f"o{number}-{control}",
            media=media,
        )
        for number, (choice, (label, media)) in enumerate(zip(offered, labelled, strict=True), 1)
    )
