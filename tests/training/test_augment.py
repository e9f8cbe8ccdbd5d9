"""``compile(augment=...)``: layers that change the batch of a training step."""

import numpy as np
import pytest

import maeum as mm
from maeum import layers
from maeum.core import functional
from maeum.core.errors import ConfigError, DataError, ShapeError
from maeum.core.randomness import at_step, make_key
from maeum.core.scope import Scope

RNG = np.random.default_rng(5)
X = RNG.uniform(0, 1, (24, 4, 4, 1)).astype("float32")
LABELS = RNG.integers(0, 3, 24)
Y = np.eye(3, dtype="float32")[LABELS]


def network(*inside):
    return mm.Sequential(
        [mm.Input((4, 4, 1)), *inside, layers.Flatten(), layers.Dense(3, activation="softmax")],
        seed=1,
    )


def compiled(augment=None, inside=(), loss="categorical_crossentropy", **options):
    model = network(*inside)
    model.compile("sgd", loss, augment=augment, **options)
    return model


def fit(model, x=X, y=Y, epochs=2, **options):
    model.fit(x, y, batch_size=8, epochs=epochs, verbose=0, **options)
    return model.get_weights()


def same(one, two):
    return all(np.array_equal(a, b) for a, b in zip(one, two))


@mm.register()
class Recorder(layers.Layer):
    """Adds to the inputs what it was told, and notes nothing else."""

    def __init__(self, amount=1.0, **kwargs):
        super().__init__(**kwargs)
        self.amount = amount

    def call(self, x, training=False):
        return x + self.amount if training else x


def test_the_network_gets_what_the_layers_return():
    assert same(fit(compiled(Recorder(0.5))), fit(compiled(), X + np.float32(0.5)))
    both = compiled([Recorder(0.25), Recorder(0.25)])
    assert same(fit(both), fit(compiled(), X + np.float32(0.5)))


def test_without_layers_nothing_changes():
    plain = network()
    plain.compile("sgd", "categorical_crossentropy")
    weights = fit(plain)
    for nothing in (None, []):
        assert same(fit(compiled(nothing)), weights)


