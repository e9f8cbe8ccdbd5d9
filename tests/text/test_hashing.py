"""Hashes of texts: FarmHash's own numbers, SipHash's published vector, TensorFlow's buckets."""

import pytest

from maeum.text.hashing import bucket, fingerprint, siphash

# By the library farmhash (pyfarmhash 0.5.1), of the first bytes of "maeummaeum...".
_FINGERPRINTS = {
    0: 11160318154034397263,
    20: 15387894431432208752,
    40: 11541860276150891652,
    64: 14434782224484030467,
    65: 15823469042292024575,
    100: 10309748012729578187,
    200: 9723612018623488953,
}


@pytest.mark.parametrize("size", _FINGERPRINTS)
def test_fingerprints_are_those_of_farmhash(size):
    assert fingerprint(("maeum" * 40).encode()[:size]) == _FINGERPRINTS[size]


@pytest.mark.parametrize(
    ("size", "hashed"),  # Aumasson & Bernstein, appendix A and their reference vectors
    [(15, 0xA129CA6149BE45E5), (0, 0x726FDB47DD0E0E31), (8, 0x93F5F5799A932462)],
)
def test_siphash_has_the_published_values(size, hashed):
    key = (0x0706050403020100, 0x0F0E0D0C0B0A0908)
    assert siphash(bytes(range(size)), key) == hashed


@pytest.mark.parametrize(
    ("texts", "count", "key", "expected"),  # what TensorFlow's and Keras's documentation shows
    [
        (("Hello", "TensorFlow", "2.x"), 3, None, [0, 2, 2]),
        ("ABCDE", 3, None, [1, 0, 1, 1, 2]),
        ("ABCDE", 3, (133, 137), [1, 2, 1, 0, 2]),
        ("ABCDE", 3, (133, 133), [0, 0, 2, 1, 0]),
        (("omar", "stringer", "marlo", "wire", "skywalker"), 2, None, [0, 0, 1, 0, 0]),
        (("omar", "stringer", "marlo", "wire", "skywalker"), 2, (133, 137), [0, 1, 0, 1, 0]),
    ],
)
def test_buckets_are_those_of_tensorflow(texts, count, key, expected):
    assert [bucket(text, count, key) for text in texts] == expected
