"""Chance that repeats itself: the same interview, item and instance draw the same, however often they are computed."""

import hashlib
import math
import uuid as uuids

from surveys.instrument.language import nodes
from surveys.instrument.language.context import Closure, Context
from surveys.instrument.language.functions.registry import Builder, Purity, Type, special_form
from surveys.instrument.language.values import Value, to_number

UUID_MAX_LETTERS = 1_000
_BLOCK = 64  # letters of one draw


@special_form("random", "", Type.NUMBER, "A random number from 0 up to 1.", purity=Purity.SEEDED)
def random(builder: Builder, call: nodes.Call) -> Closure:
    # 53 bits are what a float holds.
    return lambda c: (int.from_bytes(_drawn(c, call)[:8], "big") >> 11) / 2**53


@special_form("uuid", "number?", Type.STRING, "A random identifier, or so many random letters.", purity=Purity.SEEDED)
def uuid(builder: Builder, call: nodes.Call) -> Closure:
    if not call.arguments:
        return lambda c: str(uuids.UUID(bytes=_drawn(c, call)[:16], version=4))
    length = builder.closure(call.arguments[0])

    def closure(context: Context) -> Value:
        wanted = to_number(length(context))
        return _letters(context, call, min(int(wanted), UUID_MAX_LETTERS) if wanted >= 0 else _BLOCK)

    return closure


def _letters(context: Context, call: nodes.Call, wanted: int) -> str:
    blocks = range(max(1, math.ceil(wanted / _BLOCK)))
    return "".join(_drawn(context, call, block).hex() for block in blocks)[:wanted]


def _drawn(context: Context, call: nodes.Call, block: int = 0) -> bytes:
    """32 bytes fixed by the seed and by where in its expression the call stands, other ones for each block."""
    source = f"{context.seed}:{call.position}" + (f":{block}" if block else "")
    return hashlib.sha256(source.encode()).digest()
