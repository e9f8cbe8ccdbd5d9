"""Labels that do not suit a loss are found before a training."""

import numpy as np
import pytest

from maeum import losses
from maeum.core.errors import DataError
from maeum.losses import check_labels

SPARSE, BINARY = losses.SparseCategoricalCrossentropy(), losses.BinaryCrossentropy()


@pytest.mark.parametrize(
    ("loss", "y_true", "n_outputs"),
    [
        (SPARSE, np.array([0, 1, 2]), 3),
        (SPARSE, np.array([[0.0], [2.0]]), 3),
        (losses.SparseCategoricalCrossentropy(ignore_class=-1), np.array([0, -1, 2]), 3),
        (losses.SparseCategoricalCrossentropy(ignore_class=255), np.array([0, 255]), 2),
        (BINARY, np.array([0, 1, 0.3]), 1),
        (BINARY, np.array([True, False]), 1),
        (losses.Hinge(), np.array([-1, 1]), 1),
        (losses.Hinge(), np.array([0, 1]), 1),
        (losses.CategoricalCrossentropy(), np.eye(3), 3),
        (losses.MeanSquaredError(), np.array([-5.0, 1e6]), 1),
        (losses.as_loss("crossentropy"), np.array([0, 4]), 5),
        (losses.as_loss("crossentropy"), np.eye(5), 5),
        (losses.as_loss("crossentropy"), np.array([[0, 4, 1]]), 5),
        (losses.as_loss(lambda y_true, y_pred: y_true), np.array([np.nan]), 1),
        (SPARSE, np.array([1, 0], dtype=object), 2),
        (SPARSE, np.zeros((0,)), 2),
        (None, np.array([7]), 2),
    ],
)
def test_labels_that_suit_pass(loss, y_true, n_outputs):
    check_labels(loss, y_true, n_outputs)


@pytest.mark.parametrize(
    ("loss", "y_true", "n_outputs", "words"),
    [
        (SPARSE, np.array([0, 1, 3]), 3, "label 3 in row 2 .* 0 to 2.*4 or more"),
        (SPARSE, np.array([1, 2, 3]), 3, "subtract 1"),
        (SPARSE, np.array([0, -1]), 3, "label -1 in row 1"),
        (SPARSE, np.array([[0, 1], [1, 7]]), 3, "label 7 in row 1"),
        (SPARSE, np.array([0.5, 1]), 3, r"label 0.5 in row 0"),
        (losses.SparseCategoricalCrossentropy(ignore_class=9), np.array([9, 5]), 3, "label 5"),
        (losses.as_loss(losses.sparse_categorical_crossentropy), np.array([5]), 3, "label 5"),
        (losses.as_loss("crossentropy"), np.array([5]), 3, "label 5"),
        (losses.as_loss("crossentropy"), np.array([[5]]), 1, "label 5"),
        (BINARY, np.array([0, 1, 2, 2]), 1, r"label 2 in row 2 \(and 1 more\)"),
        (losses.BinaryFocalCrossentropy(), np.array([-1, 1]), 1, "label -1"),
        (losses.Hinge(), np.array([-1, 2]), 1, "label 2"),
        (losses.CategoricalCrossentropy(), np.eye(4), 3, "4 columns.*3 outputs"),
        (losses.CategoricalCrossentropy(), np.array([0, 1]), 3, "sparse"),
        (losses.MeanSquaredError(), np.array([1.0, np.nan]), 1, "label nan in row 1"),
        (losses.MeanSquaredError(), np.array([1.0, np.inf]), 1, "label inf in row 1"),
        (SPARSE, np.array([0.0, np.nan]), 2, "nan"),
        (SPARSE, np.array(["cat", "dog"]), 2, "'cat', 'dog'.*numpy.unique"),
        (None, np.array(["yes", None], dtype=object), 2, "'yes', None"),
    ],
)
def test_labels_that_do_not_suit_are_named(loss, y_true, n_outputs, words):
    with pytest.raises(DataError, match=words):
        check_labels(loss, y_true, n_outputs)
