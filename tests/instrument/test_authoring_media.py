"""Pictures and sounds: recognised by their bytes, cleaned of what they say, matched with the names in labels."""

import struct
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.instrument.authoring import Compiled, compile_workbook, media_names
from surveys.instrument.authoring.confined import compile_confined
from surveys.instrument.authoring.media import MAX_PICTURE_BYTES, MAX_SIDE, MAX_SOUND_BYTES, NotShown, ogg, read_media
from surveys.instrument.authoring.media.exif import orientation_of
from surveys.instrument.authoring.options import Options
from surveys.instrument.problems import Problem, Severity
from tests import media_files
from tests.builders import workbook
from tests.media_files import PICTURES, SOUNDS

SECRET = b"planted 41.7151N 44.8271E"
ALL = {**PICTURES, **SOUNDS}


# Cleaning


@pytest.mark.parametrize("ending", ALL)
def test_what_a_file_says_about_where_and_by_whom_it_was_made_goes(ending: str) -> None:
    given_file = ALL[ending](SECRET)
    assert SECRET in given_file
    clean = read_media(given_file)

    assert clean.ending == ending
    assert SECRET not in clean.data
    assert not any(SECRET[start : start + 9] in clean.data for start in range(len(SECRET) - 9)), "nor a part of it"


@pytest.mark.parametrize("ending", ALL)
def test_what_is_clean_stays_as_it_is(ending: str) -> None:
    clean = read_media(ALL[ending](SECRET))
    assert read_media(clean.data) == clean


def test_the_places_of_sounds_in_their_files_stay_and_the_time_of_recording_goes() -> None:
    recording = media_files.m4a(SECRET)
    assert b"\xd1\x5e\xa5\x0d" in recording
    clean = read_media(recording)
    assert b"\xd1\x5e\xa5\x0d" not in clean.data
    assert clean.data.index(b"sound") == recording.index(b"sound")
    assert len(clean.data) == len(recording)


def test_pages_of_an_ogg_file_have_right_checksums_afterwards() -> None:
    data = read_media(media_files.ogg(SECRET)).data
    starts = [start for start in range(len(data)) if data.startswith(b"OggS", start)]
    assert len(starts) == 4
    for start, end in zip(starts, [*starts[1:], len(data)], strict=True):
        page = data[start:end]
        assert struct.unpack("<I", page[22:26])[0] == media_files.ogg_checksum(page[:22] + bytes(4) + page[26:])


@pytest.mark.parametrize("ending", ["png", "jpg", "webp"])
def test_a_photo_keeps_its_right_way_up_and_nothing_else(ending: str) -> None:
    clean = read_media(PICTURES[ending](SECRET, orientation=6))
    assert (clean.width, clean.height) == (20, 40)
    assert SECRET not in clean.data
    start = clean.data.index(b"MM\0*")
    assert orientation_of(clean.data[start:]) == 6
    upright = read_media(PICTURES[ending](SECRET))
    assert (upright.width, upright.height) == (40, 20)
    assert b"MM\0*" not in upright.data


# Refusing


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<!doctype html><script>alert(1)</script>",
        b"%PDF-1.7",
        b"PK\x03\x04",
        b"\x1a\x45\xdf\xa3 matroska",
        b"II*\0 a TIFF",
        b"BM a bitmap",
        b"\0\0\0\x18ftypheic\0\0\0\0",
        b"RIFF\x04\0\0\0AVI ",
        b"#!/bin/sh",
    ],
)
def test_other_kinds_of_files_are_refused(data: bytes) -> None:
    with pytest.raises(NotShown):
        read_media(data)


