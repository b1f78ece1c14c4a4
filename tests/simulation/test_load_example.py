"""The example study: who is in it, what they answered, what may be seen of it, and what a release of it keeps."""

import csv
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings

from outrush_site import clock
from panel.models import ContactAttempt, ContactPlan, Member
from panel.services.close_wave import close_wave
from panel.services.load_example import N_INVITED_NOW, LoadedExample, load_example
from surveys.example import RECIPE
from surveys.models import Interview, Record, Release, Wave
from surveys.refusals import Refused
from surveys.selectors.interviews import interview_by_link
from surveys.services.releases import build_release

if TYPE_CHECKING:
    from pytest_django.plugin import DjangoDbBlocker

pytestmark = pytest.mark.django_db

FOLLOWED = {"interest_russia": {"3", "4"}, "follow_local": {"1"}, "plan_move": {"1"}, "voted_2024": {"1", "2"}}


@pytest.fixture(scope="module")
def key_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("keys")
    with override_settings(KEY_DIR=folder, PRIVATE_KEY_DIR=folder / "vault", PUBLIC_KEY_DIR=folder / "public"):
        call_command("make_keys", verbosity=0)
        yield


@pytest.fixture(scope="module")
def example(django_db_setup: None, django_db_blocker: "DjangoDbBlocker", key_settings: None) -> Iterator[LoadedExample]:
    """The loaded study, once for all tests here; taken back afterwards."""
    with django_db_blocker.unblock(), transaction.atomic("default"), transaction.atomic("answers"):
        yield load_example(by="tests", at=clock.now())
        transaction.set_rollback(True, using="answers")
        transaction.set_rollback(True, using="default")


@pytest.fixture(scope="module")
def released(
    example: object, django_db_blocker: "DjangoDbBlocker", tmp_path_factory: pytest.TempPathFactory
) -> tuple[Release, Path]:
    """A release of both waves by the example's recipe. The second is closed for it, and open again afterwards."""
    out = tmp_path_factory.mktemp("out") / "release"
    with django_db_blocker.unblock(), transaction.atomic("default"), transaction.atomic("answers"):
        close_wave(slug="w2024", by="tests", at=clock.now())
        release = build_release(
            waves=["w2023", "w2024"],
            kind="scientific",
            out=out,
            by="tests",
            at=clock.now(),
            recipe=RECIPE.read_text(encoding="utf-8"),
        )
        transaction.set_rollback(True, using="answers")
        transaction.set_rollback(True, using="default")
    return release, out


def answers(wave: str) -> list[dict[str, str]]:
    return list(Record.objects.filter(wave__slug=wave).values_list("answers", flat=True))


def test_it_is_of_the_size_the_docs_say(example: LoadedExample) -> None:
    assert (example.is_new, example.n_members, example.n_records) == (True, 1200, 1500)
    assert Member.objects.count() == 1200
    n_first, n_second = len(answers("w2023")), len(answers("w2024"))
    assert 900 <= n_first <= 940
    assert n_second == 600
    both = Counter(Record.objects.values_list("respondent_id", flat=True)).values()
    assert 415 <= sum(n == 2 for n in both) <= 425


