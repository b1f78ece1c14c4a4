"""What a change of words amounts to: a spelling, a new wording, or another meaning of a code."""

import re
import unicodedata
from difflib import SequenceMatcher

from surveys.instrument.languages import language_code
from surveys.instrument.model import Instrument, Text
from surveys.instrument.texts import pick

#: Two labels of a code mean the same where at least this share of their words is the same (Dice's coefficient).
SAME_MEANING = 0.5
#: Two words are one where so much of their letters agree: an ending or a slip of the pen.
SAME_WORD = 0.8
_WORD = re.compile(r"\w+")
_NEGATIONS = frozenset({"not", "no", "never", "none", "without", "не", "нет", "ни", "без", "никогда"})


def folded(text: str) -> str:
    """The text without capitals, punctuation and doubled spaces; a text without words as it is."""
    return " ".join(words_of(text)) or text.strip()


def words_of(text: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def by_language(text: Text, default: str) -> dict[str, str]:
    """Texts by language code, spaces made single; the default language's stands under ""."""
    found = {language_code(name) or name: " ".join(words.split()) for name, words in text.items() if words.strip()}
    found.pop(language_code(default) or default, None)
    found[""] = " ".join(pick(text, default, default).split())
    return found


def compared_languages(before: Instrument, after: Instrument) -> tuple[str, str]:
    """The language in which texts are compared, as each side calls it: a default one where both have it."""
    old, new = ({language_code(name) or name: name for name in side.languages} for side in (before, after))
    for default in (after.default_language, before.default_language):
        code = language_code(default) or default
        if code in old and code in new:
            return old[code], new[code]
    return before.default_language, after.default_language


def is_same_meaning(before: str, after: str) -> bool:
    """Whether two labels of one code can be wordings of one answer. Other numbers or another negation can't."""
    old, new = words_of(before), words_of(after)
    if [word for word in old if word.isdigit()] != [word for word in new if word.isdigit()]:
        return False
    if bool(_NEGATIONS & set(old)) != bool(_NEGATIONS & set(new)):
        return False
    if not old or not new:
        return before.strip() == after.strip()
    remaining = list(new)
    n_same = 0
    for word in old:
        match = next((other for other in remaining if _is_same_word(word, other)), None)
        if match is not None:
            remaining.remove(match)
            n_same += 1
    return 2 * n_same / (len(old) + len(new)) >= SAME_MEANING


def _is_same_word(one: str, other: str) -> bool:
    if one == other:
        return True
    return one[0] == other[0] and SequenceMatcher(None, one, other, autojunk=False).ratio() >= SAME_WORD
