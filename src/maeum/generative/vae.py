"""The variational autoencoder."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.callbacks import Callback
from maeum.core import registry
from maeum.core.checks import check_choice, check_number, check_positive, check_whole
from maeum.core.errors import ConfigError, ShapeError
from maeum.core.functional import built_variables
from maeum.core.messages import N_
from maeum.core.randomness import at_step
from maeum.core.variable import Variable
from maeum.generative.autoencoder import Autoencoder, is_one_shape
from maeum.generative.latent_walks import LatentWalks
from maeum.generative.likelihoods import LIKELIHOODS, bernoulli, check_probabilities, gaussian
from maeum.generative.own_objective import (
    OwnObjective,
    check_unit_interval,
    computed,
    key_for,
)
from maeum.metrics.reduction import Mean
from maeum.ops import random


@registry.builtin
class VAE(OwnObjective, Autoencoder, LatentWalks):
    """Variational autoencoder: codes are drawn, and so new data can be.

    The encoder says of each row where its code may lie, a normal distribution ``q(z|x)`` with a
    mean and a variance for each number of the code; the decoder says of a code how likely each row
    is, ``p(x|z)``. What is maximised is a bound on the log-likelihood of the data: the expected
    ``log p(x|z)`` of a code drawn from ``q(z|x)``, less ``KL(q(z|x) || p(z))`` to the standard
    normal distribution of the codes (Kingma and Welling, "Auto-encoding variational Bayes", 2014;
    Rezende et al., 2014). With ``beta`` the divergence counts more or less (Higgins et al., 2017).

    Training and evaluation tell, in nats for each row: ``loss``, which is
    ``reconstruction + beta * kl``; ``bound``, the bound itself, whatever ``beta`` is;
    ``reconstruction``, ``-log p(x|z)``; and ``kl``. All of them draw one code for each row, while
    `predict` decodes the mean. In evaluations the whole ``beta`` counts.

    Shapes: what the encoder takes; the decoder's outputs have the same shape.

    Args:
        encoder: a model whose outputs are the means and the logarithms of the variances of codes:
            ``[mean, log_variance]``, or one array that holds both, in the halves of its last axis
            (``Dense(2 * size)``).
        decoder: a model from codes to probabilities or means of the data.
        likelihood: ``"bernoulli"``, for data from 0 to 1 and a decoder that ends with sigmoids; or
            ``"gaussian"``.
        scale: the deviation of a Gaussian likelihood; None to learn one for all entries (Rybkin et
            al., 2021), so that nothing has to be weighed by hand.
        beta: how much the divergence counts. It can be assigned while training, as
            `BetaWarmUp` does; nothing is compiled anew.
        warmup_steps: let ``beta`` grow evenly from 0 over the first so many steps of training.
        name: the model's name.
        seed: the seed that all random numbers follow from.

    Raises:
        ShapeError: if the parts do not fit together.
        UnknownNameError: for another likelihood.
        ConfigError: for a Bernoulli likelihood of a decoder that does not end with sigmoids.
        DataError: in `fit`, for a Bernoulli likelihood and data outside 0 to 1.

    Example:
        >>> import numpy as np
        >>> import maeum as mm
        >>> x = np.random.default_rng(0).random((64, 8), "float32")
        >>> model = mm.generative.VAE.dense(8, (16, 2), output_activation="sigmoid", seed=1)
        >>> model.compile("adam")
        >>> history = model.fit(x, epochs=1, verbose=0)
        >>> sorted(history.history)
        ['bound', 'kl', 'loss', 'reconstruction']
        >>> model.sample(3, seed=1).shape, model.encode(x).shape
        ((3, 8), (64, 2))
    """

    numbers_for_each = 2

    def __init__(
        self,
        encoder: Any,
        decoder: Any,
        *,
        likelihood: str = "bernoulli",
        scale: float | None = None,
        beta: float = 1.0,
        warmup_steps: int = 0,
        name: str | None = None,
        seed: int | None = None,
    ):
        self.likelihood = check_choice(likelihood, LIKELIHOODS, "likelihood")
        if scale is not None and likelihood != "gaussian":
            raise ConfigError("Only a Gaussian likelihood has a scale; got likelihood="
                              "{likelihood!r}.", likelihood=likelihood)  # fmt: skip
        self.scale = None if scale is None else check_positive(scale, "scale")
        self.warmup_steps = check_whole(warmup_steps, "warmup_steps", 0)
        self._beta = Variable.holding(np.float32(check_number(beta, "beta")), "beta")
        self._told = [Mean("bound"), Mean("reconstruction"), Mean("kl")]
        super().__init__(encoder, decoder, name=name, seed=seed)

    @property
    def beta(self) -> Any:
        """How much the divergence counts: a variable; assign a number to change it."""
        return self._beta

    @beta.setter
    def beta(self, value: float) -> None:
        self._beta.assign(check_number(value, "beta"))

    def build(self, input_shape: Any = None) -> None:
        """Check that the parts fit together; make the scale, if it is learnt."""
        super().build(input_shape)
        if self.likelihood == "bernoulli":
            check_probabilities(self.decoder)
        elif self.scale is None:
            self.log_scale = self.add_weight("log_scale", (), "zeros")

    def _shape_of_code(self, found: Any) -> tuple:
        if is_one_shape(found) and len(found) > 1 and found[-1] is not None and found[-1] % 2 == 0:
            return (*found[1:-1], found[-1] // 2)
        pair = not is_one_shape(found) and len(found) == 2 and found[0] == found[1]
        if pair:
            return tuple(found[0][1:])
        raise ShapeError("The encoder of a VAE gives the means and the logarithms of the variances "
                         "of codes: [mean, log_variance], two outputs of one shape, or one whose "
                         "last axis holds both, such as Dense(2 * size). Its outputs have the "
                         "shape {shape}.", shape=found)  # fmt: skip

    def posterior(self, x: Any) -> tuple[Any, Any]:
        """Return the means and the logarithms of the variances of codes; as an op."""
        return moments(self.encoder(x))

    def call(self, x: Any, training: bool = False) -> Any:
        """Return the reconstruction: in training from drawn codes, else from their means."""
        mean, log_variance = self.posterior(x)
        return self.decoded(self._drawn(mean, log_variance) if training else mean, x)

    def decoded(self, code: Any, x: Any, training: bool | None = None) -> Any:
        """Return what the decoder makes of the codes of ``x``; as an op."""
        return self.decoder(code, training=training)

    def _drawn(self, mean: Any, log_variance: Any) -> Any:
        noise = random.normal(self.random_key(), mean.shape, mean.dtype)
        return mean + jnp.exp(0.5 * log_variance) * noise

    # ---- training --------------------------------------------------------------------------------

    def train_step(self, data: Any) -> dict[str, Any]:
        """Learn from one batch."""
        x, y, sample_weight = self.parts_of(data)
        beta = self._beta.value
        if self.warmup_steps:
            done = (self.trainer.counter.value + 1) / self.warmup_steps
            beta = beta * jnp.minimum(done, 1).astype(beta.dtype)
        (loss, parts) = self.learn(lambda: self._objective(x, y, sample_weight, beta, True))
        return self._logs(x, y, sample_weight, loss, parts)

    def test_step(self, data: Any) -> dict[str, Any]:
        """Evaluate one batch."""
        x, y, sample_weight = self.parts_of(data)
        loss, parts = self._objective(x, y, sample_weight, self._beta.value, False)
        return self._logs(x, y, sample_weight, loss, parts)

    def _objective(self, x: Any, y: Any, weight: Any, beta: Any, training: bool) -> tuple:
        mean, log_variance = moments(self.encoder(x, training=training))
        outputs = self.decoded(self._drawn(mean, log_variance), x, training)
        reconstruction = self._summed(self.surprise(y, outputs))
        kl = self._summed(divergence(mean, log_variance))
        each = reconstruction + beta * kl
        each = each if weight is None else each * weight.reshape(each.shape)
        return jnp.mean(each) + sum(self.losses), (outputs, reconstruction, kl)

    def _logs(self, x: Any, y: Any, weight: Any, loss: Any, parts: tuple) -> dict[str, Any]:
        outputs, reconstruction, kl = parts
        self._track_loss(loss, outputs)
        for metric, value in zip(self._told, (-reconstruction - kl, reconstruction, kl)):
            metric.update_state(value, sample_weight=weight)
        return self.compute_metrics(x, y, outputs, weight)

    def surprise(self, x: Any, outputs: Any) -> Any:
        """Return ``-log p(x|z)`` of each entry of data, for what the decoder made of a code."""
        if self.likelihood == "bernoulli":
            return bernoulli(x, outputs)
        scale = jnp.exp(self.log_scale.value) if self.scale is None else self.scale
        return gaussian(x, outputs, scale)

    def _summed(self, values: Any) -> Any:
        return jnp.sum(values.reshape(len(values), -1), -1)

    def match_inputs(self, x: Any) -> Any:
        """Fit data to the encoder's inputs, and check that the likelihood takes them."""
        x = super().match_inputs(x)
        if self.likelihood == "bernoulli":
            who = N_("A VAE with a Bernoulli likelihood")
            check_unit_interval(self.data_of(x), who, "likelihood='gaussian'")
        return x

    # ---- what it has learnt ----------------------------------------------------------------------

    def encode(self, x: Any, *, spread: bool = False) -> Any:
        """Return the means of the codes of data: ``(rows, *code_shape)``.

        Args:
            x: the data.
            spread: whether to return ``(mean, standard deviation)``.
        """
        mean, log_variance = moments(self.encoder.predict(x))
        return (mean, np.exp(0.5 * log_variance)) if spread else mean

    def sample(self, count: int, seed: int | None = None, *, like: Any = None) -> np.ndarray:
        """Return new data: the decoded means of codes that are drawn.

        Args:
            count: how many.
            seed: the seed of what is drawn; another one each time by default.
            like: data after whose codes those of the new ones are drawn, as `Autoencoder.sample`
                does it; by default codes are standard normal.
        """
        if like is not None:
            return super().sample(count, seed, like=like)
        return self.decode(self.draw_codes(count, seed))

    def draw_codes(self, count: int, seed: int | None = None) -> np.ndarray:
        """Return codes of new data, ``(count, *code_shape)``: standard normal numbers.

        Args:
            count: how many.
            seed: the seed of what is drawn; another one each time by default.
        """
        built_variables(self)
        shape = check_whole(count, "count"), *self.code_shape
        return np.asarray(random.normal(key_for(seed, "sample"), shape))

    def anomaly_scores(self, x: Any, *, per_feature: bool = False) -> np.ndarray:
        """Return how unlikely each row is, in nats: the bound at the mean of its code, negated.

        Args:
            x: the data.
            per_feature: whether to return ``-log p(x|z)`` of each entry. The score of a row is
                their sum, and the divergence of its code.

        Returns:
            An array ``(rows,)``, or one shaped like ``x``.

        Raises:
            DataError: for values that are not finite.
        """

        def scores(x: Any) -> Any:
            mean, log_variance = self.posterior(x)
            entries = self.surprise(self.data_of(x), self.decoded(mean, x))
            return entries, self._summed(entries) + self._summed(divergence(mean, log_variance))

        return computed(self, "anomaly scores", scores, self._finite(x))[0 if per_feature else 1]

    def bound(self, x: Any, samples: int = 1, seed: int | None = None) -> np.ndarray:
        """Return the bound on the log-likelihood of each row, in nats.

        Args:
            x: the data.
            samples: how many codes to draw for each row.
            seed: the seed of what is drawn; another one each time by default.
        """
        return self._weights(x, samples, seed).mean(0)

    def log_likelihood(self, x: Any, samples: int = 100, seed: int | None = None) -> np.ndarray:
        """Return an estimate of the log-likelihood of each row, in nats, by importance sampling.

        ``log mean exp`` of ``log p(x, z) - log q(z|x)`` over codes drawn from ``q(z|x)``: it lies
        below the log-likelihood on average, and the less so the more are drawn (Burda et al.,
        "Importance weighted autoencoders", 2016).

        Args:
            x: the data.
            samples: how many codes to draw for each row.
            seed: the seed of what is drawn; another one each time by default.
        """
        weights = self._weights(x, samples, seed)
        return np.logaddexp.reduce(weights, 0) - np.log(len(weights))

    def _weights(self, x: Any, samples: int, seed: int | None) -> np.ndarray:
        """Return ``log p(x, z) - log q(z|x)`` of codes: float64 of shape ``(samples, rows)``."""
        count = check_whole(samples, "samples")

        def weights(x: Any) -> Any:
            key = self.random_key()
            mean, log_variance = self.posterior(x)

            def one(number: Any) -> Any:
                noise = random.normal(at_step(key, number), mean.shape, mean.dtype)
                code = mean + jnp.exp(0.5 * log_variance) * noise
                # Of the two normal densities the constants cancel.
                prior, chosen = jnp.square(code), jnp.square(noise) + log_variance
                made = self.decoded(code, x)
                likelihood = self._summed(self.surprise(self.data_of(x), made))
                return -likelihood - 0.5 * self._summed(prior - chosen)

            return jax.lax.map(one, jnp.arange(count))

        key = key_for(seed, "codes")
        return computed(self, ("codes", count), weights, x, key).astype(float)


