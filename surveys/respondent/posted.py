"""What a posted page says: the values of its controls, and which button was pressed."""

from django.http import HttpRequest, QueryDict

from surveys.instrument.advance import NEXT, Move
from surveys.services.interviews import PostedPage

# Our own controls. An XLSForm name can't begin with a hyphen, so they never meet an item's.
MOVE = "-move"
STAMP = "-stamp"
ASKED = "-asked"
# Those of our own that hold what somebody typed.
EMAIL = "-email"
PHRASE = "-phrase"
FINISH = "finish"
SWITCH = "language:"


def read(data: QueryDict, page: str) -> PostedPage:
    button = pressed(data)
    return PostedPage(
        page=page,
        values={name: data.getlist(name) for name in data if not name.startswith("-")},
        move=Move.from_text(button),
        stamp=data.get(STAMP, ""),
        asked=frozenset(data.getlist(ASKED)),
        language=button.removeprefix(SWITCH) if button.startswith(SWITCH) else "",
    )


def pressed(data: QueryDict) -> str:
    """The value of the button. Without one, as when a script or an old browser sends the form, it counts as `next`."""
    return data.get(MOVE) or NEXT.name


def is_by_script(request: HttpRequest) -> bool:
    """Whether our script saves a page that stays open: it wants the questions alone."""
    return request.headers.get("X-Part") == "questions"
