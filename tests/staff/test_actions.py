"""What staff do on the pages, to the end: import, publish, open, extend, close, release."""

import hashlib
import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from io import BytesIO
from pathlib import Path
from unittest.mock import patch
from uuid import uuid4

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from outrush_site import clock
from panel.models import ContactPlan, Job
from panel.models.job import JobKind, JobState
from panel.services import jobs
from panel.services.import_panel import import_panel
from panel.services.keyring import key_folder as open_key_folder
from panel.services.keyring import open_vault
from panel.vault.links import make_link
from panel.vault.seals import unseal_bridge, unseal_contact
from surveys.links import hash_link
from surveys.models import AuditEntry, Interview, MediaFile, QuestionnaireVersion, Record, Release, Respondent, Wave
from surveys.models.interview import OutcomeCode
from tests import builders, media_files
from tests.questionnaires.workbooks import small, with_errors
from tests.staff import addresses
from tests.staff.study import Study

pytestmark = pytest.mark.django_db

IMPORT = "/admin/surveys/questionnaireversion/import/"
ADDRESS = "planted.person.4711@example.org"


def upload(client: Client, data: bytes, **fields: object) -> HttpResponse:
    file = SimpleUploadedFile("small.xlsx", data)
    return client.post(IMPORT, {"slug": "small", "workbook": file, **fields}, follow=True)


def open_wave_page(client: Client, **fields: str) -> HttpResponse:
    today = clock.today()
    form = {
        "slug": "w1",
        "version": "small@1",
        "opens_on": today.isoformat(),
        "closes_on": (today + timedelta(days=20)).isoformat(),
        "remind_after": "7",
        "sources": "telegram, partner-a",
    }
    return client.post("/admin/panel/job/open-wave/", form | fields, follow=True)


def run_the_worker() -> Job:
    for queue in ("vault", "desk"):
        jobs.run_waiting(queue=queue, at=clock.now())
    return Job.objects.latest("asked_at")


# Questionnaires


def test_an_uploaded_workbook_becomes_a_draft_and_its_page_opens(anna: Client) -> None:
    page = upload(anna, small())

    version = QuestionnaireVersion.objects.get()
    assert page.redirect_chain[-1][0] == f"/admin/surveys/questionnaireversion/{version.pk}/change/"
    assert "stored as small@1 (draft)" in page.content.decode()
    assert AuditEntry.objects.get().by == "anna"


@pytest.mark.usefixtures("compiled_here")
def test_problems_of_an_upload_are_a_table_of_sheet_row_and_column(anna: Client) -> None:
    page = upload(anna, with_errors())

    places = [(str(problem.severity), problem.place.sheet, problem.place.row) for problem in page.context["problems"]]
    assert places[:2] == [("error", "survey", 3), ("error", "survey", 4)]
    assert "Nothing was stored" in page.content.decode()
    assert "mooved" in page.content.decode()
    assert not QuestionnaireVersion.objects.exists()


@pytest.mark.usefixtures("compiled_here")
@pytest.mark.parametrize("data", [b"hello", b"PK\x03\x04cut", b"<script>alert(1)</script>"])
def test_an_upload_that_is_no_workbook_is_answered_clearly(anna: Client, data: bytes) -> None:
    page = upload(anna, data)

    assert page.status_code == 200
    assert "Nothing was stored" in page.content.decode()
    assert "<script>alert" not in page.content.decode()


@pytest.mark.usefixtures("compiled_here")
def test_before_publishing_staff_see_what_changed_since_the_published_version(anna: Client) -> None:
    upload(anna, builders.example("w2023"), publish="on")
    upload(anna, builders.example("w2024"))
    published, draft = QuestionnaireVersion.objects.order_by("number")
    address = f"/admin/surveys/questionnaireversion/{draft.pk}/"

    for page in (anna.get(f"{address}publish/").content.decode(), anna.get(f"{address}change/").content.decode()):
        assert "Changed since" in page
        assert "1 changed to a new measure, 3 comparable, 9 new, 7 dropped, 28 unchanged" in page
        assert "validation (constraint), order moved" in page
        assert '<span class="badge warning">new measure</span>' in page
    first = anna.get(f"/admin/surveys/questionnaireversion/{published.pk}/change/").content.decode()
    assert "Changed since" not in first


