"""Searches every byte at rest for secrets, in the shapes that bytes take on their way to a disk.

    found = sweep(chain(of_folder(var), of_database(connection), of_valkey(url)), ["канарейка.example"])

A sweep that finds nothing proves something only after the same sweep has found a planted secret. Each secret is looked
for alone, so give a few rare ones that all the real ones share, such as a domain, rather than hundreds.
"""

import base64
import gzip
import json
import quopri
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import redis
from psycopg import sql


@dataclass(frozen=True)
class Straw:
    """One place and its bytes."""

    place: str
    content: bytes


@dataclass(frozen=True)
class Found:
    secret: str
    place: str
    encoding: str


def sweep(straws: Iterable[Straw], secrets: Iterable[str]) -> list[Found]:
    """Where which secret stands in which encoding, each once."""
    needles = [(secret, name, needle) for secret in secrets for name, needle in encodings(secret).items()]
    assert needles, "nothing to look for"
    found: dict[Found, None] = {}
    n_bytes = 0
    for straw in straws:
        n_bytes += len(straw.content)
        lowered = straw.content.lower()
        for secret, name, needle in needles:
            text = straw.content if name.startswith("base64") else lowered
            if needle in text:
                found[Found(secret, straw.place, name)] = None
    assert n_bytes, "nothing to look through"
    return list(found)


def encodings(secret: str) -> dict[str, bytes]:
    """The shapes to look for. All but base64 are in lower case, to be compared with lowered content."""
    plain = secret.encode()
    shapes = {
        "utf-8": plain,
        "capitals": secret.upper().encode(),
        "utf-16": secret.encode("utf-16-le"),
        "utf-16-be": secret.encode("utf-16-be"),
        "hex": plain.hex().encode(),
        "json": json.dumps(secret)[1:-1].encode(),
        "url": quote(secret, safe="").encode(),
        "quoted-printable": quopri.encodestring(plain).strip(),
        "reversed": plain[::-1],
    }
    lowered = {name: shape.lower() for name, shape in shapes.items()}
    return lowered | {f"base64 at {start}": _base64_at(plain, start) for start in range(3)}


def _base64_at(plain: bytes, start: int) -> bytes:
    """The letters that `plain` becomes inside a longer base64 text, where it begins `start` bytes after a group."""
    encoded = base64.b64encode(b"\0" * start + plain)
    first = (start * 8 + 5) // 6  # letters that mix in what stands before
    length = (start + len(plain)) * 8 // 6  # whole letters; what follows would change the next
    return encoded[first:length]


def of_folder(folder: Path) -> Iterator[Straw]:
    """Every file under `folder`, packed ones also unpacked. Sockets and the like hold no bytes."""
    for file in sorted(folder.rglob("*")):
        if file.is_file() and not file.is_symlink():
            yield from _of_file(file)


def _of_file(file: Path) -> Iterator[Straw]:
    try:
        content = file.read_bytes()
    except FileNotFoundError:  # a server's temporary file
        return
    yield Straw(str(file), content)
    if content.startswith(b"PK"):  # not is_zipfile, which is true of a table's file with a workbook in it
        with zipfile.ZipFile(BytesIO(content)) as archive:
            yield from (Straw(f"{file}:{name}", archive.read(name)) for name in archive.namelist())
    elif content.startswith(b"\x1f\x8b"):
        yield Straw(f"{file}:unpacked", gzip.decompress(content))


def of_database(connection: "psycopg.Connection[Any]") -> Iterator[Straw]:
    """Every row as text, because the files hold long values compressed."""
    connection.execute("CHECKPOINT")
    tables = connection.execute(
        "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
    ).fetchall()
    for schema, name in tables:
        command = sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(schema, name))
        with connection.cursor() as cursor, cursor.copy(command) as copy:
            yield Straw(f"table {name}", b"".join(bytes(block) for block in copy))


def of_valkey(url: str) -> Iterator[Straw]:
    """Every key with its value."""
    client = redis.Redis.from_url(url)
    readers = {
        b"string": client.get,
        b"list": lambda key: client.lrange(key, 0, -1),
        b"set": client.smembers,
        b"hash": client.hgetall,
        b"zset": lambda key: client.zrange(key, 0, -1, withscores=True),
        b"stream": client.xrange,
    }
    for key in client.scan_iter():
        value = readers[client.type(key)](key)
        yield Straw(f"key {key!r}", key + b"\n" + b"\n".join(_flat(value)))


def _flat(value: object) -> Iterator[bytes]:
    if isinstance(value, bytes):
        yield value
        yield from _unwrapped(value)
    elif isinstance(value, dict):
        yield from _flat([*value.keys(), *value.values()])
    elif isinstance(value, list | tuple | set):
        for part in value:
            yield from _flat(part)


def _unwrapped(value: bytes) -> Iterator[bytes]:
    """The body of a Celery message, which stands as base64 in its JSON."""
    try:
        yield base64.b64decode(json.loads(value)["body"])
    except (ValueError, KeyError, TypeError):
        return
