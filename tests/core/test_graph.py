"""The symbolic graph: shapes worked out without computing, and the order of its nodes."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import maeum as mm
from maeum import ops
from maeum.core import graph
from maeum.core.errors import ConfigError, ShapeError
from maeum.core.graph import Graph, SymbolicTensor
from maeum.layers import Dense

x = SymbolicTensor((None, 3, None), name="x")

SHAPES = {
    "kept": (lambda x: x + 1, (None, 3, None)),
    "reduced": (lambda x: mm.ops.sum(x, axis=-1), (None, 3)),
    "to a number": (lambda x: mm.ops.mean(x), ()),
    "indexed": (lambda x: x[:, 0], (None, None)),
    "cut": (lambda x: x[:, 1:, :4], (None, 2, None)),  # or less than 4
    "cut from an unknown end": (lambda x: x[..., :-1], (None, 3, None)),
    "swapped": (lambda x: mm.ops.transpose(x, (2, 1, 0)), (None, 3, None)),
    "product": (lambda x: np.ones((2, 3), "f4") @ x, (None, 2, None)),
    "compared": (lambda x: x > 0, (None, 3, None)),
}


@pytest.mark.parametrize("name", SHAPES)
def test_shapes_with_unknown_sizes(name):
    function, expected = SHAPES[name]
    assert function(x).shape == expected


@given(
    st.lists(st.none() | st.integers(1, 5), min_size=2, max_size=4),
    st.data(),
)
@settings(max_examples=50)
def test_inferred_shapes_are_those_of_arrays(shape, data):
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    functions = [
        lambda ops, t: ops.sum(t, axis=axis),
        lambda ops, t: ops.expand_dims(t, axis),
        lambda ops, t: ops.concatenate([t, t], axis=axis),
        lambda ops, t: ops.flip(t, axis=axis),
        lambda _ops, t: t * t[..., :1],
    ]
    function = data.draw(st.sampled_from(functions))
    symbolic = function(mm.ops, SymbolicTensor(shape))
    sizes = [data.draw(st.integers(1, 4)) if n is None else n for n in shape]
    result = function(np, np.zeros(sizes))
    assert len(symbolic.shape) == result.ndim
    for told, real in zip(symbolic.shape, result.shape):
        assert told in (None, real)
    if None not in shape:
        assert symbolic.shape == result.shape


def test_dtypes():
    assert SymbolicTensor((2,), "int64").dtype == "int32"  # as JAX has it without x64
    assert (SymbolicTensor((2,), "int32") / 2).dtype == "float32"
    assert (x > 0).dtype == bool
    assert repr(SymbolicTensor((None, 2), "int32", "t")) == (
        "<SymbolicTensor shape=(None, 2) dtype=int32 name='t'>"
    )
    with pytest.raises(ConfigError, match="stands for numbers"):
        mm.Input((2,), dtype="object")


def test_nodes_come_in_an_order_in_which_they_can_run():
    a = mm.Input((3,))
    b = Dense(3, name="b")(a)
    c = Dense(3, name="c")(b + a)
    d = c * b - a
    made = Graph(a, [d, b])
    ready = {id(a)}
    for node in made.nodes:
        assert all(id(t) in ready for t in node.inputs)
        ready.update(id(t) for t in graph.symbolic_leaves(node.outputs))
    layers = [o.name for o in made.operations if isinstance(o, mm.Layer)]
    assert layers == ["input_layer", "b", "c"]


def test_a_thousand_nodes_deep():
    a = y = mm.Input((2,))
    for _ in range(1500):
        y = y + 1
    model = mm.Model(a, y)
    np.testing.assert_allclose(model(np.zeros((1, 2), "f4")), [[1500, 1500]])


def test_a_graph_is_only_what_lies_between():
    a = mm.Input((3,))
    b = Dense(3)(a)
    Dense(4)(b)  # leads nowhere
    made = Graph(b, b * 2)
    assert len(made.nodes) == 1


def test_structures():
    a, b = mm.Input((1,)), mm.Input((2,))
    structure = {"one": [a, (b, 3)], "two": None}
    assert graph.symbolic_leaves(structure) == [a, b]
    shapes = graph.map_structure(lambda leaf: getattr(leaf, "shape", leaf), structure)
    assert shapes == {"one": [(None, 1), ((None, 2), 3)], "two": None}


@pytest.mark.parametrize("shape", ["abc", (1, "x"), 3.5, (2, -1), object(), [[1]]])
def test_what_is_no_shape(shape):
    with pytest.raises(ShapeError, match="The shape of Input"):
        mm.Input(shape)


def test_an_op_of_ones_own():
    @graph.op
    def squared_plus(x, more=0):
        return x * x + more

    a = mm.Input((2,))
    model = mm.Model(a, squared_plus(a, more=3))
    data = np.array([[1.0, 2.0]], "f4")
    np.testing.assert_allclose(model.predict(data), data**2 + 3)
    again = mm.models.clone_model(model)
    np.testing.assert_allclose(again.predict(data), data**2 + 3)
    assert squared_plus(3) == 9


@pytest.mark.parametrize(
    ("compute", "shapes", "expected"),
    [
        (lambda x: ops.diagflat(x), [(None, 3)], (None, None)),  # (n * 3)^2 entries
        (lambda x: ops.diag(x), [(None, 3)], (None,)),  # 3, or fewer
        (lambda x: ops.diagonal(x), [(3, 5, None)], (None, 3)),
        (lambda x: x[:5], [(None, 4)], (None, 4)),
        (lambda x: x[:, -1:], [(None, None, 4)], (None, 1, 4)),
        (lambda x: ops.corrcoef(x), [(None, 3)], (None, None)),
        (lambda x: ops.reshape(x, (3, 2)), [(None, 3)], (3, 2)),  # which has 2 rows
        (lambda x: ops.softmax(x, axis=0), [(None, 3)], (None, 3)),
        (lambda a, b: ops.einsum("ij,jk->ik", a, b), [(5, None), (None, 2)], (5, 2)),
        (lambda x: ops.cholesky_inverse(x), [(None, 4, 4)], (None, 4, 4)),
        (lambda a, b: ops.solve(a, b), [(None, 4, 4), (None, 4)], (None, 4)),
    ],
)
def test_a_size_that_depends_on_an_unknown_axis_is_unknown(compute, shapes, expected):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert compute(*(mm.KerasTensor(shape) for shape in shapes)).shape == expected
