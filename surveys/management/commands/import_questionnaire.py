"""`manage.py import_questionnaire FILE.xlsx --slug SLUG [--publish] [--json]`

Exit codes: 0 the workbook is stored (or was already), 1 it has errors and nothing is stored, 2 the file can't be read.

With `--json` one object is printed, whatever happens:

    ok            true where the workbook is stored (exit code 0)
    file          name of the file, without its folder
    slug          the questionnaire
    version       number of the version that holds the workbook, or null
    state         "draft", "published" or null
    is_new        false where the newest version already held the same workbook
    checksum      SHA-256 of the compiled content, or null
    n_items       questions a respondent may be asked, or null
    n_errors, n_warnings, n_notices
    problems      [{severity, code, sheet, row, column, message, advice}], errors first;
                  sheet "" and row 0 where the finding belongs to no place
"""

import json
import sys
import textwrap
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from outrush_site import clock
from surveys.instrument.problems import Problem, Severity
from surveys.services.versions import MAX_WORKBOOK_BYTES, ImportResult, import_version

ORDER = [Severity.ERROR, Severity.WARNING, Severity.NOTICE]
INDENT = " " * 10


class Command(BaseCommand):
    help = "Read an XLSForm workbook, check it and keep it as the next version of a questionnaire."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the workbook (.xlsx or .xls)")
        parser.add_argument("--slug", required=True, help="short name of the questionnaire, such as w2024")
        parser.add_argument("--publish", action="store_true", help="publish it too, if it has no errors")
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of text")

    def handle(self, *, file: Path, slug: str, publish: bool, json: bool, **_: Any) -> None:
        data, trouble = _read(file)
        if trouble:
            result = ImportResult(None, (trouble,))
        else:
            result = import_version(
                slug=slug, data=data, filename=file.name, by="command", at=clock.now(), publish=publish
            )
        problems = sorted(result.problems, key=lambda problem: ORDER.index(problem.severity))
        if json:
            self._print_json(file, slug, result, problems)
        else:
            self._print_text(file, result, problems)
        if result.version is None:
            sys.exit(2 if trouble else 1)

    def _print_json(self, file: Path, slug: str, result: ImportResult, problems: list[Problem]) -> None:
        version = result.version
        document = {
            "ok": version is not None,
            "file": file.name,
            "slug": slug,
            "version": version.number if version else None,
            "state": version.state if version else None,
            "is_new": result.is_new,
            "checksum": version.checksum if version else None,
            "n_items": version.n_items if version else None,
            **{f"n_{level}s": sum(problem.severity is level for problem in problems) for level in ORDER},
            "problems": [_as_json(problem) for problem in problems],
        }
        self.stdout.write(json.dumps(document, ensure_ascii=False, indent=2))

    def _print_text(self, file: Path, result: ImportResult, problems: list[Problem]) -> None:
        out = self.stdout if result.version else self.stderr
        if result.version is None and len(problems) == 1 and not str(problems[0].place):
            out.write(f"{file.name}: {_printable(str(problems[0]))} Nothing was stored.")
            return
        for problem in problems:
            out.write(self._paragraph(problem), self.style.NOTICE if problem.severity is Severity.ERROR else str)
        if problems:
            out.write("")
        out.write(f"{file.name}: {_tally(problems)}.", str)
        version = result.version
        if version is None:
            out.write("Nothing was stored.", self.style.ERROR)
            return
        what = "stored as" if result.is_new else "is already there, the same workbook, as"
        out.write(self.style.SUCCESS(f"{version}: {what} version {version.number} ({version.get_state_display()})"))
        out.write(f"{INDENT}{version.title}, {version.n_items} questions, checksum {version.checksum[:12]}")
        if not version.is_published:
            out.write(f"{INDENT}To publish it, run the same command with --publish.")

    def _paragraph(self, problem: Problem) -> str:
        where = _printable(str(problem.place)) or "the workbook as a whole"
        head = f"{problem.severity:<{len(INDENT)}}{where}"
        lines = [_printable(problem.message), f"-> {_printable(problem.advice)}" if problem.advice else ""]
        body = [textwrap.fill(line, 110, initial_indent=INDENT, subsequent_indent=INDENT) for line in lines if line]
        return "\n".join([head, *body])


def _read(file: Path) -> tuple[bytes, Problem | None]:
    """The file's bytes, or why there are none."""
    try:
        if file.is_dir():
            return b"", _unreadable("is a directory.", "Name the workbook itself.")
        with file.open("rb") as stream:
            # One byte more than is allowed is enough to see that it is too much.
            return stream.read(MAX_WORKBOOK_BYTES + 1), None
    except FileNotFoundError:
        return b"", _unreadable("doesn't exist.", "Check the spelling and the folder.")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", "") or "its name is not valid"
        return b"", _unreadable(f"can't be read: {reason}.", "Check the file's permissions.")


def _printable(text: str) -> str:
    """Without control characters: a name in a workbook must not steer the terminal."""
    return "".join(character if character.isprintable() else " " for character in text)


def _unreadable(what: str, advice: str) -> Problem:
    return Problem(Severity.ERROR, "file.unreadable", f"The file {what}", advice=advice)


def _as_json(problem: Problem) -> dict[str, str | int]:
    return {
        "severity": problem.severity.value,
        "code": problem.code,
        "sheet": problem.place.sheet,
        "row": problem.place.row,
        "column": problem.place.column,
        "message": problem.message,
        "advice": problem.advice,
    }


def _tally(problems: list[Problem]) -> str:
    counts = [(level, sum(problem.severity is level for problem in problems)) for level in ORDER]
    parts = [f"{count} {level}{'' if count == 1 else 's'}" for level, count in counts if count]
    return ", ".join(parts) or "no problems found"
