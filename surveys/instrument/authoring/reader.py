"""From the bytes of a file to plain sheets, with limits. Nothing is unpacked before it has been weighed."""

import io
import zipfile

from surveys.instrument.authoring import adapter
from surveys.instrument.authoring.sheets import Sheet, Workbook
from surveys.instrument.problems import InstrumentError, Place, Problem, Severity

MAX_BYTES = 5 * 1024 * 1024
MAX_UNPACKED_BYTES = 80 * 1024 * 1024
MAX_PARTS = 1_000
MAX_RATIO = 200  # of unpacked to packed size; real workbooks stay below 60
FREE_BYTES = 1024 * 1024  # parts up to this size are never refused for their ratio
MAX_ROWS = {"survey": 5_000, "choices": 50_000, "settings": 100, "external_choices": 50_000}

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")  # an .xlsx with a password is wrapped in the older format


def read_workbook(data: bytes) -> tuple[Workbook, str]:
    """The sheets of an .xlsx, .xlsm or .xls file, whatever its name says, and which it is. Raises InstrumentError."""
    if not data:
        raise _refusal("workbook.empty", "The file is empty.")
    if len(data) > MAX_BYTES:
        raise _refusal(
            "workbook.too_large",
            f"The file has {len(data) / 2**20:.1f} MB; the limit is {MAX_BYTES // 2**20} MB.",
            "Remove pictures and sheets that are not part of the questionnaire.",
        )
    file_type = _sniff(data)
    sheets, names = adapter.read_sheets(data, file_type)
    workbook = workbook_of(sheets, names)
    _refuse_missing_survey(workbook)
    _refuse_too_many_rows(workbook)
    return workbook, file_type


def workbook_of(sheets: dict[str, Sheet], names: tuple[str, ...]) -> Workbook:
    """The sheets by lower-case name as a workbook; a sheet that isn't there is empty."""
    return Workbook(
        survey=sheets.get("survey", Sheet("survey")),
        choices=sheets.get("choices", Sheet("choices")),
        settings=sheets.get("settings", Sheet("settings")),
        others={name: sheet for name, sheet in sheets.items() if name not in {"survey", "choices", "settings"}},
        sheet_names=names,
    )


def _sniff(data: bytes) -> str:
    """ ".xlsx" or ".xls" by content; old forms are often renamed from one to the other."""
    if data.startswith(_OLE):
        if _ENCRYPTED in data:
            raise _refusal("workbook.encrypted", "The workbook is protected by a password.", "Save it without one.")
        return ".xls"
    if data.startswith(_ZIP):
        _weigh(data)
        return ".xlsx"
    raise _refusal(
        "workbook.not_a_workbook",
        "This is not an Excel workbook.",
        "Save the questionnaire as .xlsx and try again.",
    )


def _weigh(data: bytes) -> None:
    """Refuse what would unpack to too much, by the sizes in the archive's directory."""
    try:
        parts = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, ValueError, OverflowError, UnicodeDecodeError) as error:
        raise InstrumentError((adapter.DAMAGED,)) from error
    if not any(part.filename.lstrip("/").lower() == "xl/workbook.xml" for part in parts):
        raise _refusal(
            "workbook.not_a_workbook",
            "This is an archive, but not an Excel workbook.",
            "Save the questionnaire as .xlsx and try again.",
        )
    if any(part.flag_bits & 0x1 for part in parts):
        raise _refusal("workbook.encrypted", "The workbook is protected by a password.", "Save it without one.")
    if (
        len(parts) > MAX_PARTS
        or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES
        or any(_is_bomb(part) for part in parts)
    ):
        raise _refusal(
            "workbook.unpacks_too_large",
            f"The workbook unpacks to far more than it should (limit {MAX_UNPACKED_BYTES // 2**20} MB).",
            "Copy the sheets survey, choices and settings into a new workbook.",
        )


def _is_bomb(part: zipfile.ZipInfo) -> bool:
    return part.file_size > FREE_BYTES and part.file_size > MAX_RATIO * max(part.compress_size, 1)


def _refuse_missing_survey(workbook: Workbook) -> None:
    if workbook.survey.headers:
        return
    if "survey" in {name.lower() for name in workbook.sheet_names}:
        raise _refusal(
            "workbook.empty_survey", "The sheet is empty.", "Its first row holds the headers.", Place("survey", 1)
        )
    found = ", ".join(f"'{name}'" for name in workbook.sheet_names[:10]) or "none"
    raise _refusal(
        "workbook.no_survey",
        f"There is no sheet 'survey'. Sheets found: {found}.",
        workbook.misnamed("survey") or "An XLSForm has the sheets survey and choices, and usually settings.",
        Place("survey"),
    )


def _refuse_too_many_rows(workbook: Workbook) -> None:
    external = workbook.others.get("external_choices", Sheet("external_choices"))
    for sheet in (workbook.survey, workbook.choices, workbook.settings, external):
        if len(sheet.rows) > MAX_ROWS[sheet.name]:
            message = f"{len(sheet.rows)} rows are more than the {MAX_ROWS[sheet.name]} that can be read."
            place = Place(sheet.name, MAX_ROWS[sheet.name] + 2)
            raise InstrumentError((Problem(Severity.ERROR, "workbook.too_many_rows", message, place),))


def _refusal(code: str, message: str, advice: str = "", place: Place = Place()) -> InstrumentError:
    return InstrumentError((Problem(Severity.ERROR, code, message, place, advice),))
