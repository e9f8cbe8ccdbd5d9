"""Autoencoders: an encoder makes a code of its input, a decoder makes the input of the code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np

from maeum import regularizers
from maeum.core import registry
from maeum.core.checks import check_whole
from maeum.core.errors import ConfigError, DataError, ShapeError
from maeum.generative.noise import as_noise
from maeum.generative.own_objective import check_one_array, computed, key_for
from maeum.generative.parts import convolutional_parts, dense_parts
from maeum.models.model import Model
from maeum.ops import random


@registry.builtin
class Autoencoder(Model):
    """Autoencoder: ``decoder(encoder(x))`` is to be ``x`` again.

    Both parts are ordinary models: dense, convolutional, whatever you write. ``fit(x)`` needs no
    targets, and ``validation_data`` is data alone. What is learnt depends on what keeps the code
    from being a copy: fewer numbers than the input has, a penalty on the code, or noise
    (`DenoisingAutoencoder`).

    Shapes: what the encoder takes; the decoder's outputs have the same shape.

    Args:
        encoder: a model from the input to a code.
        decoder: a model from a code to the input.
        code_regularizer: a regularizer of the code, which makes it sparse: ``"l1"``, or a
            `KLSparsity` for a code of sigmoids. Any layer inside may have one of its own, as its
            ``activity_regularizer``.
        name: the model's name.
        seed: the seed that all random numbers follow from.

    Raises:
        ConfigError: for parts that are not models.
        ShapeError: if the parts do not fit together, or the decoder's outputs are not shaped like
            the encoder's inputs; as soon as the shapes are known.

    Example:
        >>> import numpy as np
        >>> import maeum as mm
        >>> x = np.random.default_rng(0).random((64, 8), "float32")
        >>> model = mm.generative.Autoencoder(
        ...     mm.Sequential([mm.Input((8,)), mm.layers.Dense(2)]),
        ...     mm.Sequential([mm.Input((2,)), mm.layers.Dense(8)]),
        ... )
        >>> model.compile("adam", "mse")
        >>> history = model.fit(x, epochs=2, validation_data=x, verbose=0)
        >>> sorted(history.history)
        ['loss', 'val_loss']
        >>> model.encode(x).shape, model.anomaly_scores(x).shape
        ((64, 2), (64,))
    """

    # How many numbers the encoder gives for each of the code.
    numbers_for_each = 1

    def __init__(
        self,
        encoder: Any,
        decoder: Any,
        *,
        code_regularizer: Any = None,
        name: str | None = None,
        seed: int | None = None,
    ):
        super().__init__(name=name, seed=seed)
        for what, part in (("encoder", encoder), ("decoder", decoder)):
            if not isinstance(part, Model):
                raise ConfigError("The {what} is a model, such as maeum.Sequential([...]); got "
                                  "{given!r}.", what=what, given=part)  # fmt: skip
        self.encoder, self.decoder = encoder, decoder
        self.code_regularizer = regularizers.get(code_regularizer)
        if encoder.graph is not None:
            self._ensure_built((encoder.graph.inputs,), {})

    @classmethod
    def dense(
        cls,
        input_shape: int | Sequence[int],
        units: Sequence[int] = (128, 32),
        activation: Any = "relu",
        output_activation: Any = None,
        **options: Any,
    ) -> Any:
        """Return an autoencoder of fully connected layers that mirror each other.

        Args:
            input_shape: the shape of a row, such as ``(28, 28)``, or a number.
            units: those of the encoder's layers; the last one is the code.
            activation: that of the layers between; the code has none.
            output_activation: that of the outputs: ``"sigmoid"`` for data from 0 to 1.
            options: what the class takes besides encoder and decoder.

        Example:
            >>> from maeum.generative import Autoencoder
            >>> model = Autoencoder.dense((8, 8), (16, 2), output_activation="sigmoid")
            >>> model.encoder.output_shape, model.decoder.output_shape
            ((None, 2), (None, 8, 8))
        """
        numbers = cls.numbers_for_each
        parts = dense_parts(input_shape, units, numbers, activation, output_activation)
        return cls(*parts, **options)

    @classmethod
    def convolutional(
        cls,
        input_shape: Sequence[int],
        filters: Sequence[int] = (32, 64),
        code: int = 32,
        activation: Any = "relu",
        output_activation: Any = None,
        **options: Any,
    ) -> Any:
        """Return an autoencoder of convolutions that mirror each other.

        Args:
            input_shape: ``(rows, columns, channels)``.
            filters: those of the encoder's convolutions, each of which halves both sides.
            code: the numbers of the code.
            activation: that of the layers between; the code has none.
            output_activation: that of the outputs: ``"sigmoid"`` for data from 0 to 1.
            options: what the class takes besides encoder and decoder.

        Raises:
            ConfigError: for rows or columns that cannot be halved so often.

        Example:
            >>> from maeum.generative import Autoencoder
            >>> model = Autoencoder.convolutional((28, 28, 1), (8, 16), code=4)
            >>> model.encoder.output_shape, model.decoder.output_shape
            ((None, 4), (None, 28, 28, 1))
        """
        numbers = cls.numbers_for_each
        ends = activation, output_activation
        return cls(*convolutional_parts(input_shape, filters, code, numbers, *ends), **options)

    def build(self, input_shape: Any = None) -> None:
        """Check that the two parts fit together, and the outputs to the inputs."""
        wanted = self._shape_of_data(input_shape)[1:]
        found = self.encoder.compute_output_shape(input_shape)
        self.code_shape = self._shape_of_code(found)
        try:
            outputs = self.decoder.compute_output_shape(self._decoder_takes())
        except (TypeError, ValueError) as error:
            raise ShapeError("The encoder makes codes of shape {code}, which the decoder does not "
                             "take: {reason}", code=self.code_shape,
                             reason=error) from error  # fmt: skip
        made = tuple(outputs[1:]) if is_one_shape(outputs) else outputs
        if made != wanted:
            raise ShapeError("The decoder makes outputs of shape {outputs}, but the encoder takes "
                             "inputs of shape {inputs}: an autoencoder's are the same. Change the "
                             "last layers of the decoder.", outputs=made,
                             inputs=wanted)  # fmt: skip

    def _shape_of_data(self, input_shape: Any) -> tuple:
        """Return the shape of what is reconstructed, of the shapes of the encoder's inputs."""
        if not is_one_shape(input_shape):
            raise ShapeError("The encoder of {kind} has one input; it has inputs of these shapes: "
                             "{shapes}.", kind=type(self).__name__,
                             shapes=input_shape)  # fmt: skip
        return tuple(input_shape)

    def _decoder_takes(self) -> Any:
        """Return the shapes of the decoder's inputs."""
        return None, *self.code_shape

    def _shape_of_code(self, found: Any) -> tuple:
        """Return the shape of a code, from that of what the encoder returns."""
        if not is_one_shape(found):
            raise ShapeError("The encoder of {kind} has one output, the code; it has outputs of "
                             "these shapes: {shapes}.", kind=type(self).__name__,
                             shapes=found)  # fmt: skip
        return tuple(found[1:])

    def call(self, x: Any, training: bool = False) -> Any:
        """Return the reconstruction."""
        return self.decoder(self._code(x))

    def _code(self, x: Any) -> Any:
        code = self.encoder(x)
        if self.code_regularizer is not None:  # for each sample, as layers count theirs
            self.add_loss(self.code_regularizer(code) / max(code.shape[0], 1))
        return code

    def data_of(self, x: Any) -> Any:
        """Return the part of the inputs that is reconstructed: all."""
        return x

    def targets_of(self, x: Any, y: Any) -> Any:
        """Return what a reconstruction is compared with: the data, unless there are targets."""
        if y is not None:
            return y
        x = self.data_of(x)
        return x if jnp.issubdtype(x.dtype, jnp.floating) else x.astype(self.dtype)

    def match_inputs(self, x: Any) -> Any:
        """Fit data to the encoder's input."""
        check_one_array(self.data_of(x), self)
        return self.encoder.match_inputs(x)

    # ---- what it has learnt ----------------------------------------------------------------------

    def encode(self, x: Any) -> np.ndarray:
        """Return the codes of data: ``(rows, *code_shape)``."""
        return self.encoder.predict(x)

    def decode(self, codes: Any) -> np.ndarray:
        """Return what the decoder makes of codes."""
        return self.decoder.predict(codes)

    def reconstruct(self, x: Any) -> np.ndarray:
        """Return what becomes of data on their way through the code: ``predict(x)``."""
        return self.predict(x)

    def sample(self, count: int, seed: int | None = None, *, like: Any = None) -> np.ndarray:
        """Return new data: decoded codes, drawn from the normal distribution of codes of others.

        An autoencoder knows no distribution of codes, so that one is fitted to those of ``like``:
        its mean and covariances (Ghosh et al., "From variational to deterministic autoencoders",
        2020). A `VAE` needs no such data.

        Args:
            count: how many.
            seed: the seed of what is drawn; another one each time by default.
            like: data whose codes are drawn after, such as those of the training.

        Raises:
            ConfigError: without data, or for a count below 1.
            DataError: for fewer than two rows.
        """
        check_whole(count, "count")
        if like is None:
            raise ConfigError("The codes of {kind} have no distribution that is known: give data "
                              "to draw after, sample(count, like=x). A VAE needs none.",
                              kind=type(self).__name__)  # fmt: skip
        codes = self.encode(like)
        flat = codes.reshape(len(codes), -1).astype(float)
        if len(flat) < 2:
            raise DataError("A distribution is fitted to at least two rows; like has {n}.",
                            n=len(flat))  # fmt: skip
        drawn = np.asarray(random.normal(key_for(seed, "sample"), (count, flat.shape[1])), float)
        # A root of the covariances that may be singular.
        values, vectors = np.linalg.eigh(np.atleast_2d(np.cov(flat, rowvar=False)))
        root = vectors * np.sqrt(np.maximum(values, 0))
        made = flat.mean(0) + drawn @ root.T
        return self.decode(made.reshape(count, *codes.shape[1:]).astype(codes.dtype))

    def anomaly_scores(self, x: Any, *, per_feature: bool = False) -> np.ndarray:
        """Return how badly each row is reconstructed: what is unlike the training data is.

        Args:
            x: the data.
            per_feature: whether to return the score of each entry, of which the score of a row is
                the mean.

        Returns:
            The squared differences: ``(rows,)``, or an array shaped like ``x``.

        Raises:
            DataError: for values that are not finite.
        """
        x = self._finite(x)
        squares = np.square(self.reconstruct(x).astype(float) - self.data_of(x))
        return squares if per_feature else squares.reshape(len(squares), -1).mean(1)

    def _finite(self, x: Any) -> Any:
        """Return the inputs as arrays; raise `DataError` for data that are not finite."""
        x = self.trainer.prepare(x, None, None)[0]
        data = np.asarray(self.data_of(x))
        wrong = ~np.isfinite(data.reshape(len(data), -1)).all(1)
        if wrong.any():
            raise DataError("x holds values that are not finite in {count} of {rows} rows; the "
                            "first is row {first}. Fill in or drop such values first.",
                            count=int(wrong.sum()), rows=len(data),
                            first=int(np.argmax(wrong)))  # fmt: skip
        return x


