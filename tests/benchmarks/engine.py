"""How fast the instrument engine is: `python -m tests.benchmarks.engine FORM.xlsx [--json]`, FORM a large workbook.

Each figure is measured in this process, after everything else it measured has been thrown away. Times are processor
time, so that other work on the machine counts less; memory is what Python allocated (tracemalloc).
"""

import argparse
import gc
import json
import random
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TextIO

from surveys.instrument import advance, respondents, resuming
from surveys.instrument.authoring import compile_workbook
from surveys.instrument.document import add_instance
from surveys.instrument.evaluation import Environment, Program
from surveys.instrument.model import Choice, ChoiceList, Group, Instrument, Item, Kind, Page
from surveys.instrument.problems import Place

ENVIRONMENT = Environment(datetime(2024, 5, 1, 12, tzinfo=UTC), date(2024, 5, 1), 7)
INTERVIEWS = 12
ROSTER = 30  # instances
CHOICES = 50_000


def main(arguments: Sequence[str], out: TextIO) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.engine", description=__doc__)
    parser.add_argument("form", type=Path)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    figures = {**large_form(options.form), **roster(), **cascade()}
    if options.json:
        json.dump(figures, out, indent=1)
        out.write("\n")
    else:
        out.write("".join(f"{name:44}{figure:>12,.2f}\n" for name, figure in figures.items()))
    return 0


