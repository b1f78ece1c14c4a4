"""Compiles the translations (`.po` to `.mo`) without gettext's C tools."""

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

from outrush_site.local.problems import LocalProblem
from outrush_site.local.surroundings import BASE_DIR

APPS = ("surveys", "panel")


def compile_translations() -> int:
    """Compile every catalogue that is newer than what it compiles to; returns how many those were."""
    catalogues = [file for app in APPS for file in (BASE_DIR / app).glob("locale/*/LC_MESSAGES/*.po")]
    stale = [file for file in catalogues if _is_stale(file)]
    for file in stale:
        _compile(file)
    return len(stale)


def _is_stale(file: Path) -> bool:
    compiled = file.with_suffix(".mo")
    return not compiled.exists() or compiled.stat().st_mtime < file.stat().st_mtime


def _compile(file: Path) -> None:
    try:
        with file.open("rb") as source:
            catalogue = read_po(source, locale=file.parent.parent.name, abort_invalid=True)
    except PoFileError as error:
        raise LocalProblem(f"{file} can't be compiled: {error}") from error
    draft = file.with_suffix(".mo.new")
    with draft.open("wb") as target:
        write_mo(target, catalogue)
    draft.replace(file.with_suffix(".mo"))
