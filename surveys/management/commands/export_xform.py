"""`manage.py export_xform VERSION [--out FILE]`

The XForm that ODK Collect reads, made of the workbook of a stored version (`w2024@1`, or `w2024` for the newest
published one). Written to FILE, or to standard output. What is shown on the web in another way (our own columns, pages,
prior answers) is not in it. Exit code 1, with the reason and nothing written, where it can't be made.
"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from surveys.instrument.problems import InstrumentError
from surveys.management.sources import printable
from surveys.selectors.versions import version_by_label
from surveys.services.xforms import xform_of_version


class Command(BaseCommand):
    help = "Export a stored version as an XForm for ODK Collect."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("version", help="SLUG@N, or SLUG for its newest published version")
        parser.add_argument("--out", type=Path, help="the file to write (default: standard output)")

    def handle(self, *, version: str, out: Path | None, **_: Any) -> None:
        found = version_by_label(version)
        if found is None:
            raise CommandError(f"There is no version {version}. Name one as slug@number, such as w2024@1.")
        try:
            xform = xform_of_version(found)
        except InstrumentError as error:
            raise CommandError("\n".join(printable(str(problem)) for problem in error.problems)) from None
        if out is None:
            self.stdout.write(xform)
            return
        try:
            out.write_text(xform, encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{out}: {error.strerror}.") from None
        self.stderr.write(f"{found}: written to {out}.")
