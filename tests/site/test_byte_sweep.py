"""The search for bytes at rest finds a planted secret wherever and however it lies; else its silence means nothing."""

import base64
import gzip
import json
import zipfile
from itertools import chain
from pathlib import Path
from urllib.parse import quote

import pytest
import redis
from django.conf import settings
from django.db import connections

from tests.byte_sweep import of_database, of_folder, of_valkey, sweep

CANARY = "Канарейка.37@example.org"


@pytest.mark.parametrize(
    "content",
    [
        CANARY.encode(),
        CANARY.upper().encode(),
        CANARY.encode("utf-16-le"),
        CANARY.encode("utf-16-be"),
        CANARY.encode().hex().encode(),
        json.dumps({"to": CANARY}).encode(),
        f"/find?q={quote(CANARY)}".encode(),
        *(base64.b64encode(b"x" * n + CANARY.encode() + b"and more") for n in range(3)),
        CANARY.encode()[::-1],
        gzip.compress(CANARY.encode()),
    ],
    ids=lambda content: content[:12].hex(),
)
def test_a_file_with_the_secret_is_found_in_any_encoding(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "clean").write_bytes(b"nothing here")
    assert sweep(of_folder(tmp_path), [CANARY]) == []
    (tmp_path / "deep" / "file").write_bytes(b"before " + content + b" after" if content[:1] != b"\x1f" else content)
    assert {found.place for found in sweep(of_folder(tmp_path), [CANARY])} <= {
        str(tmp_path / "deep" / "file"),
        str(tmp_path / "deep" / "file:unpacked"),
    }
    assert sweep(of_folder(tmp_path), [CANARY])


def test_a_packed_workbook_is_looked_into(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "book.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("sheet.xml", CANARY * 3)
    found = {hit.place for hit in sweep(of_folder(tmp_path), [CANARY * 2])}
    assert found == {f"{tmp_path / 'book.xlsx'}:sheet.xml"}


@pytest.mark.django_db(transaction=True)
def test_a_row_is_found_even_where_the_database_compresses_it() -> None:
    with connections["answers"].cursor() as cursor:
        cursor.execute("CREATE TABLE canary (body text, sealed bytea)")
        try:
            cursor.execute("INSERT INTO canary VALUES (%s, %s)", ["filler " * 5000 + CANARY, CANARY.encode()])
            found = sweep(of_database(connections["answers"].connection), [CANARY])
        finally:
            cursor.execute("DROP TABLE canary")
    assert {(hit.place, hit.encoding) for hit in found} == {("table canary", "utf-8"), ("table canary", "hex")}


def test_a_queued_task_is_found_though_its_body_is_packed() -> None:
    client = redis.Redis.from_url(settings.REDIS_URL)
    body = base64.b64encode(json.dumps([[CANARY], {}, {}]).encode()).decode()
    client.lpush("canary-queue", json.dumps({"body": body}))
    client.hset("canary-hash", mapping={"a": CANARY})
    try:
        found = {hit.place for hit in sweep(of_valkey(settings.REDIS_URL), [CANARY])}
    finally:
        client.delete("canary-queue", "canary-hash")
    assert found == {"key b'canary-queue'", "key b'canary-hash'"}


def test_a_sweep_through_nothing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="nothing to look through"):
        sweep(chain(of_folder(tmp_path)), [CANARY])
    with pytest.raises(AssertionError, match="nothing to look for"):
        sweep(of_folder(tmp_path), [])
