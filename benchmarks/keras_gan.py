"""The step of `gan.py` in Keras on TensorFlow, as its guide to custom steps writes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf
from keras import layers


class KerasGAN(keras.Model):
    """Both networks, their losses, and the moving averages of the generator."""

    def __init__(self, latent: int, hidden: int, loss: str, turns: int):
        super().__init__()
        self.latent, self.form, self.turns = latent, loss, turns

        def leaky() -> Any:
            return layers.LeakyReLU(negative_slope=0.2)

        self.generator = keras.Sequential(
            [
                keras.Input((latent,)),
                layers.Dense(hidden), leaky(), layers.Dense(7 * 7 * 64), leaky(),
                layers.Reshape((7, 7, 64)),
                layers.Conv2DTranspose(32, 4, 2, "same"), leaky(),
                layers.Conv2DTranspose(1, 4, 2, "same", activation="sigmoid"),
            ]
        )  # fmt: skip
        self.discriminator = keras.Sequential(
            [
                keras.Input((28, 28, 1)),
                layers.Conv2D(32, 4, 2, "same"), leaky(),
                layers.Conv2D(64, 4, 2, "same"), leaky(),
                layers.Flatten(), layers.Dense(hidden), leaky(), layers.Dense(1),
            ]
        )  # fmt: skip
        self.averages = [tf.Variable(v.value) for v in self.generator.trainable_variables]
        self.learn = {
            part: keras.optimizers.Adam(2e-3, 0.0, 0.99) for part in ("generator", "discriminator")
        }
        self.built = True

    def slopes(self, images: Any) -> tuple[Any, Any]:
        """Return logits, and the squared slopes of each image."""
        with tf.GradientTape() as tape:
            tape.watch(images)
            logits = self.discriminator(images, training=True)
        slope = tape.gradient(logits, images)
        return logits, tf.reduce_sum(tf.square(slope), [1, 2, 3])

    def discriminator_loss(self, real: Any, made: Any) -> Any:
        """Return the loss of the discriminator, penalties included."""
        if self.form == "relativistic":
            (true, one), (false, two) = self.slopes(real), self.slopes(made)
            value = tf.reduce_mean(tf.math.softplus(false - true))
            return value + 0.05 * tf.reduce_mean(one + two)
        true = self.discriminator(real, training=True)
        false = self.discriminator(made, training=True)
        if self.form == "non_saturating":
            return tf.reduce_mean(tf.math.softplus(-true) + tf.math.softplus(false))
        far = tf.random.uniform((tf.shape(real)[0], 1, 1, 1))
        _logits, squares = self.slopes(real + far * (made - real))
        norms = tf.sqrt(squares + 1e-12)
        return tf.reduce_mean(false - true) + 10 * tf.reduce_mean(tf.square(norms - 1))

    def generator_loss(self, real: Any, made: Any) -> Any:
        """Return the loss of the generator."""
        false = self.discriminator(made, training=True)
        if self.form == "relativistic":
            true = tf.stop_gradient(self.discriminator(real, training=True))
            return tf.reduce_mean(tf.math.softplus(true - false))
        return tf.reduce_mean(tf.math.softplus(-false) if self.form == "non_saturating" else -false)

    def train_step(self, real: Any) -> dict[str, Any]:
        """Let the discriminator learn, then the generator, and move the averages."""
        shape = tf.shape(real)[0], self.latent
        for _turn in range(self.turns):
            made = self.generator(tf.random.normal(shape), training=True)
            with tf.GradientTape() as tape:
                told = self.discriminator_loss(real, made)
            self._step("discriminator", self.discriminator, tape, told)
        with tf.GradientTape() as tape:
            made = self.generator(tf.random.normal(shape), training=True)
            value = self.generator_loss(real, made)
        self._step("generator", self.generator, tape, value)
        for average, weight in zip(self.averages, self.generator.trainable_variables):
            average.assign_add(0.001 * (weight.value - average))
        return {"generator_loss": value, "discriminator_loss": told}

    def _step(self, name: str, part: Any, tape: Any, value: Any) -> None:
        weights = part.trainable_variables
        self.learn[name].apply(tape.gradient(value, [w.value for w in weights]), weights)


def epoch(
    images: Any, batch: int, latent: int, hidden: int, loss: str, turns: int
) -> Callable[[], None]:
    """Return a function that trains for an epoch."""
    model = KerasGAN(latent, hidden, loss, turns)
    model.compile()
    return lambda: model.fit(images, batch_size=batch, epochs=1, verbose=0)
