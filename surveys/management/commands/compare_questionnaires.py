"""`manage.py compare_questionnaires A B [--json]`

A, the earlier one, and B, the later one, are versions (`w2024@1`, or `w2024` for the newest published one) or
workbooks (`w2024.xlsx`, which needs no database). Exit codes: 0 compared, 1 one of them can't be read.

With `--json` one object is printed:

    before, after   what was compared
    summary         counts in one line
    n_unchanged     items that are the same in both
    items           [{item, before, after, row, class, found, is_overridden, reason, changes: [{change, detail}]}];
                    class "cosmetic", "comparable" or "new_measure"; before and after are paths, null for a new or a
                    dropped item; found is the class before the author's own word
"""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from surveys.instrument.diff import compare, to_json, told
from surveys.management.sources import printable, questionnaire


class Command(BaseCommand):
    help = "Compare two versions of a questionnaire item by item: cosmetic, comparable, or a new measure."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("before", help="the earlier one: SLUG@N or a workbook")
        parser.add_argument("after", help="the later one: SLUG@N or a workbook")
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of text")

    def handle(self, *, before: str, after: str, **options: Any) -> None:
        old, new = questionnaire(before), questionnaire(after)
        found = compare(old.instrument, new.instrument)
        if options["json"]:
            document = {"before": old.label, "after": new.label, **to_json(found)}
            self.stdout.write(json.dumps(document, ensure_ascii=False, indent=2))
            return
        self.stdout.write(f"{old.label} and {new.label}")
        for line in told(found):
            self.stdout.write(printable(line))
