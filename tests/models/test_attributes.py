"""What models of Keras have beside their training: the values of all variables as a tree."""

import jax
import numpy as np
import pytest

import maeum as mm
from maeum import layers
from maeum.core.errors import UnknownNameError


def trained():
    model = mm.Sequential([mm.Input((3,)), layers.Dense(2, name="dense"),
                           layers.BatchNormalization(name="normal")])  # fmt: skip
    model.compile("adam", "mse", metrics=["mae", mm.metrics.AUC(name="auc"),
                                          mm.metrics.MeanSquaredError(name="mae")])  # fmt: skip
    model.fit(np.ones((4, 3)), np.ones((4, 2)), epochs=2, verbose=0)
    return model


def test_the_values_of_all_variables_are_a_tree_by_their_names():
    model = trained()
    tree = model.get_state_tree(value_format="numpy_array")
    assert set(tree["trainable_variables"]) == {"dense", "normal"}
    np.testing.assert_array_equal(
        tree["trainable_variables"]["dense"]["kernel"], model.layers[0].get_weights()[0]
    )
    assert set(tree["non_trainable_variables"]["normal"]) == {"moving_mean", "moving_variance"}
    adam = tree["optimizer_variables"]["adam"]
    assert adam["iteration"] == 2
    assert adam["learning_rate"] == pytest.approx(0.001)
    assert set(adam["dense"]["kernel"]) == {"momentum", "velocity"}
    assert {"loss", "mae", "auc"} < set(tree["metrics_variables"])  # and the second "mae"
    assert set(tree["metrics_variables"]["loss"]) == {"total", "count"}
    assert all(isinstance(leaf, np.ndarray) for leaf in jax.tree.leaves(tree))


def test_a_tree_sets_the_values_again():
    model = trained()
    before = model.get_state_tree()
    other = trained()
    other.fit(np.zeros((4, 3)), np.ones((4, 2)), epochs=2, verbose=0)
    other.set_state_tree(before)
    jax.tree.map(np.testing.assert_array_equal, before, other.get_state_tree())
    other.set_state_tree({"optimizer_variables": {"adam": {"iteration": 7}}})
    assert int(other.optimizer.iterations) == 7
    with pytest.raises(UnknownNameError, match="Did you mean 'dense/kernel'"):
        other.set_state_tree({"trainable_variables": {"dense": {"kernal": 1.0}}})
