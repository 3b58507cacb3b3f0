"""pyarrow without pandas: it imports pandas, where that is installed, to ask of the first value that it is
given whether it is one of theirs. Ours never is, and that takes 0.3 seconds of every process."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from types import ModuleType


class _NoPandas(MetaPathFinder):
    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> None:
        if name == "pandas":
            raise ModuleNotFoundError(name)


def spare_pandas() -> None:
    """Lets pyarrow ask once, and find none; it does not ask again but where somebody wants a DataFrame of it.
    For processes that are ours alone: others may hand it theirs. Imports pyarrow."""
    if "pandas" in sys.modules:
        return
    hidden = _NoPandas()
    sys.meta_path.insert(0, hidden)
    try:
        import pyarrow as pa

        pa.array([0])
    finally:
        sys.meta_path.remove(hidden)
