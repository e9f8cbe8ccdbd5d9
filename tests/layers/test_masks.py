"""Masks travel from layer to layer beside the arrays, and never to anybody else."""

import numpy as np
import pytest

import maeum as mm
from maeum.core.masks import mask_of
from maeum.layers import Identity, Lambda, Layer, Masking


class EndsTheMask(Layer):
    supports_masking = True

    def call(self, x):
        return x

    def compute_mask(self, inputs, mask=None):
        return None


class Watches(Layer):
    supports_masking = True

    def __init__(self, seen, **kwargs):
        super().__init__(**kwargs)
        self.seen = seen

    def call(self, x, mask=None):
        self.seen.append(mask)
        return x * 1


X = np.array([[[1.0], [0.0]]], "float32")


def run(layer):
    """Return the masks that watchers see behind ``layer`` and, later, beside it."""
    behind, beside = [], []

    class Net(mm.Model):
        def __init__(self):
            super().__init__()
            self.masking, self.layer = Masking(), layer
            self.behind, self.beside = Watches(behind), Watches(beside)

        def call(self, x):
            x = self.masking(x)
            self.behind(self.layer(x))
            return self.beside(x)

    net = Net()
    net(X)
    behind.clear()
    beside.clear()
    net(X)
    return tuple([m if m is None else m.tolist() for m in seen] for seen in (behind, beside))


def test_a_layer_that_hands_its_input_through_passes_the_mask():
    assert run(Identity()) == ([[[True, False]]], [[[True, False]]])


def test_a_layer_that_ends_the_mask_ends_it_for_those_behind_it_only():
    assert run(EndsTheMask()) == ([None], [[[True, False]]])


def test_a_layer_that_knows_no_masks_says_so_and_ends_the_mask():
    with pytest.warns(UserWarning, match="does not support masking"):
        behind, beside = run(Lambda(lambda x: x + 1))
    assert (behind, beside) == ([None], [[[True, False]]])


def test_a_tuple_of_outputs_keeps_its_type():
    class Two(Layer):
        supports_masking = True

        def call(self, x):
            return x + 1, x

        def compute_mask(self, inputs, mask=None):
            return mask, None

    x = Masking()(X)
    out = Two()(x)
    assert isinstance(out, tuple)
    assert mask_of(out[0]).tolist() == [[True, False]]
    assert mask_of(out[1]) is None
    assert mask_of(x).tolist() == [[True, False]]
