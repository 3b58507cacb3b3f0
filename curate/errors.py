"""Everything that can go wrong, by consequence.

    CurateError                    a sentence with a place and a way out; never a traceback
    ├── UsageError                 exit 2   the command or the config is wrong
    │   └── ConfigError            exit 2   ... and this is the file, line and key
    ├── BuildError                 exit 1   the build stopped while running
    │   └── AuditError             exit 1   ... since its filters hit the wrong texts (`audit: strict`)
    ├── InfeasibleMix              exit 3   the asked mix cannot be had, or was missed
    ├── VerificationError          exit 4   a run is not what it says it is
    └── Interrupted                exit 130 stopped by a signal; the same command resumes

What loses only a shard or a document is no exception: readers yield it as a record with an `error`, the
ledger keeps it as `quarantined`.
"""

from __future__ import annotations

import difflib
import errno
from collections.abc import Iterable, Sequence


class CurateError(Exception):
    """A sentence for a person: what happened, where, and what to do next. `exit_code` is what the process
    ends with."""

    exit_code = 1


class UsageError(CurateError):
    """The command line asks for something that is not there."""

    exit_code = 2


class ConfigError(UsageError):
    """A config that cannot be followed.

    file, line: where it is written (line is 1-based, None when nothing is written there); key: dotted path in
    the YAML.
    """

    def __init__(
        self, message: str, file: str | None = None, line: int | None = None, key: str | None = None
    ):
        self.message, self.file, self.line, self.key = message, file, line, key
        place = f"{file}:{line}: " if file and line else f"{file}: " if file else ""
        super().__init__(f"{place}{key + ': ' if key else ''}{message}")


class BuildError(CurateError):
    """The build stopped: a task failed for good, the disk is full, too much was quarantined."""


class AuditError(BuildError):
    """`audit: strict`, and the filters drop reasoning or keep junk.

    findings: a sentence for each source, with the rules at fault.
    """

    def __init__(self, findings: Sequence[str]):
        self.findings = tuple(findings)
        super().__init__("audit: strict stops this build. " + " ".join(self.findings))

    def __reduce__(self) -> tuple[type[AuditError], tuple[tuple[str, ...]]]:
        return type(self), (self.findings,)


class InfeasibleMix(CurateError):
    """The mix that was asked for cannot be written, with the source that binds it and what would unbind
    it."""

    exit_code = 3


class VerificationError(CurateError):
    """Files of a run contradict each other or their checksums."""

    exit_code = 4


class Interrupted(CurateError):
    """A signal ended the build; everything committed stays, the same command goes on."""

    exit_code = 130


NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""What the system says when a file cannot grow: no space, over quota, over the limit of a file's size."""

DISK_FULL = (
    "The disk of the run directory is full, or its quota used up. Make room (`curate check` says how much a "
    "build needs), then run the same command again: what is finished is kept."
)

MOST_NAMES = 15


def nearest(word: str, known: Iterable[str]) -> str:
    """ " Did you mean 'x'?" with the nearest of `known`, or the list (its beginning) when none is near."""
    names = sorted(map(str, known))
    if close := difflib.get_close_matches(word, names, n=1, cutoff=0.6):
        return f"Did you mean '{close[0]}'?"
    more = f", and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return f"Known here: {', '.join(names[:MOST_NAMES])}{more}."
