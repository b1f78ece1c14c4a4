"""Compiling in a process apart: the same result, and nothing that goes wrong in there comes out but a problem."""

import subprocess

from surveys.instrument.authoring import compile_workbook, confined
from surveys.instrument.authoring.confined import compile_confined
from tests.builders import example, workbook


def test_a_confined_compilation_gives_what_a_direct_one_gives():
    data = example("w2024")

    assert compile_confined(data, "w2024.xlsx") == compile_workbook(data, "w2024.xlsx")


def test_problems_come_through_with_their_places():
    found = compile_confined(workbook("type | name | label\ntxet | a | A"), "form.xlsx")

    assert found.instrument is None
    assert str(found.errors[0]).startswith("sheet 'survey', row 2, column 'type': There is no question type 'txet'.")


def test_too_little_memory_is_a_problem():
    found = compile_confined(example("w2023"), "w2023.xlsx", mebibytes=24)

    assert found.instrument is None
    assert found.errors[0].code in {"workbook.too_much_memory", "workbook.unreadable"}


def test_too_much_time_is_a_problem():
    rows = "\n".join(f"text | a{number} | A | ${{a0}} = {number}" for number in range(4_000))

    found = compile_confined(workbook("type | name | label | relevant\n" + rows), "form.xlsx", seconds=1)

    assert [problem.code for problem in found.errors] == ["workbook.too_slow"]


def test_a_crash_is_a_problem(monkeypatch):
    crashed = subprocess.CompletedProcess([], returncode=-11, stdout=b"")
    monkeypatch.setattr(confined.subprocess, "run", lambda *_, **__: crashed)

    assert [problem.code for problem in compile_confined(b"x", "form.xlsx").errors] == ["workbook.unreadable"]


def test_output_that_is_no_answer_is_a_problem(monkeypatch):
    garbled = subprocess.CompletedProcess([], returncode=0, stdout=b'{"instrument": {}, "problems": []}')
    monkeypatch.setattr(confined.subprocess, "run", lambda *_, **__: garbled)

    assert [problem.code for problem in compile_confined(b"x", "form.xlsx").errors] == ["workbook.unreadable"]


def test_the_process_sees_nothing_of_our_environment(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret")
    seen = {}
    real = subprocess.run

    def run(arguments, **options):
        seen.update(options["env"])
        shown = [
            arguments[0],
            "-c",
            "import json, os, sys; sys.stdin.buffer.read(); print(json.dumps(dict(os.environ)))",
        ]
        seen["inside"] = real(shown, **options).stdout.decode()
        return real(arguments, **options)

    monkeypatch.setattr(confined.subprocess, "run", run)

    assert compile_confined(workbook("type | name | label\ntext | a | A"), "form.xlsx").instrument is not None
    assert "PYTHONPATH" in seen["inside"]
    assert "secret" not in seen["inside"]
    assert "DATABASE_URL" not in seen["inside"]
