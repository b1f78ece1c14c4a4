"""Answering a questionnaire from the link to the last page, without a script."""

from collections.abc import Callable

import pytest
from django.test.utils import CaptureQueriesContext

from surveys.instrument.authoring import compile_workbook
from surveys.models import Interview, Record, Wave
from surveys.models.interview import InterviewState, OutcomeCode
from tests.builders import workbook
from tests.respondent.browsing import Visitor
from tests.respondent.conftest import LINK, invite, open_wave, reloaded

#: What a first-time respondent answers in w2024, page by page; empty pages are left empty.
WALK = {
    "p_consent": {"consent": "1"},
    "p_place": {"region": "caucasus", "country": "GEO", "arrived.month": "3", "arrived.year": "2022"},
    "p_plans": {"plan_move": "98"},
    "p_politics": {"act_donate": "2", "act_media": "99"},
    "p_integration": {"local_friends": "12", "life_satisfaction": "10"},
    "p_work": {"income_usd": "1 250,50"},
    "p_2024": {"return_conditions": ["war_end", "amnesty"], "reform_likely": "15"},
    "p_you": {"birth_year": "1985", "gender": "1"},
    "p_end": {"comment": "Всё хорошо.\r\nСпасибо!"},
    "p_recontact": {"recontact": "2"},
}


def walk(someone: Visitor, until: str = "") -> None:
    """Answer page by page, up to and without the page `until`, or to the end."""
    for _ in range(len(WALK) * 2):
        name = someone.page.path.split("/")[2]
        if name in {until, "done"}:
            return
        if name == "review":
            someone.finish()
            continue
        someone.answer(WALK[name])
    raise AssertionError(f"stuck on {someone.page.path}")


def test_taking_part_leads_to_the_first_page(respondent: Visitor, interview: Interview) -> None:
    assert respondent.page.path == "/i/p_consent/"
    assert reloaded(interview.pk).state == InterviewState.IN_PROGRESS


def test_a_questionnaire_is_answered_to_the_end(respondent: Visitor, interview: Interview) -> None:
    walk(respondent)
    assert "Thank you" in respondent.page.html
    record = Record.objects.get()
    assert record.outcome_code == OutcomeCode.COMPLETE
    assert record.answers["arrived"] == "2022-03-01"
    assert record.answers["income_usd"] == "1250.5"
    assert record.answers["return_conditions"] == ["war_end", "amnesty"]
    assert record.answers["comment"] == "Всё хорошо.\nСпасибо!"
    assert record.missing["plan_move"] == "dont_know"
    assert record.missing["act_media"] == "refused"
    assert record.missing["act_protest"] == "left_empty"
    assert record.missing["same_country"] == "not_routed"
    assert record.minutes_class == 1
    ended = reloaded(interview.pk)
    assert (ended.state, ended.answers, ended.prior) == (InterviewState.ENDED, {}, {})


def test_every_answer_is_there_going_back_and_forth(respondent: Visitor) -> None:
    walk(respondent, until="p_recontact")
    seen: dict[str, dict[str, list[str]]] = {}
    while respondent.page.path != "/i/p_consent/":
        seen[respondent.page.path] = respondent.page.values
        respondent.answer(move="back")
    assert seen["/i/p_place/"]["country"] == ["GEO"]
    assert seen["/i/p_place/"]["arrived.month"] == ["3"]
    assert seen["/i/p_2024/"]["return_conditions"] == ["war_end", "amnesty"]
    while respondent.page.path != "/i/p_recontact/":
        assert seen.get(respondent.page.path, respondent.page.values) == respondent.page.values
        respondent.answer()


def test_going_back_saves_the_page_that_is_left_and_checks_nothing(respondent: Visitor) -> None:
    walk(respondent, until="p_work")
    respondent.answer({"occupation": "it"}, move="back")
    assert respondent.page.path == "/i/p_integration/"
    respondent.answer()
    assert respondent.page.values["occupation"] == ["it"]


def test_what_is_missing_or_wrong_is_said_beside_its_field_and_what_was_typed_stays(respondent: Visitor) -> None:
    walk(respondent, until="p_you")
    respondent.answer({"birth_year": "19x5", "gender": "3"})
    page = respondent.page
    assert page.status == 200
    assert '<a href="#q-birth_year">' in page.html
    assert 'aria-describedby="q-birth_year-problem" aria-required="true" aria-invalid="true"' in page.html
    assert page.values["birth_year"] == ["19x5"]
    assert page.values["gender"] == ["3"]
    respondent.answer({"birth_year": "2015"})
    assert "You need to be at least 18 to take part." in respondent.page.html


