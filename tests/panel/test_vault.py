"""Seals, keys, blind index and links."""

import os
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from panel.vault.blind_index import blind_index
from panel.vault.keys import KeyFolder, public_half
from panel.vault.links import hash_link, make_link, make_message_id, make_stop_link
from panel.vault.seals import (
    ContactDetails,
    Request,
    SealBroken,
    SealedToAnotherKey,
    seal_bridge,
    seal_contact,
    unseal_bridge,
    unseal_contact,
    unseal_request,
)
from surveys.links import is_link
from surveys.sealing import REQUEST_SIZES, KeyUnusable, pad, read_public_key, seal_exit, unpad

KEY = X25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER_KEY = X25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
MEMBER, OTHER = UUID(int=1), UUID(int=2)
DETAILS = ContactDetails("anna@example.org", "ru", "Asia/Tbilisi", "GEO", "partner-a", "Ж" * 64)
LONGEST = ContactDetails(
    "a" * 242 + "@example.org", "x" * 20, "America/Argentina/ComodRivadavia", "GEO", "s" * 50, "😀" * 64
)


@pytest.fixture
def folder(tmp_path: Path) -> KeyFolder:
    return KeyFolder(private=tmp_path / "keys" / "vault", public=tmp_path / "keys" / "public")


def test_a_contact_opens_to_what_was_sealed() -> None:
    assert unseal_contact(KEY, MEMBER, seal_contact(public_half(KEY), MEMBER, DETAILS)) == DETAILS


def test_every_contact_has_the_same_size_however_long_it_is() -> None:
    short = ContactDetails("a@b.de", "ru", "UTC")
    sizes = {len(seal_contact(public_half(KEY), MEMBER, details)) for details in (short, DETAILS, LONGEST)}
    assert len(sizes) == 1
    assert unseal_contact(KEY, MEMBER, seal_contact(public_half(KEY), MEMBER, LONGEST)) == LONGEST


def test_a_seal_moved_to_another_member_does_not_open() -> None:
    contact, bridge = seal_contact(public_half(KEY), MEMBER, DETAILS), seal_bridge(KEY, MEMBER, uuid4())
    with pytest.raises(SealBroken):
        unseal_contact(KEY, OTHER, contact)
    with pytest.raises(SealBroken):
        unseal_bridge(KEY, OTHER, bridge)


def test_a_seal_of_one_kind_does_not_open_as_another() -> None:
    with pytest.raises(SealBroken):
        unseal_contact(KEY, MEMBER, seal_bridge(KEY, MEMBER, uuid4()))


def test_another_key_does_not_open_it() -> None:
    with pytest.raises(SealedToAnotherKey, match=r"^contact\.key is not the key"):
        unseal_contact(OTHER_KEY, MEMBER, seal_contact(public_half(KEY), MEMBER, DETAILS))
    with pytest.raises(SealedToAnotherKey, match=r"^bridge\.key is not the key"):
        unseal_bridge(OTHER_KEY, MEMBER, seal_bridge(KEY, MEMBER, OTHER))


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_seal_changed_or_cut_anywhere_does_not_open(data: st.DataObject) -> None:
    sealed = seal_bridge(KEY, MEMBER, OTHER)
    position = data.draw(st.integers(0, len(sealed) - 1))
    flipped = bytearray(sealed)
    flipped[position] ^= data.draw(st.integers(1, 255))
    for broken in (bytes(flipped), sealed[:position]):
        is_key_named = broken[:1] == sealed[:1] and len(broken) > 4 and broken[1:5] != sealed[1:5]
        with pytest.raises(SealedToAnotherKey if is_key_named else SealBroken):
            unseal_bridge(KEY, MEMBER, broken)
    assert unseal_bridge(KEY, MEMBER, sealed) == OTHER


@given(st.binary(max_size=1022))
def test_padding_gives_back_what_it_was_given(plaintext: bytes) -> None:
    padded = pad(plaintext, REQUEST_SIZES)
    assert len(padded) in REQUEST_SIZES
    assert unpad(padded) == plaintext


def test_what_is_too_long_for_the_largest_size_is_refused() -> None:
    with pytest.raises(ValueError, match="longer"):
        pad(bytes(1023), REQUEST_SIZES)


def test_a_request_opens_to_what_was_asked() -> None:
    letters = make_stop_link(b"k" * 32, MEMBER)
    by_key = seal_exit(public_half(KEY), kind="erase", respondent_key=MEMBER)
    by_link = seal_exit(public_half(KEY), kind="stop", stop_token=letters)
    assert unseal_request(KEY, by_key) == Request("erase", respondent_key=MEMBER)
    assert unseal_request(KEY, by_link) == Request("stop", stop_token=letters)
    assert len(by_key) == len(by_link)


