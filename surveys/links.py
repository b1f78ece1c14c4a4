"""What a link's secret looks like and how it is stored: only as a hash. Pure; both apps use it.

A link's letters are 130 bits, so its plain SHA-256 can't be searched; no key is needed here, and the public role,
which has none, can look a link up.
"""

import hashlib
import re

#: Length of the secret in letters of base32 (5 bits each): 130 bits.
LENGTH = 26

_LETTERS = re.compile(r"[a-z2-7]{26}")


def hash_link(letters: str) -> bytes:
    """The 32 bytes under which a link is stored and found."""
    return hashlib.sha256(letters.encode()).digest()


def is_link(letters: str) -> bool:
    """Whether this could be a link's secret: 26 lower-case letters of base32."""
    return _LETTERS.fullmatch(letters) is not None
