"""The runner that judges the importer on pyxform's forms."""

import io
import json
from pathlib import Path

import pytest

from surveys.instrument.conformance import main
from surveys.instrument.conformance_forms import judge

SHARED = Path(__file__).parents[3] / "shared" / "conformance" / "forms_pyxform.json"


def form(table: str, *, errored: bool = False, name: str = "test") -> dict[str, object]:
    return {"md": table, "errored": errored, "test": name, "file": "here"}


SOUND = "| survey |\n| | type | name | label |\n| | text | a | A |\n"
FOREIGN = SOUND + "| | geopoint | b | B |\n"
BROKEN = SOUND + "| | no_such_type | b | B |\n"


@pytest.mark.parametrize(
    ("table", "errored", "given", "agrees"),
    [
        (SOUND, False, "compiled", True),
        (FOREIGN, False, "refused: sheet 'survey', row 3", True),
        (BROKEN, True, "refused: sheet 'survey', row 3", True),
        (SOUND, True, "compiled", True),  # pyxform itself takes it
    ],
)
def test_a_form_agrees_where_it_compiles_or_is_refused_as_pyxform_does(table, errored, given, agrees):
    (verdict,) = judge({"forms": [form(table, errored=errored)]})

    assert verdict.given.startswith(given)
    assert verdict.agrees is agrees


def test_the_command_takes_a_file_of_forms(tmp_path):
    path = tmp_path / "forms.json"
    path.write_text(json.dumps({"forms": [form(SOUND), form(BROKEN, errored=True)]}), encoding="utf-8")
    out = io.StringIO()

    assert main([str(path), "--json"], out) == 0
    assert json.loads(out.getvalue())["agreed"] == 2


@pytest.mark.skipif(not SHARED.exists(), reason="the shared cases are not beside this checkout")
def test_every_shared_form_agrees():
    differing = [one for one in judge(json.loads(SHARED.read_text(encoding="utf-8"))) if not one.agrees]

    assert differing == []
