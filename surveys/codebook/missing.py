"""Why a cell has no value, as a number in the file.

All lie from -99 to -1, so that SPSS can declare one range; the numbers follow TwinLife and SOEP where they have one.
In quasi-identifying variables every missing value is written as `suppressed`: otherwise the reason would identify,
and one could see whose value was taken out.
"""

from collections.abc import Mapping

NOT_IN_WAVE = "not_in_wave"
NOT_IN_VERSION = "not_in_version"
NOT_ROUTED = "not_routed"
NOT_REACHED = "not_reached"
LEFT_EMPTY = "left_empty"
DONT_KNOW = "dont_know"
REFUSED = "refused"
WITHDRAWN = "withdrawn"
SUPPRESSED = "suppressed"
TECHNICAL = "technical"

NUMBERS: Mapping[str, int] = {
    REFUSED: -99,
    DONT_KNOW: -98,
    LEFT_EMPTY: -97,
    NOT_REACHED: -96,
    NOT_ROUTED: -95,
    TECHNICAL: -94,
    WITHDRAWN: -93,
    NOT_IN_VERSION: -92,
    NOT_IN_WAVE: -90,
    SUPPRESSED: -80,
}

LABELS: Mapping[str, Mapping[str, str]] = {
    REFUSED: {"en": "Prefers not to answer", "ru": "Отказ от ответа"},
    DONT_KNOW: {"en": "Hard to say", "ru": "Затрудняюсь ответить"},
    LEFT_EMPTY: {"en": "Seen and left empty", "ru": "Вопрос показан, ответа нет"},
    NOT_REACHED: {"en": "Not reached: after the break-off", "ru": "Не дошёл до вопроса"},
    NOT_ROUTED: {"en": "Not asked: routed past", "ru": "Вопрос не задавался по логике анкеты"},
    TECHNICAL: {"en": "Technical problem", "ru": "Техническая ошибка"},
    WITHDRAWN: {"en": "Answers withdrawn", "ru": "Ответы отозваны"},
    NOT_IN_VERSION: {"en": "Not asked in this wave or version", "ru": "Вопроса не было в этой волне или версии"},
    NOT_IN_WAVE: {"en": "The wave was not taken", "ru": "Не участвовал в волне"},
    SUPPRESSED: {"en": "Suppressed for anonymity, or missing", "ru": "Скрыто ради анонимности или нет ответа"},
}

LOWEST, HIGHEST = -99, -1


def code(reason: str) -> str:
    """What is written in the file for a `MissingCode`. Raises KeyError for anything else."""
    return str(NUMBERS[reason])
