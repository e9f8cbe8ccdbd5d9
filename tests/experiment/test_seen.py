import numpy as np
import pytest

from maeum.experiment.seen import KEPT, Seen, row_hashes

RANDOM = np.random.default_rng(0)


def hashes(rows, seed=0):
    random = np.random.default_rng(seed)
    return row_hashes(
        {"numbers": random.normal(size=(rows, 3)).astype("f"), "city": random.integers(0, 9, rows)},
        random.integers(0, 2, rows),
    )


def test_hash_is_fnv_1a_of_the_32_bits_of_each_number_mixed_as_in_murmur_hash():
    words = [np.float32(v).view(np.uint32).item() for v in (1, 2.5, -3)]
    expected, whole = 0xCBF29CE484222325, 2**64
    for word in words:
        expected = (expected ^ word) * 0x100000001B3 % whole
    for mixer in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        expected = (expected ^ (expected >> 33)) * mixer % whole
    expected ^= expected >> 33
    found = row_hashes({"numbers": np.float32([[2.5, -3]])}, np.array([1]))
    assert found.tolist() == [expected]


@pytest.mark.parametrize("rows", [50, 10 * KEPT])
@pytest.mark.parametrize("fraction", [0.0, 0.3, 1.0])
def test_fraction_that_was_trained_on_is_told_from_few_hashes(rows, fraction):
    trained, other = hashes(rows), hashes(rows, 1)
    seen = Seen.of(trained, other)
    n = int(fraction * rows)
    mixed = np.concatenate([RANDOM.choice(trained, n, replace=False), other[n:]])
    assert seen.fraction(mixed) == pytest.approx(fraction, abs=0.05)
    assert seen.chance == 0
    assert len(seen.hashes) <= 4 * KEPT * 8 / 3 + 4


def test_rows_that_are_alike_count_as_chance():
    trained = hashes(100)
    assert Seen.of(trained, trained[:30]).chance == 1
    assert Seen.from_json(Seen.of(trained, trained).to_json()).fraction(trained) == 1
    assert Seen().fraction(trained) == 0
