"""Suppression: k holds on the finished rows, counted by brute force, a blank being a value of its own."""

from collections import Counter
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.disclosure import BLANK, Anonymised, Quasi, Row, anonymise, trajectory_sizes
from surveys.disclosure.suppression import Column, suppress

WAVES = ("w1", "w2")
VARIABLES = (
    Quasi("region", WAVES, importance=3),
    Quasi("gender", WAVES),
    Quasi("mobility", ("w2",), importance=2),
    Quasi("route", WAVES, is_route=True),
)


@st.composite
def panels(draw: st.DrawFn) -> list[Row]:
    """Random panels: some waves not taken, some cells blank, few and many values."""
    n_values = draw(st.integers(1, 5))
    values = st.sampled_from([BLANK, *"abcde"[:n_values]])
    rows = []
    for number in range(draw(st.integers(0, 30))):
        for wave in draw(st.sets(st.sampled_from(WAVES), min_size=1)):
            names = [variable.name for variable in VARIABLES if wave in variable.waves]
            rows.append(Row(f"r{number}", wave, {name: draw(values) for name in names}))
    return rows


def smallest_trajectory(rows: tuple[Row, ...]) -> int | None:
    """Members of the smallest class, counted with nothing of the code under test."""
    respondents = {row.respondent for row in rows}
    signatures = Counter(
        tuple(sorted((row.wave, tuple(sorted(row.cells.items()))) for row in rows if row.respondent == respondent))
        for respondent in respondents
    )
    return min(signatures.values(), default=None)


@settings(max_examples=120, deadline=None)
@given(panels(), st.integers(1, 6))
def test_every_trajectory_left_is_shared_by_k(rows: list[Row], k: int) -> None:
    done = anonymise(rows, VARIABLES, WAVES, k)
    smallest = smallest_trajectory(done.rows)
    assert smallest is None or smallest >= k


@settings(max_examples=40, deadline=None)
@given(panels(), st.integers(1, 6))
def test_cells_are_only_blanked_and_the_loss_is_what_is_gone(rows: list[Row], k: int) -> None:
    done = anonymise(rows, VARIABLES, WAVES, k)
    before = {(row.respondent, row.wave): row.cells for row in rows}
    for row in done.rows:
        for name, cell in row.cells.items():
            assert cell in {BLANK, before[row.respondent, row.wave][name]}
    assert done.rows_lost.n_before == len(rows)
    assert done.rows_lost.n_kept == len(done.rows)
    for name in ("region", "gender", "mobility"):
        assert done.cells_lost[name].n_before == sum(row.cells.get(name, BLANK) != BLANK for row in rows)
        assert done.cells_lost[name].n_kept == sum(row.cells.get(name, BLANK) != BLANK for row in done.rows)
    assert set(done.routes_lost) == {"route"}


@settings(max_examples=40, deadline=None)
@given(panels(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing(rows: list[Row], random: Random) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)
    assert anonymise(rows, VARIABLES, WAVES, 3) == anonymise(shuffled, VARIABLES, WAVES, 3)


@settings(max_examples=40, deadline=None)
@given(panels())
def test_a_second_pass_changes_nothing(rows: list[Row]) -> None:
    once = anonymise(rows, VARIABLES, WAVES, 3)
    assert anonymise(once.rows, VARIABLES, WAVES, 3).rows == once.rows


def one_wave(cells: list[tuple[str, str]], k: int) -> Anonymised:
    rows = [Row(f"r{n:02}", "w1", {"region": region, "gender": gender}) for n, (region, gender) in enumerate(cells)]
    return anonymise(rows, (Quasi("region", ("w1",), 3), Quasi("gender", ("w1",), 1)), ("w1",), k)


def test_the_least_important_value_goes_first() -> None:
    done = one_wave([("a", "1")] * 3 + [("a", "2"), ("a", "3"), ("a", "4")], 3)
    assert [dict(row.cells) for row in done.rows[3:]] == [{"region": "a", "gender": BLANK}] * 3
    assert done.all_cells_lost.n_lost == 3


def test_what_is_common_enough_is_left_alone() -> None:
    done = one_wave([("a", "1")] * 3 + [("b", "2")] * 5, 3)
    assert (done.rows_lost.n_lost, done.all_cells_lost.n_lost, done.classes) == (0, 0, {3: 1, 5: 1})


def test_a_blank_is_a_value_and_not_any_value() -> None:
    """Two people with a blank are no company for one with a value, as a wildcard would make them."""
    done = one_wave([("a", "1"), ("a", BLANK), ("a", BLANK)], 3)
    assert [row.cells["gender"] for row in done.rows] == [BLANK] * 3


def test_rows_go_where_nothing_else_helps() -> None:
    """The pattern of waves can't be suppressed: somebody alone in theirs is left out with both rows."""
    rows = [Row(f"r{n}", "w1", {"region": "a"}) for n in range(5)]
    rows += [Row("alone", wave, {"region": "a"}) for wave in ("w1", "w2")]
    done = anonymise(rows, (Quasi("region", ("w1", "w2")),), ("w1", "w2"), 3)
    assert {row.respondent for row in done.rows} == {f"r{n}" for n in range(5)}
    assert done.rows_lost.n_lost == 2


def test_the_pattern_of_waves_counts_without_any_variable() -> None:
    rows = [Row(f"r{n}", "w1", {}) for n in range(4)] + [Row("r3", "w2", {}), Row("r9", "w2", {})]
    done = anonymise(rows, (), ("w1", "w2"), 2)
    assert {row.respondent for row in done.rows} == {"r0", "r1", "r2"}


def test_paths_through_the_waves_count_and_not_single_waves() -> None:
    """In each wave alone both values are common; the two who moved are known by their path."""
    rows = []
    for number, (first, second) in enumerate([("a", "a")] * 5 + [("b", "b")] * 5 + [("a", "b"), ("b", "a")]):
        rows += [Row(f"r{number:02}", "w1", {"region": first}), Row(f"r{number:02}", "w2", {"region": second})]
    done = anonymise(rows, (Quasi("region", ("w1", "w2")),), ("w1", "w2"), 3)
    paths = {
        tuple(row.cells["region"] for row in done.rows if row.respondent == who)
        for who in {row.respondent for row in done.rows}
    }
    assert ("a", "b") not in paths
    assert ("b", "a") not in paths


def test_where_k_is_out_of_reach_nothing_remains() -> None:
    assert one_wave([("a", "1"), ("b", "2")], 3).rows == ()


def test_the_recount_is_plain() -> None:
    rows = [Row("x", "w1", {"gender": "1"}), Row("y", "w1", {"gender": "1"}), Row("z", "w1", {"gender": BLANK})]
    assert trajectory_sizes(rows, (Quasi("gender", ("w1",)),), ("w1",)) == {1: 1, 2: 1}


def test_eighteen_thousand_rows_with_eight_variables_are_k_anonymous() -> None:
    random = Random(5)
    columns = [Column(f"v{n}", "w1") for n in range(8)]
    units = [tuple(str(min(int(random.expovariate(0.7)), 6)) for _ in columns) for _ in range(18_000)]
    released = suppress(columns, units, 5).units
    assert min(Counter(cells for cells in released if cells is not None).values()) >= 5
