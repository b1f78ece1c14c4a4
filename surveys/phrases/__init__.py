"""Return phrases: six words by which somebody without any contact is known again. Pure; SOURCES.md says whose words.

No two words of a list begin with the same four letters, so four are enough of each, and an ending misremembered or
misspelt does no harm. Six words of some 1,650 are 64 bits; the hash is slow enough to add 13.
"""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

LANGUAGES = ("en", "ru")
N_WORDS = 6
#: Letters of each word that count.
TELLING = 4
#: Some 5 ms: nobody notices it, and it makes trying out phrases, with the key in hand, ten thousand times as long.
ROUNDS = 10_000
#: More than any six words have, with something to spare.
LONGEST = 200

_BETWEEN_WORDS = re.compile(r"[\W\d_]+")

Choose = Callable[[Sequence[str]], str]


def make_phrase(language: str, choose: Choose) -> str:
    """Six words of a language, in English for one that has no list. `choose` picks one of a sequence."""
    words = word_list(language if language in LANGUAGES else LANGUAGES[0])
    return " ".join(choose(words) for _ in range(N_WORDS))


def hash_phrase(key: bytes, text: str) -> bytes:
    """The 32 bytes under which a phrase is stored and found, however it was typed."""
    return hashlib.pbkdf2_hmac("sha256", normal_form(text).encode(), key, ROUNDS)


def normal_form(text: str) -> str:
    """One spelling for all spellings: case, spaces, hyphens, commas and numbers between words, ё or е."""
    plain = unicodedata.normalize("NFKC", text[:LONGEST]).casefold().replace("ё", "е")
    return " ".join(word[:TELLING] for word in _BETWEEN_WORDS.split(plain) if word)


@lru_cache
def word_list(language: str) -> tuple[str, ...]:
    return tuple((Path(__file__).parent / f"{language}.txt").read_text(encoding="utf-8").split())
