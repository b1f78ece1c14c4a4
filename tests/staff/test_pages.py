"""Every page of the admin against who may open it, and what none of them shows."""

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from panel.models import Contact
from surveys.models import Interview, Record, Respondent
from surveys.selectors.waves import wave_totals
from tests.staff import addresses
from tests.staff.study import ANSWER, LINK_HASH, SEALED, SEED, Study

pytestmark = pytest.mark.django_db

ACCOUNTS = ("auth_user", "auth_group")
#: Pages that answer otherwise than with 200 to a superuser, and why.
EXPECTED = {
    "login": 302,  # is logged in already
    "logout": 405,  # by POST only
    "autocomplete": 403,  # without the fields it wants
    "view_on_site": 404,  # nothing of ours has a public page
    "panel_contactplan_of_wave": 302,  # to the plan
    "panel_member_change": 404,  # nobody has a page
    "surveys_auditentry_change": 404,
    "panel_auditentry_change": 404,
    "surveys_release_file": 404,  # its file is not on this machine
}


def expected(name: str) -> int:
    if not name.startswith(ACCOUNTS):
        if name.endswith("_add") or name.endswith("_delete"):
            return 403
        if name.endswith("_history"):
            return 404
    return EXPECTED.get(name, 200)


def test_every_page_opens_for_a_superuser_as_declared(anna: Client, study: Study) -> None:
    names = addresses.names()
    answers = {name: anna.get(addresses.address(name, study)).status_code for name in names}

    assert len(names) > 60
    assert {name: code for name, code in answers.items() if code != expected(name)} == {}


def test_a_stranger_is_sent_to_the_login_from_every_page(stranger: Client, anna: Client, study: Study) -> None:
    for name in addresses.names() - {"login", "logout"}:
        answer = stranger.get(addresses.address(name, study))
        assert answer.status_code == 302, name
        assert answer["Location"].startswith("/admin/login/"), name


def test_someone_without_rights_sees_no_page_about_the_study(nosy: Client, study: Study) -> None:
    pages = {name for name in addresses.names() if name.startswith(("surveys_", "panel_", "auth_"))}
    answers = {name: nosy.get(addresses.address(name, study)).status_code for name in pages}

    assert {name for name, code in answers.items() if code not in {403, 404}} == set()
    index = nosy.get("/admin/").content.decode()
    assert "w2024" not in index


@pytest.mark.parametrize("name", ["login", "index", "surveys_wave_changelist"])
def test_pages_carry_the_study_name_and_headers(anna: Client, stranger: Client, study: Study, name: str) -> None:
    client = stranger if name == "login" else anna
    answer = client.get(addresses.address(name, study))

    assert "OutRush" in answer.content.decode()
    assert "script-src 'self' 'unsafe-eval'" in answer["Content-Security-Policy"]
    assert "<script>" not in answer.content.decode(), "no inline script"
    assert answer["X-Frame-Options"] == "DENY"


def test_the_banner_says_that_a_trial_has_no_second_factor(anna: Client, settings: Settings) -> None:
    settings.OUTRUSH_ENV = "trial"
    assert "Trial: no second factor" in anna.get("/admin/").content.decode()
    settings.OUTRUSH_ENV = "production"
    assert "Trial" not in anna.get("/admin/").content.decode()


def test_no_page_shows_an_answer_a_key_a_seal_or_an_id_of_a_person(anna: Client, study: Study) -> None:
    assert Interview.objects.filter(answers__story=ANSWER, link_hash=LINK_HASH).exists()
    assert Record.objects.filter(answers__story=ANSWER).exists()
    assert Contact.objects.filter(sealed=SEALED, member=study.member_id).exists()
    secrets = [ANSWER, LINK_HASH.hex(), SEALED.decode(), SEED]
    secrets += [str(value) for value in (study.member_id, study.respondent_key, study.interview_id)]
    secrets += [value.replace("-", "") for value in secrets[-3:]]

    for name in sorted(addresses.names()):
        page = anna.get(addresses.address(name, study)).content.decode()
        for secret in secrets:
            assert secret not in page, name


def test_lists_have_no_search_or_filter_by_anything_of_a_person(anna: Client, study: Study) -> None:
    page = anna.get("/admin/panel/member/", {"q": str(study.member_id), "id__exact": str(study.member_id)})

    assert page.status_code == 200
    assert "searchbar" not in page.content.decode()


