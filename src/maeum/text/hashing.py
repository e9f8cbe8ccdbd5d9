"""Hashes of texts that are the same everywhere: FarmHash's fingerprint, and SipHash with a key.

They give the numbers that Keras's layers give, which take them from TensorFlow.
"""

from __future__ import annotations

from collections.abc import Sequence

_MASK = 2**64 - 1
_K0, _K1, _K2 = 0xC3A5C85C97CB3127, 0xB492B66FBE98F273, 0x9AE16A3B2F90404F


def _turned(value: int, bits: int) -> int:
    """Rotate 64 bits to the right."""
    value &= _MASK
    return (value >> bits | value << (64 - bits)) & _MASK


def _mixed(value: int) -> int:
    value &= _MASK
    return value ^ value >> 47


def _of_two(one: int, two: int, factor: int) -> int:
    a = _mixed((one ^ two) * factor)
    return _mixed((two ^ a) * factor) * factor & _MASK


class _Words:
    """The 64-bit and 32-bit words of some bytes, lowest byte first; negative places count back."""

    def __init__(self, data: bytes):
        self.data = data

    def __call__(self, place: int, size: int = 8) -> int:
        place += len(self.data) if place < 0 else 0
        return int.from_bytes(self.data[place : place + size], "little")


def fingerprint(data: bytes) -> int:
    """Return FarmHash's ``Fingerprint64`` (Pike, 2014), a number of 64 bits.

    >>> fingerprint(b"") == _K2
    True
    """
    size, word = len(data), _Words(data)
    factor = _K2 + size * 2
    if size > 64:
        return _fingerprint_of_blocks(data)
    if size > 32:
        a, b = word(0) * _K2, word(8)
        c, d = word(-8) * factor, word(-16) * _K2
        y = _turned(a + b, 43) + _turned(c, 30) + d
        z = _of_two(y & _MASK, (a + _turned(b + _K2, 18) + c) & _MASK, factor)
        e, f = word(16) * factor, word(24)
        g, h = (y + word(-32)) * factor, (z + word(-24)) * factor
        one = _turned(e + f, 43) + _turned(g, 30) + h
        return _of_two(one & _MASK, (e + _turned(f + a, 18) + g) & _MASK, factor)
    if size > 16:
        a, b = word(0) * _K1, word(8)
        c, d = word(-8) * factor, word(-16) * _K2
        one = _turned(a + b, 43) + _turned(c, 30) + d
        return _of_two(one & _MASK, (a + _turned(b + _K2, 18) + c) & _MASK, factor)
    if size >= 8:
        a, b = word(0) + _K2, word(-8)
        c = _turned(b, 37) * factor + a
        d = (_turned(a, 25) + b) * factor
        return _of_two(c & _MASK, d & _MASK, factor)
    if size >= 4:
        return _of_two(size + (word(0, 4) << 3), word(-4, 4), factor)
    if size:
        y = data[0] + (data[size >> 1] << 8)
        z = size + (data[-1] << 2)
        return _mixed(y * _K2 & _MASK ^ z * _K0 & _MASK) * _K2 & _MASK
    return _K2


def _fingerprint_of_blocks(data: bytes) -> int:
    word, size = _Words(data), len(data)
    x, y = 81 * _K2 + word(0), 81 * _K1 + 113
    z = _mixed(y * _K2 + 113) * _K2 & _MASK
    v, w = (0, 0), (0, 0)

    def four(at: int, a: int, b: int) -> tuple[int, int]:
        a += word(at)
        b, c = _turned(b + a + word(at + 24), 21), a
        a += word(at + 8) + word(at + 16)
        return (a + word(at + 24)) & _MASK, (b + _turned(a, 44) + c) & _MASK

    def block(at: int, factor: int, times: int) -> None:
        nonlocal x, y, z, v, w
        x = _turned(x + y + v[0] + word(at + 8), 37) * factor
        y = _turned(y + v[1] + word(at + 48), 42) * factor
        x ^= w[1] * times
        y += v[0] * times + word(at + 40)
        z = _turned(z + w[0], 33) * factor
        v = four(at, v[1] * factor, x + w[0])
        w = four(at + 32, z + w[1], y + word(at + 16))
        x, y, z = z & _MASK, y & _MASK, x & _MASK

    for at in range(0, (size - 1) // 64 * 64, 64):
        block(at, _K1, 1)
    factor = _K1 + ((z & 0xFF) << 1)
    w = (w[0] + ((size - 1) & 63) & _MASK, w[1])
    v = (v[0] + w[0] & _MASK, v[1])
    w = (w[0] + v[0] & _MASK, w[1])
    block(size - 64, factor, 9)
    one = _of_two(v[0], w[0], factor) + _mixed(y) * _K0 + z
    return _of_two(one & _MASK, (_of_two(v[1], w[1], factor) + x) & _MASK, factor)


def joined(one: int, two: int) -> int:
    """Return one fingerprint of two, whose order counts."""
    factor = 0xC6A4A7935BD1E995
    result = (one ^ factor) ^ (_mixed(two * factor) * factor & _MASK)
    return _mixed(_mixed(result * factor & _MASK) * factor & _MASK)


def siphash(data: bytes, key: Sequence[int]) -> int:
    """Return SipHash-2-4 (Aumasson & Bernstein, 2012) of some bytes under a key of two numbers.

    >>> siphash(bytes(range(15)), (0x0706050403020100, 0x0F0E0D0C0B0A0908)) == 0xA129CA6149BE45E5
    True
    """
    k0, k1 = (number & _MASK for number in key)
    a, b = k0 ^ 0x736F6D6570736575, k1 ^ 0x646F72616E646F6D
    c, d = k0 ^ 0x6C7967656E657261, k1 ^ 0x7465646279746573

    def rounds(count: int) -> None:
        nonlocal a, b, c, d
        for _ in range(count):
            a, c = (a + b) & _MASK, (c + d) & _MASK
            b, d = _turned(b, 51) ^ a, _turned(d, 48) ^ c
            a, c = _turned(a, 32), c
            c, a = (c + b) & _MASK, (a + d) & _MASK
            b, d = _turned(b, 47) ^ c, _turned(d, 43) ^ a
            c = _turned(c, 32)

    last = bytes(data[len(data) // 8 * 8 :]).ljust(7, b"\0") + bytes([len(data) & 0xFF])
    for start in range(0, len(data) // 8 * 8 + 8, 8):
        block = last if start + 8 > len(data) else data[start : start + 8]
        number = int.from_bytes(block, "little")
        d ^= number
        rounds(2)
        a ^= number
    c ^= 0xFF
    rounds(4)
    return a ^ b ^ c ^ d


def bucket(text: str | bytes, count: int, key: Sequence[int] | None = None) -> int:
    """Return which of ``count`` buckets a text falls into, by its hash (with a key if given).

    >>> [bucket(text, 3) for text in ("Hello", "TensorFlow", "2.x")]
    [0, 2, 2]
    """
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    return (fingerprint(data) if key is None else siphash(data, key)) % count
