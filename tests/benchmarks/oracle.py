"""The engine held against the oracle on folders of real forms: `python -m tests.benchmarks.oracle FOLDER … [--seed 1]`.

Prints a line for each form with a difference, then how many forms and comparisons there were. The exit code is 1 where
anything differs.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TextIO

from surveys.instrument.authoring import compile_workbook
from surveys.instrument.authoring.options import Options
from surveys.instrument.evaluation import Environment
from surveys.instrument.model import Instrument
from tests.instrument.oracle.compare import compare

ENVIRONMENT = Environment(datetime(2024, 5, 1, 12, tzinfo=UTC), date(2024, 5, 1), 7)
WORKBOOKS = {".xlsx", ".xls"}

#: What can't be asked on the web is left out of a form, so that the rest of it can be compared.
LENIENT = Options(without_unsupported=True, allow_duplicate_choices=True)


def main(arguments: Sequence[str], out: TextIO) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.oracle", description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--interviews", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    counts: Counter[str] = Counter()
    for form in (file for folder in options.folders for file in sorted(folder.rglob("*"))):
        if form.suffix.lower() not in WORKBOOKS:
            continue
        counts["workbooks"] += 1
        instrument = compile_workbook(form.read_bytes(), form.name, LENIENT).instrument
        if instrument is None:
            continue
        found = compare(instrument, ENVIRONMENT, seed=options.seed, interviews=options.interviews)
        counts["compiled and compared"] += 1
        counts["with expressions"] += _has_expressions(instrument)
        counts["comparisons"] += found.compared
        counts["left out"] += found.skipped.total()
        counts["differences"] += len(found.differences)
        for difference in found.differences:
            print(f"{form.name}: {difference}", file=out)
    for name, count in counts.items():
        print(f"{name}: {count}", file=out)
    return int(counts["differences"] > 0)


def _has_expressions(instrument: Instrument) -> bool:
    return any(
        (item.relevance, item.calculation, item.constraint, item.choice_filter) != ("", "", "", "")
        for item in instrument.items()
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], sys.stdout))