def test_a_batch_is_mixed_from_the_key_of_its_step_and_layer():
    batch = {"images": X[:8], "labels": Y[:8]}
    with Scope(training=True, key=at_step(make_key(9, "training"), 0)):
        mixed = layers.MixUp(1.0)(batch)
    by_hand = compiled(seed=9)
    by_hand.train_on_batch(np.asarray(mixed["images"]), np.asarray(mixed["labels"]))
    model = compiled(layers.MixUp(1.0), seed=9)
    model.train_on_batch(X[:8], Y[:8])
    for one, two in zip(model.get_weights(), by_hand.get_weights()):
        np.testing.assert_allclose(one, two, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize(
    "augment",
    [
        layers.RandomFlip,
        layers.MixUp,
        layers.CutMix,
        lambda: [layers.RandomTranslation(0.3, 0.3), layers.Cutout((1, 1)), layers.MixUp()],
        lambda: mm.Sequential([layers.RandomFlip(), layers.RandomRotation(0.2)], seed=3),
    ],
)
def test_a_training_is_a_function_of_the_seed(augment):
    first = fit(compiled(augment(), seed=4))
    assert same(first, fit(compiled(augment(), seed=4)))
    assert not same(first, fit(compiled(seed=4)))
    assert all(np.isfinite(w).all() for w in first)


def test_every_step_draws_anew():
    model = compiled(layers.RandomBrightness(1.0, value_range=(0, 1)))
    model.optimizer.learning_rate = 0.0
    losses = [model.train_on_batch(X[:8], Y[:8]) for _ in range(4)]
    assert len(set(map(float, losses))) == 4


def test_evaluation_and_prediction_leave_the_layers_out():
    plain, model = compiled(), compiled([Recorder(9.0), layers.MixUp()])
    model.set_weights(plain.get_weights())
    np.testing.assert_array_equal(model.predict(X), plain.predict(X))
    assert model.evaluate(X, Y, verbose=0) == plain.evaluate(X, Y, verbose=0)
    history = model.fit(X, Y, verbose=0, validation_data=(X, Y)).history
    assert history["val_loss"][0] == pytest.approx(model.evaluate(X, Y, verbose=0), rel=1e-5)


def test_a_saved_model_goes_on_as_if_it_had_not_stopped(tmp_path):
    def fresh():
        return compiled([layers.RandomFlip(), layers.CutMix(seed=2)], seed=3)

    whole = fit(fresh(), epochs=4)
    model = fresh()
    fit(model, epochs=2)
    assert list(functional.values(model)) == ["dense/kernel", "dense/bias"]
    model.save(tmp_path / "m.maeum")
    loaded = mm.load_model(tmp_path / "m.maeum")
    assert same(fit(loaded, epochs=4, initial_epoch=2), whole)


def test_layers_of_the_model_keep_their_draws():
    inside = layers.Dropout(0.5)
    assert not same(
        fit(compiled(Recorder(0.0), [inside])),
        fit(compiled(layers.Dropout(0.5), [layers.Dropout(0.5)])),
    )
    assert same(fit(compiled(Recorder(0.0), [inside])), fit(compiled(None, [layers.Dropout(0.5)])))


def test_a_train_step_of_ones_own_gets_the_changed_batch():
    class Own(mm.Sequential):
        def train_step(self, data):
            return {"mean": data[0].mean(), **super().train_step(data)}

    model = Own([mm.Input((4, 4, 1)), layers.Flatten(), layers.Dense(3)])
    model.compile("sgd", "mse", augment=Recorder(2.0))
    logs = model.train_on_batch(X, Y, return_dict=True)
    assert logs["mean"] == pytest.approx(X.mean() + 2, rel=1e-5)


def test_class_numbers_are_augmented_but_not_mixed():
    sparse = {"loss": "sparse_categorical_crossentropy"}
    fit(compiled(layers.RandomFlip(), **sparse), y=LABELS)
    for labels in (LABELS, LABELS[:, None], LABELS.astype("float32")):
        model = compiled([layers.RandomFlip(), layers.MixUp()], **sparse)
        with pytest.raises(DataError, match="to_categorical"):
            fit(model, y=labels)


def test_yes_and_no_can_be_mixed():
    model = mm.Sequential([mm.Input((4, 4, 1)), layers.Flatten(), layers.Dense(1, "sigmoid")])
    model.compile("sgd", "binary_crossentropy", augment=layers.MixUp())
    history = model.fit(X, LABELS % 2, verbose=0).history
    assert np.isfinite(history["loss"]).all()


def test_whole_number_pictures_are_taken():
    model = compiled(layers.RandomTranslation(0.2, 0.2), [layers.Rescaling(1 / 255)])
    fit(model, x=(X * 255).astype("uint8"))


def test_a_mixing_layer_of_ones_own():
    class Swap(layers.Layer):
        mixes_labels = True

        def call(self, batch):
            return {"images": batch["images"][::-1], "labels": batch["labels"][::-1]}

    one = compiled(Swap())
    two = compiled()
    one.train_on_batch(X, Y)
    two.train_on_batch(X[::-1], Y[::-1])
    assert same(one.get_weights(), two.get_weights())


@pytest.mark.parametrize(
    ("augment", "words"),
    [
        ("flip", "a layer or a list of layers"),
        (layers.RandomFlip, "got <class"),
        ([layers.MixUp(), None], "a list of layers"),
        (lambda x: x, "a list of layers"),
    ],
)
def test_something_else_than_layers_is_refused(augment, words):
    with pytest.raises(ConfigError, match=words):
        compiled(augment)


@pytest.mark.parametrize(
    ("augment", "error", "words"),
    [
        (layers.RandomCrop(2, 2), ShapeError, "same shape in training"),
        (layers.BatchNormalization(), ConfigError, "has weights"),
    ],
)
def test_layers_that_do_not_belong_there_are_refused_at_fit(augment, error, words):
    with pytest.raises(error, match=words):
        fit(compiled(augment))


def test_several_inputs_or_targets_are_refused():
    one, two = mm.Input((3,), name="one"), mm.Input((3,), name="two")
    out = layers.Dense(3)(layers.add([one, two]))
    model = mm.Model([one, two], out)
    model.compile("sgd", "mse", augment=layers.GaussianNoise(0.1))
    x = np.ones((4, 3), "float32")
    with pytest.raises(ConfigError, match="this one has 2"):
        model.fit([x, x], x, verbose=0)
    pictures = mm.Input((4, 4, 1))
    flat = layers.Flatten()(pictures)
    model = mm.Model(pictures, [layers.Dense(3)(flat), layers.Dense(3)(flat)])
    model.compile("sgd", "mse", augment=layers.MixUp())
    with pytest.raises(ConfigError, match="y has 2 arrays"):
        model.fit(X, [Y, Y], verbose=0)
    model.compile("sgd", "mse", augment=layers.RandomFlip())
    model.fit(X, [Y, Y], verbose=0)
