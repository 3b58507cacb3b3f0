"""Output shards as Parquet: zstd, statistics of token counts only, a dictionary for the source only (of texts
and ids it would be as large as they are)."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

import pyarrow as pa
import pyarrow.parquet as pq

SUFFIX = "parquet"

LEVEL = 2
"""Of zstd. Of bench's corpus 3 makes 4 % less and takes 1.4 times as long, 1 7 % more in 0.8 of the time."""


class Writer:
    """One file."""

    def __init__(self, path: Path, schema: pa.Schema):
        self._file = pq.ParquetWriter(
            path,
            schema,
            compression="zstd",
            compression_level=LEVEL,
            use_dictionary=["source"],
            write_statistics=["tokens"],
        )

    def write(self, table: pa.Table) -> None:
        """Appends one row group."""
        self._file.write_table(table)

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
