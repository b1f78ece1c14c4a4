"""What a workbook's language names say: a language code and a direction of writing.

Headers name languages freely: "Русский (ru)", "English", "fr". A code in parentheses counts first.
"""

import re

_CODE = re.compile(r"\(\s*([A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*)\s*\)\s*$")
_BARE_CODE = re.compile(r"^[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})?$")
_NAMES = {
    "english": "en",
    "russian": "ru",
    "русский": "ru",
    "ukrainian": "uk",
    "українська": "uk",
    "belarusian": "be",
    "беларуская": "be",
    "georgian": "ka",
    "armenian": "hy",
    "kazakh": "kk",
    "german": "de",
    "deutsch": "de",
    "french": "fr",
    "francais": "fr",
    "français": "fr",
    "spanish": "es",
    "español": "es",
    "portuguese": "pt",
    "italian": "it",
    "turkish": "tr",
    "hebrew": "he",
    "arabic": "ar",
    "العربية": "ar",
    "farsi": "fa",
    "persian": "fa",
}
_RIGHT_TO_LEFT = {"ar", "arc", "ckb", "dv", "fa", "he", "ks", "ku", "ps", "sd", "syr", "ug", "ur", "yi"}


def language_code(name: str) -> str:
    """BCP 47 code of a language as a workbook names it, "" where it can't be told."""
    found = _CODE.search(name)
    if found:
        return found.group(1).replace("_", "-").lower()
    known = _NAMES.get(name.strip().lower(), "")
    if known:
        return known
    return name.strip().replace("_", "-").lower() if _BARE_CODE.match(name.strip()) else ""


def direction(name: str) -> str:
    """ "rtl" or "ltr"."""
    return "rtl" if language_code(name).split("-")[0] in _RIGHT_TO_LEFT else "ltr"
