"""General rules of routing: nothing given is lost, and nothing posted makes it fail."""

from dataclasses import replace
from functools import cache
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from surveys.instrument import respondents
from surveys.instrument.advance import BACK, NEXT, STAY, Move, advance, show, shown_pages
from surveys.instrument.evaluation import Program
from surveys.instrument.final import final_of
from surveys.instrument.messages import CODES, message
from surveys.instrument.resuming import resume_page
from tests.builders import environment, example_program, program_of
from tests.walking import walk

ENVIRONMENT = environment(language="Русский (ru)", prior={"w2023": {"country": "GEO"}})
FAST = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])

EVERY_KIND = """
type | name | label | required | relevant | choice_filter | appearance | parameters
text | t | T | yes | | | |
integer | i | I | | | | |
decimal | d | D | | ${i} > 1 | | |
range | r | R | | | | | start=0 end=10 step=2
date | day | Day | | | | |
date | month | Month | | | | month-year |
time | clock | Clock | | | | |
dateTime | moment | Moment | | | | |
select_one yn | one | One | | | | |
select_multiple yn | many | Many | | | name != ${one} | | randomize=true
rank yn | order | Order | | | | |
acknowledge | ok | Ok | | | | |
begin_repeat | moves | Moves | | ${one} = '1' | | field-list |
text | where | Where | yes | | | |
end_repeat | moves | | | | | |
"""

HUBS = """
type | name | label | required | relevant | appearance | repeat_count | constraint | calculation
select_one yn | one | One | | | | | |
begin_repeat | home | Homes | | ${one} = '1' | | | |
text | town | Town | yes | | | | |
begin_group | stay | Stay | | | field-list | | |
integer | months | Months | | | | | . >= 0 and . < 500 |
select_multiple yn | many | Many | | ${months} > 12 | | | |
end_group | | | | | | | |
begin_repeat | person | People | | ${town} != 'nowhere' | | | |
text | name | Name of someone in ${town} | yes | | | | |
begin_repeat | job | Jobs | | | field-list | | |
text | title | Title | | | | | |
end_repeat | | | | | | | |
end_repeat | | | | | | | |
integer | n | Pets | | | | | . >= 0 and . < 4 |
begin_repeat | pet | Pets | | | | ${n} | |
text | animal | Animal | | | | | |
text | fur | Fur | yes | ${animal} = 'cat' | | | |
end_repeat | | | | | | | |
end_repeat | | | | | | | |
calculate | total | | | | | | | sum(${months})
text | last | Last | | | | | |
"""
YES_NO = "list_name | name | label | outcome\nyn | 1 | Yes |\nyn | 0 | No | refused"


@cache
def program(name: str) -> Program:
    if name == "hubs":
        return program_of(HUBS, YES_NO.replace("refused", ""))
    if name == "every":
        return program_of(EVERY_KIND, YES_NO)
    return example_program(name)


def controls_of(name: str) -> list[str]:
    items = [item for item in program(name).instrument.items() if item.is_asked]
    plain = [item.key for item in items if not item.repeat]
    inside = [item for item in items if item.repeat]
    repeated = [f"{item.repeat}.{entry}.{item.key}" for item in inside for entry in ("i1", "i2", "zz", "")]
    parts = [f"{key}.{part}" for key in plain for part in ("year", "month", "date", "time")]
    repeats = {item.repeat for item in inside}
    return [*plain, *repeated, *parts, *sorted(repeats), "_id", "_visited", "panelist", "moves", "", "nobody"]


def addresses_of(name: str) -> list[str]:
    """Names of every page, of entries there may be and of some there are not, and what names none."""
    pages = program(name).instrument.pages
    there = [f"{page.name}{entry}" for page in pages for entry in ("", "/i1", "/i2", "/zz", "/")]
    return [*there, "nowhere", "", "/", "/i1"]


values = st.one_of(
    st.sampled_from(["1", "0", "98", "yes", "2024-05", "2024-05-31", "12:30", "-1", "1e9", "GEO", "eu", "war"]),
    st.text(max_size=30),
    st.text(alphabet="0123456789-:.,T +\u0660\x00\ud800", max_size=30),
)
junk = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), values),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["_id", "_visited", "a", "where"]), inner)
    ),
    max_leaves=6,
)
people = st.lists(st.fixed_dictionaries({"_id": st.sampled_from(["i2", "i3"])}, optional={"name": values}), max_size=3)
filled = {"town": values, "person": people, "n": values}
homes = st.lists(st.fixed_dictionaries({"_id": st.sampled_from(["i1", "i2"])}, optional=filled), max_size=3)
names = st.sampled_from(["every", "hubs", "w2023", "w2024"])
moves = st.one_of(
    st.sampled_from(
        [
            *[NEXT, BACK, STAY, Move("review"), Move("check")],
            *[Move("add", "moves"), Move("add", "moves", "i1"), Move("remove", "moves", "i1")],
            *[Move("add", "home"), Move("remove", "home", "i1"), Move("add", "person", "i1"), Move("add", "pet", "i1")],
        ]
    ),
    st.builds(Move.from_text, values),
)


