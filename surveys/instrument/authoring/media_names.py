"""Pictures and sounds that labels name, and the attached files of these names."""

import hashlib
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from surveys.instrument.authoring.attachments import advice, composed
from surveys.instrument.authoring.media import Clean, NotShown, damaged, read_media
from surveys.instrument.authoring.question_types import outside_list
from surveys.instrument.authoring.sheets import FIRST_ROW, Sheet, Workbook
from surveys.instrument.media import Media
from surveys.instrument.model import Instrument, Item, Text
from surveys.instrument.problems import Place, Problem, Severity

_SHOWN = {"image": "picture", "audio": "sound"}


@dataclass(frozen=True, slots=True)
class Named:
    """One cell that names a file."""

    name: str
    kind: str  # image, audio, video or big-image, as the column says
    place: Place
    is_drawn: bool = True  # False: it belongs to a group or repeat of which only the label is shown


@dataclass
class MediaFound:
    """By name: what is shown. By SHA-256: its bytes."""

    by_name: dict[str, Media] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def report(self, severity: Severity, code: str, message: str, place: Place, advice: str = "") -> None:
        self.problems.append(Problem(severity, code, message, place, advice))


def match_media(instrument: Instrument, workbook: Workbook, attachments: Mapping[str, bytes]) -> MediaFound:
    """Every picture and sound that can be shown, and what is wrong with the others or with their names."""
    given = {composed(name): data for name, data in attachments.items()}
    named = list(_names(instrument, workbook))
    found = MediaFound()
    refused: set[str] = set()
    for one in named:
        if one.kind not in _SHOWN or not one.is_drawn:
            _report_not_shown(found, one)
        elif composed(one.name) not in given:
            _report_missing(found, one, list(given))
        elif one.name not in found.by_name and one.name not in refused:
            _read(found, one, given[composed(one.name)])
            refused.update({one.name} - set(found.by_name))
        elif one.name in found.by_name:
            _check_column(found, one, found.by_name[one.name])
    _report_unused(found, given, {composed(one.name) for one in named} | _lists(workbook))
    _report_read(found)
    return found


def _read(found: MediaFound, named: Named, data: bytes) -> None:
    try:
        clean = _cleaned(data)
    except NotShown as refusal:
        message = f"The file '{named.name}' can't be shown: {refusal.what}"
        found.report(Severity.ERROR, "media.refused", message, named.place, refusal.advice)
        return
    digest = hashlib.sha256(clean.data).hexdigest()
    media = Media(digest, clean.ending, clean.width, clean.height)
    found.by_name[named.name], found.files[digest] = media, clean.data
    _check_column(found, named, media)


def _cleaned(data: bytes) -> Clean:
    """The file as it is shown. Raises NotShown, also where a reader stumbles over lengths nobody thought of."""
    try:
        return read_media(data)
    except NotShown:
        raise
    except (LookupError, ValueError, struct.error):
        raise damaged() from None


def _check_column(found: MediaFound, named: Named, media: Media) -> None:
    if media.is_picture != (named.kind == "image"):
        is_what, belongs = ("picture", "image") if media.is_picture else ("sound", "audio")
        message = f"The file '{named.name}' is a {is_what}, and stands in a column of {_SHOWN[named.kind]}s."
        advice = f"Name it in the column media::{belongs}."
        found.report(Severity.ERROR, "media.column", message, named.place, advice)


def _report_not_shown(found: MediaFound, named: Named) -> None:
    if named.kind in _SHOWN:
        message = f"The {_SHOWN[named.kind]} '{named.name}' is not shown: of a repeat, and of a group that is no page, "
        message += "the label alone is."
        advice = "Put it on a note or a question."
        found.report(Severity.NOTICE, "media.not_drawn", message, named.place, advice)
    elif named.kind == "video":
        message = f"The video '{named.name}' is not shown on the web: it is too heavy for many phones. "
        message += "Its name stands for it where there is no label."
        found.report(Severity.NOTICE, "media.video", message, named.place, "Show a picture, or let a sound be heard.")
    else:
        message = f"'{named.name}' in the column '{named.kind}' is not shown; the column 'image' is."
        found.report(Severity.NOTICE, "media.not_shown", message, named.place)


def _report_missing(found: MediaFound, named: Named, names: list[str]) -> None:
    message = f"The {_SHOWN[named.kind]} '{named.name}' is not attached. "
    message += "Its name stands for it where there is no label."
    near = advice(named.name, names, "attached")
    or_else = f"Attach it beside the workbook (--attach {named.name}), or say in the label what it shows."
    found.report(Severity.WARNING, "media.not_attached", message, named.place, near or or_else)


def _report_unused(found: MediaFound, given: Mapping[str, bytes], used: set[str]) -> None:
    for name in given:
        if name not in used:
            near = advice(name, used, "named in the workbook")
            message = f"The file '{name}' is attached, and nothing in the workbook names it."
            found.report(Severity.NOTICE, "file.unused", message, Place(), near)


def _report_read(found: MediaFound) -> None:
    if not found.files:
        return
    pictures = {media.sha256 for media in found.by_name.values() if media.is_picture}
    parts = [(len(pictures), "picture"), (len(found.files) - len(pictures), "sound")]
    counted = " and ".join(f"{count} {what}{'s' * (count != 1)}" for count, what in parts if count)
    n_bytes = sum(map(len, found.files.values()))
    message = f"{counted} of labels will be shown, {max(n_bytes // 1000, 1)} kB together. What files say about where, "
    message += "when and by whom they were made was taken out."
    found.report(Severity.NOTICE, "media.read", message, Place())


def _lists(workbook: Workbook) -> set[str]:
    """The files that choices are taken from."""
    types = (workbook.survey.cell(number, "type") for number, _ in workbook.survey.numbered())
    return {composed(name) for _, name in map(outside_list, types) if name}


def _names(instrument: Instrument, workbook: Workbook) -> Iterator[Named]:
    drawn = set(_drawn(instrument))
    for node in instrument.nodes():
        yield from _named(node.media, workbook.survey, node.place.row, is_drawn=node.path in drawn)
    for entry in instrument.choice_lists.values():
        for choice in entry.choices:
            yield from _named(choice.media, workbook.choices, choice.place.row)


def _named(media: Mapping[str, Text], sheet: Sheet, row: int, *, is_drawn: bool = True) -> Iterator[Named]:
    for kind, text in media.items():
        for name in dict.fromkeys(text.values()):
            yield Named(name, kind, _place(sheet, row, kind, name), is_drawn)


def _place(sheet: Sheet, row: int, kind: str, name: str) -> Place:
    """The cell with this name: there may be a column for each language."""
    cells = sheet.rows[row - FIRST_ROW] if FIRST_ROW <= row < FIRST_ROW + len(sheet.rows) else {}
    headers = (header for header in sheet.headers_of(kind) if cells.get(header, "").strip() == name.strip())
    return Place(sheet.name, row, next(headers, kind))


def _drawn(instrument: Instrument) -> Iterator[str]:
    """Paths of what is drawn with its media: every item, and groups that stand on a page as such."""
    on_page = {node.path for _, nodes in instrument.nodes_by_page() for node in nodes}
    for node in instrument.nodes():
        if isinstance(node, Item) or (node.path in on_page and not node.is_repeat):
            yield node.path
