"""Every question type of XLSForm: what it becomes here, or why it can't be asked."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from surveys.instrument.authoring.sheets import Sheet, Workbook, without_or_other
from surveys.instrument.language.functions import suggest
from surveys.instrument.model import Kind
from surveys.instrument.problems import Problem, Severity

STAND_IN = "text"  # what pyxform is shown in place of a type that was found wrong

_KINDS = {
    Kind.TEXT: ("text", "string", "q string", "add text prompt"),
    Kind.INTEGER: ("integer", "int", "q int", "add integer prompt"),
    Kind.DECIMAL: ("decimal", "q decimal", "add decimal prompt"),
    Kind.RANGE: ("range",),
    Kind.DATE: ("date", "q date", "add date prompt"),
    Kind.TIME: ("time",),
    Kind.DATETIME: ("dateTime", "datetime", "date time", "q dateTime", "q date time", "add dateTime prompt"),
    Kind.ACKNOWLEDGE: ("acknowledge", "trigger", "q acknowledge", "add acknowledge prompt"),
    Kind.NOTE: ("note", "q note", "add note prompt"),
    Kind.CALCULATE: ("calculate", "q calculate", "add calculate prompt"),
    Kind.HIDDEN: ("hidden",),
}
_DATES = ("start", "end", "today", "get start time", "start time", "get end time", "end time", "get today")
_DEVICE = (
    *("deviceid", "device id", "get device id", "imei", "phonenumber", "phone number", "get phone number"),
    *("simserial", "sim id", "get sim id", "subscriberid", "subscriber id", "get subscriber id"),
    *("username", "email", "uri:deviceid", "uri:phonenumber", "uri:simserial", "uri:subscriberid"),
    *("uri:username", "uri:email"),
)
KINDS: Mapping[str, Kind] = {
    **{name: kind for kind, names in _KINDS.items() for name in names},
    **dict.fromkeys((*_DATES, *_DEVICE), Kind.METADATA),
}
SELECTS: Mapping[str, Kind] = {
    "select_one": Kind.SELECT_ONE,
    "select one": Kind.SELECT_ONE,
    "select one from": Kind.SELECT_ONE,
    "select1": Kind.SELECT_ONE,
    "add select one prompt using": Kind.SELECT_ONE,
    "select_multiple": Kind.SELECT_MULTIPLE,
    "select all that apply": Kind.SELECT_MULTIPLE,
    "select all that apply from": Kind.SELECT_MULTIPLE,
    "add select multiple prompt using": Kind.SELECT_MULTIPLE,
    "rank": Kind.RANK,
}
#: Selects whose choices stand outside the sheet 'choices': in a file, or on the sheet 'external_choices'.
FROM_FILE: Mapping[str, Kind] = {
    "select_one_from_file": Kind.SELECT_ONE,
    "select one from file": Kind.SELECT_ONE,
    "select_multiple_from_file": Kind.SELECT_MULTIPLE,
    "select multiple from file": Kind.SELECT_MULTIPLE,
}
EXTERNAL: Mapping[str, Kind] = dict.fromkeys(("select_one_external", "select one external"), Kind.SELECT_ONE)
#: Rows in which another tool watches the interview or files a case; nobody is asked anything there.
_IGNORED = frozenset(
    (
        *("caseid", "text audit", "audio audit", "comments", "comment", "speed violations count"),
        *("speed violations list", "speed violations audit", "sensor_statistic", "sensor_stream"),
        *("sensor statistic", "sensor stream", "text_audit", "audio_audit"),
    )
)

_UPLOAD = "Files and pictures are not taken from respondents: they identify people."
_PLACE = "Exact places are not taken from respondents: they identify people. Ask for a country or a region."
_DEVICE_ONLY = "A browser can't do this."
UNSUPPORTED: Mapping[str, str] = {
    **dict.fromkeys(
        (
            *("image", "photo", "add image prompt", "add photo prompt", "q image", "q picture", "audio", "q audio"),
            *("add audio prompt", "video", "q video", "add video prompt", "file", "add file prompt"),
        ),
        _UPLOAD,
    ),
    **dict.fromkeys(
        (
            *("geopoint", "q geopoint", "location", "q location", "add location prompt", "gps", "geotrace"),
            *("q geotrace", "geoshape", "q geoshape", "start-geopoint", "background-geopoint", "osm"),
        ),
        _PLACE,
    ),
    "tel": "Ask for it as text, with disclosure=direct: a telephone number says who somebody is.",
    **dict.fromkeys(("barcode", "q barcode", "add barcode prompt", "background-audio"), _DEVICE_ONLY),
    **dict.fromkeys(
        ("xml-external", "csv-external"),
        "Tables outside the workbook can't be read. Put the choices on the sheet 'choices' and use choice_filter.",
    ),
    **dict.fromkeys(
        (
            *("percentage", "number of days in last month", "number of days in last six months"),
            *("number of days in last year", "include"),
            *("select one using", "select multiple using", "q select", "q select1", "cascading_select"),
            *("cascading select", "begin_kobomatrix", "end_kobomatrix"),
        ),
        "This type belongs to another tool or an older standard. Remove the row or use a standard type.",
    ),
}

_STRUCTURE = re.compile(r"^(begin|end)[\s_-]*(group|repeat|loop)\b(.*)$", re.IGNORECASE)
_COMMAND = re.compile(r"^([A-Za-z]+[\s_-]+(?:one|multiple))\s+(\S.*)$", re.IGNORECASE)
BEGIN = re.compile(r"^begin[\s_](group|repeat|lgroup|looped group|loop)(?: (?:over )?(\S+))?$")
END = re.compile(r"^end[\s_](?:group|repeat|lgroup|looped group|loop)$")
_SELECT = re.compile(rf"^({'|'.join(sorted(map(re.escape, SELECTS), key=len, reverse=True))})\s+(\S+)$")
_SETTINGS_ROWS = {"form_title", "set_form_title", "form_id", "set_form_id", "prefix", "set form title", "set form id"}
_PYXFORM_SELECTS = {
    "select one": Kind.SELECT_ONE,
    "select one external": Kind.SELECT_ONE,
    "select all that apply": Kind.SELECT_MULTIPLE,
    "rank": Kind.RANK,
}
_LOOP_BEGINS = re.compile(r"^begin[\s_]loop\b|^begin[\s_]looped group\b")
_LOOP_ENDS = re.compile(r"^end[\s_](?:loop|looped group)$")


@dataclass(frozen=True, slots=True)
class TypeCheck:
    """Findings about the type column, and by row what to show pyxform in place of a wrong type."""

    problems: tuple[Problem, ...]
    stand_ins: Mapping[int, str]


def kind_of(dict_type: str) -> Kind | None:
    """The kind for a type as pyxform's dict form or the author writes it, None where it is not an item here."""
    return _PYXFORM_SELECTS.get(dict_type) or KINDS.get(dict_type)


