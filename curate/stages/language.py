"""Which language a document is written in, judged by its words and not by its formulas.

fastText's lid.176 (Joulin et al. 2017) reads the first words of each text that are language
(`kernels.prose`): English mathematics and code-mixed text is English, and scores as such.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pydantic import Field, field_validator

from curate.documents import Batch
from curate.errors import nearest
from curate.kernels.prose import prose_words
from curate.models import checks, fasttext
from curate.rules import PerStructure, Rule, Signal, StageConfig, limit

VERSION = 2
REQUIRES: list[str] = []
EDITS = False
COST = 10.0

SIGNALS = [
    Signal(
        "language.label",
        pa.string(),
        "ISO 639 code of the likeliest language, as the model gives it; null where no word has a letter",
    ),
    Signal(
        "language.score",
        pa.float32(),
        "probability of that language, 0..1; null where no word has a letter",
        0,
        1,
    ),
    Signal(
        "language.foreign_score",
        pa.float32(),
        "probability of the likeliest language where it is none of `keep`, 0..1, 0 where it is one of them; "
        "null for texts with less than `gate_bytes` of words",
        0,
        1,
    ),
]
RULES = [
    Rule("language.label", not_in="keep", because="it is in another language"),
    Rule("language.score", below="min_score", because="its language is too uncertain"),
]
GATES = [Rule("language.foreign_score", above="gate_score", because="it is surely in another language")]
SIGNAL_FIELDS = ["keep"]  # language.foreign_score depends on it


class Config(StageConfig):
    """Which languages stay, and how sure one must be."""

    model: str = Field(
        "packaged",
        description="fastText classifier (.bin or .ftz) with one label per language; packaged: lid.176.ftz",
        json_schema_extra={"path": True},
    )
    sha256: str | None = Field(
        None, pattern="^[0-9a-f]{64}$", description="SHA-256 that the model file must have; null: any"
    )
    keep: list[str] | None = Field(
        ["en"], description="codes of the languages that stay, as the model names them; null: all"
    )
    min_score: PerStructure[float] = limit(
        0.65,
        maths=0.35,
        proof=0.35,
        code_mixed=0.35,
        description="least probability of the language (FineWeb, DCLM: 0.65; less where words are few); a "
        "language may have its own, as in {de: 0.8}",
    )
    prefix: int = Field(600, ge=50, description="bytes of words that are judged, from the start of the text")
    unsure_below: float = Field(
        0.8,
        ge=0,
        le=1,
        description="probability under which more of a text is read (ours; see `unsure_prefix`)",
    )
    unsure_prefix: int = Field(
        4000,
        ge=50,
        description="bytes of words that are read then (ours: 99.9 % of labels are those of all words, with "
        "600 bytes alone 98.9 %, with 2,000 alone 99.8 % at half the speed)",
    )
    gate_score: float | None = Field(
        0.9,
        ge=0,
        le=1,
        description="probability of a language that is not kept above which a text gets no further stage",
    )
    gate_bytes: int = Field(
        200, ge=0, description="bytes of words under which a text is too short for that gate"
    )

    @field_validator("keep")
    @classmethod
    def _known(cls, keep: list[str] | None, info: Any) -> list[str] | None:
        if keep is not None and info.data.get("model") == "packaged":
            for code in keep:
                if code not in LANGUAGES:
                    raise ValueError(f"lid.176 knows no language '{code}'. {nearest(code, LANGUAGES)}")
        return keep


_CODES = """
af als am an ar arz as ast av az azb ba bar bcl be bg bh bn bo bpy br bs bxr ca cbk ce ceb ckb co cs cv cy
da de diq dsb dty dv el eml en eo es et eu fa fi fr frr fy ga gd gl gn gom gu gv he hi hif hr hsb ht hu hy
ia id ie ilo io is it ja jbo jv ka kk km kn ko krc ku kv kw ky la lb lez li lmo lo lrc lt lv mai mg mhr min
mk ml mn mr mrj ms mt mwl my myv mzn nah nap nds ne new nl nn no oc or os pa pam pfl pl pms pnb ps pt qu rm
ro ru rue sa sah sc scn sco sd sh si sk sl so sq sr su sv sw ta te tg th tk tl tr tt tyv ug uk ur uz vec vep
vi vls vo wa war wuu xal xmf yi yo yue zh
"""
LANGUAGES = frozenset(_CODES.split())
"""What lid.176 tells apart."""


def defaults(kind: str) -> dict[str, Any] | None:
    """Off for code. Textbooks and worked solutions are judged by what they surely are not: another
    language."""
    return {"web": {}, "academic": {"min_score": 0.35}, "synthetic": {"min_score": 0.35}}.get(kind)


def _path(config: Config) -> Path:
    return fasttext.packaged_languages() if config.model == "packaged" else Path(config.model)


def files(config: Config) -> list[Path]:
    """The model's file."""
    return [_path(config)]


def load(config: Config) -> fasttext.FastText:
    """The model. Raises ValueError with a sentence when the file is none, or not the one meant."""
    checks.check_hash(_path(config), config.sha256)
    return fasttext.load(_path(config))


def annotate(batch: Batch, config: Config, model: fasttext.FastText) -> dict[str, pa.Array]:
    """Label and score of every document with a letter in it."""
    codes, scores, sizes = predict(batch, config, model)
    kept = np.array([config.keep is None or label in config.keep for label in model.labels])
    foreign = np.where(kept[codes], np.float32(0), scores)
    label = pa.DictionaryArray.from_arrays(pa.array(codes, mask=sizes == 0), pa.array(model.labels))
    return {
        "language.label": label.cast(pa.string()),
        "language.score": pa.array(scores, pa.float32(), mask=sizes == 0),
        "language.foreign_score": pa.array(foreign, pa.float32(), mask=sizes < max(config.gate_bytes, 1)),
    }


def predict(
    batch: Batch, config: Config, model: fasttext.FastText
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """((n,) int32 codes, (n,) float32 scores, (n,) int64 bytes of words): by the first words, and by more of
    them where these leave doubts."""
    words, bounds = prose_words(batch.data, batch.offsets, config.prefix)
    codes, scores = model.predict(words, bounds)
    sizes = np.diff(bounds)
    unsure = np.flatnonzero((scores < config.unsure_below) & (batch.sizes > config.prefix))
    if len(unsure) and config.unsure_prefix > config.prefix:
        longer = batch.take(unsure)
        codes[unsure], scores[unsure] = model.predict(
            *prose_words(longer.data, longer.offsets, config.unsure_prefix)
        )
    return codes, scores, sizes
