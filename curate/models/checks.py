"""Whether a model file is the one that was meant."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path


def check_hash(path: Path, expected: str | None) -> None:
    """Raises ValueError when a hash is given and the file's is another."""
    if expected is None:
        return
    with path.open("rb") as file:
        digest = sha256()
        while block := file.read(1 << 20):
            digest.update(block)
    if digest.hexdigest() != expected:
        raise ValueError(
            f"{path} is not the model that was meant: its SHA-256 is {digest.hexdigest()}, and `sha256` says "
            f"{expected}. Fetch the right file, or correct `sha256`."
        )
