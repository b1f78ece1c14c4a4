"""Compiling in a process apart, which has no environment, no database, no keys, and hard limits.

A workbook is someone else's input to parsers of three formats; whatever it makes them do stays in there.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from surveys.instrument.authoring.__main__ import OUT_OF_MEMORY
from surveys.instrument.authoring.compiled import Compiled
from surveys.instrument.authoring.wire import compiled_from_json
from surveys.instrument.problems import Problem, Severity

_ROOT = Path(__file__).resolve().parents[3]
#: Reading from a slow disk and waiting for a core take time that is not the workbook's fault.
_GRACE_SECONDS = 10


def compile_confined(data: bytes, filename: str, *, seconds: int = 60, mebibytes: int = 1024) -> Compiled:
    """Compile a workbook under limits of processor time and memory. A crash or a limit is a problem, never raised."""
    header = json.dumps({"filename": os.path.basename(filename)}).encode()
    try:
        finished = subprocess.run(  # noqa: S603  # our own interpreter and module, no shell
            [sys.executable, "-m", "surveys.instrument.authoring", str(seconds), str(mebibytes)],
            input=header + b"\n" + data,
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
    if finished.returncode != 0:
        return _unreadable()
    try:
        return compiled_from_json(json.loads(finished.stdout))
    except (ValueError, KeyError, TypeError):
        return _unreadable()


_TIME_SIGNALS = {9, 24}  # SIGKILL and SIGXCPU: the kernel's answers to too much processor time


def _too_slow(seconds: int) -> Compiled:
    return _refused("workbook.too_slow", f"The workbook took more than {seconds} seconds to be read.")


def _unreadable() -> Compiled:
    return _refused("workbook.unreadable", "The workbook can't be read.")


def _refused(code: str, message: str) -> Compiled:
    advice = "Copy the sheets survey, choices and settings as plain values into a new workbook."
    return Compiled(None, (Problem(Severity.ERROR, code, message, advice=advice),))