@pytest.mark.usefixtures("compiled_here")
def test_a_draft_is_published_only_after_the_confirmation(anna: Client) -> None:
    upload(anna, small())
    version = QuestionnaireVersion.objects.get()
    asking = anna.get(f"/admin/surveys/questionnaireversion/{version.pk}/publish/")
    version.refresh_from_db()
    assert "Publish small@1?" in asking.content.decode()
    assert not version.is_published

    page = anna.post(f"/admin/surveys/questionnaireversion/{version.pk}/publish/", follow=True)
    version.refresh_from_db()
    assert version.published_by == "anna"
    assert "small@1 is published" in page.content.decode()


@pytest.mark.usefixtures("compiled_here")
def test_the_workbook_comes_back_byte_for_byte(anna: Client) -> None:
    data = small()
    upload(anna, data)
    answer = anna.get(f"/admin/surveys/questionnaireversion/{QuestionnaireVersion.objects.get().pk}/workbook/")

    assert answer.content == data
    assert answer["Content-Disposition"] == 'attachment; filename="small_1.xlsx"'


@pytest.mark.usefixtures("compiled_here")
def test_pictures_sounds_and_lists_are_uploaded_beside_the_workbook_and_cleaned(anna: Client) -> None:
    survey = """
        type | name | label | media::image
        select_one_from_file towns.csv | town | Which? | map.png
        note | n | Look | hill.png
    """
    secret = b"planted 41.7151N 44.8271E"
    files = {"towns.csv": b"name,label\nalta,Alta\n", "map.png": media_files.png(secret), "Hill.png": media_files.png()}
    page = upload(
        anna,
        builders.workbook(survey),
        attachments=[SimpleUploadedFile(name, data) for name, data in files.items()],
    )

    version = QuestionnaireVersion.objects.get()
    html = unescape(page.content.decode())
    assert "The picture 'hill.png' is not attached." in html
    assert "Did you mean 'Hill.png', which is attached?" in html
    assert "The file 'Hill.png' is attached, and nothing in the workbook names it." in html
    (kept,) = version.media.all()
    assert (kept.ending, secret in files["map.png"], secret in bytes(kept.data)) == ("png", True, False)


@pytest.mark.usefixtures("compiled_here")
@pytest.mark.parametrize(
    ("files", "answer"),
    [
        ({"a.png": b"<svg xmlns='http://www.w3.org/2000/svg'/>"}, "The file 'a.png' can't be shown"),
        ({"a.png": bytes(11_000_000), "b.png": bytes(10_000_000)}, "At most 20 MB are read, all together."),
        ({"a.png": b"", "b.csv": b""}, "The submitted file is empty."),
        ({"x/a.png": b"1", "y/a.png": b"2"}, "Two files of one name can't be told apart."),
    ],
)
def test_files_that_will_not_do_are_told_and_nothing_is_stored(
    anna: Client, files: dict[str, bytes], answer: str
) -> None:
    survey = builders.workbook("type | name | label | media::image\nnote | n | Look | a.png\ntext | t | T |")
    page = upload(anna, survey, attachments=[SimpleUploadedFile(name, data) for name, data in files.items()])

    assert answer in unescape(page.content.decode())
    assert not QuestionnaireVersion.objects.exists()
    assert not MediaFile.objects.exists()


def test_the_form_takes_several_files(anna: Client) -> None:
    assert re.search(r'<input type="file" name="attachments"[^>]* multiple', anna.get(IMPORT).content.decode())


