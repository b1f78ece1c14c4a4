"""Ends what outlives the process that started it: `python -m outrush_site.local.guard`.

A supervisor that is killed can't stop anything any more. The kernel then asks its children to end (children.py), and
nearly all do; but a worker that hangs in its own shutdown, as Celery's has been seen to do where its broker went in the
same moment, would hold its files and connections for ever. This process reads the ids of process groups from its
standard input, a line each. Its end of file means that the supervisor is gone, however that came.
"""

import os
import signal
import subprocess
import sys
import time

from outrush_site.local.surroundings import BASE_DIR

GRACE_SECONDS = 10


class Guard:
    """The guard as its supervisor sees it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "outrush_site.local.guard"],
            stdin=subprocess.PIPE,
            cwd=BASE_DIR,
            start_new_session=True,
        )

    def watch(self, group: int) -> None:
        """Have this process group ended where it is still there some seconds after the supervisor."""
        assert self._process.stdin
        self._process.stdin.write(f"{group}\n".encode())
        self._process.stdin.flush()

    def dismiss(self) -> None:
        """Let it go, once nothing is left to be guarded."""
        self._process.communicate()


def main() -> None:
    groups = {int(line) for line in sys.stdin}
    until = time.monotonic() + GRACE_SECONDS
    while groups and time.monotonic() < until:
        groups = {group for group in groups if _reaches(group, 0)}
        time.sleep(0.1)
    for group in groups:
        _reaches(group, signal.SIGKILL)


def _reaches(group: int, number: int) -> bool:
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):  # gone, or its number is somebody else's by now
        return False
    return True


if __name__ == "__main__":
    main()
