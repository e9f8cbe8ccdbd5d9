"""What a model file holds, and loading all or part of it."""

import json
import zipfile

import numpy as np
import pytest
import safetensors.numpy

import maeum as mm
from maeum.core.errors import (
    ConfigError,
    ModelFileError,
    NotBuiltError,
    NotCompiledError,
    SaveError,
    ShapeError,
    UnknownNameError,
)
from maeum.layers import BatchNormalization, Dense, Dropout, Lambda, Layer


class Scale(Layer):
    def __init__(self, factor, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def call(self, x):
        return x * self.factor


@mm.register(package="archive")
def shifted(x):
    return x + 1


def trained(seed=1, **options):
    layers = [Dense(4, activation="relu"), BatchNormalization(), Dropout(0.5), Dense(1)]
    model = mm.Sequential([mm.Input((3,)), *layers], seed=seed)
    model.compile("adam", "mse", metrics=["mae"])
    x = np.random.default_rng(0).normal(size=(20, 3)).astype("float32")
    model.fit(x, x[:, 0], epochs=2, verbose=0)
    return model, x


def test_an_archive_is_json_and_safetensors(tmp_path):
    model, _ = trained()
    model.save(tmp_path / "m.maeum")
    with zipfile.ZipFile(tmp_path / "m.maeum") as archive:
        assert set(archive.namelist()) == {
            "model.json", "weights.safetensors", "training.safetensors"
        }  # fmt: skip
        description = json.loads(archive.read("model.json"))
        weights = safetensors.numpy.load(archive.read("weights.safetensors"))
        state = safetensors.numpy.load(archive.read("training.safetensors"))
    assert description["format"] == 3
    assert description["model"]["class"] == "Sequential"
    assert description["compile"]["loss"] == "mse"
    assert {k: v.shape for k, v in weights.items()} == {
        path: v.shape for path, v in model.named_variables().items()
    }
    np.testing.assert_array_equal(weights["dense/kernel"], model.get_weights()[0])
    assert state["train_steps"] == 2  # two epochs of 20 rows in batches of 32


def test_saving_twice_gives_the_same_bytes(tmp_path):
    model, _ = trained()
    for name in ("a", "b"):
        model.save(tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    mm.load_model(tmp_path / "a").save(tmp_path / "c")
    assert (tmp_path / "c").read_bytes() == (tmp_path / "a").read_bytes()


def test_a_loaded_model_can_do_everything(tmp_path):
    model, x = trained()
    model.save(str(tmp_path / "m.maeum"))
    loaded = mm.load_model(str(tmp_path / "m.maeum"))
    assert type(loaded) is mm.Sequential
    assert loaded.name == model.name
    assert loaded.seed == model.seed
    np.testing.assert_array_equal(loaded.predict(x), model.predict(x))
    assert loaded.evaluate(x, x[:, 0], verbose=0) == model.evaluate(x, x[:, 0], verbose=0)
    texts = []
    loaded.summary(print_fn=texts.append)
    model.summary(print_fn=texts.append)
    assert texts[0] == texts[1]
    loaded.add(Dense(2))
    assert loaded.predict(x).shape == (20, 2)


def test_without_the_training(tmp_path):
    model, x = trained()
    model.save(tmp_path / "m.maeum", include_optimizer=False)
    fresh = mm.load_model(tmp_path / "m.maeum")
    assert int(fresh.optimizer.iterations) == 0
    plain = mm.load_model(tmp_path / "m.maeum", compile=False)
    np.testing.assert_array_equal(plain.predict(x), model.predict(x))
    with pytest.raises(NotCompiledError):
        plain.evaluate(x, x[:, 0])


def test_models_of_ones_own_classes(tmp_path):
    inputs = mm.Input((3,))
    model = mm.Model(inputs, Scale(3.0)(Lambda(shifted)(inputs)))
    path = tmp_path / "m.maeum"
    model.save(path)
    with pytest.raises(UnknownNameError, match="Scale"):
        mm.load_model(path)
    expected = 3 * (np.ones((2, 3)) + 1)
    loaded = mm.load_model(path, custom_objects={"Scale": Scale})
    np.testing.assert_allclose(loaded.predict(np.ones((2, 3))), expected)
    with mm.saving.custom_object_scope({"Scale": Scale}):
        np.testing.assert_allclose(mm.load_model(path).predict(np.ones((2, 3))), expected)


def test_a_class_registered_later_is_found(tmp_path):
    class Later(Scale):
        pass

    model = mm.Sequential([mm.Input((3,)), Later(2.0)])
    model.save(tmp_path / "before.maeum")
    mm.register(Later)
    model.save(tmp_path / "after.maeum")
    for name in ("before", "after"):
        assert mm.load_model(tmp_path / f"{name}.maeum").layers[0].factor == 2.0


def test_a_stack_of_ones_own_without_an_input(tmp_path):
    class Stack(mm.Sequential):
        def __init__(self, units):
            super().__init__([Dense(units), Dense(1)])

    model = Stack(3)
    expected = model.predict(np.ones((2, 5)))
    model.save(tmp_path / "m.maeum")
    loaded = mm.load_model(tmp_path / "m.maeum", custom_objects={"Stack": Stack})
    np.testing.assert_array_equal(loaded.predict(np.ones((2, 5))), expected)


def test_names_in_any_language(tmp_path):
    model = mm.Sequential(
        [mm.Input((3,), name="입력"), Dense(2, name="은닉층"), Dense(1, name="a.b")]
    )
    path = tmp_path / "모델 1.maeum"
    model.save(path)
    loaded = mm.load_model(path)
    assert next(iter(loaded.named_variables())) == "은닉층/kernel"
    np.testing.assert_array_equal(loaded.predict(np.ones((2, 3))), model.predict(np.ones((2, 3))))


def test_functions_that_no_file_can_hold(tmp_path):
    model = mm.Sequential([mm.Input((3,)), Lambda(lambda x: x)])
    with pytest.raises(ConfigError, match=r"'lambda' .* not registered"):
        model.save(tmp_path / "m.maeum")
    assert not list(tmp_path.iterdir())
    model = mm.Sequential([mm.Input((3,)), Dense(1)])
    model.compile("sgd", lambda y, p: (y - p) ** 2)
    with pytest.warns(UserWarning, match="without its compile"):
        model.save(tmp_path / "m.maeum")
    loaded = mm.load_model(tmp_path / "m.maeum")
    assert loaded.losses_and_metrics is None
    np.testing.assert_array_equal(loaded.get_weights()[0], model.get_weights()[0])


def test_losses_and_metrics_keep_their_arguments(tmp_path):
    model = mm.Sequential([mm.Input((3,)), Dense(1)])
    model.compile(
        mm.optimizers.Adam(0.3, beta_1=0.5),
        mm.losses.Huber(delta=0.2),
        metrics=[mm.metrics.MeanAbsoluteError(name="distance"), "mse"],
    )
    model.save(tmp_path / "m.maeum")
    loaded = mm.load_model(tmp_path / "m.maeum")
    x = np.random.default_rng(0).normal(size=(8, 3))
    expected = model.evaluate(x, x[:, 0], verbose=0, return_dict=True)
    assert loaded.evaluate(x, x[:, 0], verbose=0, return_dict=True) == expected
    assert loaded.optimizer.get_config() == model.optimizer.get_config()


def test_frozen_layers_stay_frozen_in_models_of_every_kind(tmp_path):
    class Net(mm.Model):
        def __init__(self):
            super().__init__()
            self.parts = [Dense(2), Dense(1)]

        def call(self, x):
            return self.parts[1](self.parts[0](x))

    stack = mm.Sequential([mm.Input((3,)), Dense(2), Dense(1)])
    for model, frozen in ((Net(), lambda m: m.parts[0]), (stack, lambda m: m.layers[0])):
        model(np.ones((1, 3), "f4"))
        frozen(model).trainable = False
        model.save(tmp_path / "m.maeum")
        loaded = mm.load_model(tmp_path / "m.maeum", custom_objects={"Net": Net})
        assert len(loaded.trainable_weights) == 2
        assert not frozen(loaded).trainable
        assert loaded.trainable


def test_weights_alone(tmp_path):
    model, x = trained()
    path = tmp_path / "w.safetensors"
    model.save_weights(path)
    np.testing.assert_array_equal(
        safetensors.numpy.load_file(path)["dense/kernel"], model.get_weights()[0]
    )
    other, _ = trained(seed=2)
    other.load_weights(path)
    np.testing.assert_array_equal(other.predict(x), model.predict(x))
    model.save(tmp_path / "m.maeum")
    third, _ = trained(seed=3)
    third.load_weights(tmp_path / "m.maeum")
    np.testing.assert_array_equal(third.predict(x), model.predict(x))


def test_weights_that_do_not_fit_change_nothing(tmp_path):
    model, _x = trained()
    model.save_weights(tmp_path / "w")
    wider = mm.Sequential([mm.Input((3,)), Dense(5), Dense(1)])
    before = wider.get_weights()
    with pytest.raises(ModelFileError, match=r"'dense/kernel'.*\(3, 4\), the model \(3, 5\)"):
        wider.load_weights(tmp_path / "w")
    for a, b in zip(wider.get_weights(), before):
        np.testing.assert_array_equal(a, b)
    wider.load_weights(tmp_path / "w", skip_mismatch=True)
    np.testing.assert_array_equal(wider.get_weights()[3], model.get_weights()[-1])
    np.testing.assert_array_equal(wider.get_weights()[0], before[0])
    other = mm.Sequential([mm.Input((3,)), Dense(4, name="first")])
    with pytest.raises(ModelFileError, match="missing in the file"):
        other.load_weights(tmp_path / "w")
    for junk in (b"", b"hello", b"PK\x03\x04 broken"):
        (tmp_path / "junk").write_bytes(junk)
        with pytest.raises(ModelFileError):
            model.load_weights(tmp_path / "junk")
    with pytest.raises(ModelFileError, match="cannot be read"):
        model.load_weights(tmp_path / "nowhere")


def test_set_weights_takes_all_or_nothing():
    model, _ = trained()
    before = model.get_weights()
    with pytest.raises(ShapeError, match="8 weights; got 1"):
        model.set_weights(before[:1])
    with pytest.raises(ShapeError, match=r"shape \(4, 1\); got \(4, 2\)"):
        model.set_weights([before[0] + 1, *before[1:4], before[4], before[5], np.ones((4, 2)), 0])
    for a, b in zip(model.get_weights(), before):
        np.testing.assert_array_equal(a, b)


def test_weights_are_copies():
    model, x = trained()
    expected = model.predict(x)
    weights = model.get_weights()
    model.set_weights(weights)
    for array in weights:
        array += 100
    np.testing.assert_array_equal(model.predict(x), expected)


def test_overwriting(tmp_path):
    model, _ = trained()
    path = tmp_path / "m.maeum"
    model.save(path, overwrite=False)
    before = path.read_bytes()
    with pytest.raises(SaveError, match="overwrite=False"):
        model.save(path, overwrite=False)
    with pytest.raises(SaveError, match="overwrite=False"):
        model.save_weights(path, overwrite=False)
    assert path.read_bytes() == before
    model.save_weights(path)
    assert path.read_bytes() != before


def test_a_model_without_weights_is_not_saved(tmp_path):
    with pytest.raises(NotBuiltError, match="give it an Input"):
        mm.Sequential([Dense(1)]).save(tmp_path / "m.maeum")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "float32"])
def test_weights_of_other_dtypes(tmp_path, dtype):
    model = mm.Sequential([mm.Input((3,)), Dense(2, dtype=dtype)])
    model.save(tmp_path / "m.maeum")
    loaded = mm.load_model(tmp_path / "m.maeum")
    x = np.ones((2, 3), "float32")
    np.testing.assert_array_equal(loaded.predict(x), model.predict(x))
    assert loaded.weights[0].dtype == dtype