@pytest.mark.browser
def test_choosing_files_leaves_the_other_fields_alone(
    live_server: LiveServer, open_page: Callable[..., Page], tmp_path: Path
) -> None:
    """The skin's script shows a chosen file's name in a text field, and takes the next best one for it."""
    client = Client()
    client.force_login(User.objects.create_superuser("berta"))
    names = ["dog.png", "cat.png"]
    for name in names:
        (tmp_path / name).write_bytes(media_files.png())
    page = open_page()
    cookie = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    page.goto(f"{live_server.url}{IMPORT}?slug=w2024")
    page.set_input_files("[name=attachments]", [tmp_path / name for name in names])

    assert page.locator("[name=attachments]").evaluate("one => [...one.files].map(file => file.name)") == names
    expect(page.locator("[name=slug]")).to_have_value("w2024")
    assert page.locator("[name=slug]").get_attribute("value") == "w2024"


# Waves


@pytest.mark.usefixtures("compiled_here")
def test_a_wave_is_opened_extended_and_closed_and_no_page_shows_a_planted_person(
    anna: Client, key_folder: Path
) -> None:
    people = f"email,language,timezone,country,source,external_id\n{ADDRESS},en,Europe/Berlin,DE,kontora,ext-4711\n"
    import_panel(file=BytesIO(people.encode()), by="anna", at=clock.now())
    upload(anna, small(), publish="on")
    asked = open_wave_page(anna)
    assert "The worker takes it up" in asked.content.decode()
    assert not Wave.objects.exists(), "the web process opens nothing itself"

    job = run_the_worker()
    assert (job.state, job.counts["members"]) == (JobState.DONE, 1), job.message
    wave = Wave.objects.get(slug="w1")
    assert {link.source for link in wave.recruitment_links.all()} == {"telegram", "partner-a"}
    secrets = planted(wave)

    anna.post(f"/admin/surveys/wave/{wave.pk}/extend/", {"closes_on": wave.closes_on + timedelta(days=5)})
    assert Wave.objects.get().closes_on == wave.closes_on + timedelta(days=5)
    walk_without(anna, wave, job, secrets)

    assert "Close w1?" in anna.get("/admin/panel/job/close-wave/w1/").content.decode()
    anna.post("/admin/panel/job/close-wave/w1/")
    assert run_the_worker().state == JobState.DONE
    assert Wave.objects.get().state == "closed"
    walk_without(anna, wave, job, secrets)


def planted(wave: Wave) -> list[str]:
    """What the database holds of the one member, as its keys open it: address, link, key, country."""
    vault = open_vault()
    interview = Interview.objects.get(wave=wave)
    member = ContactPlan.objects.get(wave=wave.slug).steps.first().attempts.get().member
    contact = unseal_contact(vault.contact, member.pk, bytes(member.contact.sealed))
    respondent_key = unseal_bridge(vault.bridge, member.pk, bytes(member.bridge.sealed))
    link = make_link(open_key_folder().link_key(wave.slug), wave.slug, respondent_key, wave.link_epoch)
    assert contact.email == ADDRESS
    assert respondent_key == interview.respondent_id
    assert hash_link(link) == bytes(interview.link_hash)
    return [
        ADDRESS,
        "kontora",
        "ext-4711",
        "Europe/Berlin",
        link,
        str(respondent_key),
        str(member.pk),
        str(interview.pk),
    ]


def walk_without(client: Client, wave: Wave, job: Job, secrets: list[str]) -> None:
    plan = ContactPlan.objects.get(wave=wave.slug)
    pages = [
        "/admin/",
        f"/admin/surveys/wave/{wave.pk}/change/",
        f"/admin/panel/contactplan/{plan.pk}/change/",
        f"/admin/panel/job/{job.pk}/change/",
        "/admin/panel/job/",
        "/admin/panel/job/build-release/",
        "/admin/panel/member/",
        "/admin/panel/auditentry/",
        "/admin/surveys/auditentry/",
        "/admin/surveys/wave/",
    ]
    for page in pages:
        answer = client.get(page)
        assert answer.status_code == 200, page
        for secret in secrets:
            assert secret not in answer.content.decode(), page


