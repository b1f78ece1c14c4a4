"""Who declines is written to no more, and the panel's side learns it only when the wave closes."""

from dataclasses import replace

import pytest

from panel.models import ContactAttempt, Member
from panel.services.close_wave import close_wave
from panel.services.send_due import send_due
from surveys.services.interviews import complete
from tests.panel.people import CLOSES, INVITED_AT, OPENS, add_people, address, interview_of, member_with, open_w2023
from tests.panel.questionnaires import instrument, item, publish
from tests.panel.sink import Sink

pytestmark = pytest.mark.usefixtures("panel")
ACTIVE, STOPPED = "active", "do_not_contact"


@pytest.fixture
def _wave(panel: object) -> None:
    asked = replace(item("recontact"), consent="recontact")
    publish("w2023", instrument(item("country"), asked))
    add_people(5)
    open_w2023()


def answer(number: int, answers: dict[str, str], outcome: str = "") -> None:
    interview = interview_of(address(number))
    complete(interview=interview, answers=answers, outcome=outcome, today=OPENS, now=INVITED_AT)


def states() -> list[str]:
    return [member_with(address(number)).state for number in range(5)]


def panels_side() -> list[object]:
    return [sorted(map(repr, model.objects.values_list())) for model in (Member, ContactAttempt)]


@pytest.mark.usefixtures("_wave")
def test_declining_changes_nothing_on_the_panels_side_until_the_wave_closes(sink: Sink) -> None:
    before = panels_side()
    answer(0, {"country": "GEO", "recontact": "1"})
    answer(1, {"country": "GEO", "recontact": "0"})
    answer(2, {}, outcome="refused")
    answer(3, {}, outcome="out_of_scope")
    assert panels_side() == before
    send_due(now=INVITED_AT)
    assert sink.recipients == {address(4): 1}
    assert states() == [ACTIVE] * 5
    close_wave(slug="w2023", by="tests", at=INVITED_AT)
    assert states() == [ACTIVE, STOPPED, STOPPED, STOPPED, ACTIVE]


@pytest.mark.usefixtures("_wave")
def test_who_declined_is_not_in_the_next_wave() -> None:
    answer(1, {"country": "GEO", "recontact": "0"})
    close_wave(slug="w2023", by="tests", at=INVITED_AT)
    publish("w2024", instrument())
    opened = open_w2023(slug="w2024", questionnaire="w2024", opens_on=OPENS, closes_on=CLOSES)
    assert opened.n_members == 4
