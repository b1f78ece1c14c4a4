"""The runner that scores other engines' cases."""

import io
import json

import pytest

from surveys.instrument.conformance import main, score

CASES = {
    "licence": "CC0",
    "note": "Zone America/Phoenix where a time has a zone.",
    "cases": [
        {"expr": "1 + 1", "want": "number", "expected": ["number", "2"], "error": None, "from": "a"},
        {"expr": "1 div 0", "want": None, "expected": ["number", "Infinity"], "error": None, "from": "b"},
        {
            "expr": "date-time(0)",
            "want": "string",
            "expected": ["string", "1969-12-31T17:00:00.000-07:00"],
            "from": "c",
        },
        {"expr": "true(5)", "want": None, "expected": None, "error": "new Exception()", "from": "d"},
        {"expr": "false() and explode()", "want": "boolean", "expected": ["boolean", False], "from": "e"},
        {"expr": "'a' = 'b'", "want": "boolean", "expected": ["boolean", True], "error": None, "from": "f"},
        {"expr": "number('1970-01-02')", "want": "number", "expected": ["number", "1.2916666666666667"], "from": "g"},
        {"expr": 'number("1970-01-02")', "want": "number", "expected": ["number", "1.2916666666666667"], "from": "h"},
    ],
}


@pytest.fixture
def cases(tmp_path):
    path = tmp_path / "cases.json"
    path.write_text(json.dumps(CASES), encoding="utf-8")
    return path


def test_each_case_agrees_or_says_what_was_given_instead():
    outcomes = {outcome.source: outcome for outcome in score(CASES)}
    assert [source for source, outcome in outcomes.items() if outcome.agrees] == list("abcde")
    assert (outcomes["f"].wanted, outcomes["f"].given) == ("true", "false")
    assert outcomes["g"].overruled_by == ""
    assert outcomes["h"].overruled_by == "date as number"


def test_the_report_counts_with_and_without_what_the_contract_overrules(cases):
    out = io.StringIO()
    assert main([str(cases)], out) == 1
    assert "5 of 8 cases agree: 62.5%." in out.getvalue()
    out = io.StringIO()
    assert main([str(cases), "--json"], out) == 1
    report = json.loads(out.getvalue())
    assert (report["cases"], report["agreed"], report["overruled"]) == (8, 5, 1)
    assert report["differing"][0]["expression"] == "'a' = 'b'"


def test_all_cases_agreeing_is_success_and_an_unreadable_file_is_not(cases, tmp_path, capsys):
    cases.write_text(json.dumps(CASES | {"cases": CASES["cases"][:5]}), encoding="utf-8")
    assert main([str(cases)], io.StringIO()) == 0
    assert main([str(tmp_path / "none.json")], io.StringIO()) == 2
    assert "can't be read" in capsys.readouterr().err
