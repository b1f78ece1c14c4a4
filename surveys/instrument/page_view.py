"""A page worked out for drawing: texts, values, choices and messages, nothing left to evaluate."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from surveys.instrument.controls import control_name, plain_number
from surveys.instrument.document import Place
from surveys.instrument.evaluation import Program, State
from surveys.instrument.hubs import MOST_ADDED, entries_of, is_ahead, lacking_in, told_of
from surveys.instrument.languages import direction, language_code
from surveys.instrument.media_view import with_media
from surveys.instrument.model import Choice, Group, Item, Kind, Text
from surveys.instrument.screens import Screen, entrance, next_unvisited, nodes_of, repeat_of, shown
from surveys.instrument.view import (
    ChoiceView,
    EntryView,
    GroupView,
    HubView,
    Inside,
    InstanceView,
    MediaView,
    NodeView,
    NoteView,
    PageView,
    ProblemView,
    QuestionView,
    RepeatView,
    leaves_in,
)


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is put on a page beside the state: what was typed where it can't be used, and messages, by place."""

    program: Program
    state: State
    language: str
    typed: Mapping[Place, tuple[str, ...]] = field(default_factory=dict)
    messages: Mapping[Place, str] = field(default_factory=dict)


def draw(drawing: Drawing, screen: Screen) -> PageView:
    """The page as it is shown now."""
    done, total = position(drawing.program, drawing.state, screen)
    views = tuple(_views(drawing, screen))
    media: tuple[MediaView, ...] = ()
    if len(views) == 1 and isinstance(views[0], GroupView) and not views[0].is_matrix:
        media, views = views[0].media, views[0].nodes  # the page is the group, and has its label
    return PageView(
        name=screen.name,
        label=_group_text(drawing, screen),
        nodes=views,
        problems=tuple(_problems(views)),
        is_first=done == 0,
        is_last=_is_last(drawing, screen, done),
        done=done,
        total=total,
        direction=direction(drawing.language),
        language_code=language_code(drawing.language),
        media=media,
        instance=screen.instance,
        inside=tuple(_inside(drawing, screen)),
    )


def _is_last(drawing: Drawing, screen: Screen, done: int) -> bool:
    """Whether going on leads to the end: no page comes after it but those of entries that were gone through."""
    program, state = drawing.program, drawing.state
    later = shown(program, state)[done + 1 :]
    is_outside_last = screen.hub is None and all(one.hub is not None for one in later)
    return is_outside_last and next_unvisited(program, state, screen) is None


def position(program: Program, state: State, screen: Screen) -> tuple[int, int]:
    """How many of the pages to be shown now lie before this one, and how many there are."""
    screens = shown(program, state)
    done = next((place for place, one in enumerate(screens) if one.name == screen.name), 0)
    return done, max(len(screens), 1)


def _views(drawing: Drawing, screen: Screen) -> Iterator[NodeView]:
    listed = repeat_of(drawing.program, screen.page)
    for node in nodes_of(drawing.program, screen.page):
        if node is not listed:
            yield from _nodes(drawing, (node,), screen.instance)
        elif drawing.state.is_relevant(listed.path, screen.instance):
            yield _hub(drawing, listed, screen)


def _problems(views: Sequence[NodeView]) -> Iterator[ProblemView]:
    for one in leaves_in(views):
        if one.problem:
            yield ProblemView(one.note_id if isinstance(one, NoteView) else one.control_id, one.label, one.problem)
    for entry in (entry for view in views if isinstance(view, HubView) for entry in view.entries):
        if entry.problem:
            yield ProblemView(entry.mend_id, "", entry.problem, entry.mend, entry.number)


def _inside(drawing: Drawing, screen: Screen) -> Iterator[Inside]:
    """The entry that a screen belongs to, after those around it."""
    repeat = repeat_of(drawing.program, screen.hub.page) if screen.hub else None
    if screen.hub is not None and repeat is not None:
        yield from _inside(drawing, screen.hub)
        label = drawing.state.text(repeat.label, repeat.key, screen.hub.instance)
        entries = drawing.state.instances(repeat.key, screen.hub.instance)
        number = entries.index(screen.instance) + 1 if screen.instance in entries else 0
        yield Inside(label, number, screen.hub.name, repeat.key)


def _group_text(drawing: Drawing, screen: Screen) -> str:
    nodes = nodes_of(drawing.program, screen.page)
    key = next((node.key for node in nodes if isinstance(node, Group)), nodes[0].key if nodes else "")
    return drawing.state.text(screen.page.label, key, screen.instance)


