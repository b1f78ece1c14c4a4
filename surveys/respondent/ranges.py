"""Parts of a file: some browsers (Safari on every iPhone) play a sound only from a server that gives them."""

import re

_RANGE = re.compile(r"bytes=(\d{0,9})-(\d{0,9})")


def wanted(header: str, n_bytes: int) -> range | None:
    """The bytes that a Range header asks for; empty where there are none of these, None where the whole is wanted.

    Several parts at once, and what can't be read, are answered with the whole, as they may be.
    """
    found = _RANGE.fullmatch(header.strip())
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        return range(max(n_bytes - int(found[2]), 0), n_bytes)
    first, last = int(found[1]), int(found[2]) if found[2] else n_bytes - 1
    return None if found[2] and last < first else range(first, min(last + 1, n_bytes))
