"""What the commands that read a workbook share: its file, the files beside it, the options, how findings are shown."""

import textwrap
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from surveys.instrument.authoring.options import Options
from surveys.instrument.problems import Problem, Severity
from surveys.management.sources import printable
from surveys.services.versions import MAX_ATTACHMENTS_BYTES, MAX_WORKBOOK_BYTES, too_much_attached

ORDER = [Severity.ERROR, Severity.WARNING, Severity.NOTICE]
INDENT = " " * 10


def add_option_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--attach",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="a file that the workbook names: a CSV list of choices, a picture or a sound; may be given more than once",
    )
    parser.add_argument(
        "--without-unsupported",
        action="store_true",
        help="leave out questions that can't be asked on the web (files, pictures, places, barcodes …)",
    )
    parser.add_argument(
        "--allow-duplicate-choices",
        action="store_true",
        help="take a choice list in which a code stands twice, as the setting allow_choice_duplicates does",
    )


def read_options(given: Mapping[str, Any]) -> tuple[Options, Problem | None]:
    """The options of a command line, or why an attached file can't be read."""
    attachments: dict[str, bytes] = {}
    for file in given["attach"]:
        data, trouble = read_file(file, MAX_ATTACHMENTS_BYTES)
        if file.name in attachments:
            trouble = _unreadable(file.name, "is given twice.", "Two files of one name can't be told apart.")
        attachments[file.name] = data
        trouble = trouble or too_much_attached(attachments)
        if trouble is not None:
            return Options(), trouble
    return Options(attachments, given["without_unsupported"], given["allow_duplicate_choices"]), None


def read_file(file: Path, limit: int = MAX_WORKBOOK_BYTES) -> tuple[bytes, Problem | None]:
    """The file's bytes, or why there are none."""
    try:
        if file.is_dir():
            return b"", _unreadable(file.name, "is a directory.", "Name the file itself.")
        with file.open("rb") as stream:
            # One byte more than is allowed is enough to see that it is too much.
            return stream.read(limit + 1), None
    except FileNotFoundError:
        return b"", _unreadable(file.name, "doesn't exist.", "Check the spelling and the folder.")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", "") or "its name is not valid"
        return b"", _unreadable(file.name, f"can't be read: {reason}.", "Check the file's permissions.")


def _unreadable(name: str, what: str, advice: str) -> Problem:
    return Problem(Severity.ERROR, "file.unreadable", f"The file {name} {what}", advice=advice)


def in_order(problems: Sequence[Problem]) -> list[Problem]:
    """Errors first."""
    return sorted(problems, key=lambda problem: ORDER.index(problem.severity))


def counts(problems: Sequence[Problem]) -> dict[str, int]:
    return {f"n_{level}s": sum(problem.severity is level for problem in problems) for level in ORDER}


def as_json(problem: Problem) -> dict[str, str | int]:
    return {
        "severity": problem.severity.value,
        "code": problem.code,
        "sheet": problem.place.sheet,
        "row": problem.place.row,
        "column": problem.place.column,
        "message": problem.message,
        "advice": problem.advice,
    }


def paragraph(problem: Problem) -> str:
    where = printable(str(problem.place)) or "the workbook as a whole"
    head = f"{problem.severity:<{len(INDENT)}}{where}"
    lines = [printable(problem.message), f"-> {printable(problem.advice)}" if problem.advice else ""]
    body = [textwrap.fill(line, 110, initial_indent=INDENT, subsequent_indent=INDENT) for line in lines if line]
    return "\n".join([head, *body])


def tally(problems: Sequence[Problem]) -> str:
    found = [(level, sum(problem.severity is level for problem in problems)) for level in ORDER]
    parts = [f"{count} {level}{'' if count == 1 else 's'}" for level, count in found if count]
    return ", ".join(parts) or "no problems found"