@pytest.mark.usefixtures("compiled_here")
@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"slug": "two words"}, "slug"),
        ({"closes_on": "2020-01-01"}, "before the first"),
        ({"version": "small@9"}, "Select a valid choice"),
        ({"sources": "a b?"}, "slug"),
        ({"opens_on": "soon"}, "valid date"),
        ({"remind_after": "-1"}, "greater than or equal to 0"),
    ],
)
def test_a_wave_that_cant_be_is_refused_on_the_form(anna: Client, fields: dict[str, str], says: str) -> None:
    upload(anna, small(), publish="on")
    page = open_wave_page(anna, **fields)

    assert says in page.content.decode()
    assert not Job.objects.exists()


def test_a_wave_of_a_name_that_is_taken_is_refused_on_the_form(anna: Client, study: Study) -> None:
    page = open_wave_page(anna, slug="w2024", version="w2024@1")

    assert "There is a wave of this name already." in page.content.decode()
    assert Job.objects.count() == 1


@pytest.mark.usefixtures("compiled_here", "key_folder")
def test_a_wave_whose_opening_was_cut_off_can_be_asked_for_again_and_is_finished(anna: Client) -> None:
    upload(anna, small(), publish="on")
    open_wave_page(anna)
    with patch("panel.services.open_wave._make_plan", side_effect=RuntimeError):
        job = run_the_worker()
    assert (job.state, Wave.objects.count(), ContactPlan.objects.count()) == ("failed", 1, 0)
    assert "ask again" in job.message
    open_wave_page(anna)
    job = run_the_worker()
    assert (job.state, Wave.objects.count(), ContactPlan.objects.count()) == ("done", 1, 1)


def test_drafts_are_not_offered_for_a_wave(anna: Client, study: Study) -> None:
    page = anna.get("/admin/panel/job/open-wave/").content.decode()

    assert "w2024@1" in page
    assert "w2024@2" not in page


def test_a_wave_cant_be_extended_into_the_past(anna: Client, study: Study) -> None:
    page = anna.post(f"/admin/surveys/wave/{study.wave.pk}/extend/", {"closes_on": "2020-01-01"})

    assert page.status_code == 200
    assert "end before" in page.content.decode()
    study.wave.refresh_from_db()
    assert study.wave.closes_on.year == 2024


def test_a_closed_or_unknown_wave_cant_be_closed(anna: Client, study: Study) -> None:
    Wave.objects.update(state="closed", closed_on="2024-04-02")

    assert anna.post("/admin/panel/job/close-wave/w2024/").status_code == 404
    assert anna.post("/admin/panel/job/close-wave/nope/").status_code == 404


def test_a_page_of_a_running_job_renews_itself_and_a_finished_one_does_not(anna: Client, study: Study) -> None:
    page = addresses.address("panel_job_change", study)
    assert 'http-equiv="refresh"' not in anna.get(page).content.decode()

    Job.objects.update(state=JobState.RUNNING, ended_at=None, progress=40)
    assert 'http-equiv="refresh"' in anna.get(page).content.decode()
    assert 'http-equiv="refresh"' in anna.get("/admin/panel/job/").content.decode()


# Releases


@pytest.mark.usefixtures("compiled_here")
def test_a_release_is_built_by_the_worker_and_fetched_from_its_page(
    anna: Client, settings: Settings, tmp_path: Path
) -> None:
    settings.VAR_DIR = tmp_path
    upload(anna, small(), publish="on")
    answered_wave(n=12)
    anna.post("/admin/panel/job/build-release/", {"waves": ["w1"], "kind": "scientific", "k": "5"})

    job = run_the_worker()
    assert job.state == JobState.DONE, job.message
    release = Release.objects.get()
    assert job.counts == {"release": str(release.pk), "rows": 12, "files": len(release.checksums)}
    page = anna.get(f"/admin/surveys/release/{release.pk}/change/").content.decode()
    for name, digest in release.checksums.items():
        address = f"/admin/surveys/release/{release.pk}/files/{name}"
        assert address in page
        assert hashlib.sha256(anna.get(address).content).hexdigest() == digest
    assert release.seed not in page


