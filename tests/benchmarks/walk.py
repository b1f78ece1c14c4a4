"""How far and how fast simulated respondents get: `python -m tests.benchmarks.walk FORM.xlsx … [--json]`.

Prints what the walk found in each form and how much processor time it took. Questions that can't be asked on the web
are left out, and lists with a code twice are taken.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TextIO

from surveys.instrument.authoring import Options, compile_workbook
from surveys.instrument.evaluation import Environment, compile_program
from surveys.instrument.walk import to_json, told, walk_questionnaire

LENIENT = Options(without_unsupported=True, allow_duplicate_choices=True)
ENVIRONMENT = Environment(datetime(2024, 5, 1, 12, tzinfo=UTC), date(2024, 5, 1), 7)


def main(arguments: Sequence[str], out: TextIO) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.walk", description=__doc__)
    parser.add_argument("forms", type=Path, nargs="+")
    parser.add_argument("--interviews", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    for form in options.forms:
        compiled = compile_workbook(form.read_bytes(), form.name, LENIENT)
        if compiled.instrument is None:
            print(f"{form.name}: has errors", file=out)
            continue
        program = compile_program(compiled.instrument)
        before = time.process_time()
        report = walk_questionnaire(program, environment=ENVIRONMENT, interviews=options.interviews, seed=options.seed)
        seconds = round(time.process_time() - before, 1)
        if options.json:
            json.dump({"form": form.name, "processor_seconds": seconds, **to_json(report)}, out, indent=1)
        else:
            print("\n".join([f"{form.name}: {seconds} s of processor time", *told(report)]), file=out)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], sys.stdout))
