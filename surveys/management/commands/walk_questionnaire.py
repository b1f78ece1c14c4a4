"""`manage.py walk_questionnaire FILE|SLUG@N [--interviews N] [--seed S] [--attach FILE.csv] [--without-unsupported]
[--allow-duplicate-choices] [--json]`

Simulated respondents walk a workbook (which needs no database) or a stored version. Nothing is stored. Exit codes:
0 all is well, 1 there are findings or the questionnaire can't be read.

With `--json` one object is printed:

    questionnaire   what was walked
    interviews, seed
    items, choices  {total, reached}; of choices also {found}: offered under answers that nobody gave
    outcomes        how the interviews ended: {"completed": n, "screened_out": n, "stuck": n, …}
    shortest, longest   {pages, questions, minutes} of completed interviews, or null
    median_minutes  estimated as docs/walk.md says
    problems        [{severity, code, sheet, row, column, message, advice}]; codes walk.dead_end, walk.expression,
                    walk.constraint, walk.contradiction, walk.unreached, walk.choices
"""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from outrush_site import clock
from surveys.instrument.evaluation import Environment, compile_program
from surveys.instrument.problems import InstrumentError
from surveys.instrument.walk import to_json, told, walk_questionnaire
from surveys.management.sources import printable, questionnaire
from surveys.management.workbooks import add_option_arguments, read_options

MOST_INTERVIEWS = 100_000


class Command(BaseCommand):
    help = "Walk a questionnaire with simulated respondents: what is never reached, where nobody gets on, how long."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("questionnaire", help="a workbook, or a version such as w2024@1")
        parser.add_argument("--interviews", type=int, default=200, help="how many respondents walk (default 200)")
        parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same walk (default 1)")
        add_option_arguments(parser)
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of text")

    def handle(self, *, interviews: int, seed: int, **options: Any) -> None:
        if not 1 <= interviews <= MOST_INTERVIEWS:
            raise CommandError(f"--interviews takes a number from 1 to {MOST_INTERVIEWS}.")
        read_as, trouble = read_options(options)
        if trouble is not None:
            raise CommandError(printable(f"{trouble.message} {trouble.advice}"))
        source = questionnaire(options["questionnaire"], read_as)
        environment = Environment(now=clock.now(), today=clock.today(), seed=seed, language="")
        try:
            program = compile_program(source.instrument)
        except InstrumentError as error:
            raise CommandError(printable(str(error))) from None
        report = walk_questionnaire(program, environment=environment, interviews=interviews, seed=seed)
        if options["json"]:
            document = {"questionnaire": source.label, **to_json(report)}
            self.stdout.write(json.dumps(document, ensure_ascii=False, indent=2))
        else:
            for line in (source.label, *told(report)):
                self.stdout.write(printable(line))
        if report.problems:
            sys.exit(1)
