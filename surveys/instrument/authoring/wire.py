"""`Compiled` as JSON and back: how it crosses from the compiling process."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from surveys.instrument.authoring.compiled import Compiled
from surveys.instrument.model import Instrument
from surveys.instrument.problems import Place, Problem, Severity


def compiled_to_json(compiled: Compiled) -> dict[str, Any]:
    return {
        "instrument": compiled.instrument.to_json() if compiled.instrument else None,
        "problems": [asdict(problem) for problem in compiled.problems],
    }


def compiled_from_json(document: Mapping[str, Any]) -> Compiled:
    """What `compiled_to_json` wrote. Raises KeyError, TypeError or ValueError on anything else."""
    instrument = document["instrument"]
    problems = tuple(
        Problem(**{**entry, "severity": Severity(entry["severity"]), "place": Place(**entry["place"])})
        for entry in document["problems"]
    )
    return Compiled(Instrument.from_json(instrument) if instrument is not None else None, problems)
