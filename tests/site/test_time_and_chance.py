"""Time comes from outrush_site/clock.py alone, and the pure packages get chance as an argument."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from outrush_site.local.surroundings import BASE_DIR

OWN_TIME = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "timezone.now", "timezone.localdate"}
OWN_TIME |= {"timezone.localtime", "time.time", "localdate", "localtime", "Now", "CurrentTimestamp"}
CHANCE = {"os.urandom", "uuid.uuid4", "uuid4", "Random()", "SystemRandom"}
SOURCES = {"random", "secrets", "time"}  # modules; of `random` the class alone is fine, its seed being an argument
PURE = ("surveys/instrument", "surveys/codebook", "surveys/disclosure", "panel/contactplan", "panel/vault")


def calls(source: str) -> Iterator[tuple[int, str]]:
    """Every call with its line: `name` or `owner.name`; with `()` behind it too where it has no argument."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = ".".join(ast.unparse(node.func).split(".")[-2:])
        yield node.lineno, name
        if not node.args and not node.keywords:
            yield node.lineno, f"{name}()"


def imports(source: str) -> Iterator[tuple[int, str]]:
    """Every module of SOURCES that is imported, but for `from random import Random`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names if alias.name in SOURCES)
        elif isinstance(node, ast.ImportFrom) and node.module in SOURCES:
            yield from ((node.lineno, node.module) for alias in node.names if alias.name != "Random")


def modules(*folders: str) -> list[Path]:
    found = [file for folder in folders for file in (BASE_DIR / folder).rglob("*.py") if "migrations" not in file.parts]
    assert len(found) > 3, folders
    return found


def offences(folders: tuple[str, ...], forbidden: set[str]) -> list[str]:
    return [
        f"{file.relative_to(BASE_DIR)}:{line} {name}"
        for file in modules(*folders)
        for line, name in calls(file.read_text())
        if name in forbidden
    ]


@pytest.mark.parametrize("source", ["datetime.datetime.now(UTC)", "x = date.today()", "f(timezone.now())", "Random()"])
def test_the_search_itself_finds_what_it_looks_for(source: str) -> None:
    assert {name for _, name in calls(source)} & (OWN_TIME | CHANCE)


@pytest.mark.parametrize("source", ["import random", "from random import choice", "import time as t"])
def test_the_search_finds_imports_of_chance(source: str) -> None:
    assert list(imports(source))
    assert not list(imports("from random import Random"))


def test_no_module_of_the_apps_asks_another_clock() -> None:
    assert offences(("surveys", "panel"), OWN_TIME) == []


def test_no_pure_package_makes_its_own_chance_or_time() -> None:
    assert offences(PURE, CHANCE | OWN_TIME) == []
    imported = [
        f"{file.relative_to(BASE_DIR)}: {found}" for file in modules(*PURE) for found in imports(file.read_text())
    ]
    assert imported == []
