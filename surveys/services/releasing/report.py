"""What is told about a release: the disclosure report beside the data, and its short form for the ledger.

Neither holds a date, a name or a secret, so that the same data give the same bytes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from surveys.disclosure import Anonymised, Loss, Range
from surveys.services.releasing.cells import Writer


@dataclass(frozen=True, slots=True)
class Outcome:
    """A release in numbers."""

    title: str
    kind: str
    waves: tuple[str, ...]
    k: int
    anonymised: Anonymised
    writer: Writer

    @property
    def n_respondents(self) -> int:
        return sum(size * n for size, n in self.anonymised.classes.items())


def summary(outcome: Outcome) -> dict[str, Any]:
    """For the ledger and for programs: counts and shares."""
    anonymised = outcome.anonymised
    return {
        "n_rows": anonymised.rows_lost.n_kept,
        "n_respondents": outcome.n_respondents,
        "smallest_class": min(anonymised.classes, default=0),
        "rows_lost": _loss(anonymised.rows_lost),
        "cells_lost": _loss(anonymised.all_cells_lost),
        "cells_lost_by_variable": {name: _loss(loss) for name, loss in anonymised.cells_lost.items()},
        "routes_lost": {name: _loss(loss) for name, loss in anonymised.routes_lost.items()},
        "dropped": dict(outcome.writer.cells.plan.dropped),
    }


def write_report(outcome: Outcome) -> bytes:
    """The disclosure report in Markdown."""
    anonymised = outcome.anonymised
    lines = [
        f"# {outcome.title}: disclosure report",
        "",
        f"A {outcome.kind} release of {', '.join(outcome.waves)}: {anonymised.rows_lost.n_kept} rows of "
        f"{outcome.n_respondents} respondents.",
        "",
        f"Every combination of quasi-identifying values that a respondent has over all released waves together, the "
        f"waves they took part in included, is shared by {outcome.k} respondents or more. A blank counted as a value "
        "of its own. This was counted again on the finished rows.",
        "",
        "## Loss",
        "",
        f"- rows: {_said(anonymised.rows_lost)}",
        f"- quasi-identifying values: {_said(anonymised.all_cells_lost)}",
        "",
        *_loss_table(outcome),
        "## Size of classes",
        "",
        "| respondents who share a combination | combinations |",
        "|---:|---:|",
        *(f"| {size} | {n} |" for size, n in anonymised.classes.items()),
        "",
        *_routes(anonymised.routes_lost),
        *_ranges(outcome.writer),
        *_clashes(outcome.writer),
        "## Left out",
        "",
        *_dropped(outcome.writer.cells.plan.dropped),
        "",
        "Left out of every file: dates and times of answering, language, source, duration, links, and the keys of the "
        "study. The ids and the order of the rows are random and new.",
    ]
    return ("\n".join(lines) + "\n").encode("utf-8")


def _loss(loss: Loss) -> dict[str, Any]:
    return {"before": loss.n_before, "kept": loss.n_kept, "share_lost": round(loss.share, 4)}


def _said(loss: Loss) -> str:
    return f"{loss.n_lost} of {loss.n_before} lost ({100 * loss.share:.1f} %)"


def _loss_table(outcome: Outcome) -> list[str]:
    variables = {variable.name: variable for variable in outcome.writer.cells.plan.quasi}
    if not variables:
        return ["No quasi-identifying variable is released.", ""]
    lines = ["| variable | treatment | importance | values before | kept | lost |", "|---|---|---:|---:|---:|---:|"]
    for name, loss in outcome.anonymised.cells_lost.items():
        rule = variables[name].rule
        treatment = rule.recode.description if rule.recode else ""
        lines.append(
            f"| {name} | {treatment} | {rule.importance} | {loss.n_before} | {loss.n_kept} | {100 * loss.share:.1f} % |"
        )
    return [*lines, ""]


def _routes(lost: Mapping[str, Loss]) -> list[str]:
    if not lost:
        return []
    return [
        "## Routes",
        "",
        "Who was routed past an item because of a quasi-identifier could be recognised by it. So the route counts as "
        "quasi-identifying too; where it had to go, all items behind it are written as suppressed.",
        "",
        *(f"- `{name.removeprefix('route: ')}`: suppressed in {_said(loss)}" for name, loss in lost.items()),
        "",
    ]


def _ranges(writer: Writer) -> list[str]:
    if not writer.ranges:
        return []
    lines = ["## Numbers released as given", "", f"At each end at least {writer.k} respondents stand.", ""]
    for name, ends in writer.ranges.items():
        lines.append(f"- {name}: {_ends(ends)}")
        if name in writer.floored:
            lines[-1] += "; 0 stands for every number below it, which could look like a missing code. Bands keep them."
    return [*lines, ""]


def _ends(ends: Range | None) -> str:
    return f"{ends.low} to {ends.high}" if ends else "suppressed, too few gave a number"


def _clashes(writer: Writer) -> list[str]:
    if not writer.cells.clashes:
        return []
    return [
        "## Values that look like missing codes",
        "",
        "Whole numbers from -99 to -1 stand for missing values, so these were suppressed. Bands or groups keep them.",
        "",
        *(f"- {name}: {n}" for name, n in sorted(writer.cells.clashes.items())),
        "",
    ]


def _dropped(dropped: Mapping[str, str]) -> list[str]:
    by_reason: dict[str, list[str]] = {}
    for name, reason in dropped.items():
        by_reason.setdefault(reason, []).append(name)
    return [f"- {reason}: {', '.join(names)}" for reason, names in by_reason.items()] or ["Nothing."]
