"""What is computed has to agree, however the layer is run: twice, compiled, in copies."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from maeum.core import functional, graph
from maeum.core.messages import _
from maeum.testing.subject import KEY, Subject, demand, run, same


def check_determinism(subject: Subject) -> None:
    """The outputs may depend on the inputs, the weights and the key alone."""
    layer = subject.built()
    before = layer.get_weights()
    for training in (False, True):
        mode = "training" if training else "inference"
        outputs = [run(layer, subject.rows(), training) for _ in range(2)]
        demand(same(*outputs), _(
            "two runs in {mode} with the same key differ. Draw random numbers with jax.random and "
            "self.random_key() in call(), and keep no state outside of variables.", mode=mode,
        ))  # fmt: skip
    demand(same(before, layer.get_weights()), _(
        "a pure run changed the weights of the layer itself. Change them with variable.assign(), "
        "and without touching variable._value."
    ))  # fmt: skip


def check_compilation(subject: Subject) -> None:
    """Inside a compiled program there are no values: no if, float() or NumPy function of them."""
    layer = subject.built()
    values = functional.values(layer)
    for training in (False, True):

        def pure(values: Any, x: Any, training: bool = training) -> Any:
            key = jax.random.PRNGKey(KEY)
            return functional.apply(layer, values, x, training=training, key=key)[0]

        compiled = jax.jit(pure)(values, subject.rows())
        held = [
            name
            for name, value in vars(layer).items()
            if any(isinstance(leaf, jax.core.Tracer) for leaf in jax.tree.leaves(value))
        ]
        demand(not held, _(
            "the attribute {name} holds on to a value of a compiled program. Keep state in a "
            "variable made with add_weight(trainable=False), and assign to it.", name=held[:1],
        ))  # fmt: skip
        demand(same(compiled, run(layer, subject.rows(), training), 1e-4), _(
            "the compiled layer gives other numbers. Whatever changes has to be an input, a "
            "weight or drawn with self.random_key(); Python values are frozen when it is compiled."
        ))  # fmt: skip


def check_shapes(subject: Subject) -> None:
    """The layer has to take batches of any size, and to tell the shape of its outputs."""
    layer = subject.built()
    symbolic = subject.make()(subject.symbolic())
    told = jax.tree.leaves(
        subject.make().compute_output_shape(
            graph.map_structure(lambda tensor: tensor.shape, subject.symbolic())
        ),
        is_leaf=lambda shape: all(n is None or isinstance(n, int) for n in shape),
    )
    for rows in (2, 3):
        outputs = jax.tree.leaves(jax.eval_shape(layer, subject.rows(rows)))
        demand(len(told) == len(outputs), _(
            "{told} outputs were told, {returned} returned.", told=len(told), returned=len(outputs),
        ))  # fmt: skip
        for output, tensor, shape in zip(outputs, graph.symbolic_leaves(symbolic), told):
            demand(output.ndim and output.shape[0] == rows, _(
                "for {rows} rows the output has shape {shape}. Its first axis is the batch: work "
                "on the other axes only, and take sizes from x.shape.", rows=rows,
                shape=output.shape,
            ))  # fmt: skip
            for claimed, origin in ((tensor.shape, "Calling it"), (shape, "compute_output_shape")):
                fits = len(claimed) == output.ndim and all(
                    a in (None, b) for a, b in zip(claimed, output.shape)
                )
                demand(fits, _(
                    "{origin} on any number of rows gave the shape {claimed}, but the output for "
                    "{rows} rows has {shape}. Correct compute_output_shape (or do not write it: "
                    "it is worked out from call()).", origin=origin, claimed=tuple(claimed),
                    rows=rows, shape=output.shape,
                ))  # fmt: skip


def check_dtypes(subject: Subject) -> None:
    """Floating outputs need the layer's dtype, and finite inputs should give finite outputs."""
    layer = subject.built()
    outputs = jax.tree.leaves(layer(subject.rows()))
    symbolic = graph.symbolic_leaves(subject.make()(subject.symbolic()))
    for output, tensor in zip(outputs, symbolic):
        floating = jnp.issubdtype(output.dtype, jnp.floating)
        demand(not floating or output.dtype == layer.dtype, _(
            "the output has dtype {dtype} though the layer's is {expected}. Cast to self.dtype, "
            "and make constants with the dtype of the inputs.", dtype=output.dtype,
            expected=layer.dtype,
        ))  # fmt: skip
        demand(output.dtype == tensor.dtype, _(
            "symbolic inputs promise {dtype}, arrays give {expected}. The dtype may not depend on "
            "the values.", dtype=tensor.dtype, expected=output.dtype,
        ))  # fmt: skip
        demand(not floating or bool(jnp.isfinite(output).all()), _(
            "the output holds NaN or infinite numbers for ordinary inputs. Guard divisions, "
            "logarithms and roots with a small epsilon."
        ))  # fmt: skip


def check_vmap(subject: Subject) -> None:
    """Many copies of the layer have to run at once: use no Python code that depends on values."""
    layer = subject.built()
    seeds = jnp.arange(3, dtype=jnp.uint32)
    stacked = jax.vmap(lambda seed: functional.init(layer, seed))(seeds)

    def pure(values: Any, x: Any) -> Any:
        key = jax.random.PRNGKey(KEY)
        return functional.apply(layer, values, x, training=True, key=key)[0]

    x = subject.rows()
    if stacked:
        together = jax.jit(jax.vmap(pure, in_axes=(0, None)))(stacked, x)
        single = [pure(jax.tree.map(lambda v, i=i: v[i], stacked), x) for i in range(3)]
    else:
        copies = jax.tree.map(lambda a: jnp.stack([a, a[::-1]]), x)
        together = jax.jit(jax.vmap(pure, in_axes=(None, 0)))({}, copies)
        single = [pure({}, jax.tree.map(lambda a, i=i: a[i], copies)) for i in range(2)]
    for i, expected in enumerate(single):
        got = jax.tree.map(lambda a, i=i: a[i], together)
        demand(same(got, expected, 1e-4), _(
            "vmap over stacked weights gives other numbers than one copy after the other."
        ))  # fmt: skip
