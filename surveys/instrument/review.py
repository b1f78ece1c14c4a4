"""All pages of an interview as they are answered, to be looked over before the end."""

from surveys.instrument.advance import Step
from surveys.instrument.document import Answers
from surveys.instrument.evaluation import Environment, Program
from surveys.instrument.findings import messages_of, stored_findings
from surveys.instrument.page_view import Drawing, draw
from surveys.instrument.screens import shown
from surveys.instrument.view import PageView


def review(program: Program, answers: Answers, *, environment: Environment) -> tuple[PageView, ...]:
    """Every page that has anything to see now, in order, with what is wrong or missing on it."""
    state = program.evaluate(answers, environment)
    pages = []
    for screen in shown(program, state):
        found = stored_findings(program, state, screen, environment)
        pages.append(draw(Drawing(program, state, environment.language, messages=messages_of(found)), screen))
    return tuple(pages)


def looked_over(step: Step) -> tuple[PageView, ...]:
    """The same of answers with which the interview has ended, so that nothing is wrong or missing any more."""
    drawing = step.drawing
    return tuple(draw(drawing, screen) for screen in shown(drawing.program, drawing.state))
