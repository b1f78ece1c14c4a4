"""How much processor time the parts of a running site use, read from /proc (Linux)."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.running_site import RunningSite

TICKS = os.sysconf("SC_CLK_TCK")


def processes_of(site: RunningSite) -> dict[str, int]:
    """The process at the top of each part: the public web server and the database server."""
    address, cluster = f"127.0.0.1:{site.public_port}", str(site.folder / "servers" / "postgres")
    found: dict[str, int] = {}
    for process, parent, words in _processes():
        is_web = "gunicorn" in words and address in words
        is_database = cluster in words
        name = "web" if is_web else "database" if is_database else ""
        if name and parent not in found.values():  # workers have their master's words
            found.setdefault(name, process)
    return found


def children_of(process: int) -> list[int]:
    return [child for child, parent, _ in _processes() if parent == process]


class Processors:
    """Counts from the moment it is made."""

    def __init__(self, parts: Mapping[str, int]) -> None:
        self._parts = dict(parts)
        self._before = {name: _seconds_of(process) for name, process in self._parts.items()}
        self._all_before = _seconds_of_all()

    def used(self) -> dict[str, float]:
        """Seconds of processor time by part, with its children, those that have ended included."""
        return {name: _seconds_of(process) - self._before[name] for name, process in self._parts.items()}

    def all_used(self) -> float:
        """Seconds of processor time of everything on this machine."""
        return _seconds_of_all() - self._all_before


def _processes() -> Iterator[tuple[int, int, list[str]]]:
    """(process, parent, words of its command), oldest first."""
    for folder in sorted(Path("/proc").glob("[0-9]*"), key=lambda folder: int(folder.name)):
        try:
            words = (folder / "cmdline").read_text(errors="replace").split("\0")
            yield int(folder.name), int(_stat(folder)[1]), words
        except OSError:  # it has ended meanwhile
            continue


def _seconds_of(top: int) -> float:
    """Of a process, its children and theirs, and of those that they have waited for."""
    parents = {process: parent for process, parent, _ in _processes()}
    total, waiting = 0, [top]
    while waiting:
        process = waiting.pop()
        waiting += [child for child, parent in parents.items() if parent == process]
        try:
            total += sum(map(int, _stat(Path(f"/proc/{process}"))[11:15]))
        except OSError:
            continue
    return total / TICKS


def _stat(folder: Path) -> list[str]:
    """The fields after the command's name, which may hold anything: state, parent, …; 11 to 14 are its times."""
    return (folder / "stat").read_text().rpartition(")")[2].split()


def _seconds_of_all() -> float:
    user, nice, system, _idle, _wait, interrupt, soft, *_ = map(int, Path("/proc/stat").read_text().split()[1:9])
    return (user + nice + system + interrupt + soft) / TICKS
