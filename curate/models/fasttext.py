"""fastText classifiers: a model file in, the likeliest label and its probability out, in bulk.

The file's header is checked before fastText sees it, and fastText's own words on stderr are not passed on: a
broken file is a sentence, never a crash. Bojanowski et al. 2017, "Enriching word vectors with subword
information"; Joulin et al. 2017, "Bag of tricks for efficient text classification".
"""

from __future__ import annotations

import itertools
import struct
from functools import cache
from pathlib import Path

import numpy as np

MAGIC, FORMAT, SUPERVISED = 793712314, 12, 3
_LABEL = "__label__"


class FastText:
    """A supervised model. labels: without `__label__`, in the order of the file."""

    def __init__(self, path: Path):
        self.path = path
        _check(path)
        try:
            import fasttext_pybind

            self._model = fasttext_pybind.fasttext()
            self._model.loadModel(str(path))
            names = self._model.getLabels("strict")[0]
        except (ValueError, RuntimeError, UnicodeDecodeError) as error:
            raise ValueError(
                f"{path} is cut off or damaged: fastText says '{error}'. Fetch it again."
            ) from None
        self.labels = [name.removeprefix(_LABEL) for name in names]
        self._code = {name: i for i, name in enumerate(names)}

    def predict(self, data: np.ndarray, offsets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The likeliest label of each text, which must hold no newline, and its probability.

        data: (n_bytes,) uint8, offsets: (n + 1,) int64 → ((n,) int16 indices into labels, (n,) float32 in
        0..1).
        """
        bounds = offsets.tolist()
        raw = data.tobytes()
        lines = [raw[a:b].decode() + "\n" for a, b in itertools.pairwise(bounds)]
        if not lines:
            return np.zeros(0, np.int16), np.zeros(0, np.float32)
        names, scores = self._model.multilinePredict(lines, 1, 0.0, "strict")
        codes = np.array([self._code[name[0]] for name in names], np.int16)
        return codes, np.minimum(np.array([score[0] for score in scores], np.float32), 1)


def packaged_languages() -> Path:
    """lid.176.ftz, which tells 176 languages apart; its card lies beside it."""
    return Path(__file__).parents[1] / "data/models/lid.176.ftz"


@cache
def load(path: Path) -> FastText:
    """Reads a model once per process. Raises ValueError with a sentence when it is none."""
    return FastText(path)


def _check(path: Path) -> None:
    """The first 16 bytes say what it is, bytes 16-64 how it was trained."""
    with path.open("rb") as file:
        head = file.read(64)
    if len(head) < 64 or struct.unpack("<i", head[:4])[0] != MAGIC:
        raise ValueError(f"{path} is not a fastText model: it does not begin as one (.bin or .ftz).")
    version, model = struct.unpack("<i", head[4:8])[0], struct.unpack("<i", head[36:40])[0]
    if version != FORMAT:
        raise ValueError(f"{path} is a fastText model of format {version}; only {FORMAT} is read here.")
    if model != SUPERVISED:
        raise ValueError(f"{path} holds word vectors, no classifier. Give a model trained with `supervised`.")
