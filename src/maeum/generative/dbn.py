"""The deep belief network: restricted Boltzmann machines, each of which explains the one below."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from maeum.callbacks import History
from maeum.core import registry
from maeum.core.checks import check_choice, check_whole
from maeum.core.compiling import compiled
from maeum.core.errors import ConfigError
from maeum.core.messages import _
from maeum.core.randomness import at_step, fold, make_key
from maeum.core.settings import say
from maeum.generative.autoencoder import Autoencoder
from maeum.generative.own_objective import OwnObjective, key_for
from maeum.generative.rbm import RBM
from maeum.generative.visible import UNITS
from maeum.layers import Activation, Dense, Input
from maeum.models.sequential import Sequential
from maeum.training.options import verbosity


@registry.builtin
class DeepBeliefNetwork(OwnObjective):
    """Deep belief network: layers of features, each learnt without labels from the one below.

    Each pair of neighbouring layers is an `RBM`. `fit` trains one after the other, each with the
    probabilities of the hidden units of the one below as its data (Hinton, Osindero and Teh, "A
    fast learning algorithm for deep belief nets", 2006): greedily, which never lessens a bound on
    the likelihood if the layers are large enough. What it has learnt becomes the beginning of a
    classifier (`to_classifier`) or of an autoencoder (`to_autoencoder`; Hinton and Salakhutdinov,
    2006), which are ordinary models, fine-tuned by backpropagation.

    Shapes: ``(batch, units[0]) -> (batch, units[-1])``: the probabilities of the top units.

    Args:
        units: the number of visible units, and of those of each hidden layer, such as
            ``[784, 500, 500, 2000]``.
        visible: what the visible units are: ``"binary"`` (data from 0 to 1) or ``"gaussian"``.
        k: the steps of Gibbs sampling for each step of the optimizer.
        persistent: whether the chains go on; see `RBM`.
        name: the model's name.
        seed: the seed that those of the layers follow from.

    Attributes:
        rbms: the machines, from the bottom to the top.

    Raises:
        ConfigError: for fewer than two layers, or a layer without units.

    Example:
        >>> import numpy as np
        >>> import maeum as mm
        >>> x = np.random.default_rng(0).random((32, 6), "float32")
        >>> model = mm.generative.DeepBeliefNetwork([6, 5, 4], seed=1)
        >>> model.compile("adam")
        >>> histories = model.fit(x, epochs=2, verbose=0)
        >>> len(histories), model.predict(x).shape
        (2, (32, 4))
        >>> classifier = model.to_classifier(3)
        >>> [layer.units for layer in classifier.layers]
        [5, 4, 3]
    """

    def __init__(
        self,
        units: Sequence[int],
        visible: str = "binary",
        *,
        k: int = 1,
        persistent: bool = False,
        name: str | None = None,
        seed: int | None = None,
    ):
        super().__init__(name=name, seed=seed)
        several = isinstance(units, (list, tuple)) and len(units) > 1
        if not several:
            raise ConfigError("units lists the visible units and those of at least one hidden "
                              "layer, such as [784, 500]; got {given!r}.", given=units)  # fmt: skip
        self.units = [check_whole(count, "units") for count in units]
        self.visible = check_choice(visible, tuple(UNITS), "visible")
        kinds = [visible, *["binary"] * (len(self.units) - 2)]
        self.rbms = [
            RBM(count, kind, k=k, persistent=persistent, seed=seed)
            for count, kind, seed in zip(self.units[1:], kinds, self._seeds())
        ]
        self.build((None, self.units[0]))

    def _seeds(self) -> list[int]:
        key = make_key(self.seed, "layers")
        return [int(at_step(key, number)[1]) for number in range(len(self.units) - 1)]

    def reseed(self, seed: int) -> None:
        """Let everything random follow from ``seed``, in the layers, too."""
        super().reseed(seed)
        for rbm, own in zip(self.rbms, self._seeds()):
            rbm.reseed(own)

    def call(self, x: Any) -> Any:
        """Return the probabilities of the top units."""
        for rbm in self.rbms:
            x = rbm(x)
        return x

    def match_inputs(self, x: Any) -> Any:
        """Check that the values are such as the visible units take."""
        return self.rbms[0].match_inputs(super().match_inputs(x))

    # ---- learning --------------------------------------------------------------------------------

    def fit(  # type: ignore[override]
        self,
        x: Any,
        batch_size: int | None = None,
        epochs: int | Sequence[int] = 1,
        verbose: Any = "auto",
        callbacks: Any = None,
        validation_data: Any = None,
        shuffle: bool = True,
        *,
        backup: str | os.PathLike | None = None,
    ) -> list[History]:
        """Train layer after layer, from the bottom to the top.

        Args:
            x: the data, ``(rows, units[0])``.
            batch_size, verbose, shuffle: see `maeum.Model.fit`.
            epochs: the epochs of each layer, or a list with a number for each.
            callbacks: a function that returns the callbacks of a layer, of which it is given the
                number from 0 on; or a list of callbacks, which all layers have in turn.
            validation_data: data of the same kind that nothing is learnt from.
            backup: a folder for checkpoints, with one inside for each layer. A training that was
                killed goes on when ``fit`` is called with the same folder again.

        Returns:
            The history of each layer.

        Raises:
            NotCompiledError: before ``compile``.
            ConfigError: for another number of epochs than of layers.
        """
        self.trainer.compiled()
        each = [epochs] * len(self.rbms) if isinstance(epochs, int) else list(epochs)
        if len(each) != len(self.rbms):
            raise ConfigError("epochs is a number, or a list with one for each of the {n} hidden "
                              "layers; got {given!r}.", n=len(self.rbms),
                              given=epochs)  # fmt: skip
        x = self.trainer.prepare(x, None, None)[0]
        held_out = validation_data
        if held_out is not None:
            held_out = self.trainer.prepare(held_out, None, None)[0]
        histories = []
        for number, (rbm, count) in enumerate(zip(self.rbms, each)):
            rbm.compile(registry.deserialize(registry.serialize(self.optimizer)))
            if verbosity(verbose):
                say(_("Layer {number} of {layers}: {visible} - {hidden} units",
                      number=number + 1, layers=len(self.rbms), visible=self.units[number],
                      hidden=rbm.units))  # fmt: skip
            history = rbm.fit(
                x,
                batch_size=batch_size,
                epochs=count,
                verbose=verbose,
                callbacks=callbacks(number) if callable(callbacks) else callbacks,
                validation_data=held_out,
                shuffle=shuffle,
                backup=None if backup is None else Path(backup) / f"layer{number}",
            )
            histories.append(history)
            if history.interrupted:
                break
            if number + 1 < len(self.rbms):
                x = rbm.transform(x)
                held_out = None if held_out is None else rbm.transform(held_out)
        return histories

    pretrain = fit

    # ---- what becomes of it ----------------------------------------------------------------------

    def to_classifier(
        self, classes: int, *, name: str | None = None, seed: int | None = None
    ) -> Sequential:
        """Return a network of sigmoids with these weights and a new softmax on top, to fine-tune.

        Args:
            classes: the number of classes, at least 2.
            name: the name of the model.
            seed: the seed of the new layer's weights and of its training; this model's by default.

        Returns:
            A model that is not compiled yet.
        """
        seed = self.seed if seed is None else seed
        check_whole(classes, "classes", 2)
        layers = [Dense(rbm.units, activation="sigmoid") for rbm in self.rbms]
        top = Dense(classes, activation="softmax")
        model = Sequential([Input((self.units[0],)), *layers, top], name=name, seed=seed)
        for layer, rbm in zip(layers, self.rbms):
            layer.set_weights([rbm.kernel.numpy(), rbm.hidden_bias.numpy()])
        return model

    def to_autoencoder(self, *, name: str | None = None, seed: int | None = None) -> Autoencoder:
        """Return the network unrolled: up to the top units and down again, to fine-tune.

        The weights of the way down begin as the transposed ones of the way up, and are then
        learnt by themselves. The code is linear, as in Hinton and Salakhutdinov (2006): it is what
        the sigmoids of the top units get, and the decoder begins with these sigmoids.

        Args:
            name: the name of the model.
            seed: the seed of its training; this model's by default.
        """
        *inner, top = self.rbms
        up = [Dense(rbm.units, activation="sigmoid") for rbm in inner] + [Dense(top.units)]
        ends = {"binary": "sigmoid", "gaussian": None}
        down = [
            Dense(count, activation=ends[rbm.visible])
            for count, rbm in zip(reversed(self.units[:-1]), reversed(self.rbms))
        ]
        seed = self.seed if seed is None else seed
        encoder = Sequential([Input((self.units[0],)), *up], name="encoder")
        begins = [Input((top.units,)), Activation("sigmoid")]
        decoder = Sequential([*begins, *down], name="decoder")
        for layer, rbm in zip(up, self.rbms):
            layer.set_weights([rbm.kernel.numpy(), rbm.hidden_bias.numpy()])
        for layer, rbm in zip(down, reversed(self.rbms)):
            layer.set_weights([rbm.kernel.numpy().T, rbm.visible_bias.numpy()])
        return Autoencoder(encoder, decoder, name=name, seed=seed)

    def sample(
        self, count: int, steps: int = 1000, seed: int | None = None, *, start: Any = None
    ) -> np.ndarray:
        """Return what the model makes up: chains in the top machine, then one way down.

        Args:
            count: how many rows.
            steps: the steps of Gibbs sampling in the top machine.
            seed: the seed of what is drawn; another one each time by default.
            start: data, ``(count, units[0])``, whose features the chains begin with; zeros by
                default.

        Returns:
            The means of the visible units (of binary ones the probabilities), of shape
            ``(count, units[0])``.
        """
        top = self.rbms[-1]
        if start is not None:
            for rbm in self.rbms[:-1]:
                start = rbm.transform(start)
        begin = top.beginning(count, start)
        steps = check_whole(steps, "steps")
        return np.array(compiled(self, "sample", self._downwards)(
            begin, np.int32(steps), key=key_for(seed, "sample")
        ))  # fmt: skip

    def _downwards(self, start: Any, steps: Any) -> Any:
        key = self.random_key()
        states, means = self.rbms[-1].gibbs(start, steps, key)
        for number, rbm in enumerate(reversed(self.rbms[:-1])):
            means = rbm.visible_means(states)
            states = UNITS[rbm.visible].draw(fold(key, "down", number), means)
        return means
