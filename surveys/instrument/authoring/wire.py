"""What crosses between the process that asks and the compiling process: requests and `Compiled` as bytes and JSON."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO

from surveys.instrument.authoring.compiled import Compiled
from surveys.instrument.authoring.options import PLAIN, Options
from surveys.instrument.model import Instrument
from surveys.instrument.problems import InstrumentError, Place, Problem, Severity

COMPILE = "compile"
XFORM = "xform"


@dataclass(frozen=True, slots=True)
class Request:
    task: str
    data: bytes
    filename: str
    options: Options = PLAIN


def request_bytes(request: Request) -> bytes:
    """One line of JSON, then the workbook, then the attachments in the order of that line."""
    options = request.options
    header = {
        "task": request.task,
        "filename": request.filename,
        "size": len(request.data),
        "attachments": {name: len(data) for name, data in options.attachments.items()},
        "without_unsupported": options.without_unsupported,
        "allow_duplicate_choices": options.allow_duplicate_choices,
    }
    return b"".join([json.dumps(header).encode(), b"\n", request.data, *options.attachments.values()])


def read_request(stream: BinaryIO) -> Request:
    """What `request_bytes` wrote."""
    header = json.loads(stream.readline())
    data = stream.read(header["size"])
    options = Options(
        attachments={name: stream.read(size) for name, size in header["attachments"].items()},
        without_unsupported=header["without_unsupported"],
        allow_duplicate_choices=header["allow_duplicate_choices"],
    )
    return Request(header["task"], data, header["filename"], options)


def answer_to(request: Request) -> dict[str, Any]:
    """Do what is asked, in this process."""
    # Only here, so that the process that asks never loads the parsers.
    from surveys.instrument.authoring.compile import compile_workbook, xform_of  # noqa: PLC0415

    if request.task == COMPILE:
        return compiled_to_json(compile_workbook(request.data, request.filename, request.options))
    try:
        return {"xform": xform_of(request.data, request.filename, request.options), "problems": []}
    except InstrumentError as error:
        return {"xform": None, "problems": [asdict(problem) for problem in error.problems]}


def compiled_to_json(compiled: Compiled) -> dict[str, Any]:
    return {
        "instrument": compiled.instrument.to_json() if compiled.instrument else None,
        "problems": [asdict(problem) for problem in compiled.problems],
    }


def compiled_from_json(document: Mapping[str, Any]) -> Compiled:
    """What `compiled_to_json` wrote. Raises KeyError, TypeError or ValueError on anything else."""
    instrument = document["instrument"]
    problems = problems_from_json(document["problems"])
    return Compiled(Instrument.from_json(instrument) if instrument is not None else None, problems)


def problems_from_json(entries: list[dict[str, Any]]) -> tuple[Problem, ...]:
    return tuple(
        Problem(**{**entry, "severity": Severity(entry["severity"]), "place": Place(**entry["place"])})
        for entry in entries
    )
