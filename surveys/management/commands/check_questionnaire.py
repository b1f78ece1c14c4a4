"""`manage.py check_questionnaire FILE.xlsx [--attach FILE] [--without-unsupported]
[--allow-duplicate-choices] [--json]`

Reads a workbook, compiles and lints it, and stores nothing. It needs no database.
Exit codes: 0 it can be published, 1 it has errors, 2 the file can't be read.

With `--json` one object is printed, whatever happens:

    ok            true where it can be published (exit code 0)
    file          name of the file, without its folder
    title, languages, n_items, n_pages, checksum    of what was compiled, null where there are errors
    n_errors, n_warnings, n_notices
    problems      [{severity, code, sheet, row, column, message, advice}], errors first;
                  sheet "" and row 0 where the finding belongs to no place
"""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from surveys.instrument.authoring import Compiled
from surveys.instrument.authoring.confined import compile_confined
from surveys.instrument.model import Instrument
from surveys.instrument.problems import Severity
from surveys.management.sources import printable
from surveys.management.workbooks import (
    add_option_arguments,
    as_json,
    counts,
    in_order,
    paragraph,
    read_file,
    read_options,
    tally,
)

#: Findings that mean that the file was never read as a workbook.
UNREADABLE = frozenset(
    {
        *("file.unreadable", "workbook.empty", "workbook.too_large", "workbook.damaged", "workbook.encrypted"),
        *("workbook.not_a_workbook", "workbook.unpacks_too_large", "workbook.unreadable", "workbook.too_slow"),
        "workbook.too_much_memory",
    }
)


class Command(BaseCommand):
    help = "Compile and lint an XLSForm workbook without storing anything."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the workbook (.xlsx or .xls)")
        add_option_arguments(parser)
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of text")

    def handle(self, *, file: Path, **given: Any) -> None:
        data, trouble = read_file(file)
        options, other_trouble = read_options(given)
        trouble = trouble or other_trouble
        compiled = Compiled(None, (trouble,)) if trouble else compile_confined(data, file.name, options)
        if given["json"]:
            self.stdout.write(json.dumps(_document(file, compiled), ensure_ascii=False, indent=2))
        else:
            self._print_text(file, compiled)
        if compiled.instrument is None:
            sys.exit(2 if any(not one.place.sheet and one.code in UNREADABLE for one in compiled.errors) else 1)

    def _print_text(self, file: Path, compiled: Compiled) -> None:
        problems = in_order(compiled.problems)
        for problem in problems:
            self.stdout.write(paragraph(problem), self.style.ERROR if problem.severity is Severity.ERROR else str)
        if problems:
            self.stdout.write("")
        self.stdout.write(f"{file.name}: {tally(problems)}.", str)
        if compiled.instrument is None:
            self.stdout.write("It can't be published.", self.style.ERROR)
        else:
            title = printable(compiled.instrument.title or file.stem)
            asked, pages = n_asked(compiled.instrument), len(compiled.instrument.pages)
            self.stdout.write(self.style.SUCCESS(f"It can be published: {title}, {asked} questions on {pages} pages."))


def n_asked(instrument: Instrument) -> int:
    return sum(item.is_asked for item in instrument.items())


def _document(file: Path, compiled: Compiled) -> dict[str, Any]:
    instrument = compiled.instrument
    problems = in_order(compiled.problems)
    return {
        "ok": instrument is not None,
        "file": file.name,
        "title": instrument.title if instrument else None,
        "languages": list(instrument.languages) if instrument else None,
        "n_items": n_asked(instrument) if instrument else None,
        "n_pages": len(instrument.pages) if instrument else None,
        "checksum": instrument.checksum() if instrument else None,
        **counts(problems),
        "problems": [as_json(problem) for problem in problems],
    }
