"""`manage.py import_questionnaire FILE.xlsx --slug SLUG [--publish] [--attach FILE] [--without-unsupported]
[--allow-duplicate-choices] [--json]`

Exit codes: 0 the workbook is stored (or was already), 1 it has errors and nothing is stored, 2 the file can't be read.

With `--json` one object is printed, whatever happens:

    ok            true where the workbook is stored (exit code 0)
    file          name of the file, without its folder
    slug          the questionnaire
    version       number of the version that holds the workbook, or null
    state         "draft", "published" or null
    is_new        false where the newest version already held the same content of the same workbook
    checksum      SHA-256 of the compiled content, or null
    n_items       questions a respondent may be asked, or null
    n_errors, n_warnings, n_notices
    changes       with --publish, where an earlier version is published: {since, summary, n_unchanged, items} as
                  compare_questionnaires prints them, else null
    problems      [{severity, code, sheet, row, column, message, advice}], errors first;
                  sheet "" and row 0 where the finding belongs to no place
"""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from outrush_site import clock
from surveys.instrument.diff import to_json
from surveys.instrument.problems import Problem, Severity
from surveys.management.sources import printable
from surveys.management.workbooks import (
    INDENT,
    add_option_arguments,
    as_json,
    counts,
    in_order,
    paragraph,
    read_file,
    read_options,
    tally,
)
from surveys.selectors.versions import Changed, changed_since_published
from surveys.services.versions import ImportResult, import_version


class Command(BaseCommand):
    help = "Read an XLSForm workbook, check it and keep it as the next version of a questionnaire."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the workbook (.xlsx or .xls)")
        parser.add_argument("--slug", required=True, help="short name of the questionnaire, such as w2024")
        parser.add_argument("--publish", action="store_true", help="publish it too, if it has no errors")
        add_option_arguments(parser)
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of text")

    def handle(self, *, file: Path, slug: str, publish: bool, json: bool, **given: Any) -> None:
        data, trouble = read_file(file)
        options, other_trouble = read_options(given)
        trouble = trouble or other_trouble
        if trouble:
            result = ImportResult(None, (trouble,))
        else:
            result = import_version(
                slug=slug,
                data=data,
                filename=file.name,
                by="command",
                at=clock.now(),
                publish=publish,
                options=options,
            )
        problems = in_order(result.problems)
        changed = changed_since_published(result.version) if publish and result.version else None
        if json:
            self._print_json(file, slug, result, problems, changed)
        else:
            self._print_text(file, result, problems)
            self._print_changes(changed)
        if result.version is None:
            sys.exit(2 if trouble else 1)

    def _print_json(
        self, file: Path, slug: str, result: ImportResult, problems: list[Problem], changed: Changed | None
    ) -> None:
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
            **counts(problems),
            "changes": {"since": str(changed.since), **to_json(changed.comparison)} if changed else None,
            "problems": [as_json(problem) for problem in problems],
        }
        self.stdout.write(json.dumps(document, ensure_ascii=False, indent=2))

    def _print_text(self, file: Path, result: ImportResult, problems: list[Problem]) -> None:
        out = self.stdout if result.version else self.stderr
        if result.version is None and len(problems) == 1 and not str(problems[0].place):
            out.write(f"{file.name}: {printable(str(problems[0]))} Nothing was stored.")
            return
        for problem in problems:
            out.write(paragraph(problem), self.style.NOTICE if problem.severity is Severity.ERROR else str)
        if problems:
            out.write("")
        out.write(f"{file.name}: {tally(problems)}.", str)
        version = result.version
        if version is None:
            out.write("Nothing was stored.", self.style.ERROR)
            return
        what = "stored as" if result.is_new else "is already there, the same workbook, as"
        out.write(self.style.SUCCESS(f"{version}: {what} version {version.number} ({version.get_state_display()})"))
        out.write(f"{INDENT}{version.title}, {version.n_items} questions, checksum {version.checksum[:12]}")
        if not version.is_published:
            out.write(f"{INDENT}To publish it, run the same command with --publish.")

    def _print_changes(self, changed: Changed | None) -> None:
        if changed is not None:
            self.stdout.write(f"{INDENT}Against {changed.since}: {changed.summary}.")
            self.stdout.write(f"{INDENT}For more: manage.py compare_questionnaires {changed.since} {changed.version}")
