"""Compiling in a process apart, which has no environment, no database, no keys, and hard limits.

A workbook is someone else's input to parsers of three formats; whatever it makes them do stays in there.
"""

import os
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Any

from surveys.instrument.authoring.__main__ import OUT_OF_MEMORY
from surveys.instrument.authoring.compiled import Compiled
from surveys.instrument.authoring.options import PLAIN, Options
from surveys.instrument.authoring.wire import (
    COMPILE,
    XFORM,
    Request,
    compiled_from_json,
    problems_from_json,
    read_answer,
    request_bytes,
)
from surveys.instrument.problems import InstrumentError, Problem, Severity

_ROOT = Path(__file__).resolve().parents[3]
#: Reading from a slow disk and waiting for a core take time that is not the workbook's fault.
_GRACE_SECONDS = 10


def compile_confined(
    data: bytes, filename: str, options: Options = PLAIN, *, seconds: int = 60, mebibytes: int = 1024
) -> Compiled:
    """Compile a workbook under limits of processor time and memory. A crash or a limit is a problem, never raised."""
    request = Request(COMPILE, data, os.path.basename(filename), options)
    found = _ask(request, seconds, mebibytes)
    if isinstance(found, Problem):
        return Compiled(None, (found,))
    try:
        return compiled_from_json(found)
    except (ValueError, KeyError, TypeError):
        return Compiled(None, (_unreadable(),))


def xform_confined(
    data: bytes,
    filename: str,
    options: Options = PLAIN,
    *,
    left_out: Collection[int] = (),
    seconds: int = 60,
    mebibytes: int = 1024,
) -> str:
    """The XForm that ODK Collect reads, made of a workbook under the same limits. Raises InstrumentError.

    `left_out` are rows of the survey that it is made without.
    """
    request = Request(XFORM, data, os.path.basename(filename), options, tuple(sorted(left_out)))
    found = _ask(request, seconds, mebibytes)
    if isinstance(found, Problem):
        raise InstrumentError((found,))
    xform = found.get("xform")
    if not isinstance(xform, str):
        raise InstrumentError(problems_from_json(found.get("problems", [])) or (_unreadable(),))
    return xform


def _ask(request: Request, seconds: int, mebibytes: int) -> dict[str, Any] | Problem:
    """What the compiling process answers, or why it doesn't."""
    try:
        finished = subprocess.run(  # noqa: S603  # our own interpreter and module, no shell
            [sys.executable, "-m", "surveys.instrument.authoring", str(seconds), str(mebibytes)],
            input=request_bytes(request),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # tracebacks would carry parts of the workbook
            cwd=_ROOT,
            env={"PYTHONPATH": str(_ROOT), "PYTHONDONTWRITEBYTECODE": "1", "LC_ALL": "C.UTF-8"},
            timeout=seconds + _GRACE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return _too_slow(seconds)
    if finished.returncode == OUT_OF_MEMORY:
        return _refused("workbook.too_much_memory", f"The workbook needs more than {mebibytes} MB to be read.")
    if -finished.returncode in _TIME_SIGNALS:
        return _too_slow(seconds)
    try:
        return read_answer(finished.stdout) if finished.returncode == 0 else _unreadable()
    except (ValueError, KeyError, TypeError, AttributeError):
        return _unreadable()


_TIME_SIGNALS = {9, 24}  # SIGKILL and SIGXCPU: the kernel's answers to too much processor time


def _too_slow(seconds: int) -> Problem:
    return _refused("workbook.too_slow", f"The workbook took more than {seconds} seconds to be read.")


def _unreadable() -> Problem:
    return _refused("workbook.unreadable", "The workbook can't be read.")


def _refused(code: str, message: str) -> Problem:
    advice = "Copy the sheets survey, choices and settings as plain values into a new workbook."
    return Problem(Severity.ERROR, code, message, advice=advice)
