"""The runner that scores other engines' cases."""

import io
import json
from pathlib import Path

import pytest

from surveys.instrument import conformance_rules
from surveys.instrument.conformance import main, score

EXPRESSIONS = Path(__file__).parents[2] / "docs" / "expressions.md"

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
        {"expr": "number('1970-01-02')", "want": "number", "expected": ["number", "1.5"], "error": None, "from": "g"},
        {"expr": "number('1970-01-02')", "want": "number", "expected": ["number", "1.2916666666666667"], "from": "h"},
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


def case(expression, value, want="string"):
    return {"expr": expression, "want": want, "expected": [want, value], "error": None, "from": expression}


@pytest.mark.parametrize(
    ("one", "row"),
    [
        (case("date('2003-04-05') + 7", "12154.291666666666", "number"), "date as number"),
        (case("date('2003-04-05') + 7", "12155.291666666666", "number"), ""),
        (case("number('2003-04-05T23:00:00Z')", "12147", "number"), "date as number"),
        (case("number('2003-04-05T23:00:00Z')", "12148", "number"), ""),
        (case("'2003-04-05' >= '2003-04-05T00:00:00.000-07:00'", True, "boolean"), "date as number"),
        (case("date(42)", "1970-02-11T17:00:00.000-07:00"), "date as number"),
        (case("decimal-date-time(date('2003-04-05T18:00:00Z'))", "12147.75", "number"), "date as number"),
        (case("decimal-date-time(date('2003-04-05T18:00:00Z'))", "12149.75", "number"), ""),
        (case("date('soon')", "Invalid Date"), "date(x) not a date"),
        (case("decimal-date-time('soon')", None) | {"error": "new Exception()"}, "date(x) not a date"),
        (case("concat('soon')", "Invalid Date"), ""),
        (case("round(-2.5)", "-2", "number"), "round halves"),
        (case("round(-2.4)", "-3", "number"), ""),
        (case("regex('a1b', '[0-9]')", True, "boolean"), "regex anchoring"),
        (case("regex('a1b', '[a-z0-9]+')", False, "boolean"), ""),
        (case("int('2.5e3')", "2500", "number"), "int('1.1e6'), number('Infinity')"),
        (case("int('2.5')", "3", "number"), ""),
    ],
)
def test_a_case_is_set_aside_only_by_a_rule_of_the_contract(one, row):
    (outcome,) = score(CASES | {"cases": [one]})
    assert not outcome.agrees
    assert outcome.overruled_by == row


def test_a_path_to_nothing_is_an_error_as_it_is_at_publication():
    refused = {"expr": "/data/nowhere", "want": None, "expected": None, "error": "new Exception()", "from": "x"}
    (outcome,) = score(CASES | {"cases": [refused]})
    assert outcome.agrees
    assert "no question named 'nowhere'" in outcome.given


def test_every_rule_names_a_row_of_the_contract_as_the_document_has_it():
    rules = json.loads((Path(conformance_rules.__file__).with_name("conformance_overruled.json")).read_text())
    text = EXPRESSIONS.read_text(encoding="utf-8")
    assert all(f"### {rule['row']}\n" in text for rule in rules)