def test_messages_are_in_the_language_of_the_respondent(interview: Interview, visitor: Callable[..., Visitor]) -> None:
    someone = visitor()
    someone.take_part(LINK, language="ru")
    someone.answer()
    assert 'lang="ru"' in someone.page.html
    assert "Пожалуйста, ответьте на этот вопрос." in someone.page.html
    assert "Проверьте, пожалуйста" in someone.page.html


def test_half_a_date_is_shown_again_as_it_was_typed(respondent: Visitor) -> None:
    walk(respondent, until="p_place")
    respondent.answer({"region": "caucasus", "country": "GEO", "arrived.month": "5", "arrived.year": ""})
    assert "Please give both a month and a year." in respondent.page.html
    assert respondent.page.values["arrived.month"] == ["5"]
    respondent.answer({"arrived.month": "", "arrived.year": "2022"})
    assert (respondent.page.values["arrived.month"], respondent.page.values["arrived.year"]) == ([""], ["2022"])


def test_choices_that_an_answer_brings_up_are_shown_before_going_on(respondent: Visitor) -> None:
    walk(respondent, until="p_place")
    assert "depends on an answer above" in respondent.page.html
    respondent.answer({"region": "balkans"})
    assert respondent.page.path == "/i/p_place/"
    assert "One more question" in respondent.page.html
    assert 'value="SRB"' in respondent.page.html
    assert 'value="GEO"' not in respondent.page.html


def test_the_choices_can_be_asked_for_without_going_on(respondent: Visitor) -> None:
    walk(respondent, until="p_place")
    respondent.answer({"region": "balkans", "legal_status": "2"}, move="stay")
    assert 'value="SRB"' in respondent.page.html
    assert respondent.page.values["legal_status"] == ["2"]


def test_switching_the_language_loses_nothing_typed(respondent: Visitor, interview: Interview) -> None:
    walk(respondent, until="p_you")
    respondent.answer({"birth_year": "nineteen", "gender": "2"}, move="language:Русский (ru)")
    assert "О вас" in respondent.page.html
    assert respondent.page.values["birth_year"] == ["nineteen"]
    assert respondent.page.values["gender"] == ["2"]
    assert reloaded(interview.pk).language == "Русский (ru)"
    respondent.answer({"birth_year": "1990"}, move="language:English (en)")
    assert respondent.page.path == "/i/p_you/"
    assert "About you" in respondent.page.html
    assert respondent.page.values["birth_year"] == ["1990"]


def test_a_language_that_the_questionnaire_has_not_changes_nothing(respondent: Visitor, interview: Interview) -> None:
    respondent.answer(move="language:Klingon")
    assert respondent.page.status == 200
    assert reloaded(interview.pk).language == "English (en)"


def test_the_link_opens_the_same_page_on_another_device(respondent: Visitor, visitor: Callable[..., Visitor]) -> None:
    walk(respondent, until="p_politics")
    phone = visitor("ru")
    phone.get(f"/w/{LINK}")
    assert "Continue" in phone.page.html  # in the language chosen before, not the phone's
    phone.send(phone.page.form())
    assert phone.page.path == "/i/p_politics/"
    phone.answer({"act_donate": "4"}, move="back")
    assert phone.page.values["plan_move"] == ["98"]


def test_entries_of_a_repeat_are_added_and_removed(w2023: Wave, visitor: Callable[..., Visitor]) -> None:
    interview = invite(w2023)
    someone = visitor()
    someone.take_part(LINK)
    someone.answer({"consent": "1"})
    someone.answer({"birth_year": "1985"})
    someone.answer({"left_russia.month": "3", "left_russia.year": "2022"})
    assert "Nothing has been added yet." in someone.page.html
    someone.answer(move="add:moves")
    (country, months) = someone.page.values
    someone.answer({country: "TUR", months: "5"}, move="add:moves")
    assert someone.page.values[country] == ["TUR"]
    second = next(name for name in someone.page.values if name.endswith("move_country") and name != country)
    someone.answer({second: "SRB"}, move="add:moves")
    assert len(someone.page.values) == 6
    someone.answer(move="remove:moves:" + country.split(".")[1])
    assert country not in someone.page.values
    assert someone.page.values[second] == ["SRB"]
    assert [entry.get("move_country") for entry in reloaded(interview.pk).answers["moves"]] == ["SRB", None]


