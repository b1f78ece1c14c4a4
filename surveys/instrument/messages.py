"""What a respondent is told about an answer, in English and Russian. An author's own message comes before these."""

from collections.abc import Mapping

from surveys.instrument.languages import language_code

_FALLBACK = "en"
_CATALOGUE: Mapping[str, Mapping[str, str]] = {
    "required": {
        "en": "Please answer this question.",
        "ru": "Пожалуйста, ответьте на этот вопрос.",
    },
    "soft_required": {
        "en": "You left this empty. Do you want to continue?",
        "ru": "Вы оставили этот вопрос без ответа. Продолжить?",
    },
    "revealed": {
        "en": "This question follows from your answer. Please look at it before you go on.",
        "ru": "Этот вопрос появился после вашего ответа. Посмотрите на него, прежде чем продолжить.",
    },
    "revealed_note": {
        "en": "This follows from your answer. Please read it before you go on.",
        "ru": "Это появилось после вашего ответа. Прочитайте, прежде чем продолжить.",
    },
    "constraint": {
        "en": "This answer doesn't fit. Please check it.",
        "ru": "Этот ответ не подходит. Пожалуйста, проверьте его.",
    },
    "not_an_integer": {
        "en": "Please give a whole number, such as 7.",
        "ru": "Укажите целое число, например 7.",
    },
    "not_a_number": {
        "en": "Please give a number, such as 7 or 7.5.",
        "ru": "Укажите число, например 7 или 7,5.",
    },
    "number_too_long": {
        "en": "This number has too many digits.",
        "ru": "В этом числе слишком много цифр.",
    },
    "out_of_range": {
        "en": "Please give a number from {start} to {end}.",
        "ru": "Укажите число от {start} до {end}.",
    },
    "not_on_step": {
        "en": "Please give a number from {start} to {end} in steps of {step}.",
        "ru": "Укажите число от {start} до {end} с шагом {step}.",
    },
    "not_a_date": {
        "en": "Please give a date as year, month and day, such as 2024-05-31.",
        "ru": "Укажите дату: год, месяц и день, например 2024-05-31.",
    },
    "not_a_month": {
        "en": "Please give both a month and a year.",
        "ru": "Укажите и месяц, и год.",
    },
    "not_a_year": {
        "en": "Please give a year with four digits, such as 2022.",
        "ru": "Укажите год четырьмя цифрами, например 2022.",
    },
    "not_a_time": {
        "en": "Please give a time, such as 14:30.",
        "ru": "Укажите время, например 14:30.",
    },
    "not_a_datetime": {
        "en": "Please give a date and a time, such as 2024-05-31 14:30.",
        "ru": "Укажите дату и время, например 2024-05-31 14:30.",
    },
    "not_offered": {
        "en": "Please choose one of the answers shown.",
        "ru": "Выберите один из предложенных ответов.",
    },
    "not_ranked": {
        "en": "Please give each answer a place of its own.",
        "ru": "Дайте каждому ответу своё место.",
    },
    "entry_open": {
        "en": "Something is still missing here.",
        "ru": "Здесь ещё не всё заполнено.",
    },
    "too_long": {
        "en": "Please use at most {limit} characters.",
        "ru": "Не больше {limit} знаков, пожалуйста.",
    },
}
CODES = frozenset(_CATALOGUE)


def message(code: str, language: str, parameters: Mapping[str, str] | None = None) -> str:
    """The words for a code, in the language named as a workbook does; English where there are none in it."""
    words = _CATALOGUE[code]
    text = words.get(language_code(language).split("-")[0], words[_FALLBACK])
    return text.format(**(parameters or {}))
