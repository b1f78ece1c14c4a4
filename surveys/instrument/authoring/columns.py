"""The columns of survey and choices: which are known, and the values of our own ones."""

from collections.abc import Collection, Iterator
from difflib import get_close_matches

from surveys.instrument.authoring.sheets import Sheet, Workbook
from surveys.instrument.model import Comparability, Disclosure, Measure
from surveys.instrument.problems import Place, Problem, Severity

CONSENTS = ("take_part", "recontact", "release_scientific", "release_public")
MISSING = ("dont_know", "refused")
OUTCOMES = ("refused", "screened_out", "out_of_scope")
YES_OR_NO = ("yes", "no", "true", "false")

#: Our columns whose values are from a fixed set, by sheet.
_VALUES: dict[str, dict[str, tuple[str, ...]]] = {
    "survey": {
        "disclosure": tuple(Disclosure),
        "measure": tuple(Measure),
        "consent": CONSENTS,
        "preload_shown": YES_OR_NO,
        "soft_required": YES_OR_NO,
        "compare": tuple(Comparability),
    },
    "choices": {"missing": MISSING, "outcome": OUTCOMES, "fixed": ("top", "bottom")},
}
_SURVEY = {
    *("type", "name", "label", "hint", "guidance_hint", "required", "required_message", "relevant", "constraint"),
    *("constraint_message", "calculation", "choice_filter", "appearance", "default", "parameters", "repeat_count"),
    *("read_only", "trigger", "image", "big-image", "audio", "video", "disclosure", "disclosure_reason", "measure"),
    *(
        "trend",
        "consent",
        "preload_shown",
        "soft_required",
        "compare",
        "compare_reason",
        "renamed_from",
        "disabled",
        "$given_name",
        "note",
        "notes",
        "comment",
        "comments",
    ),
}
_SETTINGS = {
    *("form_title", "form_id", "version", "style", "default_language", "instance_name", "allow_choice_duplicates"),
    *(
        "title",
        "id_string",
        "set_form_title",
        "set_form_id",
        "public_key",
        "submission_url",
        "auto_send",
        "auto_delete",
    ),
    *("name", "namespaces", "instance_xmlns", "clean_text_values", "omit_instanceid", "client_editable", "prefix"),
    *("delimiter", "compact_prefix", "compact_tag", "sms_keyword", "sms_separator", "sms_date_format"),
    *("sms_datetime_format", "sms_allow_media", "sms_response"),
}
#: What a spreadsheet shows in a cell whose formula it can't work out.
_SPREADSHEET_ERRORS = {"#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#N/A", "#NULL!", "#NUM!"}
#: Columns of other tools that change what is asked; leaving them out must be said.
_LEFT_OUT = {
    "save_to": "Entities are not supported; the column is left out.",
    "autoplay": "Media don't play by themselves; the column is left out.",
    "rows": "The size of text boxes is the page's; the column is left out.",
    "intent": "Other apps can't be started from a browser; the column is left out.",
    "instance": "XForm attributes are left out.",
}
#: Appearances that only change how a question looks elsewhere, or that are drawn here.
_APPEARANCES = {
    *("field-list", "table-list", "label", "list-nolabel", "minimal", "autocomplete", "likert", "multiline"),
    *("month-year", "year", "numbers", "no-calendar", "columns", "columns-pack", "horizontal", "horizontal-compact"),
    *("compact", "quick", "quickcompact", "picker", "thousands-sep", "vertical", "no-ticks", "rating"),
    *("no-collapse", "randomized"),  # randomized: SurveyCTO's spelling of randomize=true
}


def is_yes(text: str) -> bool:
    return text.strip().lower() in {"yes", "true", "true()"}


def is_no(text: str) -> bool:
    return text.strip().lower() in {"no", "false", "false()"}


def check_columns(workbook: Workbook) -> Iterator[Problem]:
    """Unknown headers, and values of our own columns that are not among those allowed."""
    yield from _check_headers(workbook.survey)
    yield from _check_settings(workbook.settings)
    for sheet in (workbook.survey, workbook.choices):
        yield from _check_cells(sheet)
        for column, allowed in _VALUES[sheet.name].items():
            yield from _check_values(sheet, column, allowed)
    for column in ("trend", "consent", "renamed_from"):
        yield from _check_unique(workbook.survey, column)
    yield from _check_reasons(workbook.survey)
    yield from _check_appearances(workbook.survey)


