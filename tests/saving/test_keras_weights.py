"""Weights out of files that Keras itself wrote: the same outputs, or a clear error."""

import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import warnings
import zipfile

import keras
import numpy as np
import pytest

import maeum as mm
from maeum.core.errors import ConfigError, ModelFileError, NotBuiltError
from maeum.saving import load_keras_weights

h5py = pytest.importorskip("h5py")
rng = np.random.default_rng(0)
SUFFIXES = (".weights.h5", ".h5", ".keras")


def dense(lib):
    """Make a plain stack with batch normalization, whose names nobody chose."""
    la = lib.layers
    return lib.Sequential(
        [lib.Input((4,)), la.Dense(5, activation="tanh"), la.BatchNormalization(), la.Dropout(0.5),
         la.Dense(5), la.BatchNormalization(scale=False), la.Dense(2, use_bias=False)]
    )  # fmt: skip


def branches(lib):
    """Make branches, some of them named, one layer twice, models inside, an operation."""
    la = lib.layers
    x = lib.Input((4,))
    inner = lib.Sequential([lib.Input((4,)), la.Dense(3), la.BatchNormalization(), la.Dropout(0.1)])
    y = lib.Input((3,))
    deep = lib.Model(y, [la.Dense(3)(la.Dense(3, name="deep")(y)), y])
    shared = la.Dense(3, activation="tanh", name="shared")
    a, b = inner(x), la.Dense(3)(x)
    c, d = deep(shared(a))
    out = la.Concatenate()([c, d, shared(b) * 0.5, a])
    return lib.Model(x, la.Dense(2, name="head")(la.LayerNormalization()(out)))


def pictures(lib):
    """Make a network of convolutions of every kind."""
    la = lib.layers
    x = lib.Input((9, 9, 2))
    y = la.Conv2D(4, 3, padding="same", activation="relu", name="stem")(x)
    y = la.BatchNormalization()(y)
    side = la.SeparableConv2D(6, 3, padding="same")(y)
    y = la.DepthwiseConv2D(3, padding="same", use_bias=False)(y)
    y = la.Conv2D(6, 1)(y)
    y = la.MaxPooling2D(2)(la.Add()([y, side]))
    y = la.Conv2DTranspose(3, 2)(y)
    return lib.Model(x, la.Dense(2)(la.GlobalAveragePooling2D()(y)))


def subclassed(lib):
    """Make a network with layers in attributes, lists, dicts and in one another."""

    class Block(lib.layers.Layer):
        def __init__(self, units, **kwargs):
            super().__init__(**kwargs)
            self.norm = lib.layers.BatchNormalization()
            self._inner = lib.layers.Dense(units, activation="tanh")

        def build(self, input_shape):
            self.scale = self.add_weight(name="scale", shape=(input_shape[-1],), initializer="ones")
            self.norm.build(input_shape)
            self._inner.build(input_shape)
            self.built = True

        def call(self, x, training=False):
            return self._inner(self.norm(x, training=training) * self.scale)

    class Net(lib.Model):
        def __init__(self):
            super().__init__()
            self.first = lib.layers.Dense(4)
            self.zero = lib.layers.Dense(4)
            self.blocks = [Block(4), Block(4)]
            self.heads = {"a": lib.layers.Dense(1), "b": lib.layers.Dense(1)}
            self.stack = lib.Sequential([lib.layers.Dense(4), lib.layers.BatchNormalization()])

        def call(self, x, training=False):
            x = self.zero(self.first(x))
            for block in self.blocks:
                x = block(x, training=training)
            x = self.stack(x, training=training)
            return self.heads["a"](x) + 2 * self.heads["b"](x)

    return Net()


def recurrent(lib):
    """Make a network of recurrent layers of every kind."""
    la = lib.layers
    x = lib.Input((6, 4))
    y = la.Bidirectional(la.LSTM(3, return_sequences=True))(x)
    y = la.TimeDistributed(la.Dense(3))(y)
    cells = la.RNN([la.LSTMCell(3), la.GRUCell(3), la.LSTMCell(2)], return_sequences=True)(y)
    y = la.GRU(2, reset_after=False)(la.GRU(3, return_sequences=True)(cells))
    z = la.ConvLSTM1D(2, 2)(la.Reshape((3, 2, 4))(x))
    return lib.Model(x, la.Concatenate()([y, la.SimpleRNN(3)(cells), la.Flatten()(z)]))


def attentive(lib):
    """Make a network of attention layers of every kind."""
    la = lib.layers
    x = lib.Input((6, 4))
    source = la.Dense(4)(x)
    y = la.MultiHeadAttention(2, 3)(x, source)
    y = la.GroupQueryAttention(3, 4, 2)(y, source)
    y = la.Attention(use_scale=True)([y, source])
    return lib.Model(x, la.AdditiveAttention()([y, source]))


