"""Which prior answers a wave hands on, and to whom."""

from uuid import uuid4

import pytest

from surveys.instrument.model import Disclosure, Preload
from surveys.models import Interview, QuestionnaireVersion, Record, Respondent, Wave
from surveys.refusals import Refused
from tests.panel.people import add_people, address, interview_of, key_of, member_with, open_w2023
from tests.panel.questionnaires import instrument, item, publish

ITEMS = [item(disclosure.value, disclosure) for disclosure in Disclosure]
ANSWERS = {disclosure.value: f"answer-{disclosure.value}" for disclosure in Disclosure}


@pytest.fixture
def before(panel: object) -> QuestionnaireVersion:
    """Wave w2023 on a questionnaire with an item of each class; members 0 and 1 have records of it, 2 has none."""
    version = publish("w2023", instrument(*ITEMS, item("in_repeat", repeat="moves")))
    add_people(3)
    open_w2023()
    for number in (0, 1):
        record_of(number, version)
    return version


def record_of(number: int, version: QuestionnaireVersion, **values: object) -> Record:
    key = key_of(member_with(address(number)))
    values = {"wave": Wave.objects.get(slug="w2023"), "respondent_id": key, "version": version, **values}
    return Record.objects.create(interview_id=uuid4(), outcome_code="1.1", answers=ANSWERS, missing={}, **values)


def ask_for(*names: str) -> None:
    publish("w2024", instrument(item("x"), preloads=tuple(Preload("w2023", name) for name in names)))


def open_w2024(**values: object) -> tuple[str, ...]:
    return open_w2023(slug="w2024", questionnaire="w2024", **values).notes


def test_prior_answers_are_copied_onto_the_interviews_of_those_who_gave_them(before: QuestionnaireVersion) -> None:
    ask_for("quasi", "none")
    assert open_w2024() == ()
    expected = {"w2023": {"quasi": "answer-quasi", "none": "answer-none"}}
    assert [interview_of(address(number), "w2024").prior for number in range(3)] == [expected, expected, {}]
    assert Wave.objects.get(slug="w2024").prior_items == [["w2023", "quasi"], ["w2023", "none"]]


@pytest.mark.parametrize("kept_back", ["direct", "open", "sensitive"])
def test_what_identifies_or_harms_is_not_handed_on_and_a_note_says_so(
    kept_back: str, before: QuestionnaireVersion
) -> None:
    ask_for("quasi", kept_back)
    (note,) = open_w2024()
    assert note == f"The prior answer w2023:{kept_back} is not handed on: it is of the class '{kept_back}' there."
    assert interview_of(address(0), "w2024").prior == {"w2023": {"quasi": "answer-quasi"}}


def test_the_strictest_class_of_any_version_in_the_wave_counts(before: QuestionnaireVersion) -> None:
    stricter = publish("w2023", instrument(item("quasi", Disclosure.SENSITIVE)))
    record_of(2, stricter)
    ask_for("quasi")
    assert len(open_w2024()) == 1
    assert not Interview.objects.filter(wave__slug="w2024").exclude(prior={}).exists()


def test_answers_marked_for_erasure_are_not_handed_on(before: QuestionnaireVersion) -> None:
    key = key_of(member_with(address(0)))
    Record.objects.filter(respondent_id=key).update(is_erase_marked=True)
    ask_for("quasi")
    open_w2024()
    assert interview_of(address(0), "w2024").prior == {}
    assert interview_of(address(1), "w2024").prior != {}


def test_prior_answers_can_be_restricted_to_some_or_to_none(before: QuestionnaireVersion) -> None:
    ask_for("quasi", "none")
    open_w2024(prior=[("w2023", "none")])
    assert interview_of(address(0), "w2024").prior == {"w2023": {"none": "answer-none"}}
    open_w2023(slug="again", questionnaire="w2024", prior=[])
    assert interview_of(address(0), "again").prior == {}


def test_asking_expressly_for_what_may_not_be_handed_on_is_refused(before: QuestionnaireVersion) -> None:
    ask_for("sensitive")
    with pytest.raises(Refused, match="is of the class 'sensitive'"):
        open_w2024(prior=[("w2023", "sensitive")])
    assert not Wave.objects.filter(slug="w2024").exists()


def test_a_wave_or_item_that_is_not_there_is_told(before: QuestionnaireVersion) -> None:
    preloads = (Preload("w2022", "quasi"), Preload("w2023", "nothing"), Preload("w2023", "in_repeat"))
    publish("w2024", instrument(item("x"), preloads=preloads))
    assert open_w2024() == (
        "The prior answer w2022:quasi is not handed on: there is no such wave.",
        "The prior answer w2023:nothing is not handed on: the wave has no such item outside its repeats.",
        "The prior answer w2023:in_repeat is not handed on: the wave has no such item outside its repeats.",
    )


def test_those_who_came_by_an_open_link_and_have_no_contact_are_not_in_the_next_wave(
    before: QuestionnaireVersion,
) -> None:
    Respondent.objects.create(cohort="w2023", source="telegram")
    ask_for("quasi")
    open_w2024()
    assert Interview.objects.filter(wave__slug="w2024").count() == 3
