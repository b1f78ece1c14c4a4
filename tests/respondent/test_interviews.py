"""Interviews as the services see them: with the public tier's rights, at the end of a wave, and by the clock."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import ProgrammingError, connections, transaction

from outrush_site import clock
from surveys.models import Interview, Record, RecruitmentLink, SealedRequest, Wave
from surveys.models.interview import InterviewState, OutcomeCode
from surveys.models.wave import WaveState
from surveys.respondent.cookie import Sitting
from surveys.selectors.programs import program_for
from surveys.services.interviews import end_of_wave
from tests.respondent.browsing import Visitor
from tests.respondent.conftest import CODE, LINK, invite, reloaded
from tests.respondent.test_answering import WALK, walk

AsTier = Callable[[str], AbstractContextManager[None]]


def test_everything_a_respondent_does_works_with_the_rights_of_the_public_tier(
    interview: Interview, open_link: RecruitmentLink, visitor: Callable[..., Visitor], as_tier: AsTier, key_folder: Any
) -> None:
    with as_tier("public"):
        someone = visitor()
        someone.take_part(LINK)
        walk(someone, until="p_recontact")
        someone.finish({"recontact": "0"})
        assert someone.page.path == "/i/done/"
        assert someone.send(someone.page.form("/i/erase")).status == 200
        newcomer = visitor()
        newcomer.get(f"/r/{CODE}")
        newcomer.post(f"/r/{CODE}", newcomer.page.form().values)
        walk(newcomer)
        assert newcomer.send(newcomer.page.form("/i/erase")).status == 200
        for path in (f"/w/{LINK}", f"/w/{'z' * 26}"):
            someone.get(path)
            assert someone.send(someone.page.form("stop")).status == 200
        assert someone.client.post(f"/u/{'z' * 26}").status_code == 200
    assert [record.is_erase_marked for record in Record.objects.all()] == [True, True]
    assert SealedRequest.objects.count() == 5


@pytest.mark.parametrize("table", ["surveys_record", "surveys_sealedrequest"])
def test_the_public_tier_is_refused_what_was_completed_and_asked(
    interview: Interview, visitor: Callable[..., Visitor], as_tier: AsTier, key_folder: Any, table: str
) -> None:
    someone = visitor()
    someone.take_part(LINK)
    walk(someone, until="p_recontact")
    someone.finish({"recontact": "0"})
    someone.send(someone.page.form("/i/stop"))
    with connections["answers"].cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table}")
        assert len(cursor.fetchall()) == 1
    with (
        as_tier("public"),
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(using="answers"),
        connections["answers"].cursor() as cursor,
    ):
        cursor.execute(f"SELECT * FROM {table}")


def _begun(wave: Wave, letter: str, answers: dict[str, Any], page: str) -> UUID:
    values = {"state": InterviewState.IN_PROGRESS, "language": "English (en)", "started_on": clock.today()}
    return invite(wave, letter * 26, answers=answers, page=page, **values).pk


HALF = {
    "consent": "1",
    "region": "rus",
    "country": "RUS",
    "legal_status": "1",
    "arrived": "2022-01-01",
    "plan_move": "0",
    "interest_russia": "2",
    "act_donate": "1",
    "act_protest": "1",
    "act_letters": "1",
    "act_media": "1",
    "fear": "1",
    "occupation": "it",
}


def test_the_end_of_a_wave_ends_every_interview_and_keeps_those_with_enough_answers(w2024: Wave) -> None:
    silent = invite(w2024, "b" * 26).pk
    opened = _begun(w2024, "c", {}, "")
    broken_off = _begun(w2024, "d", {"consent": "1", "region": "rus"}, "p_place")
    partial = _begun(w2024, "e", HALF, "p_work")
    counts = end_of_wave(wave=w2024, today=clock.today(), now=clock.now())
    codes = {pk: reloaded(pk).outcome_code for pk in (silent, opened, broken_off, partial)}
    assert codes == {
        silent: OutcomeCode.NOT_STARTED,
        opened: OutcomeCode.IMPLICIT_REFUSAL,
        broken_off: OutcomeCode.BREAK_OFF,
        partial: OutcomeCode.PARTIAL,
    }
    assert counts == dict.fromkeys(codes.values(), 1)
    record = Record.objects.get()
    assert (record.interview_id, record.outcome_code) == (partial, OutcomeCode.PARTIAL)
    assert record.answers["country"] == "RUS"
    assert record.missing["income_usd"] == "left_empty"
    assert record.missing["birth_year"] == "not_reached"
    assert not Interview.objects.exclude(answers={}, prior={}, state=InterviewState.ENDED).exists()
    assert not end_of_wave(wave=w2024, today=clock.today(), now=clock.now())


def test_someone_who_went_back_before_breaking_off_has_reached_what_they_had_answered(w2024: Wave) -> None:
    _begun(w2024, "e", HALF, "p_plans")
    end_of_wave(wave=w2024, today=clock.today(), now=clock.now())
    missing = Record.objects.get().missing
    assert "act_media" not in missing
    assert missing["income_usd"] == "left_empty"
    assert missing["comment"] == "not_reached"


def test_without_agreeing_nothing_is_kept_however_much_was_answered(w2024: Wave) -> None:
    answers = {key: value for key, value in HALF.items() if key != "consent"}
    pk = _begun(w2024, "e", answers, "p_work")
    end_of_wave(wave=w2024, today=clock.today(), now=clock.now())
    assert reloaded(pk).outcome_code in {OutcomeCode.BREAK_OFF, OutcomeCode.IMPLICIT_REFUSAL}
    assert not Record.objects.exists()


def test_whoever_is_on_a_page_when_the_wave_closes_is_told_so(
    respondent: Visitor, interview: Interview, w2024: Wave
) -> None:
    walk(respondent, until="p_plans")
    form = respondent.page.form()
    end_of_wave(wave=w2024, today=clock.today(), now=clock.now())
    Wave.objects.filter(pk=w2024.pk).update(state=WaveState.CLOSED, closed_on=clock.today())
    respondent.send(form, {"plan_move": "1"}, ("-move", "next"))
    assert "The questionnaire is closed" in respondent.page.html
    assert "came after the end" in respondent.page.html
    assert respondent.get("/i/").path == "/i/done/"
    assert "came after the end" not in respondent.page.html


def test_prior_answers_route_and_go_with_the_record(w2024: Wave, visitor: Callable[..., Visitor]) -> None:
    interview = invite(w2024, prior={"w2023": {"country": "ARM"}})
    someone = visitor()
    someone.take_part(LINK)
    for name in ("p_consent", "p_place"):
        someone.answer(WALK[name])
    assert "In the last wave you lived in Armenia." in someone.page.html
    someone.answer({"same_country": "0"})
    assert "One more question" in someone.page.html
    someone.answer({"moved_reasons": ["work"]})
    walk(someone)
    record = Record.objects.get()
    assert record.prior == {"w2023": {"country": "ARM"}}
    assert (record.answers["mobility"], record.answers["moved_reasons"]) == ("moved_on", ["work"])
    assert "panelist" not in record.answers
    assert reloaded(interview.pk).prior == {}


def test_only_dates_are_kept_of_what_a_respondent_does(respondent: Visitor, interview: Interview) -> None:
    walk(respondent)
    ended = reloaded(interview.pk)
    assert (ended.started_on, ended.saved_on) == (clock.today(), clock.today())
    for model in (Interview, Record, SealedRequest):
        assert "DateTimeField" not in {field.get_internal_type() for field in model._meta.fields}


@pytest.mark.parametrize(
    ("minutes", "expected"), [(0, 1), (9, 1), (10, 2), (29, 2), (30, 3), (119, 3), (120, 4), (999, 4)]
)
def test_how_long_it_took_is_kept_as_one_of_four_classes(minutes: int, expected: int) -> None:
    start = datetime(2024, 3, 1, 12, 0, tzinfo=UTC)
    sitting = Sitting(UUID(int=1), int(start.timestamp()) // 60)
    assert sitting.minutes_class(start + timedelta(minutes=minutes)) == expected


def test_a_version_is_compiled_once_for_all_its_interviews(w2024: Wave) -> None:
    assert program_for(w2024.version) is program_for(invite(w2024).version)
