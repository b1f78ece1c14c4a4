"""Two versions of a questionnaire compared item by item: what changed, and whether the answers can be joined.

`compare(before, after)` gives a `Comparison`; `told` turns it into lines, `to_json` into plain values.
"""

from surveys.instrument.diff.changes import CLASS_OF, Change, ChangeKind
from surveys.instrument.diff.comparison import Comparison, ItemComparison, compare, compare_pair
from surveys.instrument.diff.told import summary, to_json, told

__all__ = [
    "CLASS_OF",
    "Change",
    "ChangeKind",
    "Comparison",
    "ItemComparison",
    "compare",
    "compare_pair",
    "summary",
    "to_json",
    "told",
]