def answered_wave(n: int) -> None:
    version = QuestionnaireVersion.objects.get()
    wave = Wave.objects.create(
        slug="w1",
        number=1,
        version=version,
        state="closed",
        opens_on="2024-03-01",
        closes_on="2024-04-01",
        closed_on="2024-04-01",
    )
    for _ in range(n):
        Record.objects.create(
            interview_id=uuid4(),
            wave=wave,
            respondent=Respondent.objects.create(cohort="w1", source="panel"),
            version=version,
            outcome_code=OutcomeCode.COMPLETE,
            answers={"moved": "yes", "moves": "2"},
            missing={},
        )


def test_a_release_that_cant_be_built_is_a_failed_job_with_the_reason(
    anna: Client, study: Study, settings: Settings, tmp_path: Path
) -> None:
    settings.VAR_DIR = tmp_path
    anna.post("/admin/panel/job/build-release/", {"waves": ["w2024"], "kind": "scientific", "k": "5"})

    job = run_the_worker()
    assert job.kind == JobKind.BUILD_RELEASE
    assert job.state == JobState.FAILED
    assert "Still open: w2024" in job.message
    assert "technical" not in job.message
    assert Release.objects.count() == 1


def test_a_release_file_is_given_out_only_as_it_was_built(
    anna: Client, study: Study, settings: Settings, tmp_path: Path
) -> None:
    settings.VAR_DIR = tmp_path
    folder = tmp_path / "releases" / str(study.release.pk)
    folder.mkdir(parents=True)
    file = folder / "data.csv"
    file.write_bytes(b"release_id,wave\n")
    (folder / "other.txt").write_bytes(b"not in the ledger")
    Release.objects.update(checksums={"data.csv": hashlib.sha256(b"release_id,wave\n").hexdigest()})
    page = f"/admin/surveys/release/{study.release.pk}"

    assert f"{page}/files/data.csv" in anna.get(f"{page}/change/").content.decode()
    assert anna.get(f"{page}/files/data.csv").content == b"release_id,wave\n"
    assert AuditEntry.objects.filter(action="download_release", by="anna").count() == 1
    for name in ("other.txt", "..%2f..%2fsecret", "nothing"):
        assert anna.get(f"{page}/files/{name}", follow=True).status_code == 404

    file.write_bytes(b"tampered")
    refused = anna.get(f"{page}/files/data.csv", follow=True)
    assert "checksum differs" in refused.content.decode()
    assert b"tampered" not in refused.content


# Accounts


def test_a_staff_account_is_made_with_a_log_entry_in_the_panels_database(anna: Client) -> None:
    form = {
        "username": "boris",
        "usable_password": "true",
        "password1": "long-and-unusual",
        "password2": "long-and-unusual",
    }
    page = anna.post("/admin/auth/user/add/", form, follow=True)

    assert page.status_code == 200
    assert User.objects.filter(username="boris").exists()
    assert LogEntry.objects.using("default").get().object_repr == "boris"


def test_a_user_name_that_an_audit_row_cant_hold_is_refused(anna: Client) -> None:
    form = {"username": "b" * 51, "password1": "long-and-unusual", "password2": "long-and-unusual"}
    page = anna.post("/admin/auth/user/add/", form)

    assert "At most 50 characters." in page.content.decode()
    assert User.objects.count() == 1


def test_posts_without_the_token_are_refused(study: Study) -> None:
    client = Client(enforce_csrf_checks=True, HTTP_HOST="127.0.0.1")
    client.force_login(User.objects.create_superuser("anna"))

    assert client.post(f"/admin/surveys/questionnaireversion/{study.draft.pk}/publish/").status_code == 403
    study.draft.refresh_from_db()
    assert not study.draft.is_published