@pytest.mark.parametrize("about", [{}, {"respondent_key": MEMBER, "stop_token": "a" * 26}])
def test_a_request_is_about_exactly_one_person(about: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="one person"):
        seal_exit(public_half(KEY), kind="stop", **about)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Anna@Example.org", "anna@example.ORG"),
        (" anna@example.org ", "anna@example.org"),
        ("anna@example.org.", "anna@example.org"),
        ("anna@пример.рф", "anna@XN--E1AFMKFD.xn--p1ai"),
        ("ａnna@example.org", "anna@example.org"),
    ],
)
def test_spellings_of_one_address_have_one_index(one: str, other: str) -> None:
    assert blind_index(b"k" * 32, one) == blind_index(b"k" * 32, other)


def test_the_index_depends_on_address_and_key() -> None:
    indexes = {blind_index(key, address) for key in (b"k" * 32, b"l" * 32) for address in ("a@b.de", "aa@b.de")}
    assert len(indexes) == 4


def test_links_differ_by_wave_respondent_epoch_and_key() -> None:
    links = {
        make_link(key, wave, respondent, epoch)
        for key in (b"k" * 32, b"l" * 32)
        for wave in ("w1", "w11")
        for respondent in (MEMBER, OTHER)
        for epoch in (1, 11)
    }
    assert len(links) == 16
    assert all(is_link(link) for link in links)


def test_the_same_link_is_made_again() -> None:
    assert make_link(b"k" * 32, "w1", MEMBER, 1) == make_link(b"k" * 32, "w1", MEMBER, 1)
    assert len(hash_link(make_link(b"k" * 32, "w1", MEMBER, 1))) == 32


def test_a_stop_link_and_a_message_id_of_one_id_have_nothing_in_common() -> None:
    assert make_stop_link(b"k" * 32, MEMBER) != make_message_id(b"k" * 32, MEMBER)


@pytest.mark.parametrize("letters", ["a" * 25, "a" * 27, "A" * 26, "a" * 25 + "1", "a" * 25 + "а", "a" * 26 + "\n"])
def test_what_is_no_link_is_not_taken_for_one(letters: str) -> None:
    assert not is_link(letters)


def test_a_key_folder_is_closed_to_others_and_made_once(folder: KeyFolder) -> None:
    assert folder.make(os.urandom)
    before = {path: path.read_bytes() for path in folder.private.rglob("*.key")}
    assert folder.make(os.urandom) == []
    assert before == {path: path.read_bytes() for path in folder.private.rglob("*.key")}
    everything = [folder.private, folder.public, *folder.private.rglob("*"), *folder.public.rglob("*")]
    assert {oct(path.stat().st_mode & 0o777) for path in everything if path.is_file()} == {"0o600"}
    assert {oct(path.stat().st_mode & 0o777) for path in everything if path.is_dir()} == {"0o700"}


def test_public_files_are_the_halves_of_the_private_ones(folder: KeyFolder) -> None:
    folder.make(os.urandom)
    vault = folder.open()
    assert read_public_key(folder.public / "request.pub") == public_half(vault.request)
    assert read_public_key(folder.public / "contact.pub") == public_half(vault.contact)


def test_a_public_file_of_another_key_is_refused(folder: KeyFolder) -> None:
    folder.make(os.urandom)
    (folder.public / "contact.pub").write_text("ab" * 32)
    with pytest.raises(KeyUnusable, match=r"contact\.pub is not the public half"):
        folder.make(os.urandom)


def test_keys_that_others_can_read_are_refused(folder: KeyFolder) -> None:
    folder.make(os.urandom)
    (folder.private / "bridge.key").chmod(0o640)
    with pytest.raises(KeyUnusable, match=r"bridge\.key can be read by others"):
        folder.open()


@pytest.mark.parametrize("content", ["", "zz" * 32, "ab" * 31, "\udc80" * 64])
def test_a_file_that_is_no_key_is_refused_without_its_content(folder: KeyFolder, content: str) -> None:
    folder.make(os.urandom)
    (folder.private / "index.key").write_bytes(content.encode(errors="surrogateescape"))
    with pytest.raises(KeyUnusable) as refusal:
        folder.open()
    assert "index.key" in str(refusal.value)
    assert not content or content not in str(refusal.value)


def test_a_dropped_link_key_is_gone(folder: KeyFolder) -> None:
    folder.make(os.urandom)
    key = folder.make_link_key("w1", os.urandom)
    assert folder.make_link_key("w1", os.urandom) == key == folder.link_key("w1")
    assert folder.drop_link_key("w1")
    assert not folder.drop_link_key("w1")
    with pytest.raises(KeyUnusable, match="missing"):
        folder.link_key("w1")
    assert folder.make_link_key("w1", os.urandom) != key


def test_a_wave_of_a_bad_name_never_becomes_a_path(folder: KeyFolder) -> None:
    with pytest.raises(ValueError, match="slug"):
        folder.link_key("../contact")


def test_nothing_secret_shows_in_a_repr(folder: KeyFolder) -> None:
    folder.make(os.urandom)
    vault = folder.open()
    assert "anna" in DETAILS.email
    assert "anna" not in repr(DETAILS)
    assert vault.index.hex() not in repr(vault)
    assert repr(vault.index) not in repr(vault)
