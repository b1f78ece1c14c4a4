"""Where someone goes on who comes back, and how far someone came who doesn't."""

from surveys.instrument import hubs
from surveys.instrument.document import Answers
from surveys.instrument.evaluation import Environment, Program, State
from surveys.instrument.findings import is_open
from surveys.instrument.questions import questions_of
from surveys.instrument.screens import Screen, every_screen, following, shown


def resume_page(program: Program, answers: Answers, *, environment: Environment, seen: str = "") -> str:
    """Where someone goes on who comes back: on the page seen last, or an earlier one that still needs an answer.

    Where that page is not known or no longer there, see `where_to_resume`. "" where no page has anything to see.
    """
    state = program.evaluate(answers, environment)
    screens = shown(program, state)
    if not screens:
        return ""
    place = next((number for number, screen in enumerate(screens) if screen.name == seen), None)
    if place is None:
        return where_to_resume(program, state).name
    lacking = (screen for screen in screens[:place] if _lacks_answer(program, state, screen))
    return next(lacking, screens[place]).name


def furthest_page(program: Program, answers: Answers, *, environment: Environment, seen: str) -> str:
    """The last page, in the order of the questionnaire, that was reached by someone whose last page was `seen`.

    That is a later one than `seen` for someone who had gone back, and on a hub for someone who had been in its entries.
    `seen` itself where it isn't there (any more).
    """
    state = program.evaluate(answers, environment)
    screens = shown(program, state)
    names = [screen.name for screen in screens]
    if seen not in names:
        return seen
    reached = [screens[names.index(seen)]]
    reached.extend(hubs.screens_passed(program, state, reached[0]))
    answered = [screen for screen in screens if _holds_answer(program, state, screen)]
    reached.extend(answered[-1:])
    if answered and (ahead := following(program, state, answered[-1])):
        reached.append(ahead)
    return max((screen.name for screen in reached if screen.name in names), key=names.index)


def where_to_resume(program: Program, state: State) -> Screen:
    """The first page with an unanswered required question, but never beyond where the last answered one leads to."""
    screens = shown(program, state) or tuple(every_screen(program, state))
    answered = [number for number, screen in enumerate(screens) if _holds_answer(program, state, screen)]
    if not answered:
        return screens[0]
    last = screens[answered[-1]]
    lacking = (screen for screen in screens[: answered[-1] + 1] if _lacks_answer(program, state, screen))
    return next(lacking, following(program, state, last) or last)


def _holds_answer(program: Program, state: State, screen: Screen) -> bool:
    """Whether somebody answered something there: a default or a calculated value is there before anybody came."""
    questions = questions_of(program, state, screen)
    return any(state.is_given(*question.place) and state.value(*question.place) for question in questions)


def _lacks_answer(program: Program, state: State, screen: Screen) -> bool:
    """Whether a required question there is without an answer."""
    return any(
        is_open(state, question) and state.is_required(*question.place) and not state.value(*question.place)
        for question in questions_of(program, state, screen)
    )
