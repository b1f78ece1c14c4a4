"""One wave, end to end: workbook to release with every process real. Told once, looked at from all sides."""

import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.story import N_COMPLETING, N_LEAVING, N_MEMBERS, RECIPE, Story, tell
from tests.running_site import RunningSite

pytestmark = pytest.mark.processes
K = 5


@pytest.fixture(scope="module")
def story(running_site: RunningSite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    return tell(running_site, tmp_path_factory.mktemp("papers"))


def test_everyone_is_invited_exactly_once(story: Story) -> None:
    assert len(story.addresses) == N_MEMBERS
    assert Counter(story.invited) == dict.fromkeys(story.addresses, 1)


def test_respondents_complete_and_break_off_over_http(story: Story) -> None:
    assert story.simulated["problems"] == {}
    assert story.simulated["n_completed"] == N_COMPLETING
    assert story.simulated["n_broken_off"] == N_LEAVING


def test_a_reminder_goes_to_exactly_those_who_have_not_completed(story: Story) -> None:
    assert len(story.unfinished) == N_MEMBERS - N_COMPLETING
    assert Counter(story.reminded) == dict.fromkeys(story.unfinished, 1)


def test_each_completed_interview_is_a_record(story: Story) -> None:
    assert story.n_records["1.1"] == N_COMPLETING
    assert story.n_records["1.2"] <= N_LEAVING


def test_the_second_wave_is_handed_each_respondents_prior_country_and_nothing_else(story: Story) -> None:
    assert len(story.prior) == N_MEMBERS
    handed = {respondent: prior for respondent, prior in story.prior.items() if prior}
    known = {respondent: country for respondent, country in story.first_countries.items() if country}
    assert handed == {respondent: {"w2023": {"country": country}} for respondent, country in known.items()}
    assert len(handed) >= N_COMPLETING


def test_the_second_wave_is_answered_too(story: Story) -> None:
    assert Counter(story.second_invited) == dict.fromkeys(story.addresses, 1)
    assert story.second_simulated["problems"] == {}
    assert story.second_simulated["n_completed"] == 150


def test_the_release_has_the_records_less_what_was_suppressed(story: Story) -> None:
    n_records = story.n_records.total() + story.second_simulated["n_completed"]
    assert story.release["rows_lost"]["before"] == n_records
    assert len(story.rows) == story.release["n_rows"] == story.release["rows_lost"]["kept"]
    assert len(story.rows) >= n_records / 2


def test_at_least_five_respondents_share_each_combination_over_both_waves(story: Story) -> None:
    """Counted by brute force on the finished file: a blank is a value of its own, the waves taken are one too."""
    quasi = [variable["name"] for variable in story.codebook["variables"] if variable["is_quasi_identifying"]]
    assert set(tomllib.loads(RECIPE.read_text())["quasi"]) <= set(quasi)
    trajectories: defaultdict[str, list[tuple[str, ...]]] = defaultdict(list)
    for row in story.rows:
        trajectories[row["release_id"]].append((row["wave"], *(row[name] for name in quasi)))
    classes = Counter(tuple(sorted(trajectory)) for trajectory in trajectories.values())
    assert min(classes.values()) >= K
    assert min(classes.values()) == story.release["smallest_class"]
    assert len(classes) > 1


def test_no_direct_or_open_item_and_no_key_is_released(story: Story) -> None:
    columns = set(story.rows[0])
    assert {"release_id", "wave"} <= columns
    assert not columns & {"panelist", "comment", "country_other", "country", "respondent_key", "language", "source"}
    assert not {row["release_id"] for row in story.rows} & set(story.first_countries)


def test_no_address_is_anywhere_at_rest(story: Story) -> None:
    places = {Path(found.place).name for found in story.planted}
    assert {"planted", "table planted"} <= places, "the search doesn't find what was planted"
    assert story.at_rest == []
