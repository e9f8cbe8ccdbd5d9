"""The variational autoencoder whose data have labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from maeum.core import registry
from maeum.core.checks import check_whole
from maeum.core.errors import ConfigError, DataError, ShapeError
from maeum.generative.autoencoder import is_one_shape
from maeum.generative.labels import in_turn, labels_for
from maeum.generative.parts import convolutional_parts, dense_parts
from maeum.generative.vae import VAE


@registry.builtin
class ConditionalVAE(VAE):
    """Variational autoencoder that is told of which class its data are, and are to be.

    Both parts get labels, one-hot, beside their input: the encoder is called with ``[x, labels]``,
    the decoder with ``[codes, labels]``. So a code says what the label does not: how a digit is
    written, not which (Sohn et al., "Learning structured output representation using deep
    conditional generative models", 2015; Kingma et al., 2014). ``fit(x, labels)`` trains it;
    elsewhere data are the pair ``[x, labels]``, with labels as numbers or one-hot.

    Args:
        encoder, decoder, likelihood, scale, beta, warmup_steps, name, seed: see `VAE`.
        classes: the number of classes.

    Raises:
        ShapeError: if the parts do not fit together.
        DataError: for labels that no class has.
        ConfigError: for data without labels.

    Example:
        >>> import numpy as np
        >>> from maeum.generative import ConditionalVAE
        >>> rng = np.random.default_rng(0)
        >>> x, labels = rng.random((64, 8), "float32"), rng.integers(0, 3, 64)
        >>> model = ConditionalVAE.dense(8, (16, 2), classes=3, output_activation="sigmoid", seed=1)
        >>> model.compile("adam")
        >>> history = model.fit(x, labels, epochs=1, verbose=0)
        >>> model.sample(4, labels=2, seed=1).shape
        (4, 8)
        >>> model.encode([x, labels]).shape, model.bound([x, labels], seed=1).shape
        ((64, 2), (64,))
    """

    def __init__(self, encoder: Any, decoder: Any, *, classes: int, **options: Any):
        self.classes = check_whole(classes, "classes", 2)
        super().__init__(encoder, decoder, **options)

    @classmethod
    def dense(  # type: ignore[override]
        cls,
        input_shape: int | Sequence[int],
        units: Sequence[int] = (128, 32),
        activation: Any = "relu",
        output_activation: Any = None,
        *,
        classes: int,
        **options: Any,
    ) -> Any:
        """Return one of fully connected layers; see `Autoencoder.dense`."""
        ends = activation, output_activation
        parts = dense_parts(input_shape, units, cls.numbers_for_each, *ends, classes)
        return cls(*parts, classes=classes, **options)

    @classmethod
    def convolutional(  # type: ignore[override]
        cls,
        input_shape: Sequence[int],
        filters: Sequence[int] = (32, 64),
        code: int = 32,
        activation: Any = "relu",
        output_activation: Any = None,
        *,
        classes: int,
        **options: Any,
    ) -> Any:
        """Return one of convolutions; see `Autoencoder.convolutional`."""
        ends = cls.numbers_for_each, activation, output_activation, classes
        return cls(*convolutional_parts(input_shape, filters, code, *ends), classes=classes,
                   **options)  # fmt: skip

    def _shape_of_data(self, input_shape: Any) -> tuple:
        if is_one_shape(input_shape) or len(input_shape) != 2:
            raise ShapeError("The encoder of {kind} has two inputs, [x, labels]; it has inputs of "
                             "these shapes: {shapes}.", kind=type(self).__name__,
                             shapes=input_shape)  # fmt: skip
        return tuple(input_shape[0])

    def _decoder_takes(self) -> Any:
        return [(None, *self.code_shape), (None, self.classes)]

    def decoded(self, code: Any, x: Any, training: bool | None = None) -> Any:
        """Return what the decoder makes of the codes of ``x``, for its labels; as an op."""
        return self.decoder([code, x[1]], training=training)

    def data_of(self, x: Any) -> Any:
        """Return the part of the inputs that is reconstructed, which are not the labels."""
        return x[0]

    def fit(self, x: Any = None, y: Any = None, *args: Any, **options: Any) -> Any:  # type: ignore[override]
        """Train it: ``fit(x, labels)``; what else there is, see `maeum.Model.fit`.

        ``validation_data`` is ``(x, labels)``. Streams yield ``[x, labels]`` with one-hot labels.
        """
        given = options.get("validation_data")
        if isinstance(given, tuple) and len(given) > 1:
            options["validation_data"] = (self._pair(*given[:2]), None, *given[2:])
        return super().fit(self._pair(x, y), None, *args, **options)

    def evaluate(self, x: Any = None, y: Any = None, *args: Any, **options: Any) -> Any:  # type: ignore[override]
        """Return the losses and metrics for data: ``evaluate(x, labels)``."""
        return super().evaluate(self._pair(x, y), None, *args, **options)

    def _pair(self, x: Any, labels: Any) -> Any:
        return x if labels is None else [x, labels]

    def match_inputs(self, x: Any) -> Any:
        """Fit data to the encoder's inputs, with the labels one-hot."""
        if not isinstance(x, (list, tuple)) or len(x) != 2:
            raise ConfigError("{kind} takes data and their labels: fit(x, labels), "
                              "predict([x, labels]).", kind=type(self).__name__)  # fmt: skip
        rows, labels = x
        if len(rows) != len(labels):
            raise DataError("There is one label for each row: x has {rows} rows, and there are "
                            "{labels} labels.", rows=len(rows), labels=len(labels))  # fmt: skip
        return super().match_inputs([rows, labels_for(self, labels, len(rows))])

    # ---- what it has learnt ----------------------------------------------------------------------

    def encode(self, x: Any, *, spread: bool = False) -> Any:
        """Return the means of the codes of ``[x, labels]``; see `VAE.encode`."""
        return super().encode(self.trainer.prepare(x, None, None)[0], spread=spread)

    def decode(self, codes: Any, labels: Any = None) -> np.ndarray:
        """Return what the decoder makes of codes.

        Args:
            codes: ``(rows, *code_shape)``.
            labels: a label for all, or one for each row: a number, or one-hot.

        Raises:
            ConfigError: without labels.
        """
        codes = np.asarray(codes, np.float32)
        return self.decoder.predict([codes, labels_for(self, labels, len(codes))])

    def sample(  # type: ignore[override]
        self, count: int, labels: Any = None, seed: int | None = None
    ) -> np.ndarray:
        """Return new data: the decoded means of codes that are drawn.

        Args:
            count: how many.
            labels: of which classes: a label, or one for each; by default all classes in turn.
            seed: the seed of what is drawn; another one each time by default.
        """
        codes = self.draw_codes(count, seed)
        return self.decode(codes, in_turn(count, self.classes) if labels is None else labels)