def _nodes(drawing: Drawing, nodes: Sequence[Group | Item], instance: str) -> Iterator[NodeView]:
    for node in nodes:
        if isinstance(node, Item):
            if drawing.state.is_relevant(node.key, instance):
                yield from _item(drawing, node, instance)
        elif drawing.state.is_relevant(node.path, instance):
            view = _repeat(drawing, node, instance) if node.is_repeat else _group(drawing, node, instance)
            if isinstance(view, RepeatView) or view.nodes:
                yield view


def _item(drawing: Drawing, item: Item, instance: str) -> Iterator[NodeView]:
    if item.kind is Kind.NOTE:
        label, media = _labelled(drawing, item.label, item.media, item.key, instance)
        note_id = f"note-{control_name(item.key, item.repeat, instance)}"
        message = drawing.messages.get((item.key, instance), "")
        yield NoteView(item.key, label, _hint(drawing, item, instance), media, note_id, message)
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
        may_add=by_hand and len(instances) < MOST_ADDED,
        may_remove=by_hand and bool(instances),
        outer=outer,
    )


def _hub(drawing: Drawing, repeat: Group, hub: Screen) -> HubView:
    program, state = drawing.program, drawing.state
    entries = tuple(_entry(drawing, repeat, hub, *entry) for entry in entries_of(program, state, hub))
    by_hand = not repeat.repeat_count
    return HubView(
        key=repeat.key,
        label=state.text(repeat.label, repeat.key, hub.instance),
        entries=entries,
        is_by_hand=by_hand,
        may_add=by_hand and len(entries) < MOST_ADDED,
        outer=hub.instance,
    )


def _entry(drawing: Drawing, repeat: Group, hub: Screen, entry: str, number: int) -> EntryView:
    program, state = drawing.program, drawing.state
    first = entrance(program, state, hub, entry)
    lacking = lacking_in(program, state, hub, entry)
    told = (_told(drawing, question.item, question.instance) for question in told_of(program, state, hub, entry))
    view = EntryView(
        instance=entry,
        number=number,
        page=first.name if first else "",
        told=tuple(told),
        n_open=len(lacking),
        is_ahead=is_ahead(program, state, Screen(hub.page, entry, hub)),
        problem=drawing.messages.get((repeat.key, entry), ""),
    )
    if not lacking:
        return view
    screen, question = lacking[0]
    return replace(view, mend=screen.name, mend_id=f"q-{question.control}")


def _told(drawing: Drawing, item: Item, instance: str) -> QuestionView:
    """A question with its answer, to be read: of its choices the chosen ones alone."""
    control = control_name(item.key, item.repeat, instance)
    label, _ = _labelled(drawing, item.label, item.media, item.key, instance)
    values = as_typed(item, drawing.state.value(item.key, instance))
    found = drawing.program.instrument.choice_lists.get(item.choices) if item.has_list else None
    chosen = tuple(
        ChoiceView(choice.name, _choice_label(drawing, item, instance, choice)[0], True, bool(choice.missing), "")
        for choice in (found.choices if found else ())
        if choice.name in values
    )
    control_id, appearance = f"q-{control}", item.appearance
    return QuestionView(item.key, control, control_id, item.kind, label, "", values, chosen, appearance=appearance)


def _question(drawing: Drawing, item: Item, instance: str) -> QuestionView:
    state, place = drawing.state, (item.key, instance)
    control = control_name(item.key, item.repeat, instance)
    label, media = _labelled(drawing, item.label, item.media, item.key, instance)
    values = drawing.typed.get(place)
    if values is None:
        values = as_typed(item, state.value(item.key, instance))
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


def as_typed(item: Item, value: str) -> tuple[str, ...]:
    """A stored value as it is typed: the choices apart, a month without its day, a moment without its zone."""
    if not value:
        return ()
    if item.takes_several:
        return tuple(value.split())
    if item.kind is Kind.RANGE:
        return (plain_number(value),)  # a default may be spelt as 5.0
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
    labelled = [_choice_label(drawing, item, instance, choice) for choice in offered]
    return tuple(
        ChoiceView(
            name=choice.name,
            label=label,
            is_chosen=choice.name in values,
            is_missing=bool(choice.missing),
            control_id=f"o{number}-{control}",
            media=media,
        )
        for number, (choice, (label, media)) in enumerate(zip(offered, labelled, strict=True), 1)
    )


def _choice_label(drawing: Drawing, item: Item, instance: str, choice: Choice) -> tuple[str, tuple[MediaView, ...]]:
    label, media = _labelled(drawing, choice.label, choice.media, item.key, instance)
    return label or choice.name, media
