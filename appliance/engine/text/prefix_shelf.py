"""The beginnings of prompts that are kept on disk: which there are, and which must go."""

import hashlib
import logging
import os
import queue
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from appliance.engine.text.prefix_files import (
    BLOCK_TOKENS,
    SUFFIX,
    BadPrefixFileError,
    PrefixHead,
    chain_of,
    owner_hash,
    read_head,
    read_payload,
    write_prefix,
)
from appliance.engine.text.tuning import PrefixPlace

log = logging.getLogger(__name__)

# What nobody has asked for in so long is forgotten: people's words do not stay for ever.
_KEPT_S = 14 * 86_400.0
# One file may take so much of all room, and one only may wait to be written: both are in memory.
_LARGEST_SHARE = 2
_LARGEST_BYTES = 512 << 20


@dataclass
class _Kept:
    file: Path
    head: PrefixHead
    size_bytes: int
    used_at_s: float


@dataclass(frozen=True)
class _Order:
    """What is to be written, and how often its owner had been forgotten when it was taken."""

    head: PrefixHead
    content: bytes
    times_forgotten: int


@dataclass(frozen=True)
class Found:
    """A beginning on disk.

    Attributes:
        file: Where it lies.
        head: What it says of itself.
        tokens: How many of its first tokens are those that are wanted.
    """

    file: Path
    head: PrefixHead
    tokens: int


