"""Everything an expression can call. Each module registers its functions when it is imported."""

from surveys.instrument.language.functions import (
    chance,
    logic,
    nodesets,
    numbers,
    selections,
    strings,
    surveycto,
    times,
)
from surveys.instrument.language.functions.registry import Function, Purity, Type, all_functions, find, suggest

__all__ = [
    "Function",
    "Purity",
    "Type",
    "all_functions",
    "chance",
    "find",
    "logic",
    "nodesets",
    "numbers",
    "selections",
    "strings",
    "suggest",
    "surveycto",
    "times",
]
