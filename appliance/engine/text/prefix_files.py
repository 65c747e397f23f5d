"""Beginnings of prompts on disk: one file each, with all that tells whether it may be used.

A file is `NODOKV1` and a newline, the SHA-256 of its head, the head's length (32 bits, little
endian), the head as JSON, and what llama.cpp says of the sequence. It holds no tokens, only
chained hashes of them: who finds a file cannot read from its head what was asked.
"""

import hashlib
import json
import os
import struct
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO, cast

_MAGIC = b"NODOKV1\n"
_HASH_BYTES = 32
_LONGEST_HEAD_BYTES = 4 << 20
# Beginnings are found in steps of so many tokens.
BLOCK_TOKENS = 16
_CHAIN_BYTES = 12
SUFFIX = ".kv"


class BadPrefixFileError(Exception):
    """A file is cut, changed, or not one of ours; it must not be loaded."""


@dataclass(frozen=True)
class PrefixHead:
    """What a file says of itself.

    Attributes:
        model_mark: Changes whenever the model's file does.
        settings: All else that the content depends on: library, kinds of numbers.
        owner: Hash of the fairness key; empty for the box's own words.
        token_count: Tokens of the sequence.
        chain: Hashes of its beginnings, one per whole block.
        payload_bytes: Length of the content.
        payload_hash: SHA-256 of it, in hexadecimal.
    """

    model_mark: str
    settings: str
    owner: str
    token_count: int
    chain: tuple[str, ...]
    payload_bytes: int
    payload_hash: str

    @property
    def name(self) -> str:
        """Return the name of its file: who it is of, and what it begins with."""
        told = f"{self.model_mark}|{self.settings}|{self.token_count}|{self.chain[-1:]}"
        return f"{self.owner or 'box'}-{hashlib.sha256(told.encode()).hexdigest()[:24]}{SUFFIX}"


def owner_hash(fairness_key: str) -> str:
    """Return what names a person in files: not the key itself."""
    return hashlib.sha256(b"nodo prefix owner\n" + fairness_key.encode()).hexdigest()[:32]


def chain_of(tokens: Sequence[int]) -> tuple[str, ...]:
    """Return a hash of each beginning of whole blocks: equal ones mean equal beginnings."""
    chain: list[str] = []
    before = b""
    for start in range(0, len(tokens) - BLOCK_TOKENS + 1, BLOCK_TOKENS):
        block = struct.pack(f"<{BLOCK_TOKENS}i", *tokens[start : start + BLOCK_TOKENS])
        before = hashlib.sha256(before + block).digest()[:_CHAIN_BYTES]
        chain.append(before.hex())
    return tuple(chain)


def write_prefix(folder: Path, head: PrefixHead, payload: bytes) -> Path:
    """Write a file as a whole or not at all, for nobody but us; return it.

    Raises:
        OSError: If it cannot be written; nothing of it stays.
    """
    raw_head = json.dumps(asdict(head)).encode()
    file = folder / head.name
    partial = file.with_suffix(".part")
    try:
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            out.write(_MAGIC + hashlib.sha256(raw_head).digest())
            out.write(struct.pack("<I", len(raw_head)) + raw_head)
            out.write(payload)
        # Not forced to the disk: what a power cut leaves half is found out by its hash.
        partial.replace(file)
    except OSError:
        partial.unlink(missing_ok=True)
        raise
    return file


def read_head(file: Path) -> PrefixHead:
    """Return what a file says of itself.

    Raises:
        BadPrefixFileError: If it is not one of ours, or cut or changed in its head.
        OSError: If it cannot be read.
    """
    with file.open("rb") as stream:
        head, size_bytes = _head(stream), stream.tell()
    if file.stat().st_size != size_bytes + head.payload_bytes:
        raise BadPrefixFileError("it is cut, or goes on where it should end")
    return head


def read_payload(file: Path, wanted: PrefixHead) -> bytes:
    """Return the content of a file whose head was read before.

    Raises:
        BadPrefixFileError: If it was changed, or is another one by now.
        OSError: If it cannot be read.
    """
    with file.open("rb") as stream:
        if _head(stream) != wanted:
            raise BadPrefixFileError("it is another one by now")
        payload = stream.read(wanted.payload_bytes + 1)
    if len(payload) != wanted.payload_bytes:
        raise BadPrefixFileError("it is cut, or goes on where it should end")
    if hashlib.sha256(payload).hexdigest() != wanted.payload_hash:
        raise BadPrefixFileError("its content was changed")
    return payload


def _head(stream: BinaryIO) -> PrefixHead:
    start = stream.read(len(_MAGIC) + _HASH_BYTES + 4)
    if len(start) < len(_MAGIC) + _HASH_BYTES + 4 or not start.startswith(_MAGIC):
        raise BadPrefixFileError("it is not one of ours")
    [length] = struct.unpack("<I", start[-4:])
    if length > _LONGEST_HEAD_BYTES:
        raise BadPrefixFileError("its head is longer than any")
    raw = stream.read(length)
    if hashlib.sha256(raw).digest() != start[len(_MAGIC) : -4]:
        raise BadPrefixFileError("its head was changed")
    return _head_of(cast("dict[str, object]", json.loads(raw)))


def _head_of(values: dict[str, object]) -> PrefixHead:
    try:
        chain = cast("list[str]", values.pop("chain"))
        head = PrefixHead(chain=tuple(chain), **values)  # type: ignore[arg-type]
    except (KeyError, TypeError) as error:
        raise BadPrefixFileError("its head is of another version") from error
    return head
