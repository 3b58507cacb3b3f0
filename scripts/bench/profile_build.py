"""Where the time of a build goes: python scripts/bench/profile_build.py [CONFIG] [--step annotate_part]
[--top 40]

The tasks run in this process, one after another, under cProfile: CPU seconds of each step, and of it the
functions that take the most by themselves (`self`) and with what they call (`total`)."""

from __future__ import annotations

import argparse
import cProfile
import pstats
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

Json = dict[str, Any]


class InlineEngine:
    """An engine whose worker is this process. profiles: by step function."""

    name = "inline"

    def __init__(self) -> None:
        self.profiles: dict[str, cProfile.Profile] = {}
        self.seconds: dict[str, float] = {}

    def run(
        self, function: Callable[[Json], Json], tasks: Sequence[Json], on_progress: Callable[[Json], None]
    ) -> Iterator[tuple[int, Json]]:
        """See `Engine.run`."""
        profile = self.profiles.setdefault(function.__name__, cProfile.Profile(time.process_time))
        for index, task in enumerate(tasks):
            began = time.process_time()
            result = profile.runcall(function, task)
            spent = time.process_time() - began
            self.seconds[function.__name__] = self.seconds.get(function.__name__, 0.0) + spent
            yield index, result

    def __enter__(self) -> InlineEngine:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def close(self) -> None:
        """Nothing to end."""


def main() -> None:
    """Builds once and prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("config", type=Path, nargs="?", default=ROOT / "configs/bench.yaml")
    parser.add_argument("--out", type=Path, help="run directory to go on with; by default a new one, removed")
    parser.add_argument(
        "--set", action="append", default=[], dest="sets", help="a.b=value, as `curate build`"
    )
    parser.add_argument("--by", choices=["tottime", "cumtime"], default="tottime")
    parser.add_argument("--step", help="only this task function, such as annotate_part")
    parser.add_argument("--top", type=int, default=30)
    args = parser.parse_args()
    began = time.process_time()
    from curate import build as building
    from curate.config import load

    imported, engine = time.process_time() - began, InlineEngine()
    building.LocalEngine = lambda *_: engine  # type: ignore[assignment,misc]
    began = time.process_time()
    with tempfile.TemporaryDirectory(prefix="curate-profile-") as folder:
        building.build(load(args.config, args.sets), args.out or Path(folder) / "run", workers=1)
    spent = time.process_time() - began
    print(f"{'imports':<16} {imported:8.2f} s CPU\n{'build':<16} {spent:8.2f} s CPU, of which")
    for name, seconds in engine.seconds.items():
        print(f"  {name:<14} {seconds:8.2f}")
    print(f"  {'between tasks':<14} {spent - sum(engine.seconds.values()):8.2f}")
    for name, profile in engine.profiles.items():
        if args.step in (None, name):
            print(f"\n== {name}")
            stats = pstats.Stats(profile)
            stats.sort_stats(args.by).print_stats(args.top)


if __name__ == "__main__":
    main()
