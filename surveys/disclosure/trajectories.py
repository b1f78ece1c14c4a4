"""Anonymous rows: what identifies a person over all waves together is counted, suppressed and proved.

Rows of one respondent are joined over the released waves; each respondent is then one unit whose cells are every
quasi-identifying variable in every wave. See `suppression` for what is done to the units.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from surveys.disclosure.suppression import ABSENT, BLANK, Cells, Column, suppress


@dataclass(frozen=True, slots=True)
class Quasi:
    """A quasi-identifying variable of the release. Cells of low importance are suppressed first."""

    name: str
    waves: tuple[str, ...]  # those in which it may have a value
    importance: int = 1
    is_route: bool = False  # whether somebody was routed past items because of a quasi-identifier


@dataclass(frozen=True, slots=True)
class Row:
    """One respondent in one wave; `cells` holds the recoded value of each quasi-identifier, BLANK where it has none."""

    respondent: str
    wave: str
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Loss:
    """How much of something is no longer in the release."""

    n_before: int
    n_kept: int

    @property
    def n_lost(self) -> int:
        return self.n_before - self.n_kept

    @property
    def share(self) -> float:
        """From 0 to 1; 0 where there was nothing to lose."""
        return self.n_lost / self.n_before if self.n_before else 0.0


@dataclass(frozen=True, slots=True)
class Anonymised:
    """Rows in which every trajectory has k members. `classes` counts the classes by their size."""

    rows: tuple[Row, ...]
    rows_lost: Loss
    cells_lost: Mapping[str, Loss]  # by variable, routes left out
    routes_lost: Mapping[str, Loss]  # by route
    classes: Mapping[int, int]

    @property
    def all_cells_lost(self) -> Loss:
        losses = self.cells_lost.values()
        return Loss(sum(loss.n_before for loss in losses), sum(loss.n_kept for loss in losses))


class CountError(AssertionError):
    """The finished rows don't have k members in every class: a fault of this program, so nothing may be released."""


def anonymise(rows: Sequence[Row], variables: Sequence[Quasi], waves: Sequence[str], k: int) -> Anonymised:
    """Suppress values and rows until every trajectory is shared by `k` respondents, and prove it by a re-count.

    `waves` are the released ones in their order. What remains may be nothing at all.
    """
    columns = _columns(variables, waves)
    joined = _joined(rows)
    respondents = sorted(joined)
    units = [_cells(joined[respondent], columns) for respondent in respondents]
    released = suppress(columns, units, k).units
    finished = []
    for respondent, cells in zip(respondents, released, strict=True):
        if cells is not None:
            finished.extend(_split(respondent, cells, columns, waves))
    classes = trajectory_sizes(finished, variables, waves)
    if min(classes, default=k) < k:
        raise CountError("a trajectory has fewer members than k after suppression")
    losses = {variable.name: _loss(variable.name, rows, finished) for variable in variables}
    return Anonymised(
        rows=tuple(finished),
        rows_lost=Loss(len(rows), len(finished)),
        cells_lost={variable.name: losses[variable.name] for variable in variables if not variable.is_route},
        routes_lost={variable.name: losses[variable.name] for variable in variables if variable.is_route},
        classes=classes,
    )


def trajectory_sizes(rows: Iterable[Row], variables: Sequence[Quasi], waves: Sequence[str]) -> dict[int, int]:
    """{size: number of classes of that size}, counted plainly on the rows as they are."""
    joined = _joined(rows)
    names = [variable.name for variable in variables]
    trajectories = Counter(
        tuple(None if wave not in own else tuple(own[wave].cells.get(name, BLANK) for name in names) for wave in waves)
        for own in joined.values()
    )
    return dict(sorted(Counter(trajectories.values()).items()))


def _columns(variables: Sequence[Quasi], waves: Sequence[str]) -> list[Column]:
    taken = [Column("", wave, is_fixed=True) for wave in waves]
    return taken + [
        Column(variable.name, wave, variable.importance)
        for variable in variables
        for wave in waves
        if wave in variable.waves
    ]


def _joined(rows: Iterable[Row]) -> dict[str, dict[str, Row]]:
    joined: dict[str, dict[str, Row]] = defaultdict(dict)
    for row in rows:
        if row.wave in joined[row.respondent]:
            raise ValueError("a respondent has two rows in one wave")
        joined[row.respondent][row.wave] = row
    return joined


def _cells(own: Mapping[str, Row], columns: Sequence[Column]) -> Cells:
    return tuple(
        own[column.wave].cells.get(column.variable, BLANK) if column.wave in own else ABSENT for column in columns
    )


def _split(respondent: str, cells: Cells, columns: Sequence[Column], waves: Sequence[str]) -> list[Row]:
    by_wave: dict[str, dict[str, str]] = {}
    for column, cell in zip(columns, cells, strict=True):
        if cell == ABSENT:
            continue
        own = by_wave.setdefault(column.wave, {})
        if not column.is_fixed:
            own[column.variable] = cell
    return [Row(respondent, wave, by_wave[wave]) for wave in waves if wave in by_wave]


def _loss(name: str, before: Sequence[Row], after: Sequence[Row]) -> Loss:
    return Loss(
        sum(1 for row in before if row.cells.get(name, BLANK) != BLANK),
        sum(1 for row in after if row.cells.get(name, BLANK) != BLANK),
    )
