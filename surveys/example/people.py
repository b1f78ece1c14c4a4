"""Invented people: who they are, and where they live in either year. Chance comes in as an argument."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

#: Where people live in 2023: a heavy head, a long tail.
COUNTRIES: Mapping[str, float] = {
    "GEO": 15, "SRB": 12, "ARM": 11, "DEU": 10, "ISR": 8, "KAZ": 8, "TUR": 8, "ESP": 4, "USA": 4, "MNE": 3,
    "GBR": 2.5, "KGZ": 2, "NLD": 1.5, "FRA": 1.5, "PRT": 1.5, "CYP": 1.5, "ARE": 1.2, "THA": 1, "ARG": 1, "LVA": 0.8,
    "FIN": 0.6, "POL": 0.6, "CZE": 0.6, "CAN": 0.5, "EST": 0.4, "LTU": 0.4, "UZB": 0.4, "ITA": 0.4, "GRC": 0.3,
    "BGR": 0.3, "KOR": 0.3, "MEX": 0.2, "BRA": 0.2, "IDN": 0.2, "VNM": 0.2, "AZE": 0.1, "MNG": 0.1, "OTH": 0.4,
}  # fmt: skip
#: Where those who move on go; Turkey and Georgia lose people, Serbia and Western Europe gain.
DESTINATIONS: Mapping[str, float] = {
    "SRB": 24, "DEU": 18, "ESP": 14, "USA": 9, "ISR": 7, "FRA": 6, "PRT": 5, "ARM": 4, "NLD": 4, "GBR": 4, "ARG": 3,
    "MNE": 2,
}  # fmt: skip
RETURNED, MOVED_ON = 0.08, 0.21
#: How much more likely than others people leave these countries.
LEAVING: Mapping[str, float] = {"TUR": 1.5, "GEO": 1.4, "KAZ": 1.2, "ARM": 1.1, "DEU": 0.6, "ESP": 0.5, "USA": 0.5}

GENDERS = {"1": 50, "2": 48.2, "3": 1.3, "99": 0.5}
EDUCATIONS = {"1": 5, "2": 7, "3": 10, "4": 69, "5": 8, "99": 1}
OCCUPATIONS = {
    "it": 31, "sci": 12, "art": 15, "mgmt": 11, "med": 4, "serv": 8, "ngo": 4, "stud": 4, "none": 6, "other": 4,
    "99": 1,
}  # fmt: skip
#: Months of leaving Russia: the two waves after February and September 2022, and the rest.
LEFT = {"2021-06": 3, "2021-11": 3, "2022-02": 8, "2022-03": 33, "2022-04": 10, "2022-06": 7, "2022-08": 5,
        "2022-09": 17, "2022-10": 8, "2022-12": 3, "2023-02": 2, "2023-04": 1}  # fmt: skip
MONTHS = 12


@dataclass(frozen=True, slots=True)
class Person:
    birth_year: int
    gender: str
    education: str
    occupation: str
    left: str  # a month, as 2022-03
    arrived: str  # in the country of 2023
    country: Mapping[str, str]  # by wave
    earlier: tuple[tuple[str, int], ...]  # countries before that of 2023, with the months spent there


def make_person(random: Random) -> Person:
    first = pick(random, COUNTRIES)
    left = pick(random, LEFT)
    earlier = _earlier(random, first)
    return Person(
        birth_year=min(max(round(random.gauss(1988, 8.5)), 1946), 2004),
        gender=pick(random, GENDERS),
        education=pick(random, EDUCATIONS),
        occupation=pick(random, OCCUPATIONS),
        left=left,
        arrived=min(later(left, sum(months for _, months in earlier)), "2023-06"),
        country={"w2023": first, "w2024": _next_country(random, first)},
        earlier=earlier,
    )


def pick(random: Random, weights: Mapping[str, float]) -> str:
    return random.choices(list(weights), list(weights.values()))[0]


def later(month: str, months: int) -> str:
    """The month so many months after another: 2022-11 and 3 give 2023-02."""
    year, number = (int(part) for part in month.split("-"))
    total = year * MONTHS + number - 1 + months
    return f"{total // MONTHS}-{total % MONTHS + 1:02}"


def _earlier(random: Random, first: str) -> tuple[tuple[str, int], ...]:
    stations = [country for country in ("GEO", "TUR", "ARM", "KAZ") if country != first]
    return tuple((random.choice(stations), random.randint(1, 8)) for _ in range(random.choice((0, 0, 0, 1, 1, 2))))


def _next_country(random: Random, first: str) -> str:
    """Where someone lives a year later: of all, 8 % back in Russia, 21 % in a third country."""
    typical = sum(share * LEAVING.get(country, 1) for country, share in COUNTRIES.items()) / sum(COUNTRIES.values())
    urge = LEAVING.get(first, 1) / typical
    chance = random.random()
    if chance < RETURNED * urge:
        return "RUS"
    if chance < (RETURNED + MOVED_ON) * urge:
        return pick(random, {country: weight for country, weight in DESTINATIONS.items() if country != first})
    return first
