"""Simulated respondents who take part over real HTTP: they read the development mailbox, follow links, fill in pages.

What they answer is decided by the engine's simulated respondents; that it can be entered, by the pages. A page without
a control for what is asked, or one that can't be left, is reported as a problem.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Any
from urllib.parse import quote, unquote, urljoin

from django.conf import settings
from django.db import connections

from outrush_site import clock
from panel.simulation.browser import Browser, NotLocal, Shown, Unreachable, check_local
from panel.simulation.forms import Form
from surveys.instrument import advance
from surveys.instrument.evaluation import Environment, Program
from surveys.instrument.model import Instrument
from surveys.instrument.respondents import Profile, answer_page, entry_to_mend, wanted_instance
from surveys.instrument.view import PageView
from surveys.refusals import Refused
from surveys.selectors.due import wave_facts
from surveys.selectors.interviews import environment_of, interview_by_link
from surveys.selectors.programs import program_for
from surveys.services.interviews import YES

AT_ONCE = 4
#: Whoever sends a page so often without getting on is stuck.
MOST_TRIES = 12
DONE = "/i/done/"
REVIEW = "/i/review"
_LINK = re.compile(r"(http\S*?/w/([a-z2-7]{26}))(?![a-z2-7])")


@dataclass(frozen=True, slots=True)
class Simulated:
    """What became of the members chosen. `problems` tell pages and controls, never answers or links."""

    n_wanted: int
    n_chosen: int
    n_completed: int
    n_broken_off: int
    n_silent: int
    problems: Mapping[str, int]


@dataclass(frozen=True)
class _Visitor:
    """One simulated respondent: their link, their chance, the share of pages after which they leave (1: never)."""

    address: str = field(repr=False)
    letters: str = field(repr=False)
    random: Random
    stays: float


@dataclass(frozen=True)
class _Opened:
    """An interview as it is stored now, for the engine."""

    program: Program
    answers: dict[str, Any] = field(repr=False)
    environment: Environment = field(repr=False)


class _StuckError(Exception):
    """A page can't be answered. The message names pages and controls alone."""


def simulate_wave(
    *,
    wave: str,
    n_members: int,
    seed: int,
    mailbox: str,
    break_off: float = 0.1,
    silent: float = 0.1,
    at_once: int = AT_ONCE,
) -> Simulated:
    """Let `n_members` of those who were written to take part; shares of them break off or do nothing at all.

    `mailbox` is the address of the development mailbox. Raises Refused in production, where the wave isn't in the
    field, and where a link or the mailbox is not on this machine or doesn't answer.
    """
    _check(wave, break_off, silent)
    try:
        links = _links(wave, mailbox, clock.today())
        random = Random(seed)  # noqa: S311  (nothing secret comes from it)
        chosen = random.sample(links, min(n_members, len(links)))
        n_silent, n_leaving = round(len(chosen) * silent), round(len(chosen) * break_off)
        visitors = [
            _visitor(address, letters, Random(random.random()), is_leaving=place < n_leaving)  # noqa: S311
            for place, (address, letters) in enumerate(chosen[n_silent:])
        ]
        with ThreadPoolExecutor(max_workers=at_once) as pool:
            ends = Counter(pool.map(_visit, visitors))
    except (NotLocal, Unreachable) as error:
        raise Refused("simulation.address", str(error)) from None
    n_completed, n_broken_off = ends.pop("completed", 0), ends.pop("broken off", 0)
    return Simulated(n_members, len(chosen), n_completed, n_broken_off, n_silent, dict(sorted(ends.items())))


def _visitor(address: str, letters: str, random: Random, *, is_leaving: bool) -> _Visitor:
    return _Visitor(address, letters, random, stays=random.uniform(0, 0.6) if is_leaving else 1)


def _check(wave: str, break_off: float, silent: float) -> None:
    if settings.IS_PRODUCTION:
        raise Refused("simulation.production", "Simulated answers never go into a real study.")
    facts = wave_facts(wave)
    if facts is None:
        raise Refused("simulation.wave", f"There is no wave {wave}.")
    if not facts.is_in_field(clock.today()):
        raise Refused("simulation.wave", f"Wave {wave} is not in the field today.")
    if not (0 <= break_off <= 1 and 0 <= silent <= 1 and break_off + silent <= 1):
        raise Refused("simulation.shares", "The shares of break-offs and silent ones are from 0 to 1, together too.")