def test_not_agreeing_ends_the_interview_and_keeps_no_answer(respondent: Visitor, interview: Interview) -> None:
    respondent.answer({"consent": "0"})
    assert respondent.page.path == "/i/done/"
    assert "none of your answers is kept" in respondent.page.html
    ended = reloaded(interview.pk)
    assert (ended.outcome_code, ended.answers) == (OutcomeCode.REFUSED, {})
    assert not Record.objects.exists()


def test_after_the_end_every_page_is_the_last_one_and_a_post_changes_nothing(respondent: Visitor) -> None:
    walk(respondent, until="p_recontact")
    form = respondent.page.form()
    for _ in range(3):
        respondent.send(form, {"recontact": "2"}, ("-move", "next"))
        if respondent.page.path == "/i/review":
            respondent.finish()
        assert respondent.page.path == "/i/done/"
    for path in ("/i/", "/i/p_place/", "/i/nowhere/", f"/w/{LINK}"):
        respondent.get(path)
        if path.startswith("/w/"):
            respondent.send(respondent.page.form())
        assert respondent.page.path == "/i/done/"
    assert Record.objects.count() == 1


def test_a_post_to_a_page_that_does_not_exist_leads_back_and_loses_nothing(
    respondent: Visitor, interview: Interview
) -> None:
    walk(respondent, until="p_plans")
    before = reloaded(interview.pk).answers
    form = respondent.page.form()
    for name in ("nowhere", "done", "p_since", "p_plans%00", "п", "stop", "x" * 300):
        form.action = f"/i/{name}/"
        respondent.send(form, {"plan_move": "1"})
        assert respondent.page.status == 404
        assert 'href="/i/"' in respondent.page.html
    assert reloaded(interview.pk).answers == before
    assert respondent.get("/i/").path == "/i/p_plans/"


def test_who_is_asked_nothing_at_all_is_led_to_the_end(db: None, visitor: Callable[..., Visitor]) -> None:
    nothing = compile_workbook(
        workbook("type | name | label | relevant\ntext | a | A | false()\ntext | b | B | ${a} != ''"), "nothing.xlsx"
    ).instrument
    assert nothing is not None
    interview = invite(open_wave(nothing, "nothing", 1))
    someone = visitor()
    assert someone.take_part(LINK).path == "/i/review"
    assert someone.get("/i/").path == "/i/review"
    assert someone.page.status == 200
    assert someone.get("/i/a/").status == 404
    assert someone.get("/i/").path == "/i/review"
    assert someone.finish().path == "/i/done/"
    assert "Thank you" in someone.page.html
    assert reloaded(interview.pk).state == InterviewState.ENDED


def test_a_page_costs_one_query_to_read_and_two_to_save(respondent: Visitor) -> None:
    from django.db import connections  # noqa: PLC0415

    walk(respondent, until="p_politics")
    with CaptureQueriesContext(connections["answers"]) as reading:
        respondent.client.get("/i/p_politics/")
    assert [query["sql"].split()[0] for query in reading] == ["SELECT"]
    assert '"workbook"' not in reading[0]["sql"]
    assert '"content"' not in reading[0]["sql"]
    form = respondent.page.form()
    with CaptureQueriesContext(connections["answers"]) as saving:
        respondent.client.post(form.action, {**form.values, "fear": "1"})
    kinds = [query["sql"].split()[0] for query in saving if "SAVEPOINT" not in query["sql"]]
    assert kinds == ["SELECT", "UPDATE"]


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "{{ 7|add:7 }}", "${consent}", "%(x)s", "\"'><b>", "\x00a"]
)
def test_what_was_typed_is_shown_as_text(respondent: Visitor, text: str) -> None:
    walk(respondent, until="p_end")
    respondent.answer({"comment": text})
    respondent.answer(move="back")
    assert respondent.page.values["comment"] == [text.replace("\x00", "")]
    assert "<script>" not in respondent.page.html
    assert "<b>" not in respondent.page.html
