"""A generator and a discriminator that are trained against each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum import optimizers
from maeum.core.checks import check_choice, check_fraction, check_number, check_whole
from maeum.core.errors import ConfigError, DataError
from maeum.core.functional import value_and_grad, with_values
from maeum.core.loops import scan
from maeum.core.randomness import at_step
from maeum.core.scope import current_scope
from maeum.generative.adversarial_checks import (
    check_images,
    check_model,
    check_parts,
    who_diverged,
)
from maeum.generative.adversarial_losses import (
    LOSSES,
    PENALTIES,
    gradient_penalty,
    logits_and_slopes,
)
from maeum.generative.adversarial_optimizers import both_optimizers, two_forms
from maeum.generative.adversarial_parts import image_parts, usual_filters
from maeum.generative.collapse import CollapseDetector
from maeum.generative.differentiable_augmentation import augment, check_changes
from maeum.generative.labels import check_labels, one_hot
from maeum.generative.latent_codes import LatentCodes
from maeum.generative.own_objective import OwnObjective
from maeum.metrics.reduction import Mean
from maeum.ops import random
from maeum.training.options import check_callbacks
from maeum.training.sources import is_stream
from maeum.training.steps import unpack_x_y_sample_weight

_BATCH = 64


class Adversarial(LatentCodes, OwnObjective):
    """Base of `GAN` and its kin, which says what they have in common; see there."""

    # The learning rate, beta_1 and beta_2 of Adam, where the user gives no optimizer.
    rates = (2e-3, 0.0, 0.99)

    def __init__(
        self,
        generator: Any,
        discriminator: Any,
        *,
        latent_size: int = 64,
        loss: str = "relativistic",
        discriminator_steps: int = 1,
        r1: float | None = None,
        r2: float | None = None,
        gradient_penalty: float | None = None,
        classes: int | None = None,
        moving_average: float = 0.999,
        augmentation: Sequence[str] | str | bool | None = None,
        name: str | None = None,
        seed: int | None = None,
    ):
        super().__init__(name=name, seed=seed)
        check_model(generator, "generator")
        check_model(discriminator, "discriminator")
        self.generator, self.discriminator = generator, discriminator
        self.latent_size = check_whole(latent_size, "latent_size")
        self.loss_name = check_choice(loss, LOSSES, "loss")
        self.discriminator_steps = check_whole(discriminator_steps, "discriminator_steps")
        self.classes = None if classes is None else check_whole(classes, "classes", 2)
        self.moving_average = check_fraction(moving_average, "moving_average")
        self.augmentation = check_changes(augmentation)
        usual, given = LOSSES[loss].penalties, (r1, r2, gradient_penalty)
        self.penalties = {
            name: check_number(usual.get(name, 0.0) if weight is None else weight, name)
            for name, weight in zip(PENALTIES, given)
        }
        told = ("generator_loss", "discriminator_loss", "accuracy", "margin", "diversity")
        weighted = ("penalty",) if any(self.penalties.values()) else ()
        self._told = [Mean(name) for name in (*told, *weighted)]
        self._ensure_built(((None, self.latent_size),), {})

    @classmethod
    def convolutional(
        cls,
        image_shape: Sequence[int],
        filters: Sequence[int] | None = None,
        *,
        latent_size: int = 64,
        hidden: int = 128,
        output_activation: Any = "sigmoid",
        classes: int | None = None,
        **options: Any,
    ) -> Any:
        """Return one with usual networks for images of 16 to 128 pixels, without normalization.

        Args:
            image_shape: ``(rows, columns, channels)``.
            filters: those of the stages, from the smallest images to the largest: each stage
                doubles both sides in the generator and halves them in the discriminator. By default
                as many as bring the images below 8 pixels.
            latent_size: the numbers of a latent code.
            hidden: the units of a dense layer in both.
            output_activation: that of the images: ``"sigmoid"`` for pixels from 0 to 1, ``"tanh"``
                for those from -1 to 1.
            classes: the number of classes, if images have labels.
            options: what the class takes besides.

        Raises:
            ConfigError: for rows or columns that cannot be halved so often.

        Example:
            >>> from maeum.generative import GAN
            >>> model = GAN.convolutional((28, 28, 1))
            >>> model.generator.output_shape, model.discriminator.output_shape
            ((None, 28, 28, 1), (None, 1))
        """
        counts = usual_filters(image_shape) if filters is None else filters
        parts = image_parts(image_shape, latent_size, counts, hidden, classes, output_activation)
        return cls(*parts, latent_size=latent_size, classes=classes, **options)

    def build(self, input_shape: Any = None) -> None:
        """Check that the parts fit together; make the moving averages."""
        self.image_shape = check_parts(self)
        self.averages = [
            self.add_weight(f"average/{path}", v.shape, "zeros", dtype=v.dtype, trainable=False)
            for path, v in self.generator.named_variables().items()
        ]
        self.averaged_steps = self.add_weight(
            "averaged_steps", (), "zeros", dtype="int32", trainable=False
        )

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Return images for latent codes: ``codes``, or ``[codes, one-hot labels]``."""
        return self.generator(inputs)

    def compile(  # type: ignore[override]
        self,
        optimizer: Any = None,
        loss: Any = None,
        *,
        generator_optimizer: Any = None,
        discriminator_optimizer: Any = None,
        **options: Any,
    ) -> None:
        """Say how both networks are trained.

        Args:
            optimizer: a pair of optimizers (or names) for generator and discriminator; the name of
                one for each; by default Adam as the loss wants it.
            loss: only None: it is given to the class.
            generator_optimizer, discriminator_optimizer: in the place of a pair.
            options: see `maeum.Model.compile`.

        Raises:
            ConfigError: for a loss, for both forms at once, or for one object in two places.

        Example:
            >>> from maeum.generative import GAN
            >>> model = GAN.convolutional((16, 16, 1))
            >>> model.compile(generator_optimizer="adam", discriminator_optimizer="sgd")
            >>> [one.name for one in model.optimizer.optimizers]
            ['sgd', 'adam']
        """
        given = generator_optimizer, discriminator_optimizer
        if not isinstance(optimizer, optimizers.MultiOptimizer):
            optimizer = both_optimizers(optimizer, *given, self.rates)
        elif given != (None, None):
            raise two_forms()
        super().compile(optimizer, loss, **options)

    # ---- data ------------------------------------------------------------------------------------

    def fit(  # type: ignore[override]
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: Any = "auto",
        callbacks: Any = None,
        **options: Any,
    ) -> Any:
        """Train both networks: ``fit(images)``, or ``fit(images, labels)``.

        The arguments are those of `maeum.Model.fit`; ``batch_size`` images (64 by default) are a
        step, in which the discriminator learns ``discriminator_steps`` times and the generator
        once. Signs of a collapse are told as warnings after each epoch, see `CollapseDetector`.

        Raises:
            DataError: for images or labels that do not fit, before anything is trained.
            NonFiniteLossError: if a loss becomes NaN or infinite; it says in which network.
        """
        if batch_size is None and not is_stream(x):
            batch_size = _BATCH
        given = check_callbacks(callbacks)
        if not any(isinstance(one, CollapseDetector) for one in given):
            given = [*given, CollapseDetector()]
        return super().fit(x, y, batch_size, epochs, verbose, given, **options)

    def match_inputs(self, x: Any) -> Any:
        """Check images, or the latent codes that ``predict`` takes."""
        codes = self.classes is not None if isinstance(x, (list, tuple)) else np.ndim(x) == 2
        if codes and len(self.image_shape) > 1:
            return self.generator.match_inputs(x)
        return check_images(x, self)

    def check_targets(self, y: Any) -> None:
        """Check labels."""
        check_labels(y, self)

    def _batch(self, data: Any) -> tuple[Any, Any]:
        """Return the images of a batch, and their labels (one-hot) if there are classes."""
        images, labels, weight = unpack_x_y_sample_weight(data)
        if weight is not None:
            raise ConfigError("{kind} takes no weights of samples.",
                              kind=type(self).__name__)  # fmt: skip
        if labels is None and self.classes is not None:
            raise DataError("{kind} has classes={classes}, so that images need labels: "
                            "fit(x, y).", kind=type(self).__name__,
                            classes=self.classes)  # fmt: skip
        if labels is not None and self.classes is None:
            raise ConfigError("{kind} learns from images alone: fit(x). To use labels, give it "
                              "classes=.", kind=type(self).__name__)  # fmt: skip
        return images.astype(self.dtype), None if labels is None else one_hot(self, labels)

    # ---- training --------------------------------------------------------------------------------

    def generate(self, codes: Any, labels: Any, training: bool) -> Any:
        """Return what the generator makes of codes and one-hot labels (or None); as an op."""
        given = codes if labels is None else [codes, labels]
        return self.generator(given, training=training)

    def discriminate(self, images: Any, labels: Any, training: bool, key: Any = None) -> Any:
        """Return a logit for each image, ``(rows,)``; as an op.

        Args:
            images: the images.
            labels: their one-hot labels, or None.
            training: whether layers run as in training.
            key: the key of the augmentation; None for none.
        """
        if key is not None:
            images = augment(images, self.augmentation, key)
        given = images if labels is None else [images, labels]
        return self.discriminator(given, training=training).reshape(-1)

    def train_step(self, data: Any) -> dict[str, Any]:
        """Let the discriminator learn from one batch, as often as it should, then the generator."""
        real, labels = self._batch(data)
        told = self._learn_discriminator_often(real, labels)
        made, told["generator_loss"] = self._learn_generator(real, labels)
        self._average()
        return self._logs(real, made, told)

    def _learn_discriminator_often(self, real: Any, labels: Any) -> dict[str, Any]:
        """Let the discriminator learn; return what its last turn tells."""
        if self.discriminator_steps == 1:
            return self._learn_discriminator(real, labels)
        key = self.random_key()

        def turn(state: None, number: Any) -> tuple[None, dict[str, Any]]:
            outer = current_scope()
            assert outer is not None
            with outer.restarted({}, at_step(key, number)) as inner:  # which draws anew
                told = self._learn_discriminator(real, labels)
            outer.assign(inner.updates, inner.updates.values())
            return state, told

        told = scan(turn, None, jnp.arange(self.discriminator_steps))[1]
        return jax.tree.map(lambda values: values[-1], told)

    def _learn_discriminator(self, real: Any, labels: Any) -> dict[str, Any]:
        made = self.generate(self._codes(len(real)), labels, True)
        variables = self.discriminator.trainable_variables
        objective = self._discriminator_objective
        (_loss, told), gradients = value_and_grad(lambda: objective(real, made, labels), variables)
        self._optimizer_of("discriminator").apply_gradients(zip(gradients, variables))
        return told

    def _discriminator_objective(self, real: Any, made: Any, labels: Any) -> tuple[Any, Any]:
        keys = [self.random_key() if self.augmentation else None for _key in range(3)]

        def towards(key: Any) -> Any:
            return lambda images: self.discriminate(images, labels, True, key)

        logits, penalty = [], jnp.float32(0)
        for images, name, key in ((real, "r1", keys[0]), (made, "r2", keys[1])):
            if self.penalties[name]:
                found, squares = logits_and_slopes(towards(key), images)
                penalty += 0.5 * self.penalties[name] * jnp.mean(squares)
            else:
                found = towards(key)(images)
            logits.append(found)
        if self.penalties["gradient_penalty"]:
            fractions = random.uniform(self.random_key(), (len(real),))
            found = gradient_penalty(towards(keys[2]), real, made, fractions)
            penalty += self.penalties["gradient_penalty"] * found
        loss = jnp.mean(LOSSES[self.loss_name].discriminator(*logits))
        total = loss + penalty + sum(self.discriminator.losses)
        told = {
            "discriminator_loss": loss,
            "penalty": penalty,
            "accuracy": self._accuracy(*logits),
            "margin": jnp.mean(logits[0]) - jnp.mean(logits[1]),
        }
        return total, told

    def _learn_generator(self, real: Any, labels: Any) -> tuple[Any, Any]:
        codes = self._codes(len(real))
        keys = [self.random_key() if self.augmentation else None for _key in range(2)]
        loss = LOSSES[self.loss_name]
        beside: Any = 0.0  # a constant for the generator
        if loss.compares:
            beside = self.discriminate(real, labels, True, keys[0])

        def objective() -> tuple[Any, Any]:
            made = self.generate(codes, labels, True)
            logits = self.discriminate(made, labels, True, keys[1])
            value = jnp.mean(loss.generator(beside, logits))
            return value + sum(self.generator.losses), (made, value)

        variables = self.generator.trainable_variables
        (_loss, found), gradients = value_and_grad(objective, variables)
        self._optimizer_of("generator").apply_gradients(zip(gradients, variables))
        return found

    def _optimizer_of(self, part: str) -> Any:
        # Both share the state of the whole optimizer, which was built for all weights.
        return self.optimizer.optimizers[part == "generator"]

    def _codes(self, rows: int) -> Any:
        return random.normal(self.random_key(), (rows, self.latent_size), self.dtype)

    def _accuracy(self, real: Any, made: Any) -> Any:
        """Return how often the discriminator is right: of pairs, or of single images."""
        if LOSSES[self.loss_name].compares:
            return jnp.mean((real > made).astype(jnp.float32))
        border = 0.5 if self.loss_name == "least_squares" else 0.0
        right = jnp.concatenate([real > border, made < border])
        return jnp.mean(right.astype(jnp.float32))

    def _average(self) -> None:
        """Move the averages towards the generator's weights; the first step is a copy."""
        steps = self.averaged_steps.value
        # Early on, short averages: the first weights are far from what is learnt.
        kept = jnp.minimum(self.moving_average, steps / (steps + 10))
        for average, weight in zip(self.averages, self.generator.named_variables().values()):
            old, new = average.value, weight.value
            average.assign((old + (1 - kept) * (new - old)).astype(old.dtype))
        self.averaged_steps.assign(steps + 1)

    def _logs(self, real: Any, made: Any, told: dict[str, Any]) -> dict[str, Any]:
        # How far images of a batch lie apart, in parts of what real ones do.
        spreads = [jnp.mean(jnp.var(images, 0)) for images in (made, real)]
        told["diversity"] = jnp.sqrt(spreads[0] / (spreads[1] + 1e-12))
        scope = current_scope()
        if scope is not None:
            scope.watched = sum(told[name] for name in ("generator_loss", "discriminator_loss"))
        for metric in self._told:
            metric.update_state(told[metric.name])
        return {metric.name: metric.result() for metric in self._told}

    def test_step(self, data: Any) -> dict[str, Any]:
        """Evaluate both networks on one batch: the losses without penalties."""
        real, labels = self._batch(data)
        made = self.averaged(lambda: self.generate(self._codes(len(real)), labels, False))
        logits = [self.discriminate(images, labels, False) for images in (real, made)]
        loss = LOSSES[self.loss_name]
        told = {
            "discriminator_loss": jnp.mean(loss.discriminator(*logits)),
            "generator_loss": jnp.mean(loss.generator(*logits)),
            "penalty": jnp.float32(0),
            "accuracy": self._accuracy(*logits),
            "margin": jnp.mean(logits[0]) - jnp.mean(logits[1]),
        }
        return self._logs(real, made, told)

    def averaged(self, function: Any) -> Any:
        """Return ``function()`` where the generator's weights are their moving averages."""
        variables = list(self.generator.named_variables().values())
        trained = self.averaged_steps.value > 0
        values = [
            jnp.where(trained, average.value, variable.value)
            for average, variable in zip(self.averages, variables)
        ]
        return with_values(variables, values, function)[0]

    def cause_of_nonfinite_loss(self, logs: Mapping[str, Any]) -> str | None:
        """Say which of the networks is to blame."""
        return who_diverged(logs)
