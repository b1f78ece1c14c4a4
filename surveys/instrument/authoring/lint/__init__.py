"""What an author should look at though it can be published: one small module for each concern.

Every check takes the `Subject` (the instrument, its workbook and its parsed expressions) and yields warnings and
notices with their places. None of them yields an error.
"""

from collections.abc import Callable, Iterator

from surveys.instrument.authoring.lint.archive import long_labels, long_names
from surveys.instrument.authoring.lint.blanks import constraints_on_blanks
from surveys.instrument.authoring.lint.codes import unknown_codes
from surveys.instrument.authoring.lint.comparisons import wrong_types
from surveys.instrument.authoring.lint.defaults import wrong_defaults
from surveys.instrument.authoring.lint.ends import deciding_ends
from surveys.instrument.authoring.lint.lists import reused_codes, unused_lists
from surveys.instrument.authoring.lint.notes import required_notes
from surveys.instrument.authoring.lint.quotes import typographic_quotes
from surveys.instrument.authoring.lint.reach import never_asked
from surveys.instrument.authoring.lint.same_page import same_page
from surveys.instrument.authoring.lint.subject import Subject
from surveys.instrument.authoring.lint.translations import missing_translations
from surveys.instrument.authoring.sheets import Workbook
from surveys.instrument.model import Instrument
from surveys.instrument.problems import Problem

Check = Callable[[Subject], Iterator[Problem]]

CHECKS: tuple[Check, ...] = (
    never_asked,
    unknown_codes,
    wrong_types,
    constraints_on_blanks,
    required_notes,
    wrong_defaults,
    deciding_ends,
    same_page,
    unused_lists,
    reused_codes,
    missing_translations,
    long_labels,
    long_names,
    typographic_quotes,
)


def lint(instrument: Instrument, workbook: Workbook) -> Iterator[Problem]:
    """Every finding of every check."""
    subject = Subject.of(instrument, workbook)
    for check in CHECKS:
        yield from check(subject)


__all__ = ["CHECKS", "lint"]
