"""Eight convolutions, as networks for small and middle pictures have them: forward, and gradients.

Maeum's run inside a compiled loop, as its training does: by the native kernels, and by what stands
in for them where they were not compiled. TensorFlow runs each as a `tf.function`, PyTorch eagerly
in both of its memory layouts. Milliseconds, and how Maeum's compare with the fastest peer's.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import common

SECONDS = 0.15  # what one measurement takes, roughly
SHORTEST = 1e-4  # no convolution here is over sooner, whatever a first, disturbed timing says


class Shape(NamedTuple):
    batch: int
    rows: int
    channels: int
    filters: int
    size: int = 3
    strides: int = 1
    padding: str = "SAME"

    @property
    def out(self) -> int:
        """The rows (and columns) of the output."""
        if self.padding == "VALID":
            return (self.rows - self.size) // self.strides + 1
        return -(-self.rows // self.strides)

    def data(self) -> tuple[Any, Any, Any]:
        """Return inputs, kernel, and a gradient of the output."""
        import numpy as np

        rng = np.random.default_rng(0)
        shapes = (
            (self.batch, self.rows, self.rows, self.channels),
            (self.size, self.size, self.channels, self.filters),
            (self.batch, self.out, self.out, self.filters),
        )
        x, kernel, gradient = (rng.standard_normal(shape, np.float32) for shape in shapes)
        return x, 0.1 * kernel, gradient


SHAPES = {
    "13x13, 32 to 64, valid": Shape(128, 13, 32, 64, padding="VALID"),
    "28x28, 1 to 32": Shape(128, 28, 1, 32),
    "28x28, 16 to 16": Shape(128, 28, 16, 16),
    "14x14, 32 to 32": Shape(128, 14, 32, 32),
    "7x7, 64 to 64": Shape(128, 7, 64, 64),
    "56x56, 64 to 64, batch 32": Shape(32, 56, 64, 64),
    "28x28, 128 to 128, 1x1, batch 32": Shape(32, 28, 128, 128, size=1),
    "28x28, 16 to 32, strides 2": Shape(128, 28, 16, 32, strides=2),
}
NAMES = {
    "keras-tensorflow": "`tf.function`",
    "torch": "PyTorch, channels last",
    "torch-contiguous": "PyTorch, contiguous",
    "maeum": "Maeum",
    "maeum-fallback": "Maeum, no native kernels",
}
OURS = ("maeum", "maeum-fallback")
WAYS = ("forward", "gradients")
Timer = Callable[[int], float]  # the number of repetitions -> the seconds of all of them


def work(peer: str) -> Iterator[dict]:
    prepare = {"keras-tensorflow": tensorflow, "maeum": maeum, "maeum-fallback": maeum}
    start = prepare.get(peer) or (lambda shape: torch(shape, peer == "torch"))
    timers = {name: dict(zip(WAYS, start(shape))) for name, shape in SHAPES.items()}
    counts: dict[tuple[str, str], int] = {}
    while True:
        measured: dict[str, float] = {}
        for name, pair in timers.items():
            for way, timer in pair.items():
                if (name, way) not in counts:
                    timer(2)  # compiles
                    typical = max(timer(3) / 3, SHORTEST)
                    counts[name, way] = max(3, int(SECONDS / typical))
                repeat = counts[name, way]
                measured[f"{name}: {way}"] = timer(repeat) / repeat
        yield measured


def maeum(shape: Shape) -> tuple[Timer, Timer]:
    """Repeat the convolution in a compiled loop.

    Whatever did not change from one repetition to the next would be moved out of the loop, and what
    nobody reads would be left out: so a number of each input changes a little, and the outputs are
    carried along.
    """
    import os

    import jax
    import jax.numpy as jnp

    from maeum import native, ops

    if not native.status().present and os.environ.get("MAEUM_NATIVE") != "0":
        raise RuntimeError(f"no native kernels: {native.status().reason}")
    x, kernel, gradient = (jnp.asarray(part) for part in shape.data())

    def conv(x: Any, kernel: Any) -> Any:
        return ops.conv(x, kernel, strides=shape.strides, padding=shape.padding.lower())

    def nudged(array: Any, by: Any) -> Any:
        corner = (array[0, 0, 0, 0] + 1e-20 * by).reshape(1, 1, 1, 1)
        return jax.lax.dynamic_update_slice(array, corner, (0, 0, 0, 0))

    @jax.jit
    def forward(repeat: int, x: Any, kernel: Any, y: Any) -> Any:
        def body(_: int, carry: tuple) -> tuple:
            x, kernel, y = carry
            by = y[0, 0, 0, 0]
            x, kernel = nudged(x, by), kernel + 1e-20 * by
            return x, kernel, conv(x, kernel)

        return jax.lax.fori_loop(0, repeat, body, (x, kernel, y))

    @jax.jit
    def gradients(repeat: int, x: Any, kernel: Any, gradient: Any) -> Any:
        def body(_: int, carry: tuple) -> tuple:
            x, kernel, gradient, y, dx = carry
            by = y[0, 0, 0, 0] + dx[0, 0, 0, 0]
            x, gradient = nudged(x, by), nudged(gradient, by)
            y, back = jax.vjp(conv, x, kernel)
            dx, dkernel = back(gradient)
            return x, kernel - 1e-20 * dkernel, gradient, y, dx

        carry = (x, kernel, gradient, jnp.zeros_like(gradient), jnp.zeros_like(x))
        return jax.lax.fori_loop(0, repeat, body, carry)

    def timer(function: Callable) -> Timer:
        def call(repeat: int) -> float:
            start = time.perf_counter()
            jax.block_until_ready(function(repeat, x, kernel, gradient))
            return time.perf_counter() - start

        # What comes before the loop does not count: copies of the inputs.
        return lambda repeat: max(call(repeat + 1) - call(1), 1e-9)

    return timer(forward), timer(gradients)


def tensorflow(shape: Shape) -> tuple[Timer, Timer]:
    import tensorflow as tf

    x, kernel, gradient = (tf.constant(part) for part in shape.data())

    @tf.function
    def forward(x: Any, kernel: Any) -> Any:
        return tf.nn.conv2d(x, kernel, shape.strides, shape.padding)

    @tf.function
    def gradients(x: Any, kernel: Any, gradient: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch([x, kernel])
            y = tf.nn.conv2d(x, kernel, shape.strides, shape.padding)
        return y, *tape.gradient(y, [x, kernel], output_gradients=gradient)

    def wait(result: Any) -> None:
        for part in result if isinstance(result, tuple) else (result,):
            part.numpy()  # a view, no copy

    return (
        repeated(lambda: forward(x, kernel), wait),
        repeated(lambda: gradients(x, kernel, gradient), wait),
    )


def torch(shape: Shape, channels_last: bool) -> tuple[Timer, Timer]:
    import torch as framework

    layout = framework.channels_last if channels_last else framework.contiguous_format
    x, kernel, gradient = (framework.from_numpy(part) for part in shape.data())
    # A clone, because what is contiguous already keeps strides that say the other layout.
    x, gradient = (a.permute(0, 3, 1, 2).clone(memory_format=layout) for a in (x, gradient))
    kernel = kernel.permute(3, 2, 0, 1).clone(memory_format=layout)
    x.requires_grad_()
    kernel.requires_grad_()
    # With strides, TensorFlow pads one side more than the other: the same work.
    padding = 0 if shape.padding == "VALID" else shape.size // 2

    def forward() -> Any:
        return framework.nn.functional.conv2d(x, kernel, None, shape.strides, padding)

    def gradients() -> Any:
        y = forward()
        return y, *framework.autograd.grad(y, [x, kernel], gradient)

    return repeated(forward), repeated(gradients)


def repeated(call: Callable[[], Any], wait: Callable[[Any], None] | None = None) -> Timer:
    """Time calls from Python; ``wait`` makes sure that the last result is there."""

    def timer(repeat: int) -> float:
        start = time.perf_counter()
        for _ in range(repeat):
            result = call()
        if wait:
            wait(result)
        return time.perf_counter() - start

    return timer


def report(options: argparse.Namespace) -> None:
    _, later, failed = common.interleaved(__file__, options)
    for way in WAYS:
        heads, rows = compared(later, way)
        title = "forward" if way == "forward" else "forward, and the gradients of both"
        common.table(f"Convolutions, {title} (ms)", heads, rows, failed)


def compared(later: dict[str, list], way: str) -> tuple[list[str], list[list[str]]]:
    """Return a row for each shape, and the geometric means of Maeum's shares of the fastest."""
    ours = [peer for peer in OURS if peer in later]
    others = [peer for peer in later if peer not in OURS]
    shares: dict[str, list[float]] = {peer: [] for peer in ours}
    rows = []
    for name in SHAPES:
        took = {peer: common.median(later[peer], f"{name}: {way}") for peer in later}
        row = [name, *(f"{1e3 * seconds:.2f}" for seconds in took.values())]
        if others:
            fastest = min(took[peer] for peer in others)
            for peer in ours:
                shares[peer].append(took[peer] / fastest)
                row.append(f"{shares[peer][-1]:.2f}")
        rows.append(row)
    heads = ["", *(NAMES[peer] for peer in later)]
    if others:
        heads += [f"{NAMES[peer]} / fastest peer" for peer in ours]
        means = [math.exp(sum(map(math.log, s)) / len(s)) for s in shares.values()]
        rows.append(["geometric mean", *[""] * len(later), *(f"{mean:.2f}" for mean in means)])
    return heads, rows


if __name__ == "__main__":
    common.main(__file__, work, report, rounds=5, peers=NAMES)
