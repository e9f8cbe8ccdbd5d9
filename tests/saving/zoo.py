"""Models of every kind, and their training, for a process that saves and one that loads."""

import sys
from pathlib import Path

import numpy as np

import maeum as mm
from maeum import optimizers
from maeum.layers import (
    Activation,
    BatchNormalization,
    Dense,
    Dropout,
    Embedding,
    GaussianNoise,
    Lambda,
    Layer,
)

rng = np.random.default_rng(0)
X = rng.normal(size=(50, 3)).astype("float32")
Y = (X[:, :1] > X[:, 1:2]).astype("float32")
WORDS = rng.integers(0, 9, (50, 4))


@mm.register(package="zoo")
def twice(x):
    return 2 * x


class Scale(Layer):
    """A layer that is not registered, with a weight and a random part."""

    def __init__(self, noise, **kwargs):
        super().__init__(**kwargs)
        self.noise = GaussianNoise(noise)

    def build(self, input_shape):
        self.factor = self.add_weight("factor", (input_shape[-1],), "uniform")

    def call(self, x):
        return self.noise(x * self.factor)


@mm.register(package="zoo")
class Net(mm.Model):
    """A subclassed model with whole numbers as inputs."""

    def __init__(self, units):
        super().__init__()
        self.table = Embedding(9, units)
        self.hidden = [Dense(units, activation="relu"), Dropout(0.3)]
        self.out = Dense(1, activation="sigmoid")

    def call(self, words, training=False):
        x = self.table(words).mean(1)
        for layer in self.hidden:
            x = layer(x)
        return self.out(x)


def stack(**options):
    layers = [Dense(8, activation="relu"), Dropout(0.3), BatchNormalization()]
    end = Dense(1, activation="sigmoid")
    return mm.Sequential([mm.Input((3,)), *layers, end], seed=3, **options)


def compiled(model, optimizer, **options):
    model.compile(optimizer, "binary_crossentropy", metrics=["accuracy", "auc"], **options)
    return model


def graph():
    x = mm.Input((3,), name="row")
    inner = mm.Model(x, Dense(4, activation="tanh")(x), name="inner")
    a, b = mm.Input((3,)), mm.Input((3,))
    h = Scale(0.1)(inner(a) + inner(b)) * 2
    outputs = {"y": Dense(1, activation="sigmoid")(h), "z": Activation("relu")(h[:, :1])}
    model = mm.Model({"a": a, "b": b}, outputs, seed=5)
    losses = {"y": "binary_crossentropy", "z": mm.losses.Huber(0.5)}
    model.compile(optimizers.SGD(0.1, 0.9, nesterov=True), losses, metrics={"y": ["accuracy"]})
    return model


def subclassed():
    model = Net(6)
    model(WORDS[:2])
    return compiled(model, optimizers.RMSprop(0.01))


def frozen():
    base = mm.Sequential([Dense(5, input_shape=(3,)), BatchNormalization()], name="base")
    model = mm.Sequential([base, Lambda(twice), Dense(1, activation="sigmoid")], seed=1)
    base.trainable = False
    return compiled(model, "adam")


def optax_model():
    import optax

    return compiled(stack(), optax.sgd(0.1))


def scheduled():
    schedule = optimizers.schedules.ExponentialDecay(0.1, 3, 0.7)
    return compiled(stack(), optimizers.SGD(schedule, momentum=0.5))


def slowed():
    model = compiled(stack(), optimizers.Adam(0.1))
    return model


MODELS = {
    "adam": lambda: compiled(stack(), "adam"),
    "momentum": lambda: compiled(stack(), optimizers.SGD(0.1, 0.9)),
    "schedule": scheduled,
    "ema": lambda: compiled(stack(), optimizers.Adam(0.01, use_ema=True, ema_momentum=0.9)),
    "accumulation": lambda: compiled(stack(), optimizers.Adam(gradient_accumulation_steps=3)),
    "clipping": lambda: compiled(stack(), optimizers.AdamW(0.01, global_clipnorm=0.1)),
    "slowed": slowed,
    "graph": graph,
    "subclassed": subclassed,
    "frozen": frozen,
    "optax": optax_model,
}


def data(name):
    if name == "graph":
        return {"a": X, "b": X[::-1].copy()}, {"y": Y, "z": Y}
    return (WORDS, Y) if name == "subclassed" else (X, Y)


def fit(model, name):
    """Train two epochs; one of the models learns more slowly after each."""
    slower = mm.callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.5)
    x, y = data(name)
    callbacks = [slower] if name == "slowed" else []
    model.fit(x, y, epochs=2, batch_size=8, verbose=0, callbacks=callbacks)


def main(folder, *names):
    """Load the models of these names, predict, go on training, and write down what came out."""
    for name in names:
        model = mm.load_model(folder / f"{name}.maeum", custom_objects={"Scale": Scale})
        found = {f"predicted_{k}": v for k, v in as_dict(model.predict(data(name)[0])).items()}
        if name == "optax":
            import optax

            compiled(model, optax.sgd(0.1))
        fit(model, name)
        found |= {f"trained_{path}": v.numpy() for path, v in model.named_variables().items()}
        found["rate"] = np.asarray(model.optimizer.learning_rate)
        np.savez(folder / f"{name}.npz", **found)


def as_dict(outputs):
    return outputs if isinstance(outputs, dict) else {"": outputs}


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
