"""One simulated interview, from the first page to the end or to where it is broken off."""

from dataclasses import dataclass
from itertools import count
from random import Random
from typing import Any

from surveys.instrument import advance as routing
from surveys.instrument import resuming
from surveys.instrument.evaluation import Environment, Program
from surveys.instrument.respondents import Profile, answer_page, entry_to_mend, wanted_instance
from surveys.instrument.view import questions_in

#: A walk that takes more pages than this for each page of the instrument goes round in circles.
MAX_VISITS = 6
SPARE_VISITS = 40


@dataclass(frozen=True, slots=True)
class Walk:
    """How far a simulated respondent came. `page` was shown last; `is_over` says whether the end was reached."""

    answers: dict[str, Any]
    page: str
    is_over: bool
    outcome: str
    pages: tuple[str, ...]  # in the order seen


class DeadEndError(Exception):
    """A simulated respondent found no way on from a page. The message names the page and its questions, no answers."""


def walk(
    program: Program,
    *,
    environment: Environment,
    random: Random,
    profile: Profile | None = None,
    stop_after: int | None = None,
) -> Walk:
    """Walk from the first page to the end, or break off after `stop_after` pages. Raises DeadEndError."""
    answers: dict[str, Any] = {}
    page = resuming.resume_page(program, answers, environment=environment)
    view = routing.show(program, answers, page, environment=environment)
    seen = [page]
    for number in count():
        if number > MAX_VISITS * max(view.total, len(program.instrument.pages)) + SPARE_VISITS:
            break
        if stop_after is not None and len(seen) > stop_after:
            return Walk(answers, page, False, "", tuple(seen))
        if mend := entry_to_mend(view):
            page, view = mend, routing.show(program, answers, mend, environment=environment)
            seen.append(page)
        posted = answer_page(program, view, random, profile, answers=answers, environment=environment)
        repeat = wanted_instance(view, random, profile)
        move = routing.Move.from_text(f"add:{repeat}") if repeat else routing.NEXT
        step = routing.advance(program, answers, page, posted, environment=environment, move=move)
        answers, page, view = step.answers, step.page, step.view
        if step.is_over:
            return Walk(answers, page, True, step.outcome, tuple(seen))
        if page != seen[-1]:
            seen.append(page)
    raise DeadEndError(f"No way on from page '{page}': {', '.join(one.key for one in questions_in(view.nodes))}.")
