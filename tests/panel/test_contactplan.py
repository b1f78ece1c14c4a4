"""Wall-clock plans, states and stop rules: pure."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.contactplan.moments import due_moment, start_of, wall_clock
from panel.contactplan.plan import StepKind, is_over, plan_steps
from panel.contactplan.states import Happening, State, may_be_written_to, next_state, states_left_by
from panel.contactplan.tries import MAX_TRIES, Phase, Verdict, next_try, verdict

NOW = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
zones = st.sampled_from(sorted(available_timezones() - {"Factory", "localtime"}))
dates = st.dates(date(2000, 1, 1), date(2037, 12, 31))
times = st.times().map(lambda at: at.replace(second=0, microsecond=0))


@given(dates, times, zones)
def test_the_clock_on_the_wall_shows_the_planned_time_unless_it_never_does(on: date, at: time, zone: str) -> None:
    moment = wall_clock(on, at, zone)
    assert moment.tzinfo is UTC
    shown = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    planned = datetime.combine(on, at)
    # In a gap no moment shows the planned time, and ours comes after it; a whole day is the longest gap there was.
    assert shown == planned or planned < shown <= planned + timedelta(hours=24)


@given(dates, times, zones)
def test_of_two_moments_that_show_the_planned_time_the_first_is_meant(on: date, at: time, zone: str) -> None:
    moment, place = wall_clock(on, at, zone), ZoneInfo(zone)
    shown = moment.astimezone(place)
    assert shown.fold == 0 or shown.replace(tzinfo=None) != datetime.combine(on, at)


@pytest.mark.parametrize(
    ("on", "at", "zone", "expected"),
    [
        # clocks put forward: 02:30 doesn't come, 03:30 does
        (date(2026, 3, 29), time(2, 30), "Europe/Berlin", datetime(2026, 3, 29, 1, 30)),
        # clocks put back: 02:30 comes twice, the first is meant
        (date(2026, 10, 25), time(2, 30), "Europe/Berlin", datetime(2026, 10, 25, 0, 30)),
        (date(2026, 10, 25), time(10, 0), "Europe/Berlin", datetime(2026, 10, 25, 9, 0)),
        # half an hour forward, on an island
        (date(2026, 10, 4), time(2, 15), "Australia/Lord_Howe", datetime(2026, 10, 3, 15, 45)),
        # midnight itself left out
        (date(2026, 9, 6), time(0, 30), "America/Santiago", datetime(2026, 9, 6, 4, 30)),
        # a whole day left out
        (date(2011, 12, 30), time(10, 0), "Pacific/Apia", datetime(2011, 12, 30, 20, 0)),
        (date(2026, 7, 1), time(10, 0), "Asia/Kathmandu", datetime(2026, 7, 1, 4, 15)),
    ],
)
def test_gaps_and_folds_of_real_zones(on: date, at: time, zone: str, expected: datetime) -> None:
    assert wall_clock(on, at, zone) == expected.replace(tzinfo=UTC)


@given(dates, st.integers(0, 20), times, zones, zones)
def test_nobody_is_due_outside_the_wave_and_all_are_due_at_the_planned_time_of_day(
    opens_on: date, n_days: int, at: time, zone: str, study_zone: str
) -> None:
    opens_at, closes_at = start_of(opens_on, study_zone), start_of(opens_on + timedelta(days=n_days + 1), study_zone)
    moment = due_moment(opens_on, at, zone, opens_at=opens_at, closes_at=closes_at)
    if n_days >= 2:
        assert moment is not None
    if moment is not None:
        assert opens_at <= moment < closes_at
        assert moment - opens_at < timedelta(hours=50)


def test_east_of_the_study_the_invitation_waits_for_the_wave_to_open() -> None:
    opens_at, closes_at = start_of(date(2026, 11, 2), "UTC"), start_of(date(2026, 11, 30), "UTC")
    moment = due_moment(date(2026, 11, 2), time(10), "Pacific/Auckland", opens_at=opens_at, closes_at=closes_at)
    assert moment == datetime(2026, 11, 2, 21, 0, tzinfo=UTC)  # 10:00 on 3 November there


def test_a_wave_has_an_invitation_and_a_reminder() -> None:
    steps = plan_steps(opens_on=date(2026, 11, 2), closes_on=date(2026, 11, 30), invite_at=time(9, 30), remind_after=7)
    assert [(step.kind, step.on, step.local_time) for step in steps] == [
        (StepKind.INVITATION, date(2026, 11, 2), time(9, 30)),
        (StepKind.REMINDER, date(2026, 11, 9), time(9, 30)),
    ]


@pytest.mark.parametrize(("remind_after", "n_steps"), [(0, 1), (1, 2), (28, 2), (29, 1)])
def test_a_reminder_after_the_last_day_is_left_out(remind_after: int, n_steps: int) -> None:
    steps = plan_steps(
        opens_on=date(2026, 11, 2), closes_on=date(2026, 11, 30), invite_at=time(10), remind_after=remind_after
    )
    assert len(steps) == n_steps


def test_a_step_is_over_a_day_after_it_was_last_due_or_with_its_wave() -> None:
    assert not is_over(last_due_at=NOW, is_wave_closed=False, now=NOW + timedelta(hours=23, minutes=59))
    assert is_over(last_due_at=NOW, is_wave_closed=False, now=NOW + timedelta(hours=24))
    assert is_over(last_due_at=NOW, is_wave_closed=True, now=NOW)
    assert is_over(last_due_at=None, is_wave_closed=False, now=NOW)


@given(st.lists(st.sampled_from(list(Happening))))
def test_whoever_asked_for_no_mail_never_gets_any_again(happenings: list[Happening]) -> None:
    state = State.ACTIVE
    for position, happening in enumerate(happenings):
        state = next_state(state, happening)
        if Happening.STOPPED in happenings[: position + 1]:
            assert state is State.DO_NOT_CONTACT
    assert may_be_written_to(state) == (set(happenings) <= {Happening.CONFIRMED})


def test_whoever_opted_in_is_written_to_only_after_saying_yes_by_mail() -> None:
    changes = {happening: next_state(State.UNCONFIRMED, happening) for happening in Happening}
    assert [happening for happening, state in changes.items() if may_be_written_to(state)] == [Happening.CONFIRMED]
    assert not may_be_written_to(State.UNCONFIRMED)


def test_conditional_updates_follow_the_same_table() -> None:
    for happening in Happening:
        moves = states_left_by(happening)
        assert moves
        assert all(next_state(state, happening) is moves.get(state, state) for state in State)


@pytest.mark.parametrize(
    ("phase", "code", "enhanced", "expected"),
    [
        (Phase.RECIPIENT, 550, "", Verdict.ADDRESS_DEAD),
        (Phase.RECIPIENT, 553, "", Verdict.ADDRESS_DEAD),
        *((Phase.RECIPIENT, 550, f"5.1.{detail}", Verdict.ADDRESS_DEAD) for detail in (1, 2, 3, 6, 10)),
        (Phase.RECIPIENT, 550, "5.1.0", Verdict.REFUSED),
        (Phase.RECIPIENT, 550, "5.1.8", Verdict.REFUSED),  # our own address is bad
        (Phase.RECIPIENT, 552, "5.2.2", Verdict.REFUSED),  # mailbox full
        (Phase.RECIPIENT, 554, "", Verdict.REFUSED),
        (Phase.RECIPIENT, 501, "", Verdict.REFUSED),
        (Phase.RECIPIENT, 554, "5.7.1", Verdict.BARRED),
        (Phase.RECIPIENT, 550, "5.7.25", Verdict.BARRED),
        (Phase.RECIPIENT, 450, "", Verdict.LATER),
        (Phase.RECIPIENT, 450, "4.7.1", Verdict.LATER),
        (Phase.RECIPIENT, 421, "4.7.0", Verdict.ALL_LATER),
        (Phase.CONTENT, 554, "5.7.1", Verdict.REFUSED),
        (Phase.CONTENT, 451, "", Verdict.LATER),
        (Phase.SENDER, 550, "", Verdict.ALL_LATER),
        (Phase.SENDER, 421, "", Verdict.ALL_LATER),
    ],
)
def test_what_a_refusal_means(phase: Phase, code: int, enhanced: str, expected: Verdict) -> None:
    assert verdict(phase, code, enhanced) is expected


def test_waits_grow_and_end_within_the_day_a_step_lasts() -> None:
    moments = [next_try(NOW, n_tries) for n_tries in range(1, MAX_TRIES + 1)]
    assert moments[-1] is None
    waits = [moment - NOW for moment in moments if moment]
    assert waits == sorted(waits)
    assert sum(waits, timedelta()) < timedelta(hours=24)