@registry.builtin
class DenoisingAutoencoder(Autoencoder):
    """Autoencoder that learns to take noise away, which only who knows the data can.

    In training the encoder gets corrupted data, and the reconstruction is compared with the clean
    ones (Vincent et al., 2008). Evaluation and prediction see what they are given. What is drawn
    follows from the seed, the step and the layer.

    Args:
        encoder, decoder, code_regularizer, name, seed: see `Autoencoder`.
        noise: ``"gaussian"`` (added), ``"masking"`` (entries become 0), ``"salt_and_pepper"``
            (entries become 0 or 1), or a layer such as `maeum.layers.GaussianNoise` or
            `SaltAndPepperNoise`.
        amount: the deviation of Gaussian noise, or the fraction of entries; 0.3 by default.

    Raises:
        UnknownNameError: for a noise that is not known, with the nearest one.

    Example:
        >>> import numpy as np
        >>> from maeum.generative import DenoisingAutoencoder
        >>> x = np.random.default_rng(0).random((64, 8), "float32")
        >>> model = DenoisingAutoencoder.dense(8, (4,), noise="masking", amount=0.5)
        >>> model.compile("adam", "mse")
        >>> history = model.fit(x, epochs=1, verbose=0)
        >>> bool((model.corrupt(x, seed=1) == 0).mean() > 0.4)
        True
    """

    def __init__(
        self,
        encoder: Any,
        decoder: Any,
        *,
        noise: Any = "gaussian",
        amount: float | None = None,
        code_regularizer: Any = None,
        name: str | None = None,
        seed: int | None = None,
    ):
        self.corruption = as_noise(noise, amount)
        super().__init__(
            encoder, decoder, code_regularizer=code_regularizer, name=name, seed=seed
        )  # fmt: skip

    def call(self, x: Any, training: bool = False) -> Any:
        """Return the reconstruction, in training from noisy data."""
        return super().call(self.corruption(x, training=training))

    def corrupt(self, x: Any, seed: int | None = None) -> np.ndarray:
        """Return data with noise, to look at or to test with.

        Args:
            x: the data.
            seed: the seed of the noise; another one each time by default.
        """
        noisy = self.corruption.apply_noise
        key = key_for(seed, "noise")
        return computed(self, "corrupt", lambda x: noisy(x, self.random_key()), x, key)


def is_one_shape(shape: Any) -> bool:
    """Tell whether a shape is that of one array."""
    return isinstance(shape, tuple) and all(n is None or isinstance(n, int) for n in shape)
