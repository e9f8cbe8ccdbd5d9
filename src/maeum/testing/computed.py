"""What is computed has to agree, however the layer is run: twice, compiled, in copies."""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp

from maeum.core import functional, graph
from maeum.core.messages import _
from maeum.testing.subject import Subject, apply, demand, run, same


def check_determinism(subject: Subject) -> None:
    """Check that two runs with one key are the same."""
    layer = subject.built
    before = layer.get_weights()
    for training in (False, True):
        demand(same(*(run(layer, subject.rows(), training) for _run in range(2))), _(
            "two runs with training={training} and the same key differ. Draw random numbers with "
            "jax.random and self.random_key() in call(), and keep no state outside of variables.",
            training=training,
        ))  # fmt: skip
    demand(same(before, layer.get_weights()), _(
        "a pure run changed the weights of the layer itself. Change them with variable.assign(), "
        "and without touching variable._value."
    ))  # fmt: skip


def check_compilation(subject: Subject) -> None:
    """Check that the compiled layer gives the same numbers."""
    layer = subject.built
    values = functional.values(layer)
    for training in (False, True):
        pure = functools.partial(apply, layer, training=training)
        compiled = jax.jit(pure)(values, subject.rows())
        held = [
            name
            for name, value in vars(layer).items()
            if any(isinstance(leaf, jax.core.Tracer) for leaf in jax.tree.leaves(value))
        ]
        demand(not held, _(
            "the attribute {name!r} holds a value of a compiled program. Keep state in a variable "
            "made with add_weight(trainable=False), and assign to it.", name="".join(held[:1]),
        ))  # fmt: skip
        demand(same(compiled, run(layer, subject.rows(), training), 1e-4), _(
            "the compiled layer gives other numbers. Whatever changes has to be an input, a "
            "weight or drawn with self.random_key(); Python values are frozen when it is compiled."
        ))  # fmt: skip


def check_shapes(subject: Subject) -> None:
    """Check the shapes of the outputs for several sizes of the batch."""
    layer = subject.built
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
            "compute_output_shape() gave {expected} shapes, call() returned {n} outputs.",
            expected=len(told), n=len(outputs),
        ))  # fmt: skip
        for output, tensor, shape in zip(outputs, graph.symbolic_leaves(symbolic), told):
            demand(output.ndim and output.shape[0] == rows, _(
                "for {rows} rows the output has shape {shape}. Its first axis is the batch: work "
                "on the other axes only, and take sizes from x.shape.", rows=rows,
                shape=output.shape,
            ))  # fmt: skip
            for claimed, origin in ((tensor.shape, "call()"), (shape, "compute_output_shape()")):
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
    """Check the dtypes of the outputs, and that they are finite."""
    layer = subject.built
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
            "symbolic inputs give {expected}, arrays give {dtype}. The dtype may not depend on the "
            "values.", expected=tensor.dtype, dtype=output.dtype,
        ))  # fmt: skip
        demand(not floating or bool(jnp.isfinite(output).all()), _(
            "the output holds NaN or infinite numbers for ordinary inputs. Guard divisions, "
            "logarithms and roots with a small epsilon."
        ))  # fmt: skip


def check_vmap(subject: Subject) -> None:
    """Check ``vmap`` over weights, or inputs, against a loop."""
    layer = subject.built
    seeds = jnp.arange(3, dtype=jnp.uint32)
    stacked = jax.vmap(lambda seed: functional.init(layer, seed))(seeds)

    pure = functools.partial(apply, layer, training=True)
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
