"""PDQ of pixels: the kernels, their plain twins and the reference hasher say the same, bit for bit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.signalmatch.pictures import KINDS, Pixels, clouds, gradient, noise, shapes

from signalmatch.errors import PictureTooSmall
from signalmatch.kernels import pdq_reference as plain
from signalmatch.kernels import photo as kernels
from signalmatch.kernels.pdq_rows import add_rows
from signalmatch.signals import pdq
from signalmatch.signals.pdq import DCT, dihedral_hashes, pdq_of_pixels

sides = st.one_of(st.integers(5, 140), st.sampled_from([5, 63, 64, 65, 127, 128, 129, 255, 256, 257, 300]))
kinds = st.sampled_from(KINDS)
seeds = st.integers(0, 1 << 20)


def plainly(pixels: Pixels) -> tuple[bytes, int]:
    rows, channels = np.ascontiguousarray(pixels).reshape(len(pixels), -1), 1 if pixels.ndim == 2 else 3
    image = plain.samples_reference(rows, channels)
    flat = plain.coefficients_reference(image, DCT).ravel()
    bits = flat > np.sort(flat)[127]
    return int("".join("1" if bit else "0" for bit in bits[::-1]), 2).to_bytes(32), plain.quality_reference(
        image
    )


@settings(max_examples=60)
@given(sides, sides, kinds, seeds, st.booleans())
@example(64, 64, noise, 0, False)
@example(64, 64, noise, 0, True)
@example(5, 300, clouds, 0, False)
@example(300, 5, clouds, 0, False)
def test_hash_and_quality_are_the_plain_twin_s(
    height: int, width: int, make: Callable[[int, int, int], Pixels], seed: int, grey: bool
) -> None:
    pixels = make(height, width, seed)
    pixels = pixels[:, :, 0] if grey else pixels
    assert pdq_of_pixels(pixels) == plainly(pixels)


@settings(max_examples=20)
@given(sides, sides, kinds, seeds, st.sampled_from([1, 3]))
def test_each_kernel_equals_its_twin(
    height: int, width: int, make: Callable[[int, int, int], Pixels], seed: int, channels: int
) -> None:
    rows = np.ascontiguousarray(make(height, width, seed)[:, :, :channels]).reshape(height, -1)
    image = kernels.samples(rows, channels)
    assert np.array_equal(image, plain.samples_reference(rows, channels))
    assert np.array_equal(kernels.coefficients(image, DCT), plain.coefficients_reference(image, DCT))
    assert kernels.quality_of(image) == plain.quality_reference(image)
    if (height, width) != (64, 64):
        smooth, _ = kernels.smooth_samples(rows, channels)
        assert np.abs(smooth - plain.smooth_samples_reference(rows, channels)).max() < 1e-4


@pytest.mark.parametrize(("height", "width"), [(1024, 1024), (2200, 300), (130, 9000), (777, 1301)])
def test_large_and_narrow_pictures_take_the_quick_way_and_lose_no_bit(height: int, width: int) -> None:
    taken = 0
    for seed in range(2):
        rows, channels = pdq._rows(clouds(height, width, seed))
        found = pdq._quickly(rows, channels)
        taken += found is not None
        assert found in (None, pdq._as_the_reference(rows, channels))
    assert taken > 0


@pytest.mark.parametrize("height", [2049, 8192, 8193, 16_256, 16_257, 33_000])
def test_the_brightest_picture_of_any_height_fits_the_sums(height: int) -> None:
    rows = np.full((height, 131 * 3), 255, np.uint8)
    assert np.abs(kernels.smooth_samples(rows, 3)[0] - 255).max() < 1e-9


@settings(max_examples=30)
@given(
    st.integers(32, 200),
    st.integers(0, 31),
    st.lists(st.integers(0, 64), min_size=8, max_size=8),
    st.integers(1, 3),
    seeds,
)
def test_eight_rows_are_added_as_the_twin_adds_them(
    wide: int, lead: int, weights: list[int], times: int, seed: int
) -> None:
    random = np.random.default_rng(seed)
    chosen = (np.array(weights) * min(1.0, 257 / max(1, sum(weights)))).astype(np.int64)
    pixels = random.choice(np.array([0, 1, 127, 128, 254, 255], np.uint8), (9, wide)).reshape(-1)
    total = random.integers(0, 1 << 24, wide + 64).astype(np.int32)
    expected = np.zeros(wide, np.int64)
    for turn in range(times):
        starts = tuple(int(start) * wide for start in random.integers(0, 9, 8))
        add_rows(pixels, starts, lead, wide, chosen, total, -1 if turn else 0, turn == times - 1)
        expected += plain.add_rows_reference(pixels, starts, wide, chosen)
    assert np.array_equal(total[:wide], expected)


@pytest.mark.parametrize("make", [gradient, shapes])
def test_where_rounding_decides_the_reference_s_order_is_asked(
    make: Callable[[int, int, int], Pixels],
) -> None:
    for seed in range(4):
        pixels = make(400, 520, seed)
        assert pdq_of_pixels(pixels) == plainly(pixels)
    flat = np.full((400, 400, 3), (77, 200, 13), np.uint8)
    assert pdq._quickly(*pdq._rows(flat)) is None
    assert pdq_of_pixels(flat)[1] == 0


@settings(max_examples=40)
@given(sides, sides, kinds, seeds)
@example(1000, 900, clouds, 1)
@example(600, 1200, shapes, 2)
@example(64, 64, noise, 3)
def test_hash_quality_and_the_eight_forms_are_the_reference_hasher_s(
    height: int, width: int, make: Callable[[int, int, int], Pixels], seed: int
) -> None:
    pdqhash = pytest.importorskip(
        "pdqhash", reason="the reference hasher is a peer, installed only for comparison"
    )
    pixels = np.ascontiguousarray(make(height, width, seed))
    bits, quality = pdqhash.compute(pixels)
    assert pdq_of_pixels(pixels) == (np.packbits(bits.astype(np.uint8)).tobytes(), quality)
    eight, quality = pdqhash.compute_dihedral(pixels)
    ours, our_quality = dihedral_hashes(pixels)
    assert astuple(ours) == tuple(np.packbits(bits.astype(np.uint8)).tobytes() for bits in eight)
    assert our_quality == quality


def test_the_eight_forms_are_near_the_pictures_that_were_turned() -> None:
    pixels = clouds(256, 256, 5)
    forms = dihedral_hashes(pixels)[0]
    turned = {
        "original": pixels,
        "rotate90": np.rot90(pixels),
        "rotate180": np.rot90(pixels, 2),
        "rotate270": np.rot90(pixels, 3),
        "flip_x": pixels[::-1],
        "flip_y": pixels[:, ::-1],
        "flip_plus1": pixels.transpose(1, 0, 2),
        "flip_minus1": np.rot90(pixels, 2).transpose(1, 0, 2),
    }
    for name, picture in turned.items():
        form, real = getattr(forms, name), pdq_of_pixels(picture)[0]
        assert (int.from_bytes(form) ^ int.from_bytes(real)).bit_count() < 64, name


@pytest.mark.parametrize(("height", "width"), [(1, 1), (4, 100), (100, 4), (0, 10)])
def test_under_five_pixels_there_is_no_pdq(height: int, width: int) -> None:
    with pytest.raises(PictureTooSmall):
        pdq_of_pixels(np.zeros((height, width, 3), np.uint8))


def test_views_and_read_only_arrays_are_taken_as_they_are() -> None:
    pixels = clouds(150, 170)
    hashed = pdq_of_pixels(pixels)
    padded = np.zeros((150, 200, 3), np.uint8)
    padded[:, :170] = pixels
    locked = pixels.copy()
    locked.flags.writeable = False
    assert pdq_of_pixels(padded[:, :170]) == pdq_of_pixels(locked) == hashed
    with pytest.raises(TypeError, match="uint8"):
        pdq_of_pixels(pixels.astype(np.float32))  # type: ignore[arg-type]