MODELS = {
    "attentive": attentive,
    "dense": dense,
    "branches": branches,
    "recurrent": recurrent,
    "pictures": pictures,
    "subclassed": subclassed,
}


def inputs(name):
    shapes = {"pictures": (3, 9, 9, 2), "recurrent": (3, 6, 4), "attentive": (3, 6, 4)}
    return rng.normal(size=shapes.get(name, (3, 4))).astype("float32")


def theirs(make, x=None):
    """Make Keras's model with weights of which no two are alike."""
    made = make(keras)
    if x is not None:
        made(x)
    for weight in made.weights:
        weight.assign(rng.uniform(0.3, 0.9, weight.shape))
    return made


def ours(make, x=None):
    made = make(mm)
    if x is not None:
        made(x)
    return made


def write(model, path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that .h5 is an old format
        if str(path).endswith(".weights.h5"):
            model.save_weights(path)
        else:
            model.save(path)
    return path


def same(a, b, x):
    np.testing.assert_allclose(np.asarray(a(x)), np.asarray(b(x)), rtol=1e-4, atol=1e-5)


def unchanged(model, path, message, **options):
    """Check that loading fails with a message and changes nothing."""
    before = model.get_weights()
    with pytest.raises(ModelFileError, match=message) as caught:
        load_keras_weights(model, path, **options)
    assert path.name in str(caught.value)
    for old, new in zip(before, model.get_weights()):
        np.testing.assert_array_equal(old, new)


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("name", MODELS)
def test_a_model_of_keras_and_one_of_maeum_give_the_same_outputs(tmp_path, name, suffix):
    x = inputs(name)
    there = theirs(MODELS[name], x)
    if name == "subclassed" and suffix == ".h5":
        suffix = ".keras"  # Keras does not write a subclassed model to .h5
    here = ours(MODELS[name], x)
    here.load_weights(write(there, tmp_path / f"m{suffix}"))
    same(here, there, x)
    for mine, other in zip(here.get_weights(), there.get_weights()):
        np.testing.assert_array_equal(mine, other)


def test_a_model_that_was_trained_brings_its_weights_only(tmp_path):
    there = theirs(dense)
    there.compile("adam", "mse", metrics=["mae"])
    there.fit(inputs("dense"), np.ones((3, 2)), verbose=0)
    for suffix in SUFFIXES:
        here = ours(dense)
        load_keras_weights(here, write(there, tmp_path / f"m{suffix}"))
        same(here, there, inputs("dense"))


def old_file(path, layers, own=()):
    """Write a file as Keras 2 did: names in bytes, ``:0`` behind those of weights."""
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [name.encode() for name, _ in layers]
        file.attrs["keras_version"] = b"2.2.4"
        for name, weights in layers:
            group = file.create_group(name)
            group.attrs["weight_names"] = [f"{name}/{w}:0".encode() for w, _ in weights]
            for weight, value in weights:
                group[f"{name}/{weight}:0"] = value
    return path


def old_layers(model):
    """Return what Keras 2 would have listed for a Sequential of Maeum."""
    return [(each.name, [(v.name, v.numpy()) for v in each.weights]) for each in model.layers]


def randomized(make):
    model = ours(make)
    model.set_weights([rng.uniform(0.3, 0.9, w.shape) for w in model.weights])
    return model


def test_a_weight_file_of_keras_2_is_read(tmp_path):
    source, here = randomized(dense), ours(dense)
    load_keras_weights(here, old_file(tmp_path / "old.h5", old_layers(source)))
    same(here, source, inputs("dense"))


def test_a_list_of_names_in_several_attributes_is_read(tmp_path):
    source, here = randomized(dense), ours(dense)
    path = old_file(tmp_path / "old.h5", old_layers(source))
    with h5py.File(path, "a") as file:
        names = list(file.attrs["layer_names"])
        del file.attrs["layer_names"]
        file.attrs["layer_names0"], file.attrs["layer_names1"] = names[:2], names[2:]
    load_keras_weights(here, path)
    same(here, source, inputs("dense"))


def test_a_file_of_a_late_keras_2_is_read(tmp_path):
    there, here = theirs(dense), ours(dense)
    path = write(there, tmp_path / "m.weights.h5")
    with h5py.File(path, "a") as file:
        file.move("layers", "_layer_checkpoint_dependencies")
    load_keras_weights(here, path)
    same(here, there, inputs("dense"))


@pytest.mark.parametrize("frozen", ["before saving", "before loading", "both"])
def test_frozen_layers_do_not_disturb_the_order(tmp_path, frozen):
    def make(lib):
        return lib.Sequential([lib.Input((4,)), dense(lib), lib.layers.Dense(2)])

    there, here = theirs(make), ours(make)
    if frozen != "before loading":
        there.layers[0].trainable = False
    if frozen != "before saving":
        here.layers[0].trainable = False
    for suffix in SUFFIXES:
        load_keras_weights(here, write(there, tmp_path / f"m{suffix}"))
        same(here, there, inputs("dense"))


class TestNames:
    """Layers are matched by the names that somebody chose, before their order counts."""

    def make(self, lib, order, prefix=""):
        layers = {name: lib.layers.Dense(4, name=prefix + name) for name in "abc"}
        return lib.Sequential([lib.Input((4,)), *(layers[name] for name in order)])

    @pytest.mark.parametrize("suffix", SUFFIXES)
    def test_chosen_names_are_stronger_than_the_order(self, tmp_path, suffix):
        there = theirs(lambda lib: self.make(lib, "abc"))
        here = self.make(mm, "cab")
        load_keras_weights(here, write(there, tmp_path / f"m{suffix}"))
        for name in "abc":
            expected = there.get_layer(name).get_weights()[0]
            np.testing.assert_array_equal(here.get_layer(name).get_weights()[0], expected)

    @pytest.mark.parametrize("suffix", SUFFIXES)
    def test_without_common_names_the_order_counts(self, tmp_path, suffix):
        there = theirs(lambda lib: self.make(lib, "abc"))
        here = self.make(mm, "abc", prefix="own_")
        load_keras_weights(here, write(there, tmp_path / f"m{suffix}"))
        same(here, there, inputs("dense"))

    @pytest.mark.parametrize("suffix", SUFFIXES)
    def test_names_that_count_on_from_model_to_model_mean_nothing(self, tmp_path, suffix):
        def make(lib):
            la = lib.layers
            return lib.Sequential([lib.Input((4,)), la.Dense(4), la.Dense(4), la.Dense(4)])

        keras.utils.clear_session()
        make(keras)
        there = theirs(make)  # its layers are dense_3, dense_4 and dense_5
        here = make(mm)
        load_keras_weights(here, write(there, tmp_path / f"m{suffix}"))
        same(here, there, inputs("dense"))
        keras.utils.clear_session()
        first, second = keras.layers.Dense(4), keras.layers.Dense(4)  # dense and dense_1
        there = theirs(lambda lib: lib.Sequential([lib.Input((4,)), second, first]))
        here = mm.Sequential([mm.Input((4,)), mm.layers.Dense(4), mm.layers.Dense(4)])
        load_keras_weights(here, write(there, tmp_path / f"n{suffix}"))
        same(here, there, inputs("dense"))

    @pytest.mark.parametrize("suffix", SUFFIXES)
    def test_by_name_takes_what_two_models_share(self, tmp_path, suffix):
        def make(lib, head):
            la = lib.layers
            inner = lib.Sequential(
                [lib.Input((4,)), la.Dense(3), la.BatchNormalization()], name="body"
            )
            return lib.Sequential([lib.Input((4,)), inner, la.Dense(head, name=f"head_of_{head}")])

        there, here = theirs(lambda lib: make(lib, 2)), make(mm, 7)
        head = here.layers[1].get_weights()
        path = write(there, tmp_path / f"m{suffix}")
        unchanged(here, path, "head_of_7.*head_of_2|shape")
        here.load_weights(path, by_name=True)
        same(here.get_layer("body"), there.get_layer("body"), inputs("dense"))
        np.testing.assert_array_equal(here.layers[1].get_weights()[0], head[0])
        here = make(mm, 2)
        here.layers[1]._name = "other"
        load_keras_weights(here, path, by_name=True)

    @pytest.mark.parametrize("suffix", SUFFIXES)
    def test_by_name_a_layer_of_another_shape_is_still_an_error(self, tmp_path, suffix):
        there = theirs(lambda lib: self.make(lib, "abc"))
        path = write(there, tmp_path / f"m{suffix}")
        here = mm.Sequential([mm.Input((4,)), mm.layers.Dense(9, name="b")])
        unchanged(
            here, path, r"'b'.* has 'kernel' of shape \(4, 9\), the file \(4, 4\)", by_name=True
        )

    def test_by_name_is_for_files_of_keras(self, tmp_path):
        here = ours(dense)
        here.save_weights(tmp_path / "m.safetensors")
        with pytest.raises(ConfigError, match="by_name=True is for files of Keras"):
            here.load_weights(tmp_path / "m.safetensors", by_name=True)

    def test_a_file_without_names_is_said_to_have_none(self, tmp_path):
        path = write(theirs(dense), tmp_path / "m.weights.h5")
        with h5py.File(path, "a") as file:
            file.visititems(lambda name, item: item.attrs.pop("name", None) and None)
        load_keras_weights(ours(dense), path)
        unchanged(ours(dense), path, "no Keras weights with the names of layers", by_name=True)


def stack(lib, *units, bias=True):
    layers = [lib.layers.Dense(n, use_bias=bias) for n in units]
    return lib.Sequential([lib.Input((4,)), *layers])


class TestMismatches:
    @pytest.mark.parametrize("suffix", SUFFIXES)
    @pytest.mark.parametrize(
        ("here", "message"),
        [
            (lambda: stack(mm, 3, 2), r"'dense_1'.* shape \(3, 2\), the file \(3, 5\) and 1 more"),
            (lambda: stack(mm, 3), "the model has no place for '.*dense.*'. Nothing was changed"),
            (lambda: stack(mm, 3, 5, 2), "the layer 'dense_2' is not in the file"),
            (lambda: stack(mm, 3, 5, bias=False), r"1 weights \(kernel\), the file 2 and 1 more"),
            (lambda: ours(dense), r"the layer 'dense' .*and 5 more"),
        ],
    )  # fmt: skip
    def test_what_does_not_fit_is_named_and_nothing_changes(self, tmp_path, suffix, here, message):
        path = write(theirs(lambda lib: stack(lib, 3, 5)), tmp_path / f"m{suffix}")
        unchanged(here(), path, message)

    @pytest.mark.parametrize("suffix", SUFFIXES)
    def test_what_fits_is_taken_if_asked_for(self, tmp_path, suffix):
        there, here = theirs(lambda lib: stack(lib, 3, 5)), stack(mm, 3, 2)
        before = here.get_weights()
        path = write(there, tmp_path / f"m{suffix}")
        with pytest.warns(UserWarning, match=r"2 things do not fit .*'kernel' of shape \(3, 2\)"):
            here.load_weights(path, skip_mismatch=True)
        for i, expected in enumerate([*there.get_weights()[:2], *before[2:]]):
            np.testing.assert_array_equal(here.get_weights()[i], expected)
        with pytest.warns(UserWarning, match="3 things|2 things|1 things"):
            stack(mm, 3, 5, 2, bias=False).load_weights(path, skip_mismatch=True)

    def test_a_model_without_weights_says_how_to_build_it(self, tmp_path):
        path = write(theirs(dense), tmp_path / "m.weights.h5")
        with pytest.raises(NotBuiltError, match="give it an Input"):
            load_keras_weights(mm.Sequential([mm.layers.Dense(2)]), path)


class TestDamagedFiles:
    @pytest.mark.parametrize("suffix", SUFFIXES)
    @pytest.mark.parametrize("keep", [0.05, 0.3, 0.6, 0.95])
    def test_a_file_that_is_cut_short_changes_nothing(self, tmp_path, suffix, keep):
        path = write(theirs(dense), tmp_path / f"m{suffix}")
        data = path.read_bytes()
        path.write_bytes(data[: int(len(data) * keep)])
        unchanged(ours(dense), path, "damaged")
        with pytest.raises(ModelFileError, match=path.name):
            ours(dense).load_weights(path)

    def test_wrong_bytes_in_an_archive_are_seen(self, tmp_path):
        path = write(theirs(dense), tmp_path / "m.keras")
        data = bytearray(path.read_bytes())
        for place in range(1000, len(data) - 1000, 1000):
            data[place] ^= 0xFF
        path.write_bytes(data)
        unchanged(ours(dense), path, "Bad CRC-32")

    @pytest.mark.parametrize(
        "content", [b"", b"garbage" * 100, b"PK\x03\x04garbage", b"\x89HDF\r\n\x1a\n"]
    )
    def test_other_files_are_said_to_be_no_weights(self, tmp_path, content):
        path = tmp_path / "m.weights.h5"
        path.write_bytes(content)
        unchanged(ours(dense), path, "no Keras weights")
        with pytest.raises(ModelFileError, match=r"m\.weights\.h5"):
            ours(dense).load_weights(path)

    def test_a_file_that_is_not_there_names_one_that_is(self, tmp_path):
        write(theirs(dense), tmp_path / "mine.weights.h5")
        unchanged(ours(dense), tmp_path / "mine.weight.h5", r"Did you mean 'mine\.weights\.h5'")
        unchanged(ours(dense), tmp_path / "no" / "m.h5", "There is no file")
        with pytest.raises(ModelFileError):
            ours(dense).load_weights(tmp_path / "mine.weight.h5")

    def test_hdf5_with_something_else_says_what_it_holds(self, tmp_path):
        path = tmp_path / "data.h5"
        with h5py.File(path, "w") as file:
            file["train_set_x"] = np.zeros(3)
        unchanged(ours(dense), path, "no Keras weights .*it holds train_set_x")

    def test_an_archive_without_weights_is_an_error(self, tmp_path):
        path = tmp_path / "m.keras"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("config.json", "{}")
        unchanged(ours(dense), path, "model.weights.h5")

    def test_an_archive_that_unpacks_to_far_more_than_its_size_is_refused(self, tmp_path):
        path = tmp_path / "m.keras"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("model.weights.h5", bytes(50 << 20))
        unchanged(ours(dense), path, "far more than its size")

    def test_arrays_that_are_huge_on_paper_are_not_made(self, tmp_path):
        path = tmp_path / "m.weights.h5"
        with h5py.File(path, "w") as file:
            file.create_dataset("layers/dense/vars/0", (10**9, 10**5), "f4", chunks=True)
            file["layers/dense/vars/1"] = np.zeros(3)
        unchanged(stack(mm, 3), path, r"the file \(1000000000, 100000\)")

    def test_arrays_in_other_files_are_not_read(self, tmp_path):
        secret = tmp_path / "secret"
        secret.write_bytes(bytes(48))
        path = tmp_path / "m.weights.h5"
        with h5py.File(path, "w") as file:
            group = file.create_group("layers/dense/vars")
            group.create_dataset("0", (4, 3), "f4", external=[(str(secret), 0, 48)])
            group["1"] = np.zeros(3)
        unchanged(stack(mm, 3), path, "is in another file")
        with h5py.File(path, "w") as file:
            file["layers/dense/vars/0"] = h5py.ExternalLink(str(tmp_path / "other.h5"), "/x")
            file["layers/dense/vars/1"] = h5py.SoftLink("/nowhere")
        unchanged(stack(mm, 3), path, "no Keras weights")
        old_file(path, [("dense", [("kernel", np.zeros((4, 3))), ("bias", np.zeros(3))])])
        with h5py.File(path, "a") as file:
            del file["dense/dense/bias:0"]
            file["dense/dense/bias:0"] = h5py.ExternalLink(str(tmp_path / "other.h5"), "/x")
        unchanged(stack(mm, 3), path, "'dense/bias:0' is listed, but missing")

    def test_groups_that_hold_themselves_end(self, tmp_path):
        path = tmp_path / "m.weights.h5"
        with h5py.File(path, "w") as file:
            file["layers/dense/vars/0"] = np.zeros((4, 3))
            file["layers/dense/vars/1"] = np.zeros(3)
            file["layers/dense/layers"] = file["layers"]
        load_keras_weights(stack(mm, 3), path)

    @pytest.mark.parametrize("value", [np.array([b"a"] * 3), np.zeros(3, [("a", "f4")])])
    def test_weights_are_numbers(self, tmp_path, value):
        path = tmp_path / "m.weights.h5"
        with h5py.File(path, "w") as file:
            file["layers/dense/vars/0"] = np.zeros((4, 3))
            file["layers/dense/vars/1"] = value
        unchanged(stack(mm, 3), path, "weights are numbers")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_bfloat16_is_read(tmp_path, suffix):
    def make(lib):
        return lib.Sequential([lib.Input((4,)), lib.layers.Dense(3, dtype="bfloat16")])

    there, here = theirs(make), ours(make)
    load_keras_weights(here, write(there, tmp_path / f"m{suffix}"))
    for mine, other in zip(here.get_weights(), there.get_weights()):
        assert mine.dtype == "bfloat16"
        np.testing.assert_array_equal(mine.astype("f4"), np.asarray(other).astype("f4"))


def test_own_files_with_a_suffix_of_keras_are_still_read(tmp_path):
    source, here = randomized(dense), ours(dense)
    source.save_weights(tmp_path / "best.safetensors")
    (tmp_path / "best.safetensors").rename(tmp_path / "best.weights.h5")
    here.load_weights(tmp_path / "best.weights.h5")
    same(here, source, inputs("dense"))


def test_a_path_or_a_text_is_taken_and_nothing_stays_open(tmp_path):
    path = write(theirs(dense), tmp_path / "m.weights.h5")
    load_keras_weights(ours(dense), str(path))
    with h5py.File(path, "a") as file:  # which HDF5 refuses while another reads it
        assert "layers" in file
