"""Takes people into the panel from a CSV file."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from outrush_site import clock
from panel.services.import_panel import ImportReport
from panel.services.import_panel import import_panel as add_people
from surveys.refusals import Refused

#: Lines of each list shown on a terminal; --json has them all.
SHOWN = 50


class Command(BaseCommand):
    help = (
        "Add the people of a CSV file (columns email, language, timezone, country, source, external_id) to the panel. "
        "Rows that are wrong are reported by line and left out; the others are sealed and stored."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--json", action="store_true", help="print the report as one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with options["file"].open("rb") as file:
                report = add_people(file=file, by="command", at=clock.now(), progress=self._progress)
        except OSError as error:
            raise CommandError(f"The file can't be read: {error.strerror}.") from None
        except Refused as refusal:
            raise CommandError(f"{refusal} Nothing was stored.") from None
        if options["json"]:
            self.stdout.write(json.dumps(asdict(report)))
        else:
            self._show(report)

    def _progress(self, n_sealed: int, n_new: int) -> None:
        """For whoever waits at a terminal: a large file takes a minute."""
        if self.stderr.isatty():
            self.stderr.write(f"{n_sealed} of {n_new} new people sealed …", self.style.NOTICE)

    def _show(self, report: ImportReport) -> None:
        self.stdout.write(
            f"{report.n_rows} rows: {report.n_added} added, {report.n_in_panel} in the panel already, "
            f"{len(report.duplicates)} doubled in the file, {len(report.refused)} refused."
        )
        self._list([f"line {row.line}: {row.reason}" for row in report.refused])
        self._list([f"line {row.line}: same address as line {row.first_line}" for row in report.duplicates])

    def _list(self, lines: list[str]) -> None:
        for line in lines[:SHOWN]:
            self.stdout.write(f"  {line}")
        if len(lines) > SHOWN:
            self.stdout.write(f"  … and {len(lines) - SHOWN} more; --json lists them all.")
