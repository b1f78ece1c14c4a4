"""Return phrases: words that nobody mistakes, found again however they are typed."""

from math import log2
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.phrases import LANGUAGES, N_WORDS, TELLING, hash_phrase, make_phrase, normal_form, word_list

KEY = b"k" * 32
ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "surveys" / "phrases"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_words_begin_alike_and_all_are_easy_to_type(language: str) -> None:
    words = word_list(language)
    assert len({word[:TELLING] for word in words}) == len(words)
    assert all(word.isalpha() and word == word.lower() and "ё" not in word for word in words)
    assert all(normal_form(word) == word[:TELLING] for word in words)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_is_one_that_would_look_bad_at_a_border(language: str) -> None:
    left_out = (FOLDER / f"{language}.left_out.txt").read_text(encoding="utf-8").split()
    assert len(left_out) > 300
    assert not set(left_out) & set(word_list(language))


def test_six_words_are_as_many_bits_as_is_said_of_them() -> None:
    bits = int(min(N_WORDS * log2(len(word_list(language))) for language in LANGUAGES))
    for document in ("SECURITY.md", "docs/decisions/0008-six-words-instead-of-a-contact.md"):
        assert f"{bits} bits" in (ROOT / document).read_text(encoding="utf-8"), document


@pytest.mark.parametrize(("language", "letters"), [("ru", "а-я"), ("en", "a-z"), ("fa", "a-z")])
def test_a_phrase_has_six_words_of_the_language_or_english_ones(language: str, letters: str) -> None:
    phrase = make_phrase(language, lambda words: words[-1])
    assert len(phrase.split()) == N_WORDS
    assert set(phrase) <= {" ", *(chr(code) for code in range(ord(letters[0]), ord(letters[2]) + 1))}


@pytest.mark.parametrize(
    "typed",
    [
        "осенний ботинок судьба халат ёлка туго",
        " ОСЕННИЙ  Ботинок-судьба, халат; елка.\nтуго ",
        "1. осенний 2. ботинок 3. судьба 4. халат 5. ёлка 6. туго",
        "осенний\u00a0ботинок — судьба\thalат ёлка туго".replace("hal", "хал"),
        "осенняя ботинки судьбою халаты ёлка туго",  # endings misremembered
        "осенний ботинок судьба халат е\u0308лка туго",  # a letter in two parts
    ],
)
def test_however_it_is_typed_it_is_the_same(typed: str) -> None:
    assert hash_phrase(KEY, typed) == hash_phrase(KEY, "осенний ботинок судьба халат елка туго")


@pytest.mark.parametrize("other", ["", "осенний ботинок судьба халат елка", "ботинок осенний судьба халат елка туго"])
def test_other_words_fewer_words_and_another_order_are_another_phrase(other: str) -> None:
    assert hash_phrase(KEY, other) != hash_phrase(KEY, "осенний ботинок судьба халат елка туго")


def test_the_hash_depends_on_the_key() -> None:
    assert hash_phrase(KEY, "a b c") != hash_phrase(b"l" * 32, "a b c")


@given(st.text(max_size=400))
def test_nothing_typed_breaks_it(text: str) -> None:
    assert len(hash_phrase(KEY, text)) == 32


def test_the_words_source_is_named() -> None:
    assert "MIT licence" in (FOLDER / "SOURCES.md").read_text()
