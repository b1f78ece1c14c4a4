"""What an invented person answers: an answers document, as walking the pages would have made it.

Items that don't apply to somebody are answered here too; the engine leaves them out when the interview ends.
"""

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from surveys.example.people import Person, later, pick
from surveys.instrument.model import Instrument, Item, Kind

#: How likely somebody leaves an optional item empty.
SKIPS = 0.03

_EVASIVE = {"98": 2.5, "99": 1.5}
#: Shares in percent by item; where the years differ, by item and wave.
_SHARES: Mapping[str, Mapping[str, float]] = {
    "legal_status": {"1": 5, "2": 13, "3": 46, "4": 5, "5": 24, "6": 3} | _EVASIVE,
    "plan_move": {"1": 28, "0": 68} | _EVASIVE,
    "return_plans": {"2": 5, "3": 11, "4": 38, "5": 42} | _EVASIVE,
    "interest_russia@w2023": {"1": 1, "2": 4, "3": 36, "4": 56, "98": 2, "99": 1},
    "interest_russia@w2024": {"1": 3, "2": 9, "3": 41, "4": 44, "98": 2, "99": 1},
    "follow_local@w2023": {"1": 61, "0": 36, "98": 2, "99": 1},
    "follow_local@w2024": {"1": 68, "0": 29, "98": 2, "99": 1},
    "act_donate": {"1": 33, "2": 25, "3": 24, "4": 14} | _EVASIVE,
    "act_protest": {"1": 58, "2": 18, "3": 14, "4": 6} | _EVASIVE,
    "act_letters": {"1": 66, "2": 16, "3": 10, "4": 4} | _EVASIVE,
    "act_media": {"1": 4, "2": 10, "3": 24, "4": 58} | _EVASIVE,
    "fear": {"1": 18, "2": 30, "3": 33, "4": 15} | _EVASIVE,
    "local_language": {"0": 28, "1": 39, "2": 22, "3": 9} | _EVASIVE,
    "discrimination": {"1": 64, "2": 23, "3": 7, "4": 2} | _EVASIVE,
    "trust_local_people": {"1": 4, "2": 14, "3": 56, "4": 22} | _EVASIVE,
    "trust_local_gov": {"1": 15, "2": 29, "3": 40, "4": 12} | _EVASIVE,
    "life_satisfaction": {str(n): w for n, w in enumerate([1, 1, 3, 5, 7, 14, 15, 22, 19, 7, 4])} | {"99": 1},
    "voted_2024": {"1": 38, "2": 3, "0": 55} | _EVASIVE,
    "recontact": {"1": 78, "2": 7, "0": 15},
}
_SEVERAL: Mapping[str, Mapping[str, float]] = {
    "leave_reasons": {"war": 70, "repress": 45, "mobil": 33, "econ": 18, "family": 15, "protest": 28, "other": 4},
    "plan_move_reasons": {
        "legal": 30,
        "bureau": 15,
        "discrim": 8,
        "culture": 15,
        "work": 35,
        "price": 25,
        "safety": 15,
    },
    "moved_reasons": {"legal": 35, "bureau": 15, "discrim": 8, "culture": 12, "work": 35, "price": 25, "safety": 15},
    "return_conditions": {"war_end": 60, "elections": 35, "rights": 40, "amnesty": 30, "economy": 8},
}
_COMMENTS = (
    "Спасибо за исследование.", "Анкета понятная, но длинная.", "Хотелось бы увидеть результаты.",
    "Thank you for asking about this.", "Some questions were hard to answer.", "Всё по делу.",
)  # fmt: skip
_REASONS = ("Учёба", "Здоровье", "A new job", "Хотелось перемен")
#: Never left empty: what a recipe would want to keep, and what leads to other items.
_ALWAYS = {
    "gender",
    "education",
    "occupation",
    "consent",
    "region",
    "country",
    "birth_year",
    "left_russia",
    "recontact",
}


def answers_of(person: Person, wave: str, instrument: Instrument, prior_country: str, random: Random) -> dict[str, Any]:
    """The answers document of this person in this wave. `prior_country` is what the last wave handed on, or ""."""
    answers: dict[str, Any] = {}
    for item in instrument.items():
        if not item.is_asked or item.repeat:
            continue
        value = _answer(person, item, wave, prior_country, random)
        if value and (item.name in _ALWAYS or random.random() >= SKIPS):
            answers[item.key] = value
    _fit_region(answers, instrument)
    if any(node.key == "moves" for node in instrument.nodes()):
        answers["moves"] = [
            {"_id": f"m{number}", "move_country": country, "move_months": str(months)}
            for number, (country, months) in enumerate(person.earlier)
        ]
    return answers


def _answer(person: Person, item: Item, wave: str, prior_country: str, random: Random) -> str | list[str]:
    if item.name in _KNOWN:
        return _KNOWN[item.name](person, wave)
    if item.name == "same_country":
        return "1" if person.country[wave] == prior_country else "0"
    if shares := _SHARES.get(f"{item.name}@{wave}") or _SHARES.get(item.name):
        return pick(random, shares)
    if shares := _SEVERAL.get(item.name):
        return _some(random, shares)
    return _free(item, random)


def _free(item: Item, random: Random) -> str:
    match item.name:
        case "local_friends":
            return str(min(int(random.lognormvariate(1.8, 1.0)), 300))
        case "income_usd":
            return str(round(random.lognormvariate(7.7, 0.7), -1))
        case "comment":
            return random.choice(_COMMENTS) if random.random() < 0.1 else ""
        case "leave_reason_other":
            return random.choice(_REASONS)
        case "country_other":
            return "Шри-Ланка"
    if item.kind is Kind.RANGE:
        return str(5 * min(int(random.expovariate(0.22)), 20))
    return ""


def _arrived(person: Person, wave: str) -> str:
    moved = person.country[wave] != person.country["w2023"]
    return f"{later('2023-08', person.birth_year % 10) if moved else person.arrived}-01"


_KNOWN: Mapping[str, Callable[[Person, str], str]] = {
    "consent": lambda person, wave: "1",
    "birth_year": lambda person, wave: str(person.birth_year),
    "gender": lambda person, wave: person.gender,
    "education": lambda person, wave: person.education,
    "occupation": lambda person, wave: person.occupation,
    "left_russia": lambda person, wave: f"{person.left}-01",
    "country": lambda person, wave: person.country[wave],
    "region": lambda person, wave: "?",  # of the country: see _fit_region
    "arrived": _arrived,
}


def _fit_region(answers: dict[str, Any], instrument: Instrument) -> None:
    for choice in instrument.choice_lists["country"].choices:
        if choice.name == answers["country"]:
            answers["region"] = choice.extra["region"]


def _some(random: Random, shares: Mapping[str, float]) -> list[str]:
    """Up to three of them, in no special order."""
    chosen = [name for name, share in shares.items() if random.random() < share / 100]
    return random.sample(chosen, min(len(chosen), 3)) or [pick(random, shares)]