def _links(wave: str, mailbox: str, today: date) -> list[tuple[str, str]]:
    """(address, letters) of each member's link to the wave, of those who haven't finished; the first mail first."""
    page = Browser().get(urljoin(mailbox, "/messages.json"))
    if page.status != 200:
        raise Refused("simulation.mailbox", "The address of the mailbox shows no mails. It is printed by make run.")
    found: dict[str, str] = {}
    for message in json.loads(page.html):
        for address, letters in _LINK.findall(str(message.get("text", ""))):
            found.setdefault(letters, address)
    links = []
    for letters, address in found.items():
        interview = interview_by_link(letters, on=today)
        if interview is not None and interview.wave.slug == wave and interview.state != "ended":
            check_local(address)
            links.append((address, letters))
    return links


def _visit(visitor: _Visitor) -> str:
    """How it ended: "completed", "broken off", or a problem."""
    try:
        return "completed" if _walk(visitor) else "broken off"
    except _StuckError as problem:
        return str(problem)
    finally:
        connections.close_all()


def _walk(visitor: _Visitor) -> bool:
    """Take part until the end (True) or until leaving."""
    browser = Browser()
    page = _begin(browser, visitor)
    most = visitor.stays * len(_opened(visitor).program.instrument.pages)
    seen: Counter[str] = Counter()
    while form := _page_form(page):
        seen[page.path] += 1
        if visitor.stays < 1 and len(seen) > most:
            return False
        if seen[page.path] > MOST_TRIES:
            raise _StuckError(f"no way on from {unquote(page.path)}")
        page = _go_on(browser, visitor, page, form)
        if page.status != 200:
            raise _StuckError(f"status {page.status} at {unquote(page.path)}")
    if page.path != DONE:
        raise _StuckError(f"no form at {unquote(page.path)}")
    return True


def _begin(browser: Browser, visitor: _Visitor) -> Shown:
    start = browser.get(visitor.address)
    if start.status != 200 or not start.forms:
        raise _StuckError(f"status {start.status} at a link's start page")
    page = browser.send(start, start.forms[0], {})
    if page.status != 200:
        raise _StuckError(f"status {page.status} after taking part")
    return page


def _page_form(page: Shown) -> Form | None:
    return next((form for form in page.forms if "-stamp" in form.controls), None)


def _go_on(browser: Browser, visitor: _Visitor, page: Shown, form: Form) -> Shown:
    """Fill in the page and send it. From a hub a link leads to an entry that was left with something missing."""
    if page.path == REVIEW:
        return browser.send(page, form, {"-move": ["finish"]})
    now = _opened(visitor)
    view = advance.show(now.program, now.answers, _name(page), environment=now.environment)
    if mend := entry_to_mend(view):
        return browser.get(urljoin(page.address, quote(f"/i/{mend}/")))
    return browser.send(page, form, _posted(visitor, now, view, form))


def _name(page: Shown) -> str:
    return unquote(page.path).removeprefix("/i/").rstrip("/")


def _posted(visitor: _Visitor, now: _Opened, view: PageView, form: Form) -> dict[str, Sequence[str]]:
    """What this respondent enters on the page, under the names of the form's controls."""
    profile = Profile(weights=_willing(now.program.instrument))
    answers = answer_page(now.program, view, visitor.random, profile, answers=now.answers, environment=now.environment)
    values = dict(_fitted(answers, form, view.name))
    repeat = wanted_instance(view, visitor.random, profile)
    return values | {"-move": [f"add:{repeat}" if repeat else "next"]}


def _opened(visitor: _Visitor) -> _Opened:
    interview = interview_by_link(visitor.letters, on=clock.today())
    if interview is None:
        raise _StuckError("the wave has closed meanwhile")
    environment = environment_of(interview, now=clock.now(), today=clock.today())
    return _Opened(program_for(interview.version), interview.answers, environment)


def _fitted(answers: Mapping[str, list[str]], form: Form, page: str) -> Iterator[tuple[str, Sequence[str]]]:
    """The answers by the controls that are really there: a date may be entered in parts."""
    for control, values in answers.items():
        parts = [f"{control}.{part}" for part in ("year", "month", "day")]
        if control in form.controls:
            yield control, values
        elif parts[0] in form.controls:
            entered = values[0].split("-") if values and values[0] else ["", "", ""]
            yield from ((part, [number]) for part, number in zip(parts, entered, strict=False) if part in form.controls)
        elif any(values):
            raise _StuckError(f"page {page} has no control {control.rpartition('.')[2]}")


def _willing(instrument: Instrument) -> dict[str, dict[str, float]]:
    """Weights that keep a respondent from ending the interview by an answer, and from declining further waves."""
    weights = {}
    for item in instrument.items():
        if item.choices not in instrument.choice_lists:
            continue
        choices = instrument.choice_lists[item.choices].choices
        wanted = [choice for choice in choices if not choice.outcome]
        if item.consent == "recontact":
            wanted = [choice for choice in wanted if choice.name in YES]
        kept = [choice.name for choice in wanted]
        if kept and len(kept) < len(choices):
            weights[item.name] = dict.fromkeys(kept, 1.0)
    return weights