def is_dated(question_type: str) -> bool:
    """Whether a metadata type is a point in time, of which the date is kept."""
    return question_type in _DATES


def is_ignored(written: str) -> bool:
    """Whether a row of this type belongs to another tool and asks nothing."""
    return written.lower() in _IGNORED


def loop_step(written: str) -> int:
    """1 where a loop begins, -1 where one ends, else 0."""
    return 1 if _LOOP_BEGINS.match(written) else -1 if _LOOP_ENDS.match(written) else 0


def canonical_type(written: str) -> str:
    """A type in the spelling of the standard where only spaces, underscores and capitals differ; else as it is."""
    plain = " ".join(written.split())
    if _is_known(plain):
        return written
    structure = _STRUCTURE.match(plain)
    if structure:
        return f"{structure.group(1).lower()}_{structure.group(2).lower()}{structure.group(3)}"
    if _is_known(plain.lower()):
        return plain.lower()
    command = _COMMAND.match(plain)
    if command:
        canonical = "_".join(re.split(r"[\s_-]+", command.group(1).lower()))
        if canonical in SELECTS:
            return f"{canonical} {command.group(2)}"
    return "calculate" if plain.lower() == "calculate_here" else written


def _is_known(plain: str) -> bool:
    if plain in KINDS or plain in UNSUPPORTED or plain in FROM_FILE or plain in EXTERNAL or plain in _SETTINGS_ROWS:
        return True
    bare, _ = without_or_other(plain)
    return bool(BEGIN.match(plain) or END.match(plain) or _SELECT.match(bare) or outside_list(plain)[0])


def outside_list(written: str) -> tuple[str, str]:
    """The command and the list or file of a select whose choices stand outside 'choices'; ("", "") for others."""
    bare, _ = without_or_other(" ".join(written.split()))
    for command in (*FROM_FILE, *EXTERNAL):
        if bare.startswith(f"{command} "):
            return command, bare[len(command) + 1 :].strip()
    return "", ""


