"""What a shard holds, as a hash, and how to know without reading that it still holds it."""

from __future__ import annotations

import stat
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Event
from typing import Any

from curate.readers._records import one_line
from curate.rundir import checksum, fingerprint

SETTLED_NS = 2_000_000_000
"""A file that changed less than this before it was hashed may change again under the same time."""

Known = Sequence[Any]
"""[bytes, time of last change in ns, number of files, time of hashing in ns, hash]"""

KINDS = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFDIR: "a folder",
}


def no_file(path: Path) -> str | None:
    """Why a path is not opened: to open a pipe or a device may wait for ever, or never end."""
    kind = stat.S_IFMT(path.stat().st_mode)
    return None if kind == stat.S_IFREG else f"this is {KINDS.get(kind, 'something else')}, not a file"


def hashed(path: Path, files: Sequence[Path], known: Mapping[str, Known], stop: Event) -> list[Any]:
    """`Known` of the shard at `path`, that is made of `files`; one that nobody touched is not read."""
    before, now = known.get(str(path)), stamp(files)
    if before and list(before[:3]) == now and before[3] - before[1] > SETTLED_NS:
        return list(before)
    return [*now, time.time_ns(), content(path, files, stop)]


def unchanged(path: Path, files: Sequence[Path], known: Known, some: slice = slice(None)) -> bool:
    """Whether `some` files of a shard are what they were when all of it was hashed; a folder may have a
    million, and as many parts as they fill."""
    mine = files[some] if len(files) > 1 else files
    size, changed, _ = stamp(mine)
    alike = len(files) == known[2] and (len(files) > 1 or [size, changed] == list(known[:2]))
    return (alike and known[3] - changed > SETTLED_NS) or content(path, files) == known[4]


def stamp(files: Sequence[Path]) -> list[int]:
    """[bytes, time of last change in ns, number] of files. Of both times that a system keeps: a file that is
    moved to the place of another brings along when it was written."""
    stats = [found for file in files if (found := _stat(file))]
    times = [max(s.st_mtime_ns, s.st_ctime_ns) for s in stats]
    return [sum(s.st_size for s in stats), max(times, default=0), len(stats)]


def content(path: Path, files: Sequence[Path], stop: Event | None = None) -> str:
    """Hash of what is in the files, and of their names in the folder `path`; what cannot be read counts as
    its reason."""
    names = [] if list(files) == [path] else [file.relative_to(path).as_posix() for file in files]
    return fingerprint([names, [_hash(file, stop) for file in files]])


def _hash(file: Path, stop: Event | None) -> str:
    try:
        return no_file(file) or str(checksum(file, stop)["blake3"])
    except OSError as error:
        return f"unreadable: {one_line(error.strerror or error)}"


def _stat(file: Path) -> Any:
    try:
        return file.stat()
    except OSError:
        return None
