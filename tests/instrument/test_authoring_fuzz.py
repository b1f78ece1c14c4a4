"""Whatever is in a file, the importer answers with an instrument or with problems; it never raises."""

import io
import zipfile
from functools import lru_cache

import openpyxl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from surveys.instrument.authoring import Options, compile_workbook
from surveys.instrument.evaluation import compile_program
from surveys.instrument.model import Instrument
from surveys.instrument.problems import Severity
from tests.builders import example

EVERYTHING = Options({"x.csv": b"name,label\na,A\n"}, without_unsupported=True, allow_duplicate_choices=True)
NAMES = st.sampled_from(["a", "b", "c", "g", "yn", "a b", "", "1", "${a}", "panelist", "meta", "é", "A" * 40, "data"])
TYPES = st.sampled_from(
    [
        *("text", "integer", "select_one yn", "select_multiple yn or_other", "rank yn", "note", "calculate", "date"),
        *("begin_group", "end_group", "begin_repeat", "end_repeat", "begin loop over yn", "end loop", "Begin Group"),
        *("select_one_from_file x.csv", "select_one_external e", "select_one ${b}", "caseid", "geopoint", "audit"),
        *("start", "range", "acknowledge", "csv-external", "", "select_one", "nonsense", "set form title", "trigger"),
    ]
)
EXPRESSIONS = st.one_of(
    st.sampled_from(
        [
            *("${a} = 'yes'", "${b} > 1", "selected(${a}, 'x')", ". != ''", "sum(${a})", "../a", "1 +", "“x”", "${c}"),
            *("${a} = ${b}", "position(..)", "indexed-repeat(${a}, ${g}, 1)", "count(${g})", "false()", "yes", "((("),
            *("pulldata('w', 'i', 'panelist', ${panelist})", "once(uuid())", "${", "}", "${a}${b}", "3", "\u200b"),
        ]
    ),
    st.text(max_size=12),
)
SURVEY_COLUMNS = {
    "type": TYPES,
    "name": NAMES,
    "label": st.one_of(st.text(max_size=8), EXPRESSIONS),
    **dict.fromkeys(("relevant", "relevance", "constraint", "calculation", "choice_filter", "required"), EXPRESSIONS),
    **dict.fromkeys(("repeat_count", "default", "trigger", "parameters", "appearance", "readonly"), EXPRESSIONS),
    "label::English (en)": st.text(max_size=5),
    "media::image": st.text(max_size=5),
    "disclosure": st.sampled_from(["none", "direct", "x"]),
}
CHOICE_COLUMNS = {"list_name": NAMES, "name": NAMES, "label": EXPRESSIONS, "missing": st.text(max_size=4)}
OTHER_CELLS = st.one_of(st.none(), st.booleans(), st.integers(-9, 9), st.floats(allow_nan=False), st.dates())


def tables(columns: dict[str, st.SearchStrategy[str]]) -> st.SearchStrategy[list[list[object]]]:
    """Headers, some of them absent or twice, and rows of cells that often fit their column."""
    headers = st.lists(st.sampled_from(list(columns)), min_size=1, max_size=8)
    needed = st.just([name for name in ("type", "list_name", "name", "label") if name in columns])
    chosen = st.one_of(headers, st.tuples(needed, headers).map(lambda both: [*both[0], *both[1]]))
    return chosen.flatmap(
        lambda names: st.lists(
            st.tuples(*(st.one_of(columns[name], columns[name], OTHER_CELLS) for name in names)), max_size=8
        ).map(lambda rows: [list(names), *map(list, rows)])
    )


def book(sheets: dict[str, list[list[object]]]) -> bytes:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(
                [openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("", c) if isinstance(c, str) else c for c in row]
            )
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def holds(data: bytes, options: Options) -> None:
    """An instrument that runs and survives JSON, or errors with words."""
    found = compile_workbook(data, "f.xlsx", options)
    assert (found.instrument is None) == bool(found.errors)
    assert all(problem.message for problem in found.problems)
    if found.instrument is not None:
        assert Instrument.from_json(found.instrument.to_json()) == found.instrument
        compile_program(found.instrument)
        assert all(problem.severity is not Severity.ERROR for problem in found.problems)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(survey=tables(SURVEY_COLUMNS), choices=tables(CHOICE_COLUMNS), is_strict=st.booleans())
def test_any_cells_are_an_instrument_or_problems(survey, choices, is_strict):
    holds(book({"survey": survey, "choices": choices}), Options() if is_strict else EVERYTHING)


@lru_cache
def sound() -> bytes:
    return example("w2024")


@settings(max_examples=30, deadline=None)
@given(
    damage=st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 255)), min_size=1, max_size=20),
    length=st.one_of(st.none(), st.integers(0, 10**9)),
)
def test_damaged_bytes_are_problems(damage, length):
    data = bytearray(sound())
    for place, value in damage:
        data[place % len(data)] = value
    holds(bytes(data[: length % len(data)] if length is not None else data), Options())


@settings(max_examples=15, deadline=None)
@given(part=st.integers(0, 99), place=st.integers(0, 10**9), noise=st.binary(min_size=1, max_size=30))
def test_damaged_parts_inside_a_sound_archive_are_problems(part, place, noise):
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(sound())) as source, zipfile.ZipFile(stream, "w") as target:
        names = source.namelist()
        for name in names:
            content = bytearray(source.read(name))
            if name == names[part % len(names)]:
                start = place % max(len(content), 1)
                content[start : start + len(noise)] = noise
            target.writestr(name, bytes(content))
    holds(stream.getvalue(), Options())


@settings(max_examples=30, deadline=None)
@given(data=st.binary(max_size=200), text=st.text(max_size=80))
def test_any_attached_file_is_choices_or_problems(data, text):
    for content in (data, text.encode("utf-8", "replace"), b"name,label\n" + data):
        survey = [["type", "name", "label"], ["select_one_from_file x.csv", "a", "A"]]
        holds(_once(survey), Options({"x.csv": content}))


@lru_cache
def _built(key: str) -> bytes:
    return book({"survey": [row.split("|") for row in key.split("\n")]})


def _once(survey: list[list[str]]) -> bytes:
    return _built("\n".join("|".join(row) for row in survey))
