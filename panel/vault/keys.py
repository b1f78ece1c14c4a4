"""The key folder: what lies in it, how it is made, and how a worker opens it.

    public/request.pub  contact.pub        what others seal to
    vault/contact.key   bridge.key  request.key    X25519: members' contacts, bridges, respondents' requests
    vault/index.key     stop.key                   HMAC: the blind index; stop and confirmation links, message ids
    vault/links/<wave>.key                         HMAC: the links of one wave

Each file holds 32 bytes as 64 hex digits, mode 0600; the folders are 0700. The two parts may lie apart, so that only
the worker's machine has the second.
"""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from surveys.sealing import KeyUnusable, read_public_key

RandomBytes = Callable[[int], bytes]

#: Private keys whose public halves others need.
SHARED = ("contact", "request")
PRIVATE = (*SHARED, "bridge")
SYMMETRIC = ("index", "stop")

_KEY = re.compile(r"[0-9a-f]{64}")
_WAVE = re.compile(r"[-a-zA-Z0-9_]{1,50}")


@dataclass(frozen=True)
class Vault:
    """The worker's keys, opened. Never shown: no field takes part in `repr`."""

    contact: X25519PrivateKey = field(repr=False)
    request: X25519PrivateKey = field(repr=False)
    bridge: X25519PrivateKey = field(repr=False)
    index: bytes = field(repr=False)
    stop: bytes = field(repr=False)


@dataclass(frozen=True)
class KeyFolder:
    """Where the keys lie."""

    private: Path  # the folder with `links/` in it
    public: Path

    def make(self, random_bytes: RandomBytes) -> list[str]:
        """Make what is missing, keep what is there; returns the names of the files made. Raises KeyUnusable."""
        for folder in (self.public, self.private, self.private / "links"):
            _make_folder(folder)
        made = [f"{name}.key" for name in (*PRIVATE, *SYMMETRIC) if _make_key(self._path(name), random_bytes)]
        for name in SHARED:
            path = self.public / f"{name}.pub"
            expected = public_half(X25519PrivateKey.from_private_bytes(_read(self._path(name))))
            if not path.exists():
                _write(path, expected)
                made.append(path.name)
            elif read_public_key(path) != expected:
                raise KeyUnusable(f"{path} is not the public half of {self._path(name)}. Put the right one back.")
        return made

    def open(self) -> Vault:
        """Every key that is not a wave's. Raises KeyUnusable, naming the file."""
        contact, request, bridge = (
            X25519PrivateKey.from_private_bytes(_read(self._path(name))) for name in ("contact", "request", "bridge")
        )
        return Vault(contact, request, bridge, index=_read(self._path("index")), stop=_read(self._path("stop")))

    def make_link_key(self, wave: str, random_bytes: RandomBytes) -> bytes:
        """The key of a wave's links: the one there is, or a new one."""
        _make_key(self._link_path(wave), random_bytes)
        return _read(self._link_path(wave))

    def link_key(self, wave: str) -> bytes:
        """The key of a wave's links. Raises KeyUnusable where it is gone, as it is a day after closing."""
        return _read(self._link_path(wave))

    def drop_link_key(self, wave: str) -> bool:
        """Overwrite and remove a wave's key: nobody can make its links again. False where there was none."""
        path = self._link_path(wave)
        if not path.exists():
            return False
        with path.open("r+b") as file:
            file.write(bytes(path.stat().st_size))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
        return True

    def _path(self, name: str) -> Path:
        return self.private / f"{name}.key"

    def _link_path(self, wave: str) -> Path:
        if not _WAVE.fullmatch(wave):
            raise ValueError("not a wave's slug")
        return self.private / "links" / f"{wave}.key"


def public_half(key: X25519PrivateKey) -> bytes:
    """The 32 raw bytes others seal to."""
    return key.public_key().public_bytes_raw()


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise KeyUnusable(f"The key folder {path} can't be made: {error.strerror}.") from None


def _make_key(path: Path, random_bytes: RandomBytes) -> bool:
    if path.exists():
        return False
    return _write(path, random_bytes(32))


def _write(path: Path, key: bytes) -> bool:
    """Write a key so that no other process ever sees half of it; False where another was quicker."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(key.hex() + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return False
        return True
    except OSError as error:
        raise KeyUnusable(f"{path} can't be written: {error.strerror}.") from None
    finally:
        draft.unlink(missing_ok=True)


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_mode & 0o077:
            raise KeyUnusable(f"{path} can be read by others. Give it to its owner alone: chmod 600 {path}")
        text = path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        raise KeyUnusable(f"{path} is missing.") from None
    except (OSError, UnicodeDecodeError):
        raise KeyUnusable(f"{path} can't be read.") from None
    if not _KEY.fullmatch(text):
        raise KeyUnusable(f"{path} holds no key (64 hex digits).")
    return bytes.fromhex(text)
