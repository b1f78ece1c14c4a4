"""Where a command takes a questionnaire from: a workbook on disk, or a version that is stored."""

from dataclasses import dataclass
from pathlib import Path

from django.core.management.base import CommandError

from surveys.instrument.authoring.confined import compile_confined
from surveys.instrument.authoring.options import PLAIN, Options
from surveys.instrument.model import Instrument
from surveys.instrument.problems import InstrumentError
from surveys.selectors.versions import instrument_of, version_by_label

_ENDINGS = {".xlsx", ".xls", ".xlsm"}


@dataclass(frozen=True, slots=True)
class Source:
    label: str  # how messages name it: "w2024@1", or the file's name
    instrument: Instrument


def questionnaire(name: str, options: Options = PLAIN) -> Source:
    """The questionnaire that `FILE`, `SLUG@N` or `SLUG` (its newest published version) names.

    A file needs no database, and is read with these options. Raises CommandError with what is wrong, one line for each
    error of a workbook.
    """
    file = Path(name)
    if file.suffix.lower() in _ENDINGS:
        return _from_file(file, options)
    version = version_by_label(name)
    if version is None:
        raise CommandError(f"There is no version {name}. Name a workbook (.xlsx), or a version such as w2024@1.")
    try:
        return Source(str(version), instrument_of(version))
    except InstrumentError as error:
        raise CommandError(f"{version}: {error}") from None


def _from_file(file: Path, options: Options) -> Source:
    try:
        data = file.read_bytes()
    except (OSError, ValueError) as error:
        raise CommandError(f"{file}: {getattr(error, 'strerror', None) or 'not a valid name'}.") from None
    compiled = compile_confined(data, file.name, options)
    if compiled.instrument is None:
        lines = "\n".join(printable(str(problem)) for problem in compiled.errors)
        raise CommandError(f"{file.name} has errors:\n{lines}")
    return Source(file.name, compiled.instrument)


def printable(text: str) -> str:
    """Without control characters: a name in a workbook must not steer the terminal."""
    return "".join(character if character.isprintable() else " " for character in text)
