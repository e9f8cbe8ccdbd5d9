"""Products of batches of small matrices, native and plain."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from maeum import native
from maeum.ops.kernels.batched_products import with_native_products

needs_kernels = pytest.mark.skipif(
    not native.status().present, reason="the kernels are not compiled"
)
RNG = np.random.default_rng(0)
SIZES = [(10, 30, 128), (8, 1, 8), (13, 7, 9), (11, 64, 33), (40, 5, 16), (9, 17, 10)]


def normal(*shape):
    return RNG.normal(size=shape).astype("float32")


@needs_kernels
@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("a_transposed", [False, True])
@pytest.mark.parametrize("b_transposed", [False, True])
def test_products_are_those_of_numpy(sizes, a_transposed, b_transposed):
    rows, inner, columns = sizes
    a = normal(3, *((inner, rows) if a_transposed else (rows, inner)))
    b = normal(3, *((columns, inner) if b_transposed else (inner, columns)))
    transposed = {"a_transposed": np.bool_(a_transposed), "b_transposed": np.bool_(b_transposed)}
    found = native.call("MaeumProducts", native.float32(3, rows, columns), a, b, **transposed)
    left = a.astype("float64").swapaxes(1, 2) if a_transposed else a.astype("float64")
    right = b.swapaxes(1, 2) if b_transposed else b
    np.testing.assert_allclose(found, left @ right, rtol=1e-4, atol=1e-5)


def loss(w, x):
    """A network in a loop, so that products stand in programs within the program."""

    def body(i, w):
        slope = jax.grad(lambda w: jnp.sum(jnp.tanh(x @ w) ** 2))(w)
        return w - 0.01 * slope

    return jax.lax.fori_loop(0, 3, body, w)


@pytest.mark.parametrize("sizes", SIZES[::3])
def test_programs_with_native_products_compute_the_same(sizes):
    rows, inner, columns = sizes
    given = normal(4, inner, columns), normal(4, rows, inner)
    function = jax.vmap(loss)
    found = jax.jit(with_native_products(function))(*given)
    np.testing.assert_allclose(found, function(*given), rtol=2e-4, atol=2e-5)


@needs_kernels
def test_small_products_are_native_and_others_stay_what_they_are():
    def kernels(*shapes, dtype="float32"):
        arrays = [jnp.zeros(shape, dtype) for shape in shapes]
        return str(jax.make_jaxpr(with_native_products(jax.vmap(jnp.matmul)))(*arrays))

    assert "ffi_call" in kernels((3, 10, 30), (3, 30, 16))
    assert "ffi_call" not in kernels((3, 10, 30), (3, 30, 1))
    assert "ffi_call" not in kernels((3, 10, 0), (3, 0, 16))
    assert "ffi_call" not in kernels((3, 10, 30), (3, 30, 16), dtype="bfloat16")
    assert "ffi_call" not in kernels((3, 512, 512), (3, 512, 512))
