"""Addresses are brought into one form, and nobody can keep a process busy with what they post as one."""

import encodings.idna
import unicodedata

import pytest

from surveys.addresses import AddressRefused, Fault, checked_address


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What was handed to the two steps whose time grows with the square of it: NFKC and IDNA."""
    seen: dict[str, list[str]] = {"nfkc": [], "idna": []}
    normalise, to_ascii = unicodedata.normalize, encodings.idna.ToASCII  # type: ignore[attr-defined]

    def noting_normalise(form: str, text: str) -> str:
        seen["nfkc"].append(text)
        return normalise(form, text)  # type: ignore[arg-type]

    def noting_to_ascii(label: str) -> bytes:
        seen["idna"].append(label)
        return to_ascii(label)  # type: ignore[no-any-return]

    monkeypatch.setattr(unicodedata, "normalize", noting_normalise)
    monkeypatch.setattr(encodings.idna, "ToASCII", noting_to_ascii)
    return seen


def test_an_address_in_another_script_is_read(read: dict[str, list[str]]) -> None:
    assert checked_address("anna@ПРИМЕР。рф") == "anna@xn--e1afmkfd.xn--p1ai"
    assert "пример" in read["idna"]


@pytest.mark.parametrize("text", ["a@" + "字" * 16_000 + ".org", "字" * 6_000, "a@" + "b." * 130 + "org"])
def test_a_text_longer_than_any_address_is_refused_unread(text: str, read: dict[str, list[str]]) -> None:
    with pytest.raises(AddressRefused) as refused:
        checked_address(text)
    assert refused.value.fault == Fault.TOO_LONG
    assert read == {"nfkc": [], "idna": []}


@pytest.mark.parametrize(
    "domain",
    [
        "字" * 64 + ".org",
        "пример." + "字" * 200 + ".org",
        "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}" * 200 + ".org",  # one letter that NFKC makes eighteen of
        "字" * 64 + "。org",
    ],
)
def test_a_part_longer_than_dns_takes_never_comes_to_the_encoder(domain: str, read: dict[str, list[str]]) -> None:
    with pytest.raises(AddressRefused) as refused:
        checked_address(f"anna@{domain}")
    assert refused.value.fault == Fault.AFTER_AT
    assert max(map(len, read["nfkc"])) <= 254
    assert not read["idna"]


def test_parts_of_63_letters_are_taken() -> None:
    domain = ".".join(["a" * 63, "b" * 63, "org"])
    assert checked_address(f"anna@{domain}") == f"anna@{domain}"