@FAST
@given(st.data(), names, moves)
def test_nothing_posted_and_nothing_stored_makes_it_fail(data, name, move):
    one = program(name)
    keys = st.sampled_from(controls_of(name))
    answers = data.draw(st.dictionaries(keys, junk, max_size=5))
    if name == "hubs":
        answers |= {"one": "1", "home": data.draw(st.one_of(homes, junk))}
    posted = data.draw(st.dictionaries(keys, st.lists(values, max_size=3), max_size=8))
    page = data.draw(st.sampled_from(addresses_of(name)))

    step = advance(one, answers, page, posted, environment=ENVIRONMENT, move=move)

    assert step.page.partition("/")[0] in {page.name for page in one.instrument.pages}
    assert step.view == replace(
        show(one, step.answers, step.page, environment=ENVIRONMENT), nodes=step.view.nodes, problems=step.view.problems
    )
    resume_page(one, step.answers, environment=ENVIRONMENT)
    final_of(one, step.answers, environment=ENVIRONMENT, reached=step.page)


@FAST
@given(names, st.integers(0, 10_000), st.data())
def test_answers_given_are_never_lost_by_going_back_and_forth(name, seed, data):
    one, random = program(name), Random(seed)
    answers = walk(one, environment=ENVIRONMENT, random=random).answers
    pages = shown_pages(one, answers, environment=ENVIRONMENT)
    page = data.draw(st.sampled_from(pages))
    before = answers
    for move in data.draw(st.lists(st.sampled_from([NEXT, BACK, STAY]), min_size=1, max_size=8)):
        view = show(one, answers, page, environment=ENVIRONMENT)
        same = respondents.answer_page(
            one, view, random, respondents.Profile(skips=1.0), answers=answers, environment=ENVIRONMENT
        )
        step = advance(one, answers, page, same, environment=ENVIRONMENT, move=move)
        answers, page = step.answers, step.page

    kept = {key: value for key, value in answers.items() if value}
    assert kept.items() >= {key: value for key, value in before.items() if value}.items()


@FAST
@given(st.integers(0, 10_000), st.booleans())
def test_changing_a_routing_answer_and_changing_it_back_restores_everything(seed, is_blank):
    one, random = program("w2023"), Random(seed)
    profile = respondents.Profile(fixed={"consent": "1", "region": "eu"})
    answers = walk(one, environment=ENVIRONMENT, random=random, profile=profile).answers
    other = "" if is_blank else "caucasus"

    away = advance(one, answers, "p_place", {"region": [other]}, environment=ENVIRONMENT, move=BACK)
    home = advance(one, away.answers, "p_place", {"region": ["eu"]}, environment=ENVIRONMENT, move=BACK)

    assert away.answers.get("region", "") == other
    assert home.answers == answers


@FAST
@given(names, st.integers(0, 10_000))
def test_the_same_post_gives_the_same_step_and_leaves_its_input_alone(name, seed):
    one = program(name)
    answers = walk(one, environment=ENVIRONMENT, random=Random(seed), stop_after=3).answers
    page = resume_page(one, answers, environment=ENVIRONMENT)
    view = show(one, answers, page, environment=ENVIRONMENT)
    posted = respondents.answer_page(one, view, Random(seed), answers=answers, environment=ENVIRONMENT)
    copied = repr(answers)

    steps = [advance(one, answers, page, posted, environment=ENVIRONMENT, move=NEXT) for _ in range(2)]

    assert steps[0] == steps[1]
    assert steps[0].view == steps[1].view
    assert repr(answers) == copied


def test_every_message_exists_in_english_and_russian():
    parameters = {"start": "0", "end": "10", "step": "5", "limit": "100"}
    english = {code: message(code, "English (en)", parameters) for code in CODES}
    russian = {code: message(code, "Русский (ru)", parameters) for code in CODES}

    assert all(english[code] != russian[code] for code in CODES)
    assert message("required", "Deutsch (de)") == english["required"]