def check_types(workbook: Workbook, resolved: Collection[int] = ()) -> TypeCheck:
    """Look at every row's type before anything else reads it.

    `resolved` are rows of selects whose choices stand outside 'choices' and were found.
    """
    lists = _Lists.of(workbook)
    problems: list[Problem] = []
    stand_ins: dict[int, str] = {}
    survey = workbook.survey
    for number, _ in survey.numbered():
        problem = None if number in resolved else _check_row(survey, number, lists)
        if problem is not None:
            problems.append(problem)
            is_loop = BEGIN.match(" ".join(survey.cell(number, "type").split())) is not None
            if problem.severity is Severity.ERROR and not is_loop:
                stand_ins[number] = STAND_IN
    return TypeCheck(tuple(problems), stand_ins)


@dataclass(frozen=True, slots=True)
class _Lists:
    """The choice lists there are, and what to do where one isn't there."""

    names: frozenset[str]
    advice: str

    @classmethod
    def of(cls, workbook: Workbook) -> "_Lists":
        choices = workbook.choices
        names = frozenset(choices.cell(number, "list_name") for number, _ in choices.numbered()) - {""}
        advice = workbook.misnamed("choices") or "Add it to the sheet 'choices'."
        if choices.headers and not choices.headers_of("list_name"):
            advice = "Write the name of each choice's list into a column 'list_name' of the sheet 'choices'."
        return cls(names, advice)


def _check_row(survey: Sheet, number: int, lists: _Lists) -> Problem | None:
    written = " ".join(survey.cell(number, "type").split())
    place = survey.place(number, "type")
    if not written:
        if not (survey.cell(number, "name") or survey.cell(number, "label")):
            return Problem(Severity.NOTICE, "type.comment_row", "The row has no type and is left out.", place)
        advice = "Give the question a type, such as text or select_one."
        return Problem(Severity.ERROR, "type.missing", "The question has no type.", place, advice)
    code, message, advice = _verdict(written, lists)
    severity = Severity.NOTICE if code in {"type.metadata", "type.audit"} else Severity.ERROR
    return Problem(severity, code, message, place, advice) if code else None


def _verdict(written: str, lists: _Lists) -> tuple[str, str, str]:
    """Code, message and advice; an empty code where the type is fine."""
    bare, _ = without_or_other(written)
    if written in KINDS:
        return _metadata(written) if KINDS[written] is Kind.METADATA else ("", "", "")
    begin = BEGIN.match(written)
    if begin and begin.group(1) == "loop":
        return "type.unsupported", "'begin loop' is not supported.", "Use a repeat, or write the questions out."
    if begin or END.match(written) or written in _SETTINGS_ROWS:
        return "", "", ""
    if written == "audit":
        return "type.audit", "'audit' is left out: nobody's way through the questionnaire is recorded.", ""
    select = _SELECT.match(bare)
    if select:
        return _select(select.group(2), lists)
    return _not_here(bare)


def _metadata(written: str) -> tuple[str, str, str]:
    kept = "only its date is kept" if is_dated(written) else "nothing is kept of it"
    return "type.metadata", f"'{written}': {kept}.", ""


def _select(list_name: str, lists: _Lists) -> tuple[str, str, str]:
    if "${" in list_name:
        return "type.unsupported", "Choices taken from a repeat's answers are not supported.", "List the choices."
    if list_name in lists.names:
        return "", "", ""
    advice = _did_you_mean(list_name, sorted(lists.names)) or lists.advice
    return "choices.unknown_list", f"There is no choice list '{list_name}'.", advice


def _not_here(written: str) -> tuple[str, str, str]:
    command, _ = outside_list(written)
    if command:
        return "", "", ""  # reported with the file or sheet it names
    command = next((name for name in UNSUPPORTED if written == name or written.startswith(f"{name} ")), "")
    if command:
        return "type.unsupported", f"The type '{command}' is not supported.", UNSUPPORTED[command]
    if written in SELECTS or written in FROM_FILE or written in EXTERNAL:
        return "type.no_list", f"'{written}' names no choice list.", f"Write '{written} list_name'."
    return "type.unknown", f"There is no question type '{written}'.", _suggestion(written)


def _suggestion(written: str) -> str:
    words = written.lower().split()
    exact = (*KINDS, *UNSUPPORTED, "begin_group", "end_group", "begin_repeat", "end_repeat")
    with_list = _did_you_mean(words[0], list(SELECTS)) if len(words) > 1 else ""
    known = "Known types are text, integer, decimal, date, select_one, select_multiple, note, calculate and others."
    return with_list or _did_you_mean(" ".join(words), list(exact)) or _did_you_mean(words[0], list(SELECTS)) or known


def _did_you_mean(written: str, known: list[str]) -> str:
    meant = suggest(written, known)
    return f"Did you mean '{meant}'?" if meant else ""