def test_nothing_of_what_is_kept_for_good_can_be_deleted_or_changed(anna: Client, study: Study) -> None:
    for model, pk in [
        ("surveys/questionnaireversion", study.version.pk),
        ("surveys/wave", study.wave.pk),
        ("surveys/release", study.release.pk),
        ("panel/member", study.member_id),
        ("panel/job", study.job.pk),
    ]:
        assert anna.post(f"/admin/{model}/{pk}/delete/", {"post": "yes"}).status_code == 403
        assert anna.post(f"/admin/{model}/add/", {"slug": "x"}).status_code == 403
        chosen = {"action": "delete_selected", "_selected_action": [str(pk)], "post": "yes"}
        anna.post(f"/admin/{model}/", chosen)
    study.version.refresh_from_db()
    study.wave.refresh_from_db()
    study.release.refresh_from_db()
    study.job.refresh_from_db()


def test_the_members_page_gives_counts_by_wave_and_state(anna: Client, study: Study) -> None:
    cohort = anna.get("/admin/panel/member/").context["cohorts"][0]

    assert (cohort.wave, cohort.counts, cohort.total) == ("w2024", (1, 0, 3, 0), 4)


def test_the_wave_page_gives_totals(anna: Client, study: Study) -> None:
    totals = anna.get(addresses.address("surveys_wave_change", study)).context["totals"]

    assert (totals.n_invited, totals.n_started, totals.n_in_progress, totals.n_complete) == (20, 8, 2, 5)
    assert totals.participation == pytest.approx(25.0)
    assert [(outcome.code, outcome.n) for outcome in totals.outcomes] == [("1.1", 5), ("2.12", 1)]


def test_people_who_came_by_an_open_link_are_counted_apart_and_not_in_the_participation(study: Study) -> None:
    respondent = Respondent.objects.create(cohort="w2024", source="telegram")
    Interview.objects.create(
        wave=study.wave, respondent=respondent, version=study.version, state="ended", outcome_code="1.1", seed=1
    )
    totals = wave_totals(study.wave)

    assert (totals.n_interviews, totals.n_invited, totals.n_recruited, totals.n_complete) == (21, 20, 1, 6)
    assert totals.participation == pytest.approx(25.0)


def test_the_contact_plan_page_gives_counts_for_each_step(anna: Client, study: Study) -> None:
    page = anna.get("/admin/panel/contactplan/of/w2024/", follow=True)

    invitation, reminder = page.context["steps"]
    assert (invitation.n_planned, invitation.n_sent, invitation.counts) == (1, 1, (("sent", 1),))
    assert (reminder.n_planned, reminder.counts) == (0, ())


def test_the_version_page_shows_outline_findings_classes_and_prior_answers(anna: Client, study: Study) -> None:
    page = anna.get(addresses.address("surveys_questionnaireversion_change", study)).content.decode()

    for shown in ("Where you live", "In which country do you live now?", "no label in Русский", "quasi", "w2023"):
        assert shown in page


def test_a_label_with_markup_is_shown_as_text(anna: Client, study: Study) -> None:
    content = study.draft.content
    content["children"][0]["children"][0]["label"] = {"English (en)": "<img src=x onerror=alert(1)>"}
    study.draft.content = content
    study.draft.save()

    page = anna.get(addresses.address("surveys_questionnaireversion_change", study)).content.decode()
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page


def test_a_right_to_look_is_no_right_to_act(nosy: Client, study: Study) -> None:
    looker = User.objects.get(username="nosy")
    looker.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))

    assert nosy.get(addresses.address("surveys_wave_change", study)).status_code == 200
    for name in (
        "surveys_questionnaireversion_import",
        "surveys_questionnaireversion_publish",
        "surveys_wave_extend",
        "panel_job_open_wave",
        "panel_job_close_wave",
        "panel_job_build_release",
    ):
        assert nosy.post(addresses.address(name, study)).status_code == 403, name


def test_pages_of_a_wave_ask_the_database_a_few_times_however_many_interviews(
    anna: Client, study: Study, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(8, using="answers"):
        anna.get(addresses.address("surveys_wave_change", study))
