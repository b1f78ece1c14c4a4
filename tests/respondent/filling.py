"""A simulated respondent in a real browser: the engine says what they answer, the pages how it is entered.

The answers are worked out before any page is opened, so that every browser, size and language is given the same ones.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Locator, Page, Request

from surveys.instrument import document
from surveys.instrument.controls import control_name
from surveys.instrument.document import Stored
from surveys.instrument.evaluation import Environment, Program
from surveys.instrument.final import final_of
from surveys.instrument.model import Instrument, Item, Kind
from tests.respondent import every_type
from tests.walking import DeadEndError, Walk, walk

#: So many are simulated, and whoever sees the most pages is taken: others may end on the first one by an answer.
N_TRIED = 20
#: A page that is sent so often without getting on is a dead end.
MOST_TRIES = 8
OFFERED = """[...document.querySelectorAll("#questions [name]:not(button)")]
    .filter((one) => !one.matches(":disabled")).map((one) => one.name)"""

Look = Callable[[Page, str], None]


def longest_walk(program: Program, environment: Environment, seed: int) -> Walk:
    """Of some simulated respondents the one who sees the most pages. The same seed is the same one."""
    walks = []
    for number in range(N_TRIED):
        # Some talk themselves into a corner that only another earlier answer leads out of.
        with suppress(DeadEndError):
            walks.append(walk(program, environment=environment, random=Random(seed + number)))
    return max(walks, key=lambda one: len(one.pages))


def kept_of(program: Program, environment: Environment, answers: Mapping[str, Any]) -> dict[str, Any]:
    """What a record of these answers holds, as the engine says without any browser."""
    return final_of(program, answers, environment=environment, reached=None).values


@dataclass
class Filling:
    """One interview filled in one browser. `look` is called on each page that is about to be sent."""

    page: Page
    instrument: Instrument
    answers: Mapping[str, Any]
    look: Look = lambda page, name: None
    names: list[str] = field(default_factory=list)  # of the pages, as they came
    n_controls: int = 0

    def __post_init__(self) -> None:
        self._wanted = dict(_wanted(self.instrument, dict(self.answers)))
        self._waiting: set[Request] = set()
        self.page.on("request", self._begun)
        self.page.on("requestfinished", self._over)
        self.page.on("requestfailed", self._over)

    # Playwright marks the handlers that it is given, and methods of built-in types can't be marked.
    def _begun(self, request: Request) -> None:
        self._waiting.add(request)

    def _over(self, request: Request) -> None:
        self._waiting.discard(request)

    def to_the_end(self) -> None:
        """From the start page, which is open, to the last page."""
        self._press("button.main")
        self._has_script = every_type.has_script(self.page)
        while (name := every_type.name_of(self.page)) != "review":
            self.names.append(name)
            self._fill_and_leave(name)
        self.look(self.page, "review")
        self._press("button.main")
        assert every_type.name_of(self.page) == "done", f"it ends at {self.page.url}"

    def _fill_and_leave(self, name: str) -> None:
        entered: set[str] = set()
        here = self.page.url
        if self._add_to_hub():
            return
        for _ in range(MOST_TRIES):
            self._add_entries()
            self._fill(entered)
            self.look(self.page, name)
            self._press("button.main")
            if urlsplit(self.page.url).path != urlsplit(here).path:
                self.n_controls += len(entered)
                return
        raise AssertionError(f"no way on from {name}: {self.page.locator('.problem').all_inner_texts()}")

    def _add_to_hub(self) -> bool:
        """Whether this is a hub that lacked an entry: then the first page of a new one is there now."""
        for button in self.page.locator(".hub button[value^='add:']").all():
            value = button.get_attribute("value") or ""
            _, repeat, *outer = value.split(":")
            if self.page.locator("section.entry").count() < self._n_wanted(repeat, *outer):
                self._press(f"button[value='{value}']")
                return True
        return False

    def _n_wanted(self, repeat: str, outer: str = "") -> int:
        holder = document.holder(dict(self.answers), outer) or {}
        return len(document.instances(holder, repeat))

    def _add_entries(self) -> None:
        for button in self.page.locator(".repeat button[value^='add:']").all():
            value = button.get_attribute("value") or ""
            _, repeat, *outer = value.split(":")
            while self.page.locator("[id^='entry-']").count() < self._n_wanted(repeat, *outer):
                self._press(f"button[value='{value}']")

    def _fill(self, entered: set[str]) -> None:
        """Every control there is, and those that come up with what is entered."""
        while new := [name for name in dict.fromkeys(self.page.evaluate(OFFERED)) if name not in entered]:
            for name in new:
                if name in self._wanted:
                    enter(self.page.locator(f"[name='{name}']"), *self._wanted[name], is_month=name.endswith(".month"))
            entered.update(new)
            self._settle()
        # Choices that depend on an answer above: without a script a button asks for them.
        if not self._has_script and self.page.locator("#questions button[value=stay]").count():
            n_before = len(self.page.evaluate(OFFERED))
            self._press("#questions button[value=stay] >> nth=0")
            if len(self.page.evaluate(OFFERED)) > n_before:
                self._fill(entered)

    def _settle(self) -> None:
        """Until the script has saved what was entered, and has shown what follows from it."""
        self.page.wait_for_timeout(60 if self._has_script else 0)
        while self._waiting:
            self.page.wait_for_timeout(20)

    def _press(self, selector: str) -> None:
        with self.page.expect_navigation(wait_until="load"):
            self.page.locator(selector).click()


def enter(controls: Locator, item: Item, value: Stored, *, is_month: bool = False) -> None:
    """Put an answer into the controls of one name, as fingers and keys would."""
    if item.kind is Kind.RANK:
        for place, one in enumerate(value):
            controls.nth(place).select_option(one)
    elif controls.first.get_attribute("type") in {"radio", "checkbox"}:
        for one in [value] if isinstance(value, str) else value:
            controls.and_(controls.page.locator(f"[value='{one}']")).locator("xpath=ancestor::label").click()
    elif controls.evaluate("one => one.tagName") == "SELECT":
        controls.select_option(str(int(value[5:7])) if is_month and isinstance(value, str) else value)
    else:
        controls.fill(_typed(item, str(value), is_whole=controls.get_attribute("type") != "text"))
        controls.blur()


def _typed(item: Item, value: str, *, is_whole: bool) -> str:
    match item.kind:
        case Kind.DATE:
            return value if is_whole else value[:4]
        case Kind.TIME:
            return value[:5]
        case Kind.DATETIME:
            return value[:16]
    return value


def _wanted(instrument: Instrument, answers: dict[str, Any]) -> Iterator[tuple[str, tuple[Item, Stored]]]:
    """Every answer by the names that its controls may have."""
    for item in instrument.items():
        entries = document.instances(answers, item.repeat) if item.repeat else []
        for instance in [str(entry[document.ID]) for entry in entries] or [""]:
            value = document.stored(answers, item.key, instance)
            if value:
                control = control_name(item.key, item.repeat, instance)
                for name in (control, f"{control}.month", f"{control}.year"):
                    yield name, (item, value)