class PrefixShelf:
    """The files of one folder. All but writing is done by the thread that asks."""

    def __init__(self, place: PrefixPlace, *, settings: str, now_s: Callable[[], float]) -> None:
        """Look through the folder, and throw away what is old, half written or broken.

        Args:
            place: The folder, its size, and the model.
            settings: All else that the content of a file depends on.
            now_s: Tells the time, in seconds since 1970.
        """
        self._place = place
        self._settings = settings
        self._now_s = now_s
        self._lock = threading.Lock()
        self._kept: dict[str, _Kept] = {}
        # How often each person was forgotten: what was taken before must not be kept after.
        self._forgotten = Counter[str]()
        self._written: queue.Queue[_Order] = queue.Queue(maxsize=1)
        self._writer: threading.Thread | None = None
        self._look_through()

    @property
    def largest_bytes(self) -> int:
        """Return the most that one beginning may take."""
        return min(self._place.most_bytes // _LARGEST_SHARE, _LARGEST_BYTES)

    def find(self, tokens: Sequence[int], *, owner: str, shared_tokens: int) -> Found | None:
        """Return the longest beginning of these tokens that may be used, if there is any.

        Args:
            tokens: What is to be read.
            owner: Whose request it is, by its fairness key.
            shared_tokens: How many of the first tokens are the box's own words.
        """
        chain = chain_of(tokens[: len(tokens) - 1])
        owned = owner_hash(owner)
        with self._lock:
            candidates = [kept for kept in self._kept.values() if self._is_ours(kept.head)]
        best: Found | None = None
        for kept in candidates:
            if kept.head.owner not in ("", owned):
                continue
            common = _common(kept.head.chain, chain) * BLOCK_TOKENS
            usable = common if kept.head.owner else min(common, shared_tokens)
            if usable and (best is None or usable > best.tokens):
                best = Found(kept.file, kept.head, usable)
        return best

    def load(self, found: Found) -> bytes | None:
        """Return the content of a file; one that was changed is thrown away instead."""
        try:
            payload = read_payload(found.file, found.head)
            os.utime(found.file, (self._now_s(), self._now_s()))
        except BadPrefixFileError as error:
            log.warning("kept prefix not usable", extra={"reason": str(error)})
            self.discard(found)
            return None
        except OSError as error:
            log.warning("kept prefix not readable", extra={"reason": error.strerror})
            return None
        with self._lock:
            if kept := self._kept.get(found.file.name):
                kept.used_at_s = self._now_s()
        return payload

    def discard(self, found: Found) -> None:
        """Throw a file away: it is broken, or llama.cpp does not take it."""
        with self._lock:
            self._kept.pop(found.file.name, None)
        found.file.unlink(missing_ok=True)

    def keep(self, tokens: Sequence[int], payload: Callable[[], bytes], *, owner: str) -> bool:
        """Have the state of a sequence written, unless it is kept already.

        Args:
            tokens: What it holds.
            payload: Tells the content; called at once, or not at all.
            owner: Its fairness key; empty if all of it are the box's own words.

        Returns:
            Whether it is being written now.
        """
        chain, owned = chain_of(tokens), owner_hash(owner) if owner else ""
        if not chain or self._has(chain, owned) or self._written.full():
            return False
        content = payload()
        if not content or len(content) > self.largest_bytes:
            return False
        head = PrefixHead(
            model_mark=self._place.mark,
            settings=self._settings,
            owner=owned,
            token_count=len(tokens),
            chain=chain,
            payload_bytes=len(content),
            payload_hash="",
        )
        if self._writer is None:
            self._writer = threading.Thread(target=self._write_all, daemon=True)
            self._writer.start()
        self._written.put(_Order(head, content, self._forgotten[owned]))
        return True

    def flush(self) -> None:
        """Return when all that was to be kept is written."""
        self._written.join()

    def forget(self, fairness_key: str) -> None:
        """Throw away all that is of one person, what is being written included."""
        owned = owner_hash(fairness_key)
        with self._lock:
            self._forgotten[owned] += 1
            theirs = [name for name, kept in self._kept.items() if kept.head.owner == owned]
            for name in theirs:
                self._kept.pop(name).file.unlink(missing_ok=True)

    def _is_ours(self, head: PrefixHead) -> bool:
        return head.model_mark == self._place.mark and head.settings == self._settings

    def _has(self, chain: Sequence[str], owner: str) -> bool:
        with self._lock:
            return any(
                kept.head.owner == owner
                and self._is_ours(kept.head)
                and _common(kept.head.chain, chain) == len(chain)
                for kept in self._kept.values()
            )

    def _write_all(self) -> None:
        while True:
            self._write(self._written.get())
            self._written.task_done()

    def _write(self, order: _Order) -> None:
        head = replace(order.head, payload_hash=hashlib.sha256(order.content).hexdigest())
        try:
            self._make_room(len(order.content))
            file = write_prefix(self._place.folder, head, order.content)
            os.utime(file, (self._now_s(), self._now_s()))
            size_bytes = file.stat().st_size
        except OSError as error:
            # A full disk costs only time: the prompt is read again.
            log.warning("prefix not kept", extra={"reason": error.strerror})
            return
        with self._lock:
            if self._forgotten[head.owner] != order.times_forgotten:
                file.unlink(missing_ok=True)
                return
            self._kept[file.name] = _Kept(file, head, size_bytes, self._now_s())
            # What begins alike and is shorter says nothing more.
            for name in [n for n, kept in self._kept.items() if _is_covered(kept.head, head)]:
                self._kept.pop(name).file.unlink(missing_ok=True)

    def _make_room(self, needed_bytes: int) -> None:
        with self._lock:
            oldest_first = sorted(self._kept.values(), key=lambda kept: kept.used_at_s)
            total = sum(kept.size_bytes for kept in oldest_first) + needed_bytes
            for kept in oldest_first:
                if total <= self._place.most_bytes:
                    return
                total -= kept.size_bytes
                del self._kept[kept.file.name]
                kept.file.unlink(missing_ok=True)

    def _look_through(self) -> None:
        try:
            self._place.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            files = list(self._place.folder.iterdir())
        except OSError as error:
            log.warning("no folder for prefixes", extra={"reason": error.strerror})
            return
        for file in files:
            try:
                self._take_in(file)
            except (BadPrefixFileError, OSError, ValueError) as error:
                log.warning("kept prefix thrown away", extra={"reason": type(error).__name__})
                file.unlink(missing_ok=True)

    def _take_in(self, file: Path) -> None:
        if file.is_symlink() or not file.is_file():
            return
        used_at_s = file.stat().st_mtime
        is_old = self._now_s() - used_at_s > _KEPT_S
        if file.suffix != SUFFIX or is_old:
            file.unlink(missing_ok=True)
            return
        head = read_head(file)
        self._kept[file.name] = _Kept(file, head, file.stat().st_size, used_at_s)


def forget_prefixes(folder: Path, fairness_key: str) -> None:
    """Throw away all files of one person, whether an engine runs or not."""
    for file in folder.glob(f"{owner_hash(fairness_key)}-*"):
        file.unlink(missing_ok=True)


def _is_covered(old: PrefixHead, new: PrefixHead) -> bool:
    is_alike = (old.model_mark, old.settings, old.owner) == (
        new.model_mark, new.settings, new.owner,
    )  # fmt: skip
    return (
        is_alike and len(old.chain) < len(new.chain) and (new.chain[: len(old.chain)] == old.chain)
    )


def _common(chain: Sequence[str], wanted: Sequence[str]) -> int:
    """Return how many first hashes are equal; a hash stands for all before it."""
    low, high = 0, min(len(chain), len(wanted))
    while low < high:
        middle = (low + high + 1) // 2
        if chain[middle - 1] == wanted[middle - 1]:
            low = middle
        else:
            high = middle - 1
    return low