def large_form(path: Path) -> dict[str, float]:
    """Compiling a workbook, loading its JSON, and every post of simulated interviews."""
    data = path.read_bytes()
    compiling = []
    for _ in range(3):
        started = time.process_time()
        compiled = compile_workbook(data, path.name)
        compiling.append(time.process_time() - started)
    if compiled.instrument is None:
        raise SystemExit(f"{path} has errors: {'; '.join(map(str, compiled.errors))}")
    stored = json.dumps(compiled.instrument.to_json())
    del compiled
    loading = [milliseconds(lambda: Program(Instrument.from_json(json.loads(stored)))) for _ in range(5)]
    program = Program(Instrument.from_json(json.loads(stored)))
    posts = [post for seed in range(INTERVIEWS) for post in interview(program, seed)]
    advancing = sorted(
        milliseconds(lambda post=post: advance.advance(program, *post, environment=ENVIRONMENT, move=advance.NEXT).view)
        for post in posts
    )
    evaluating = sorted(milliseconds(lambda post=post: program.evaluate(post[0], ENVIRONMENT)) for post in posts)
    return {
        "compile, s (median)": statistics.median(compiling),
        "load from JSON, ms (median)": statistics.median(loading),
        "load from JSON, ms (worst)": max(loading),
        "advance, posts": float(len(posts)),
        "advance, ms (median)": statistics.median(advancing),
        "advance, ms (95th of 100)": advancing[len(advancing) * 95 // 100],
        "advance, ms (worst)": advancing[-1],
        "evaluate, ms (median)": statistics.median(evaluating),
        "memory of one version, MiB": mebibytes(lambda: used(Program(Instrument.from_json(json.loads(stored))))),
    }


def interview(program: Program, seed: int) -> list[tuple[dict, str, dict]]:
    """Answers, page and post of every page of one simulated interview."""
    chance, answers, posts = random.Random(seed), {}, []
    page = resuming.resume_page(program, answers, environment=ENVIRONMENT)
    view = advance.show(program, answers, page, environment=ENVIRONMENT)
    for _ in range(2 * len(program.instrument.pages)):
        posted = respondents.answer_page(program, view, chance, answers=answers, environment=ENVIRONMENT)
        posts.append((answers, page, posted))
        step = advance.advance(program, answers, page, posted, environment=ENVIRONMENT, move=advance.NEXT)
        if step.is_over:
            break
        answers, page, view = step.answers, step.page, step.view
    return posts


def roster() -> dict[str, float]:
    """A household of 30: six questions a member, calculations over members, one page."""
    program = Program(household())
    answers: dict = {"household": "Smith"}
    for number in range(ROSTER):
        made = add_instance(answers, "members", "", 7)
        entry = next(entry for entry in answers["members"] if entry["_id"] == made)
        entry |= {"name": f"N{number}", "age": str(number * 3), "sex": "f" if number % 2 else "m", "works": "yes"}
    posted = {f"members.{entry['_id']}.age": [entry["age"]] for entry in answers["members"]}
    times = [
        milliseconds(
            lambda: advance.advance(program, answers, "all", posted, environment=ENVIRONMENT, move=advance.STAY).view
        )
        for _ in range(20)
    ]
    return {f"advance, {ROSTER} instances, ms (median)": statistics.median(times)}


def household() -> Instrument:
    yes_no = ChoiceList("yn", (Choice("yes", {"": "Yes"}), Choice("no", {"": "No"})))
    sexes = ChoiceList("sex", (Choice("f", {"": "Female"}), Choice("m", {"": "Male"})))
    inside = {"parent": "/members", "repeat": "members"}

    def member(name: str, kind: Kind, **fields) -> Item:
        return Item(name, name, kind, f"/members/{name}", **inside, label={"": f"{name} of ${{name}}"}, **fields)

    children = (
        member("name", Kind.TEXT),
        member("age", Kind.INTEGER, constraint=". >= 0 and . < 120", required="yes"),
        member("sex", Kind.SELECT_ONE, choices="sex"),
        member("works", Kind.SELECT_ONE, choices="yn", relevance="${age} >= 15"),
        member("pregnant", Kind.SELECT_ONE, choices="yn", relevance="${sex} = 'f' and ${age} >= 12 and ${age} <= 50"),
        member("older", Kind.CALCULATE, calculation="count-if(${age}, ${age} > 60)"),
        member("nth", Kind.CALCULATE, calculation="position(..)"),
    )
    repeat = Group("members", "members", "/members", children, is_repeat=True, label={"": "Members"})
    top = (
        Item("household", "household", Kind.TEXT, "/household"),
        repeat,
        Item("size", "size", Kind.CALCULATE, "/size", calculation="count(${members})"),
        Item("total_age", "total_age", Kind.CALCULATE, "/total_age", calculation="sum(${age})"),
        Item("names", "names", Kind.CALCULATE, "/names", calculation="join(', ', ${name})"),
    )
    pages = (Page("all", ("/household", "/members")),)
    return Instrument("Household", "household", "1", ("",), "", top, {"yn": yes_no, "sex": sexes}, pages)


def cascade() -> dict[str, float]:
    """Region and place, 50,000 places of which one region's hundred are offered."""
    places = tuple(Choice(f"p{n}", {"": f"Place {n}"}, {"region": f"r{n // 100}"}) for n in range(CHOICES))
    regions = tuple(Choice(f"r{n}", {"": f"Region {n}"}) for n in range(CHOICES // 100))
    items = (
        Item("region", "region", Kind.SELECT_ONE, "/region", choices="regions", place=Place("survey", 2)),
        Item("place", "place", Kind.SELECT_ONE, "/place", choices="places", choice_filter="region = ${region}"),
    )
    lists = {"regions": ChoiceList("regions", regions), "places": ChoiceList("places", places)}
    pages = (Page("region", ("/region",)), Page("place", ("/place",)))
    program = Program(Instrument("Cascade", "cascade", "1", ("",), "", items, lists, pages))
    cold = milliseconds(lambda: offered(program, 1))
    times = [milliseconds(lambda n=n: offered(program, n)) for n in range(40)]
    answers, posted = {"region": "r7"}, {"place": ["p712"]}
    posting = [
        milliseconds(
            lambda: advance.advance(program, answers, "place", posted, environment=ENVIRONMENT, move=advance.STAY).view
        )
        for _ in range(10)
    ]
    return {
        f"choices of {CHOICES:,}, first time, ms": cold,
        f"choices of {CHOICES:,}, ms (median)": statistics.median(times),
        f"advance, {CHOICES:,} choices, ms (median)": statistics.median(posting),
    }


def offered(program: Program, region: int) -> None:
    state = program.evaluate({"region": f"r{region}", "place": f"p{region * 100}"}, ENVIRONMENT)
    assert len(state.choices("place")) == 100
    assert state.value("place")


# Measuring


def milliseconds(work: Callable[[], object]) -> float:
    started = time.process_time_ns()
    work()
    return (time.process_time_ns() - started) / 1e6


def mebibytes(make: Callable[[], object]) -> float:
    """What the object made still holds."""
    gc.collect()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    made = make()
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del made
    return (after - before) / 2**20


def used(program: Program) -> Program:
    """After one page was shown: what is made on first use counts as well."""
    page = resuming.resume_page(program, {}, environment=ENVIRONMENT)
    advance.show(program, {}, page, environment=ENVIRONMENT)
    return program


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], sys.stdout))
