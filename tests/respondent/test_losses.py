"""Ways to lose an answer, one by one: afterwards every value that was acknowledged is there, and nothing is doubled.

Losses that need real processes (a killed server, a cut connection) are in tests/journeys/test_losses.py.
"""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from hypothesis import strategies as some

from outrush_site import clock
from panel.services.close_wave import close_overdue
from surveys.instrument.advance import STAY
from surveys.models import Interview, Record, RecruitmentLink, Wave
from surveys.models.interview import OutcomeCode
from surveys.models.wave import WaveState
from surveys.respondent import cookie
from surveys.selectors.page_stamps import Load
from surveys.services.interviews import PostedPage, Saving, record_page
from tests.conftest import Clock
from tests.respondent.browsing import Form, Visitor
from tests.respondent.conftest import CODE, LINK, invite, reloaded
from tests.respondent.test_answering import walk
from tests.respondent.test_interviews import HALF

GRACE = timedelta(minutes=120)
YOU = {"birth_year": "1985", "gender": "1"}


def stored(interview: Interview) -> dict[str, Any]:
    return dict(reloaded(interview.pk).answers)


@pytest.fixture
def on_you(respondent: Visitor) -> Form:
    """The form of the page `p_you` as the respondent has it before them."""
    walk(respondent, until="p_you")
    return respondent.page.form()


# The same browser


def test_an_expired_cookie_keeps_what_was_typed_until_the_link_is_open_again(
    respondent: Visitor, interview: Interview, on_you: Form, move_clock: Clock
) -> None:
    move_clock(cookie.VALID_FOR)
    assert respondent.send(on_you, {"birth_year": "1984", "gender": "1"}, ("-move", "next")).status == 403
    refused = respondent.page.form()
    assert refused.values["birth_year"] == ["1984"]
    assert "birth_year" not in stored(interview)
    assert respondent.take_part(LINK).path == "/i/p_you/"  # in another window
    assert respondent.send(refused).path == "/i/p_end/"
    assert stored(interview)["birth_year"] == "1984"


def test_without_a_personal_link_nothing_untrue_is_promised_and_nothing_typed_is_lost(
    open_link: RecruitmentLink, visitor: Callable[..., Visitor]
) -> None:
    """An open link begins anew: what was typed can't be sent to the interview it belongs to, and stays in sight."""
    someone = visitor()
    someone.get(f"/r/{CODE}")
    someone.send(someone.page.form())
    walk(someone, until="p_you")
    form = someone.page.form()
    someone.client.cookies.clear()

    gone = someone.send(form, {**YOU, "birth_year": "1984"}, ("-move", "next"))
    assert gone.status == 403
    for words in ("a link of your own", "six words", "begins anew", "What you have entered", "<li>1984</li>"):
        assert words in gone.html, words
    assert "you were sent, and you go on where you left off" not in gone.html
    again = gone.form(form.action)
    someone.get(f"/r/{CODE}")
    assert someone.send(someone.page.form()).path == "/i/p_consent/"

    refused = someone.send(again)
    assert refused.status == 403
    assert "<li>1984</li>" in refused.html
    assert refused.form(form.action).values["birth_year"] == ["1984"]
    assert not any("birth_year" in one.answers for one in Interview.objects.all())


def test_what_a_foreign_page_sent_is_never_given_back_to_be_sent_again(respondent: Visitor, on_you: Form) -> None:
    respondent.client.cookies.clear()
    assert respondent.post(on_you.action, {"birth_year": "1666"}).form().values["birth_year"] == ["1666"]
    page = respondent.post(on_you.action, {"birth_year": "1666"}, HTTP_ORIGIN="https://evil.example")
    assert page.status == 403
    assert "1666" not in page.html


def test_a_double_click_saves_once_and_goes_on(respondent: Visitor, interview: Interview, on_you: Form) -> None:
    for _ in range(2):
        assert respondent.send(on_you, YOU, ("-move", "next")).path == "/i/p_end/"
    assert stored(interview).items() >= YOU.items()


