"""Forms as large and as deep as real ones, filled over HTTP without a script, to the end."""

from collections.abc import Callable
from functools import lru_cache
from random import Random

import pytest

from outrush_site import clock
from surveys.instrument.advance import finish, show
from surveys.instrument.authoring import compile_workbook
from surveys.instrument.evaluation import compile_program
from surveys.instrument.model import Instrument
from surveys.instrument.respondents import Profile, answer_page
from surveys.models import Record
from surveys.selectors.interviews import environment_of
from tests.builders import workbook
from tests.respondent.browsing import Visitor
from tests.respondent.conftest import LINK, invite, open_wave, reloaded

N_MODULES = 25
NESTED = """
    type | name | label | appearance
    begin_repeat | home | Home | field-list
    text | town | Town |
    begin_repeat | person | Person |
    integer | age | Age in ${town} |
    end_repeat | | |
    end_repeat | | |
"""


@lru_cache
def large() -> Instrument:
    """About 500 rows like the verbal autopsy's: modules of pages, each asked for one answer of the module before."""
    rows = ["type | name | label | relevant | constraint | calculation | appearance | required"]
    for module in range(N_MODULES):
        asked = f"${{sel{module - 1}_0}} != 'no'" if module else ""
        rows.append(f"begin_group | module{module} | Module {module} | {asked} | | | |")
        for page in range(2):
            name = f"{module}_{page}"
            rows += [
                f"begin_group | page{name} | Page {name} | | | | field-list |",
                f"note | note{name} | About ${{sum{module - 1 if module else 0}}} | | | | |",
                f"select_one yn | sel{name} | Choose {name} | | | | | yes",
                f"integer | int{name} | Number {name} | | . >= 0 and . <= 120 | | | yes",
                f"select_multiple many | many{name} | Several {name} | ${{sel{name}}} = 'yes' | | | |",
                f"date | date{name} | Day {name} | ${{int{name}}} > 60 | . <= today() | | |",
                f"text | text{name} | Words {name} | selected(${{many{name}}}, 'c') | | | |",
                "end_group | | | | | | |",
            ]
        total = f"coalesce(${{int{module}_0}}, 0) + coalesce(${{int{module}_1}}, 0)"
        rows += [f"calculate | sum{module} | | | | {total} | |", "end_group | | | | | | |"]
    choices = ["list_name | name | label", *(f"yn | {name} | {name}" for name in ("yes", "no", "dk"))]
    choices += [f"many | {name} | {name}" for name in "abcde"]
    found = compile_workbook(workbook("\n".join(rows), "\n".join(choices)), "large.xlsx")
    assert found.instrument is not None, [str(problem) for problem in found.errors][:5]
    return found.instrument


@pytest.mark.django_db
def test_a_form_of_five_hundred_rows_is_filled_to_the_end(visitor: Callable[..., Visitor]) -> None:
    instrument = large()
    assert sum(1 for _ in instrument.nodes()) > 350
    interview = invite(open_wave(instrument, "large", 1))
    program = compile_program(instrument)
    someone, random, seen = visitor(), Random(5), []
    someone.take_part(LINK)

    while (name := _page(someone)) in _names(instrument) and len(seen) < 3 * len(instrument.pages):
        assert someone.page.status == 200
        stored = reloaded(interview.pk)
        environment = environment_of(stored, now=clock.now(), today=clock.today())
        view = show(program, stored.answers, name, environment=environment)
        someone.answer(
            answer_page(program, view, random, Profile(skips=0), answers=stored.answers, environment=environment)
        )
        seen.append(name)

    assert _page(someone) not in _names(instrument), seen
    assert len(set(seen)) > N_MODULES
    assert finish(program, reloaded(interview.pk).answers or {}, seen[-1], environment=environment).is_over or (
        Record.objects.exists()
    )


def _page(someone: Visitor) -> str:
    return someone.page.path.rstrip("/").rpartition("/")[2]


def _names(instrument: Instrument) -> set[str]:
    return {page.name for page in instrument.pages}


@pytest.mark.django_db
def test_entries_inside_entries_are_added_answered_and_removed_on_one_page(visitor: Callable[..., Visitor]) -> None:
    found = compile_workbook(workbook(NESTED), "nested.xlsx")
    assert found.instrument is not None
    interview = invite(open_wave(found.instrument, "nested", 1))
    someone = visitor()
    someone.take_part(LINK)

    someone.answer(move="add:home")
    (town,) = someone.page.values
    someone.answer({town: "Tbilisi"}, move="add:home")
    homes = [entry["_id"] for entry in reloaded(interview.pk).answers["home"]]
    someone.answer(move=f"add:person:{homes[1]}")
    someone.answer(move=f"add:person:{homes[0]}")
    assert "Age in Tbilisi" in someone.page.html
    assert ("-move", f"add:person:{homes[0]}") in someone.page.form().buttons

    first, second = reloaded(interview.pk).answers["home"]
    age = f"person.{first['person'][0]['_id']}.age"
    someone.answer({age: "41"}, move=f"remove:person:{second['person'][0]['_id']}")

    first, second = reloaded(interview.pk).answers["home"]
    assert (first["town"], first["person"][0]["age"], second["person"]) == ("Tbilisi", "41", [])
