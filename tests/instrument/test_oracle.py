"""The engine and a second evaluator, written apart from it, agree on every relevance, value, offer and constraint.

Here on the questionnaires of the example study and on one built to have every construct; on folders of real forms with
`python -m tests.benchmarks.oracle`.
"""

from random import Random

import pytest

from tests.builders import environment, example_program, program_of
from tests.instrument.oracle.compare import compare, random_answers

EVERYTHING = """
type | name | label | relevant | calculation | choice_filter | repeat_count | constraint | default
integer | n | N | | | | | . < 60 |
integer | k | K | ${n} > 10 or ${n} = 1 | | | | . > ${n} |
text | a | A | | | | | regex(., '[a-zA-Z ]+') | one
text | e | E | | concat(${a}, '-', ${n}) | | | |
date | d | D | | | | | . <= today() |
select_one region | r | R | | | | | |
select_one place | p | P | ${r} != '' | | region = ${r} and name != 'DEU' | | |
select_multiple place | ps | Ps | not(selected(${p}, 'GEO')) | | | | count-selected(.) < 3 |
begin_group | g | G | selected(${ps}, 'GEO') or ${k} mod 2 = 0 | | | | |
calculate | days | | | date('2024-01-01') - ${d} | | | |
calculate | year | | | format-date(${d}, '%Y/%n') | | | |
begin_repeat | homes | Homes | | | | | |
text | head | Head | | | | | |
integer | size | Size | | | | | . > 0 |
begin_repeat | pets | Pets | | | | ${size} | |
text | pet | Pet | position(..) > 1 | | | | |
select_one place | from | From | | | name != ${p} or ${size} > 2 | | |
calculate | who | | | concat(${head}, position(..), ${pet}) | | | |
end_repeat | pets | | | | | | |
calculate | n_pets | | | count(${pets}) | | | |
calculate | largest | | | ${size} = max(../../homes/size) | | | |
end_repeat | homes | | | | | | |
calculate | total | | | sum(${size}) + ${n} | | | |
calculate | names | | | join(', ', ${head}) | | | |
calculate | second | | | indexed-repeat(${head}, ${homes}, 2) | | | |
calculate | big | | | count(${homes}[size > 2]) | | | |
end_group | g | | | | | | |
calculate | label | | | jr:choice-name(${p}, '${p}') | | | |
calculate | found | | | instance('place')/root/item[name = ${p}]/region | | | |
calculate | more | | | if(${total} = '', 'none', round(${total} div 7, 2)) | | | |
calculate | first | | | coalesce(${e}, ${a}, 'x') | | | |
calculate | blanks | | | concat(count(${a}), count(${k}), count-non-empty(${d})) | | | |
calculate | united | | | count(${n} \\| ${k} \\| ${k} \\| ${head}) | | | |
calculate | kept | | | ${n}[. > 10] | | | |
calculate | beside | | | string(${n}/../a) | | | |
calculate | deep | | | concat(count(/form/g/homes), count(/form/n)) | | | |
"""
LISTS = """
list_name | name | label | region
region | south | South |
region | west | West |
place | GEO | Georgia | south
place | ARM | Armenia | south
place | DEU | Germany | west
place | FRA | France | west
"""


@pytest.mark.parametrize("name", ["w2023", "w2023_v2", "w2024"])
def test_the_example_study_is_the_same_to_both(name):
    found = compare(example_program(name).instrument, environment(language="ru"), seed=11, interviews=12)

    assert found.differences == []
    assert found.compared > 500


def test_every_construct_is_the_same_to_both():
    found = compare(program_of(EVERYTHING, LISTS).instrument, environment(), seed=5, interviews=80)

    assert found.differences == []
    assert not found.skipped
    assert found.compared > 5_000


def test_a_difference_would_be_seen():
    """The same comparison with an engine that is given another questionnaire than the oracle finds differences."""
    one = program_of(EVERYTHING, LISTS).instrument
    other = program_of(EVERYTHING.replace("${n} > 10", "${n} > 11").replace("size > 2", "size > 1"), LISTS)

    found = compare(one, environment(), seed=5, interviews=40, program=other)

    assert {line.split(":")[0] for line in found.differences} >= {"k", "big"}


def test_random_answers_reach_both_sides_of_what_expressions_ask():
    one = program_of(EVERYTHING, LISTS)
    states = [one.evaluate(random_answers(one.instrument, Random(seed)), environment()) for seed in range(40)]

    for key in ("k", "p", "ps", "g"):
        assert {state.is_relevant(key) for state in states} == {True, False}
