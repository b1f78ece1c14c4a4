"""Floods are slowed down by network, in memory, and never anyone who answers."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import RequestFactory

from surveys.models import Interview
from surveys.respondent import limits
from surveys.respondent.limits import Limiter, network_of
from tests.respondent.browsing import Visitor
from tests.respondent.conftest import LINK, rows
from tests.respondent.test_answering import walk

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
FEW = 5


@pytest.fixture
def few(fresh_limits: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "limiter", Limiter(FEW))


def test_one_network_is_slowed_down_and_others_are_not() -> None:
    limiter = Limiter(FEW)
    asked = [limiter.is_too_often("192.0.2.1", NOON) for _ in range(FEW + 2)]
    assert asked == [False] * FEW + [True] * 2
    assert not limiter.is_too_often("192.0.2.2", NOON)


def test_the_next_window_begins_with_nothing() -> None:
    limiter = Limiter(FEW)
    for _ in range(FEW + 1):
        last = limiter.is_too_often("192.0.2.1", NOON)
    assert last
    assert limiter.is_too_often("192.0.2.1", NOON + timedelta(seconds=limits.WINDOW - 1))
    assert not limiter.is_too_often("192.0.2.1", NOON + timedelta(seconds=limits.WINDOW))


def test_what_it_remembers_is_no_address_and_another_each_day() -> None:
    limiter = Limiter()
    remembered = []
    for moment in (NOON, NOON + timedelta(seconds=1), NOON + timedelta(days=1)):
        limiter.is_too_often("192.0.2.1", moment)
        remembered.append(set(limiter._counts))
    assert remembered[0] == remembered[1] != remembered[2]
    assert all(len(name) == 16 and b"192" not in name for names in remembered for name in names)
    other = Limiter()  # another process, or this one started again
    other.is_too_often("192.0.2.1", NOON)
    assert set(other._counts) != remembered[0]


def test_its_memory_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_NETWORKS", 100)
    limiter = Limiter()
    for number in range(1000):
        limiter.is_too_often(f"2001:db8:{number:x}::/64", NOON)
    assert len(limiter._counts) <= 100


@pytest.mark.parametrize(
    ("n_proxies", "forwarded", "expected"),
    [
        (0, "198.51.100.7", "192.0.2.9"),  # nobody of ours wrote it
        (1, "198.51.100.7", "198.51.100.7"),
        (1, "203.0.113.1, 198.51.100.7", "198.51.100.7"),  # the first was sent by the visitor
        (2, "203.0.113.1, 198.51.100.7", "203.0.113.1"),
        (2, "198.51.100.7", "192.0.2.9"),  # came past the outer proxy
        (1, "", ""),
        (1, "no address", ""),
        (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (1, "2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        (1, "::ffff:198.51.100.7", "198.51.100.7"),
    ],
)
def test_the_network_is_what_the_nearest_proxy_of_ours_says(
    settings: Any, n_proxies: int, forwarded: str, expected: str
) -> None:
    settings.TRUSTED_PROXIES = n_proxies
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.9", HTTP_X_FORWARDED_FOR=forwarded)
    assert network_of(request) == expected


def test_a_flood_gets_a_calm_page_whatever_the_link_and_answers_go_on_being_saved(
    few: None, interview: Interview, visitor: Callable[..., Visitor]
) -> None:
    someone = visitor("ru")
    someone.take_part(LINK)  # two of the five
    stranger = visitor("ru")
    for _ in range(FEW - 2):
        assert stranger.get(f"/w/{'z' * 26}").status == 404
    before = rows()
    pages = [stranger.get(path) for path in (f"/w/{LINK}", f"/w/{'z' * 26}", "/r/whatever", f"/u/{'z' * 26}")]
    assert {page.status for page in pages} == {429}
    assert len({page.html for page in pages}) == 1
    assert "Попробуйте ещё раз через несколько минут" in pages[0].html
    assert pages[0].response["Retry-After"] == "600"
    assert rows() == before
    walk(someone)
    assert someone.page.path == "/i/done/"


def test_a_group_behind_one_address_may_all_take_part() -> None:
    limiter = Limiter()
    assert not any(limiter.is_too_often("192.0.2.1", NOON) for _ in range(2 * 1000))