@pytest.mark.parametrize("ending", ALL)
def test_a_file_that_is_cut_off_is_refused(ending: str) -> None:
    """But for streams of frames, which may end after any of them."""
    whole = read_media(ALL[ending]()).data
    for end in {len(whole) // 4, len(whole) // 2, len(whole) - 3}:
        if ending in {"mp3", "aac"}:
            assert len(read_media(whole[:end]).data) <= end
        else:
            with pytest.raises(NotShown):
                read_media(whole[:end])


@pytest.mark.parametrize("ending", ALL)
def test_any_bytes_are_read_or_refused(ending: str) -> None:
    whole = ALL[ending](SECRET)[:2_000]

    @settings(max_examples=60, deadline=None)
    @given(st.integers(0, len(whole) - 1), st.binary(min_size=1, max_size=6))
    def change(at: int, noise: bytes) -> None:
        with suppress(NotShown):
            assert read_media(whole[:at] + noise + whole[at + len(noise) :]).data

    change()


@pytest.mark.parametrize(
    ("ending", "builder"),
    [("png", "png_chunk"), ("webp", "_chunk"), ("wav", "_chunk"), ("m4a", "_box")],
)
def test_a_part_that_is_shorter_than_it_should_be_is_read_or_refused(
    ending: str, builder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One part after the other, with lengths that fit: what is around it is right."""
    build = getattr(media_files, builder)
    n_parts = 0

    def count(kind: bytes, body: bytes) -> bytes:
        nonlocal n_parts
        n_parts += 1
        return bytes(build(kind, body))

    monkeypatch.setattr(media_files, builder, count)
    ALL[ending]()
    for part in range(n_parts):
        for length in range(12):
            numbers = iter(range(n_parts))

            def cut(kind: bytes, body: bytes, numbers: Iterator[int] = numbers, part: int = part, n: int = length):
                return build(kind, body[:n] if next(numbers) == part else body)

            monkeypatch.setattr(media_files, builder, cut)
            with suppress(NotShown):
                assert read_media(ALL[ending]()).data


@pytest.mark.parametrize("ending", ALL)
def test_a_wrong_length_anywhere_is_read_or_refused(ending: str) -> None:
    whole = ALL[ending]()[:2_000]
    for at in range(4, min(len(whole), 800)):
        for length in (0, 1, 7, 0xFFFFFFFF):
            with suppress(NotShown):
                read_media(whole[:at] + length.to_bytes(4, "big") + whole[at + 4 :])


def chunked(kind: bytes, body: bytes) -> bytes:
    part = kind + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)
    return b"RIFF" + struct.pack("<I", len(part) + 4) + b"WEBP" + part


@pytest.mark.parametrize(
    "data",
    [
        chunked(b"VP8L", b""),
        chunked(b"VP8L", b"\x2f"),
        chunked(b"VP8L", b"XXXXX"),
        chunked(b"VP8 ", b""),
        b"\0\0\0\x10ftypM4A \0\0\0\0" + b"\0\0\0\x10moov" + b"\0\0\0\x08mvhd",
    ],
)
def test_empty_parts_are_damages(data: bytes) -> None:
    with pytest.raises(NotShown, match="damaged"):
        read_media(data)


def test_a_sound_that_browsers_do_not_play_is_refused() -> None:
    with pytest.raises(NotShown, match="browsers don't play"):
        read_media(media_files.m4a().replace(b"mp4a", b"samr"))


def test_moving_pictures_and_videos_are_refused() -> None:
    animated_png = media_files.png().replace(b"iCCP", b"acTL")
    for data in (media_files.gif(n_pictures=2), animated_png):
        with pytest.raises(NotShown, match="still pictures"):
            read_media(data)
    with pytest.raises(NotShown, match="a video"):
        read_media(media_files.m4a(handler=b"vide"))


def test_what_is_too_large_for_an_old_phone_is_refused() -> None:
    heavy = media_files.png() + bytes(MAX_PICTURE_BYTES)
    with pytest.raises(NotShown, match=r"0\.5 MB; a picture may have 500 kB"):
        read_media(heavy)
    with pytest.raises(NotShown, match="a sound may have 2 MB"):
        read_media(media_files.mp3() + bytes(MAX_SOUND_BYTES))
    with pytest.raises(NotShown, match="4001 by 1 pixels"):
        read_media(media_files.png(size=(MAX_SIDE + 1, 1)))
    with pytest.raises(NotShown, match="60000 by 60000 pixels"):
        read_media(media_files.gif(size=(60_000, 60_000)))
    small = media_files.jpeg()
    frame = small[(start := small.index(b"\xff\xc0")) : start + 19]
    with pytest.raises(NotShown):
        read_media(small.replace(frame, frame[:5] + b"\xea\x60\xea\x60" + frame[9:] + frame))


@pytest.mark.parametrize("ending", ALL)
def test_nothing_is_read_of_what_is_too_heavy(ending: str) -> None:
    """So heavy and damaged: its size is what is told."""
    damaged = ALL[ending]()[:16] + b"\xff" * MAX_SOUND_BYTES
    with pytest.raises(NotShown, match="a picture may have" if ending in PICTURES else "a sound may have"):
        read_media(damaged)


def test_of_an_ogg_file_with_many_pages_only_those_with_comments_are_made_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counted: list[int] = []
    checksum = ogg._checksum
    monkeypatch.setattr(ogg, "_checksum", lambda page: counted.append(len(page)) or checksum(page))
    sound = media_files.ogg(SECRET)
    more = b"".join(sound[sound.rindex(b"OggS") :] for _ in range(1_000))

    assert SECRET not in read_media(sound + more).data
    assert len(counted) == 2


def test_a_gif_keeps_no_text_behind_its_transparency() -> None:
    control = b"\x21\xf9\x04\0\0\0\0\0"
    plain = media_files.gif()
    assert control in plain
    assert read_media(plain.replace(control, control * 3)).data == read_media(plain).data
    with pytest.raises(NotShown, match="damaged"):
        read_media(plain.replace(control, control[:-1] + bytes([len(SECRET)]) + SECRET + b"\0"))


# Names in labels

_COLUMNS = ("label::English (en)", "label::Русский (ru)", "image::English (en)", "image::Русский (ru)", "media::audio")
SURVEY = f"""
type | name | {" | ".join(_COLUMNS)}
begin_group | g | Animals | | farm.png | |
select_one p | p | | | which one.png | какой.png | which.mp3
end_group | | | | | |
"""
CHOICES = """
list_name | name | label::English (en) | media::image | media::video
p | a | | cat.png |
p | b | Dog | dog.png | dog.mp4
"""
SETTINGS = "default_language | style\nEnglish (en) | pages"
FILES = {
    "farm.png": media_files.png(colour=1),
    "which one.png": media_files.png(colour=2),
    "какой.png": media_files.png(colour=3),
    "which.mp3": media_files.mp3(),
    "cat.png": media_files.png(colour=4),
    "dog.png": media_files.jpeg(),
}


def compiled(attachments: dict[str, bytes], survey: str = SURVEY) -> Compiled:
    return compile_workbook(workbook(survey, CHOICES, SETTINGS), "form.xlsx", Options(attachments))


def coded(found: Compiled, code: str) -> list[Problem]:
    return [problem for problem in found.problems if problem.code == code]


def test_attached_files_become_part_of_the_instrument() -> None:
    found = compiled(FILES)
    assert found.instrument is not None, [str(problem) for problem in found.errors]

    assert set(found.instrument.media) == set(FILES)
    assert {media.sha256 for media in found.instrument.media.values()} == set(found.files)
    assert found.instrument.media["dog.png"].ending == "jpg", "whatever its name says"
    (said,) = coded(found, "media.read")
    assert said.message.startswith("5 pictures and 1 sound of labels will be shown")
    assert not coded(found, "media.not_attached")


def test_a_process_apart_gives_the_same_files() -> None:
    data = workbook(SURVEY, CHOICES, SETTINGS)
    apart = compile_confined(data, "form.xlsx", Options(FILES))
    assert apart.files
    assert apart == compiled(FILES)


def test_another_picture_is_another_content() -> None:
    first, second = (compiled({**FILES, "cat.png": media_files.png(colour=colour)}).instrument for colour in (8, 9))
    same = compiled({**FILES, "cat.png": media_files.png(SECRET, colour=8)}).instrument
    assert first is not None
    assert second is not None
    assert same is not None
    assert first.checksum() != second.checksum()
    assert first.checksum() == same.checksum(), "what only the file says of itself is no difference"


def test_a_file_that_is_not_there_is_a_warning_at_its_cell() -> None:
    found = compiled({name: data for name, data in FILES.items() if name not in {"какой.png", "cat.png"}})

    assert found.instrument is not None
    missing = coded(found, "media.not_attached")
    assert [(one.severity, one.place.sheet, one.place.row, one.place.column) for one in missing] == [
        (Severity.WARNING, "survey", 3, "image::Русский (ru)"),
        (Severity.WARNING, "choices", 2, "media::image"),
    ]
    assert "--attach cat.png" in missing[1].advice


@pytest.mark.parametrize("near", ["Cat.PNG", "cat .png", "CAT.png", "cats.png"])
def test_a_name_that_is_nearly_right_is_pointed_out_on_both_sides(near: str) -> None:
    files = {name: data for name, data in FILES.items() if name != "cat.png"}
    found = compiled({**files, near: media_files.png()})

    (missing,) = coded(found, "media.not_attached")
    assert f"Did you mean '{near}', which is attached?" in missing.advice
    (unused,) = coded(found, "file.unused")
    assert unused.severity is Severity.NOTICE
    assert f"'{near}' is attached, and nothing in the workbook names it." in unused.message
    assert "Did you mean 'cat.png'" in unused.advice


def test_a_name_with_an_accent_is_the_same_however_a_file_system_writes_it() -> None:
    files = {name: data for name, data in FILES.items() if name != "какой.png"}
    assert not coded(compiled({**files, "како\u0438\u0306.png": media_files.png(colour=3)}), "media.not_attached")


def test_what_cannot_be_shown_is_an_error_at_its_cell() -> None:
    found = compiled({**FILES, "cat.png": b"<svg xmlns='http://www.w3.org/2000/svg'/>"})
    (error,) = found.errors
    assert (error.code, error.place.sheet, error.place.row) == ("media.refused", "choices", 2)
    assert found.instrument is None
    assert not found.files
    (error,) = compiled({**FILES, "cat.png": media_files.mp3()}).errors
    assert (error.code, error.place.row) == ("media.column", 2)
    assert "media::audio" in error.advice


def test_a_reader_that_stumbles_is_told_as_a_damaged_file(monkeypatch: pytest.MonkeyPatch) -> None:
    for error in (IndexError, KeyError, ValueError, struct.error):

        def stumble(_: bytes, error: type[Exception] = error) -> None:
            raise error

        monkeypatch.setattr(media_names, "read_media", stumble)
        refused = compiled(FILES).errors
        assert {one.code for one in refused} == {"media.refused"}
        assert refused[0].message == "The file 'farm.png' can't be shown: it is damaged or cut off."
        assert (refused[0].place.row, refused[0].place.column) == (2, "image::English (en)")


HUB = """
type | name | label | image
begin_repeat | r | R |
text | q | Q |
begin_group | g | G | farm.png
text | n | N | dog.png
end_group | | |
end_repeat | | |
"""


def test_the_picture_of_a_group_in_an_entry_is_shown_where_the_group_is_a_page_or_told_not_to_be() -> None:
    files = Options({"farm.png": FILES["farm.png"], "dog.png": FILES["dog.png"]})
    found = compile_workbook(workbook(HUB, "", SETTINGS), "form.xlsx", files)
    assert found.instrument is not None
    assert set(found.instrument.media) == {"farm.png", "dog.png"}
    assert not coded(found, "media.not_drawn")

    found = compile_workbook(workbook(HUB), "form.xlsx", files)
    assert found.instrument is not None
    (group,) = coded(found, "media.not_drawn")
    assert (group.place.row, group.place.column) == (4, "image")
    assert set(found.instrument.media) == {"dog.png"}


def test_videos_and_the_pictures_of_repeats_are_said_not_to_be_shown() -> None:
    (video,) = coded(compiled(FILES), "media.video")
    assert (video.severity, video.place.row, video.place.column) == (Severity.NOTICE, 3, "media::video")
    repeated = SURVEY.replace("begin_group", "begin_repeat").replace("end_group", "end_repeat")
    (repeat,) = coded(compiled(FILES, repeated), "media.not_drawn")
    assert (repeat.place.row, repeat.place.column) == (2, "image::English (en)")