def test_a_double_click_on_add_adds_one_entry(w2023: Wave, visitor: Callable[..., Visitor]) -> None:
    interview = invite(w2023)
    someone = visitor()
    someone.take_part(LINK)
    for values in ({"consent": "1"}, {"birth_year": "1985"}, {"left_russia.month": "3", "left_russia.year": "2022"}):
        someone.answer(values)
    form = someone.page.form()
    for _ in range(3):
        someone.send(form, button=("-move", "add:moves"))
    assert len(stored(interview)["moves"]) == 1
    again = someone.page.form()  # this page was shown later, and may add its own
    for _ in range(3):
        someone.send(again, button=("-move", "add:moves"))
    assert len(stored(interview)["moves"]) == 2


def test_the_back_button_brings_back_an_old_page_which_may_be_changed(
    respondent: Visitor, interview: Interview, on_you: Form
) -> None:
    respondent.send(on_you, YOU, ("-move", "next"))
    respondent.send(on_you, {**YOU, "birth_year": "1986"}, ("-move", "next"))
    assert respondent.page.path == "/i/p_end/"
    assert stored(interview)["birth_year"] == "1986"


def test_a_page_that_saves_itself_never_stands_in_its_own_way(
    respondent: Visitor, interview: Interview, on_you: Form
) -> None:
    """The reply to the first save may be lost: the page then knows nothing of it and saves again."""
    for year in ("1981", "1981", "1982", "1983"):
        respondent.send(on_you, {"birth_year": year}, ("-move", "stay"))
        assert respondent.page.status == 200
    respondent.send(on_you, {"birth_year": "1984", "gender": "1"}, ("-move", "next"))
    assert respondent.page.path == "/i/p_end/"
    assert stored(interview)["birth_year"] == "1984"


def test_half_an_hour_without_a_connection_changes_nothing(
    respondent: Visitor, interview: Interview, on_you: Form, move_clock: Clock
) -> None:
    move_clock(timedelta(minutes=30))
    assert respondent.send(on_you, YOU, ("-move", "next")).path == "/i/p_end/"
    assert stored(interview).items() >= YOU.items()


# Two tabs, two devices


def test_two_devices_each_save_their_page_and_meet_on_one(
    respondent: Visitor, interview: Interview, on_you: Form, visitor: Callable[..., Visitor]
) -> None:
    tablet = visitor()
    tablet.take_part(LINK)
    tablet.get("/i/p_plans/")
    tablet.answer({"plan_move": "0"})
    respondent.send(on_you, YOU, ("-move", "next"))
    assert respondent.page.path == "/i/p_end/"
    assert stored(interview).items() >= {**YOU, "plan_move": "0"}.items()
    tablet.get("/i/p_you/")
    respondent.send(on_you, {**YOU, "birth_year": "1986"}, ("-move", "next"))
    tablet.answer({"birth_year": "1999"})
    assert tablet.page.status == 409
    assert "Saved: <b>1986</b>" in tablet.page.html
    assert "Entered here: <b>1999</b>" in tablet.page.html
    assert stored(interview)["birth_year"] == "1986"


def test_a_repeated_post_of_the_overtaken_page_overwrites_nothing_either(
    respondent: Visitor, interview: Interview, on_you: Form, visitor: Callable[..., Visitor]
) -> None:
    respondent.send(on_you, YOU, ("-move", "stay"))
    other = visitor()
    other.take_part(LINK)
    other.answer({"birth_year": "1990"}, move="stay")
    for _ in range(3):
        assert respondent.send(on_you, YOU, ("-move", "next")).status == 409
    assert stored(interview)["birth_year"] == "1990"


Event = tuple[str, int, str]
EVENTS = some.lists(
    some.tuples(some.sampled_from(["show", "save"]), some.integers(0, 2), some.sampled_from(["1980", "1981", "1982"])),
    max_size=12,
)


