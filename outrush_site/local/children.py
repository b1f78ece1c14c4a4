"""Starting a process that can't outlive this one."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from outrush_site.local.account import Account

PR_SET_PDEATHSIG = 1


def start_child(
    command: Sequence[str | Path],
    *,
    log: Path,
    environment: Mapping[str, str],
    folder: Path,
    death_signal: signal.Signals,
    account: Account | None = None,
) -> "subprocess.Popen[bytes]":
    """Start `command` in a session of its own (the terminal's Ctrl-C reaches us alone), output to `log`.

    Where the kernel can, it gets `death_signal` when this process dies without having stopped it. Only the main
    thread may call this: the kernel watches the thread that started the child.
    """
    with open(log, "ab", opener=_private) as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(environment),
            cwd=folder,
            start_new_session=True,
            preexec_fn=_die_with_parent(death_signal),  # noqa: PLW1509  (this process has no other threads here)
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )


def stop_child(process: "subprocess.Popen[bytes]", *, by: signal.Signals, seconds: float) -> None:
    """Ask a process to end; after `seconds` end it and its children without asking."""
    if process.poll() is None:
        process.send_signal(by)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _die_with_parent(death_signal: signal.Signals) -> Callable[[], None]:
    if sys.platform != "linux":
        return lambda: None
    library, parent = ctypes.CDLL(None), os.getpid()

    def ask_kernel() -> None:
        library.prctl(PR_SET_PDEATHSIG, int(death_signal))
        if os.getppid() != parent:  # it died between fork and here
            os._exit(1)

    return ask_kernel