class BetaWarmUp(Callback):
    """Let the ``beta`` of a `VAE` grow evenly over the first epochs.

    Args:
        epochs: in which epoch it has its value.
        beta: this value.

    Example:
        >>> import numpy as np
        >>> from maeum.generative import VAE, BetaWarmUp
        >>> model = VAE.dense(8, (2,), output_activation="sigmoid")
        >>> model.compile("adam")
        >>> x = np.zeros((4, 8), "float32")
        >>> _ = model.fit(x, epochs=1, callbacks=[BetaWarmUp(4, beta=2.0)], verbose=0)
        >>> float(model.beta.value)
        0.5
    """

    def __init__(self, epochs: int, beta: float = 1.0):
        self.epochs = check_whole(epochs, "epochs")
        self.beta = check_number(beta, "beta")

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Set what counts in this epoch."""
        self.model.beta = self.beta * min(1.0, (epoch + 1) / self.epochs)


def moments(outputs: Any) -> tuple[Any, Any]:
    """Return means and logarithms of variances from what an encoder gave."""
    if isinstance(outputs, (list, tuple)):
        mean, log_variance = outputs
        return mean, log_variance
    size = outputs.shape[-1] // 2
    return outputs[..., :size], outputs[..., size:]


def divergence(mean: Any, log_variance: Any) -> Any:
    """Return ``KL(N(mean, variance) || N(0, 1))`` of each number of a code, in nats."""
    return 0.5 * (jnp.square(mean) + jnp.exp(log_variance) - 1 - log_variance)
