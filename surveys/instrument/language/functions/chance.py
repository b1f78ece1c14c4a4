"""Chance that repeats itself: the same interview, item and instance draw the same, however often they are computed."""

import hashlib
import uuid as uuids

from surveys.instrument.language import nodes
from surveys.instrument.language.context import Closure, Context
from surveys.instrument.language.functions.registry import Builder, Purity, Type, special_form
from surveys.instrument.language.values import Value, to_number


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
        letters = _drawn(context, call).hex()
        return letters[: int(wanted)] if 0 <= wanted <= len(letters) else letters

    return closure


def _drawn(context: Context, call: nodes.Call) -> bytes:
    """32 bytes fixed by the seed and by where in its expression the call stands."""
    return hashlib.sha256(f"{context.seed}:{call.position}".encode()).digest()