@given(events=EVENTS)
@trying(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_however_tabs_take_turns_no_save_is_overwritten_by_who_has_not_seen_it(
    w2024: Wave, events: list[Event]
) -> None:
    """Three tabs on one page, against the rule told in the simplest way: who has not seen the last change may not."""
    today, now = clock.today(), clock.now()
    Interview.objects.all().delete()
    interview = invite(w2024, state="in_progress", started_on=today, language="English (en)", answers={"consent": "1"})
    tabs = {tab: (Load(f"{tab:08x}", 0), 0) for tab in range(3)}
    value, changed_by, n_changes = "", -1, 0
    for number, (what, tab, year) in enumerate(events):
        load, seen = tabs[tab]
        if what == "show":
            tabs[tab] = Load(f"{number + 16:08x}", reloaded(interview.pk).revision), n_changes
            changed_by = -1 if changed_by == tab else changed_by  # a page shown anew is another one
            continue
        is_news = year != value
        post = PostedPage(page="p_you", values={"birth_year": [year]}, move=STAY, stamp=load.stamp)
        saved = record_page(interview_id=interview.pk, posted=post, today=today, now=now)
        assert saved is not None
        may = not is_news or seen == n_changes or changed_by == tab
        assert saved.saving is (Saving.SAVED if may else Saving.OVERTAKEN)
        if may and is_news:
            value, changed_by, n_changes = year, tab, n_changes + 1
            tabs[tab] = load, seen
        assert stored(interview).get("birth_year", "") == value


# The wave ends


def last_minute_of(wave: Wave) -> datetime:
    return datetime.combine(wave.closes_on, time(23, 59), ZoneInfo(settings.STUDY_TIME_ZONE))


def test_a_wave_that_ends_while_someone_types_lets_them_finish(
    respondent: Visitor, interview: Interview, on_you: Form, move_clock: Clock, key_folder: Path
) -> None:
    move_clock.to(last_minute_of(interview.wave))
    respondent.take_part(LINK)
    form = respondent.page.form()
    move_clock(timedelta(minutes=31))
    assert close_overdue(now=clock.now()) == 0
    assert respondent.get(f"/w/{LINK}").status == 404  # entry has ended
    assert respondent.send(form, YOU, ("-move", "next")).path == "/i/p_end/"
    walk(respondent)
    assert Record.objects.get().answers["birth_year"] == "1985"


def test_after_the_time_of_grace_it_is_closed_and_what_was_saved_counts(
    respondent: Visitor, interview: Interview, on_you: Form, move_clock: Clock, key_folder: Path
) -> None:
    Interview.objects.filter(pk=interview.pk).update(answers=HALF, page="p_you")
    move_clock.to(last_minute_of(interview.wave))
    respondent.take_part(LINK)
    form = respondent.get("/i/p_you/").form()
    move_clock(GRACE)
    respondent.send(form, YOU, ("-move", "stay"))
    assert respondent.page.status == 200
    move_clock(timedelta(minutes=2))
    respondent.send(form, {**YOU, "birth_year": "1999"}, ("-move", "next"))
    assert respondent.page.status == 409
    assert "The questionnaire is closed" in respondent.page.html
    assert "came after the end" in respondent.page.html
    assert "<dd>1999</dd>" in respondent.page.html
    assert respondent.get("/i/p_you/").path == "/i/done/"
    assert stored(interview)["birth_year"] == "1985"  # not ended yet: that is the worker's
    assert close_overdue(now=clock.now()) == 1
    assert Wave.objects.get().state == WaveState.CLOSED
    record = Record.objects.get()
    assert (record.outcome_code, record.answers["birth_year"]) == (OutcomeCode.PARTIAL, "1985")


def test_the_time_of_grace_is_a_setting(
    respondent: Visitor, interview: Interview, on_you: Form, move_clock: Clock, settings: Any
) -> None:
    settings.GRACE_MINUTES = 10
    move_clock.to(last_minute_of(interview.wave))
    respondent.take_part(LINK)
    form = respondent.page.form()
    move_clock(timedelta(minutes=9))
    assert respondent.send(form, YOU, ("-move", "next")).path == "/i/p_end/"
    move_clock(timedelta(minutes=3))
    assert respondent.get("/i/").path == "/i/done/"
