"""What crosses between the process that asks and the compiling process: a line of JSON, then the bytes of files."""

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
    left_out: tuple[int, ...] = ()  # rows of the survey that an XForm is made without


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
        "left_out": request.left_out,
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
    return Request(header["task"], data, header["filename"], options, tuple(header["left_out"]))


def answer_bytes(request: Request) -> bytes:
    """Do what is asked, in this process: one line of JSON, then the bytes of `files` in the order of that line."""
    answer = _answer_to(request)
    files: Mapping[str, bytes] = answer["files"]
    header = {**answer, "files": {name: len(data) for name, data in files.items()}}
    return b"".join([json.dumps(header, ensure_ascii=False).encode(), b"\n", *files.values()])


def read_answer(answer: bytes) -> dict[str, Any]:
    """What `answer_bytes` wrote, with the bytes in `files`. Raises ValueError, KeyError or TypeError on others."""
    line, _, rest = answer.partition(b"\n")
    document: dict[str, Any] = json.loads(line)
    files, position = {}, 0
    for name, size in document["files"].items():
        files[name], position = rest[position : position + size], position + size
    return {**document, "files": files}


def _answer_to(request: Request) -> dict[str, Any]:
    # Only here, so that the process that asks never loads the parsers.
    from surveys.instrument.authoring.compile import compile_workbook, xform_of  # noqa: PLC0415

    if request.task == COMPILE:
        return _compiled(compile_workbook(request.data, request.filename, request.options))
    try:
        xform = xform_of(request.data, request.filename, request.options, request.left_out)
        return {"xform": xform, "problems": [], "files": {}}
    except InstrumentError as error:
        return {"xform": None, "problems": [asdict(problem) for problem in error.problems], "files": {}}


def _compiled(compiled: Compiled) -> dict[str, Any]:
    return {
        "instrument": compiled.instrument.to_json() if compiled.instrument else None,
        "problems": [asdict(problem) for problem in compiled.problems],
        "files": compiled.files,
    }


def compiled_from_json(document: Mapping[str, Any]) -> Compiled:
    """What is compiled, from an answer that was read. Raises KeyError, TypeError or ValueError on anything else."""
    instrument = document["instrument"]
    problems = problems_from_json(document["problems"])
    return Compiled(Instrument.from_json(instrument) if instrument is not None else None, problems, document["files"])


def problems_from_json(entries: list[dict[str, Any]]) -> tuple[Problem, ...]:
    return tuple(
        Problem(**{**entry, "severity": Severity(entry["severity"]), "place": Place(**entry["place"])})
        for entry in entries
    )