def test_a_second_load_does_nothing_and_shows_a_link(
    example: LoadedExample, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (Record.objects.count(), Member.objects.count(), Interview.objects.count())
    call_command("load_example", "--json")
    told = json.loads(capsys.readouterr().out)
    assert (told["is_new"], told["n_members"], told["n_records"]) == (False, 0, 0)
    assert (Record.objects.count(), Member.objects.count(), Interview.objects.count()) == before
    assert told["link"].rpartition("/w/")[2] == example.link


def test_the_link_opens_an_interview_that_nobody_has_begun(example: LoadedExample) -> None:
    interview = interview_by_link(example.link, on=clock.today())
    assert interview is not None
    assert (interview.wave.slug, interview.state) == ("w2024", "not_started")


def test_the_first_wave_is_over_and_the_second_in_the_field(example: object) -> None:
    first, second = Wave.objects.order_by("number")
    assert (first.slug, first.state, second.slug, second.state) == ("w2023", "closed", "w2024", "open")
    assert first.closes_on < second.opens_on < clock.today() < second.closes_on
    assert not Interview.objects.filter(wave=first).exclude(state="ended").exists()
    assert Interview.objects.filter(wave=second, state="in_progress").exists()
    assert Interview.objects.filter(wave=second, state="not_started").count() > 100


def test_only_a_handful_of_mails_is_due(example: object) -> None:
    assert ContactPlan.objects.get(wave="w2023").closed_at is not None
    due = ContactAttempt.objects.filter(state="planned", due_at__lte=clock.now())
    assert due.count() == N_INVITED_NOW
    assert {attempt.step.plan.wave for attempt in due} == {"w2024"}
    later = ContactAttempt.objects.filter(state="planned", due_at__gt=clock.now() + timedelta(days=5))
    wanted = Member.objects.filter(state="active").count()
    assert later.count() == wanted
    assert 1000 < wanted < 1200, "whoever answered that they want no more mail is not invited again"


def test_countries_are_handed_on_and_people_move_as_published(example: object) -> None:
    moves = Counter(answer["mobility"] for answer in answers("w2024") if "mobility" in answer)
    n = sum(moves.values())
    assert n >= 415
    assert moves["stayed"] / n == pytest.approx(0.71, abs=0.07)
    assert moves["moved_on"] / n == pytest.approx(0.21, abs=0.07)
    assert moves["returned"] / n == pytest.approx(0.08, abs=0.05)


def test_answers_follow_the_published_figures(example: object) -> None:
    published = Path(RECIPE).parent.parent.parent / "tests" / "simulation" / "published_figures.csv"
    with published.open(encoding="utf-8") as file:
        for figure in csv.DictReader(file):
            wanted = FOLLOWED.get(figure["key"])
            if wanted is None:
                continue
            given = [answer[figure["key"]] for answer in answers(f"w{figure['wave']}") if figure["key"] in answer]
            share = 100 * sum(value in wanted for value in given) / len(given)
            assert share == pytest.approx(float(figure["value"]), abs=7), figure["key"]


def test_records_hold_a_region_that_fits_the_country_and_no_answer_that_was_not_asked(example: object) -> None:
    for record in Record.objects.filter(wave__slug="w2024"):
        assert not record.answers.keys() & record.missing.keys()
        if record.answers["country"] == "RUS":
            assert record.answers["region"] == "rus"
            assert record.missing["follow_local"] == "not_routed"


def test_the_example_recipe_keeps_most_rows_and_values(released: tuple[Release, Path]) -> None:
    report = released[0].report
    assert list(report["cells_lost_by_variable"]) == ["birth_year", "gender", "education", "region", "mobility"]
    assert report["rows_lost"]["share_lost"] <= 0.10
    assert report["cells_lost"]["share_lost"] <= 0.15


def test_every_trajectory_in_the_finished_file_is_shared_by_five(released: tuple[Release, Path]) -> None:
    with (released[1] / "data.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == released[0].n_rows > 1_300
    trajectories = defaultdict(list)
    for row in rows:
        quasi = tuple(row[name] for name in ("region", "birth_year", "gender", "education", "mobility"))
        trajectories[row["release_id"]].append((row["wave"], quasi, row["follow_local"] == "-95"))
    sizes = Counter(tuple(sorted(trajectory)) for trajectory in trajectories.values())
    assert min(sizes.values()) >= 5
    assert len(sizes) > 50


def test_it_is_never_loaded_into_a_real_study(settings: object) -> None:
    with override_settings(IS_PRODUCTION=True), pytest.raises(Refused, match="never for a real study"):
        load_example(by="tests", at=clock.now())
