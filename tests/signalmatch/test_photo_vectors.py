"""The published PDQ vectors, where ../shared is present."""

from __future__ import annotations

import io
import json
from dataclasses import astuple
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from signalmatch import photo_signals
from signalmatch.signals.pdq import dihedral_hashes

pytestmark = pytest.mark.shared
PUBLISHED_WITHIN = 10
"""What the vectors' own rules allow between implementations: decoders and resizers differ."""


@pytest.fixture
def vectors(shared: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((shared / "vectors" / "pdq" / "pdq-vectors.json").read_text())
    return told


def bits(one: str, other: str) -> int:
    return (int(one, 16) ^ int(other, 16)).bit_count()


def test_every_picture_has_the_reference_hasher_s_hash_and_quality(
    shared: Path, vectors: dict[str, Any]
) -> None:
    tried = 0
    for entry in vectors["images"]:
        if entry["file"] is None:
            continue
        found = photo_signals((shared / "vectors" / "pdq" / entry["file"]).read_bytes())
        reference = entry["pdqhash_0_2_8"]
        assert found.sha256 == entry.get("sha256", found.sha256)
        assert found.pdq is not None, entry["file"]
        assert (found.pdq.hex(), found.quality) == (reference["pdq"], reference["quality"]), entry["file"]
        for where, published in entry.get("published", {}).items():
            apart = bits(found.pdq.hex(), published["pdq"])
            assert apart == entry.get("published_vs_pdqhash_distance", {}).get(where, apart), (
                entry["file"],
                where,
            )
            assert apart <= PUBLISHED_WITHIN or reference["quality"] < 50, (entry["file"], where)
        tried += 1
    assert tried >= 20


def test_the_eight_forms_are_the_reference_hasher_s(shared: Path, vectors: dict[str, Any]) -> None:
    data = (shared / "vectors" / "pdq" / "images" / "aaa-orig.jpg").read_bytes()
    with Image.open(io.BytesIO(data)) as image:
        forms, quality = dihedral_hashes(np.asarray(image.convert("RGB")))
    told = vectors["dihedral_of_aaa-orig"]
    assert [form.hex() for form in astuple(forms)] == told["pdqhash_compute_dihedral"]
    assert quality == 100


def test_the_grey_path_stays_within_the_distance_that_is_told(shared: Path) -> None:
    distances = []
    for path in sorted((shared / "vectors" / "pdq" / "images").glob("*.jpg")):
        exact, grey = photo_signals(path.read_bytes()), photo_signals(path.read_bytes(), grey=True)
        assert exact.pdq is not None
        assert grey.pdq is not None
        if (exact.quality or 0) >= 50:
            distances.append(bits(exact.pdq.hex(), grey.pdq.hex()))
    assert max(distances) <= 12