def allowed_value(text: str, allowed: Collection[str]) -> str:
    """The value as the model spells it, "" for a blank or a wrong one (which has been reported)."""
    value = text.strip().lower()
    return value if value in allowed else ""


def _check_headers(sheet: Sheet) -> Iterator[Problem]:
    for header, column in sheet.columns.items():
        place = Place(sheet.name, 1, header)
        if column.is_overfull:
            message, advice = "The header holds more than a column and a language.", "Give each its own column."
            yield Problem(Severity.ERROR, "column.header", message, place, advice)
        elif column.name in _LEFT_OUT:
            yield Problem(Severity.NOTICE, "column.left_out", _LEFT_OUT[column.name], place)
        elif column.name not in _SURVEY and not header.startswith("_"):
            yield _unknown_column(header, column.name, _SURVEY, place)


def _check_settings(sheet: Sheet) -> Iterator[Problem]:
    for header, column in sheet.columns.items():
        if column.name not in _SETTINGS and not header.startswith("_"):
            yield _unknown_column(header, column.name, _SETTINGS, Place(sheet.name, 1, header))


def _unknown_column(header: str, name: str, known: Collection[str], place: Place) -> Problem:
    spelt = name.replace("-", "_")
    spelt = f"{spelt.removesuffix('_msg')}_message" if spelt.endswith("_msg") else spelt
    near = get_close_matches(spelt, known, n=1, cutoff=0.8)
    message = f"The column '{header}' is not known and has no effect."
    advice = f"Did you mean '{near[0]}'?" if near else ""
    return Problem(Severity.WARNING if near else Severity.NOTICE, "column.unknown", message, place, advice)


def _check_cells(sheet: Sheet) -> Iterator[Problem]:
    for number, row in sheet.numbered():
        for header, text in row.items():
            if text in _SPREADSHEET_ERRORS:
                message = f"The cell holds {text}, which a spreadsheet writes where a formula fails."
                place = Place(sheet.name, number, header)
                yield Problem(Severity.WARNING, "cell.spreadsheet_error", message, place, "Write the text itself.")


def _check_values(sheet: Sheet, column: str, allowed: tuple[str, ...]) -> Iterator[Problem]:
    for number, _ in sheet.numbered():
        text = sheet.cell(number, column)
        if text and not allowed_value(text, allowed):
            near = get_close_matches(text.lower(), allowed, n=1)
            advice = f"Did you mean '{near[0]}'?" if near else f"Use one of: {', '.join(allowed)}."
            message = f"'{text[:60]}' is not a value of {column}."
            yield Problem(Severity.ERROR, "column.value", message, sheet.place(number, column), advice)


def _check_unique(sheet: Sheet, column: str) -> Iterator[Problem]:
    """Nobody could tell which of two questions a trend or a consent means."""
    first: dict[str, int] = {}
    for number, _ in sheet.numbered():
        text = sheet.cell(number, column).strip()
        if text and first.setdefault(text, number) != number:
            message = f"The {column} '{text[:60]}' is on row {first[text]} already."
            advice = "Keep it on one question."
            yield Problem(Severity.ERROR, f"{column}.duplicate", message, sheet.place(number, column), advice)


def _check_reasons(sheet: Sheet) -> Iterator[Problem]:
    """An author's own class of comparison goes into every later release: it needs a word on why."""
    for number, _ in sheet.numbered():
        if sheet.cell(number, "compare").strip() and not sheet.cell(number, "compare_reason").strip():
            message = "A class in the column 'compare' needs a reason."
            advice = "Say why in the column 'compare_reason'; it goes into the codebook."
            yield Problem(Severity.ERROR, "compare.no_reason", message, sheet.place(number, "compare"), advice)


def _check_appearances(sheet: Sheet) -> Iterator[Problem]:
    for number, _ in sheet.numbered():
        text = sheet.cell(number, "appearance")
        place = sheet.place(number, "appearance")
        if "search(" in text:
            message = "search() reads a file beside the form, which is not supported."
            advice = "Put the choices on the sheet 'choices' and use choice_filter."
            yield Problem(Severity.ERROR, "appearance.unsupported", message, place, advice)
            continue
        unknown = [token for token in text.split() if not _is_known_appearance(token)]
        if unknown:
            message = f"The appearance '{' '.join(unknown)[:60]}' is not drawn here and has no effect."
            yield Problem(Severity.NOTICE, "appearance.unknown", message, place)


def _is_known_appearance(token: str) -> bool:
    stem = token.rstrip("0123456789").rstrip("-")
    return token in _APPEARANCES or stem in {*_APPEARANCES, "w"}
