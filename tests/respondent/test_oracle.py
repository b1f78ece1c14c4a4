"""Nothing tells a wrong link from a closed or expired one: not the page, not its headers, not the work behind it.

Time is measured in tests/benchmarks/link_timing.py, apart from the suite: it depends on the machine.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from surveys.models import Interview, RecruitmentLink, Wave
from surveys.respondent.pace import AFTER
from tests.respondent.browsing import Visitor
from tests.respondent.conftest import CODE, LINK
from tests.respondent.test_links import WRONG, closed, expired, masked, not_yet_open

UNUSABLE = [closed, expired, not_yet_open]


def seen(someone: Visitor, path: str, letters: str) -> tuple[Any, ...]:
    """All that a stranger sees of an address, and what it asks of the database."""
    with CaptureQueriesContext(connections["answers"]) as queries:
        response = someone.client.get(path)
    work = [query["sql"].partition(" WHERE ")[0] for query in queries]
    return (*masked(response, letters), len(response.content), work)


@pytest.mark.parametrize("unusable", UNUSABLE)
def test_a_link_that_cannot_be_entered_is_a_wrong_one_in_size_headers_and_work(
    interview: Interview, visitor: Callable[..., Visitor], unusable: Callable[[Wave], None]
) -> None:
    someone = visitor()
    assert seen(someone, f"/w/{LINK}", LINK)[0] == 200
    unusable(interview.wave)
    interview.wave.save()
    wrong = seen(someone, f"/w/{WRONG}", WRONG)
    assert wrong[0] == 404
    assert len(wrong[-1]) == 1
    assert seen(someone, f"/w/{LINK}", LINK) == wrong
    for letters in ("short", "1" * 26, "ы" * 26):
        assert seen(someone, f"/w/{letters}", letters)[3:] == wrong[3:]


def test_links_that_open_nothing_wait_until_all_of_them_would_be_done(
    interview: Interview, visitor: Callable[..., Visitor], monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr("surveys.respondent.pace.time.sleep", waits.append)
    someone = visitor()
    assert someone.client.get(f"/w/{LINK}").status_code == 200
    assert waits == []
    closed(interview.wave)
    interview.wave.save()
    for letters in (LINK, WRONG, "short"):
        assert someone.client.get(f"/w/{letters}").status_code == 404
    assert len(waits) == 3
    assert all(0 <= wait <= AFTER for wait in waits)


@pytest.mark.parametrize("unusable", UNUSABLE)
def test_an_open_link_that_cannot_be_entered_is_a_wrong_one(
    open_link: RecruitmentLink, visitor: Callable[..., Visitor], unusable: Callable[[Wave], None]
) -> None:
    someone = visitor()
    assert seen(someone, f"/r/{CODE}", CODE)[0] == 200
    unusable(open_link.wave)
    open_link.wave.save()
    assert seen(someone, f"/r/{CODE}", CODE) == seen(someone, f"/r/{WRONG}", WRONG)


@pytest.mark.parametrize("kind", ["stop", "erase"])
def test_an_exit_says_and_asks_the_same_for_a_link_that_is_none(
    interview: Interview, visitor: Callable[..., Visitor], key_folder: Any, kind: str
) -> None:
    someone = visitor()
    closed(interview.wave)
    interview.wave.save()
    pages = []
    for letters in (LINK, WRONG):
        form = someone.get(f"/w/{letters}").form(kind)
        response = someone.client.post(form.action, form.values)
        pages.append((masked(response, letters), len(response.content)))
    assert pages[0] == pages[1]
