"""Whatever the data come as, the training is the same; and a source may fail without harm."""

import itertools
import threading

import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest

import maeum as mm
from maeum.core.errors import ConfigError, DataError
from maeum.layers import Concatenate, Dense

ROWS, BATCH, EPOCHS = 40, 8, 3
rng = np.random.default_rng(0)
X = rng.integers(-3, 4, (ROWS, 3)).astype("float32")
Y = (X[:, 0] > X[:, 1]).astype("float32")
FIRST = [rng.normal(size=(3, 1)).astype("float32"), np.zeros(1, "float32")]


@pytest.fixture(scope="module")
def shared():
    model = mm.Sequential([mm.Input((3,)), Dense(1, activation="sigmoid")], seed=3)
    model.compile(optimizer=mm.optimizers.SGD(0.1), loss="binary_crossentropy")
    return model


@pytest.fixture
def model(shared):
    """One compiled model for all tests; each begins with the same weights and step count."""
    shared.set_weights(FIRST)
    shared.trainer.counter.assign(0)
    return shared


def trained(model, *data, **options):
    options = {"epochs": EPOCHS, "verbose": 0, "shuffle": False, **options}
    history = model.fit(*data, **options)
    return [*model.get_weights(), history.history["loss"]]


def check_same(a, b):
    for one, other in zip(a, b, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.fixture
def expected(model):
    result = trained(model, X, Y, batch_size=BATCH)
    model.set_weights(FIRST)
    model.trainer.counter.assign(0)
    return result


# ---- arrays --------------------------------------------------------------------------------------

FORMS = {
    "float64": (X.astype("float64"), Y.astype("float64")),
    "integers": (X.astype("int64"), Y.astype("int64")),
    "small integers": (X.astype("int8"), Y.astype("uint8")),
    "booleans": (X, Y.astype(bool)),
    "a column": (X, Y[:, None]),
    "objects": (X.astype(object), Y.astype(object)),
    "jax": (jnp.asarray(X), jnp.asarray(Y)),
    "lists": (X.tolist(), Y.tolist()),
    "a frame": (pd.DataFrame(X, columns=list("abc")), pd.Series(Y, name="target")),
    "a mixed frame": (
        pd.DataFrame({"a": X[:, 0].astype(int), "b": X[:, 1], "c": X[:, 2].astype("int8")}),
        pd.DataFrame({"target": Y.astype(bool)}),
    ),
    "a frame that may miss": (pd.DataFrame(X).astype("Int64"), pd.Series(Y).astype("boolean")),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_array_trains_the_same(model, expected, form):
    x, y = FORMS[form]
    check_same(trained(model, x, y, batch_size=BATCH), expected)
    np.testing.assert_array_equal(model.predict(x), model.predict(X))


class Tensor:
    """What a PyTorch tensor offers."""

    def __init__(self, array):
        self.array, self.shape, self.ndim = array, array.shape, array.ndim

    def detach(self):
        return self

    cpu = detach

    def numpy(self):
        return self.array


def batches(x=X, y=Y, size=BATCH):
    return [(x[i : i + size], y[i : i + size]) for i in range(0, len(x), size)]


class Loader:
    """What a PyTorch DataLoader offers: a list of tensors for each batch, again and again."""

    def __len__(self):
        return len(batches())

    def __iter__(self):
        return iter([[Tensor(a) for a in batch] for batch in batches()])


class Endless(Loader):
    """A loader over a stream, which does not know its length."""

    def __len__(self):
        raise TypeError("a stream has no len()")


class Sequence:
    """What a keras.utils.Sequence offers; nothing ends an iteration but its length."""

    def __init__(self):
        self.ended = 0

    def __len__(self):
        return len(batches())

    def __getitem__(self, index):
        return batches()[index % len(self)]

    def on_epoch_end(self):
        self.ended += 1


class Dataset:
    """What a tf.data.Dataset offers."""

    def __iter__(self):
        return iter(batches())


def forever():
    while True:
        yield from batches()


STREAMS = {
    "tensors": lambda: ((Tensor(X), Tensor(Y)), {"batch_size": BATCH}),
    "loader": lambda: ((Loader(),), {}),
    "loader without a length": lambda: ((Endless(),), {}),
    "sequence": lambda: ((Sequence(),), {}),
    "dataset": lambda: ((Dataset(),), {}),
    "dataset by steps": lambda: ((Dataset(),), {"steps_per_epoch": 5}),
    "endless generator": lambda: ((forever(),), {"steps_per_epoch": 5}),
    "finite generator": lambda: (
        (itertools.chain.from_iterable([batches()] * EPOCHS),), {"steps_per_epoch": 5}
    ),
}  # fmt: skip


@pytest.mark.parametrize("stream", STREAMS)
def test_every_stream_trains_like_the_arrays(model, expected, stream):
    data, options = STREAMS[stream]()
    check_same(trained(model, *data, **options), expected)


def test_streams_are_evaluated_and_predicted_like_arrays(model):
    loss, outputs = model.evaluate(X, Y, batch_size=BATCH, verbose=0), model.predict(X)
    for source in (Loader(), Sequence(), Dataset(), iter(batches())):
        assert model.evaluate(source, verbose=0) == pytest.approx(loss, rel=1e-6)
    for source in (Loader(), Sequence(), Dataset(), (x for x, _ in batches())):
        np.testing.assert_allclose(model.predict(source), outputs, rtol=1e-6)
    np.testing.assert_allclose(model.predict(forever(), steps=2), outputs[:16], rtol=1e-6)
    history = model.fit(X, Y, validation_data=Loader(), epochs=2, verbose=0).history
    assert len(history["val_loss"]) == 2
    history = model.fit(X, Y, validation_data=forever(), validation_steps=5, verbose=0).history
    assert history["val_loss"] == pytest.approx([model.evaluate(X, Y, verbose=0)], rel=1e-5)


def test_weights_may_travel_with_the_batches(model):
    w = np.linspace(0.1, 2, ROWS).astype("float32")
    expected = trained(model, X, Y, sample_weight=w, batch_size=BATCH)
    model.set_weights(FIRST)
    stream = [(x, y, weight) for (x, y), (_, weight) in zip(batches(), batches(X, w))]
    check_same(trained(model, iter(stream * EPOCHS), steps_per_epoch=5), expected)
    model.set_weights(FIRST)
    expected = trained(model, X, Y, class_weight={0: 2.0, 1: 0.5}, batch_size=BATCH)
    model.set_weights(FIRST)
    check_same(trained(model, Loader(), class_weight={0: 2.0, 1: 0.5}), expected)


def test_batches_may_vary_in_size(model):
    sizes = [3, 3, 8, 1, 8, 8, 9]
    starts = np.cumsum([0, *sizes])
    stream = [(X[a:b], Y[a:b]) for a, b in itertools.pairwise(starts)]
    losses = []
    for x, y in stream:  # the same by single steps
        losses.append(model.train_on_batch(x, y))
    expected = model.get_weights()
    model.set_weights(FIRST)
    history = model.fit(iter(stream), verbose=0).history
    check_same(model.get_weights(), expected)
    assert history["loss"][0] == pytest.approx(np.average(losses, weights=sizes), rel=1e-5)


def test_a_sequence_is_shuffled_by_the_seed_and_told_of_each_epoch(model):
    class Recording(Sequence):
        def __init__(self):
            super().__init__()
            self.asked = []

        def __getitem__(self, index):
            self.asked.append(index)
            return super().__getitem__(index)

    orders = []
    for _ in range(2):
        model.trainer.counter.assign(0)
        source = Recording()
        trained(model, source, shuffle=True)
        orders.append(source.asked[1:])  # after the look at the first batch
        assert source.ended == EPOCHS
    assert orders[0] == orders[1]
    epochs = [orders[0][i : i + 5] for i in range(0, 15, 5)]
    assert all(sorted(epoch) == list(range(5)) for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) > 1


def test_fewer_steps_go_on_through_a_stream_where_the_last_epoch_stopped(model):
    reference = trained(model, X, Y, batch_size=BATCH, steps_per_epoch=2, epochs=3)
    model.set_weights(FIRST)
    with pytest.warns(UserWarning, match="after 1 of the 2 steps"):
        check_same(trained(model, Dataset(), steps_per_epoch=2, epochs=3), reference)
    model.set_weights(FIRST)
    check_same(trained(model, Sequence(), steps_per_epoch=2, epochs=3), reference)


def test_dicts_and_lists_of_inputs_reach_the_inputs_that_they_name():
    a, b = mm.Input((2,), name="a"), mm.Input((1,), name="b")
    model = mm.Model([a, b], Dense(1, name="y")(Concatenate()([a, b])))
    model.compile(optimizer="sgd", loss="mse")
    parts = {"b": X[:, 2], "a": X[:, :2]}  # b lacks its last axis, and the order is another
    as_list = [parts["a"], parts["b"][:, None]]
    outputs = model.predict(as_list)
    np.testing.assert_array_equal(model.predict(parts), outputs)
    first = model.get_weights()
    results = []
    for x, y in ((as_list, Y), (tuple(as_list), {"y": Y}), (parts, [Y])):
        model.set_weights(first)
        results.append(trained(model, x, y))
    model.set_weights(first)
    stream = [({k: v[i : i + 32] for k, v in parts.items()}, Y[i : i + 32]) for i in (0, 32)]
    results.append(trained(model, iter(stream * EPOCHS), steps_per_epoch=2))
    for result in results[1:]:
        check_same(result, results[0])
    with pytest.raises(DataError, match=r"lacks 'b'.*a, b"):
        model.fit({"a": X[:, :2], "c": X[:, 2]}, Y, verbose=0)
    with pytest.raises(DataError, match="takes these inputs: a, b; got 1"):
        model.predict(X)


# ---- sources that end or fail --------------------------------------------------------------------


def prefetching():
    return [t for t in threading.enumerate() if t.name == "maeum-prefetch" and t.is_alive()]


def test_a_stream_that_ends_early_ends_the_training_with_a_warning(model):
    with pytest.warns(UserWarning, match="found no more batches"):
        history = model.fit(iter(batches()), epochs=4, verbose=0)
    assert history.epoch == [0]
    with pytest.warns(UserWarning, match="The data source|no more") as caught:
        history = model.fit(iter(batches()), steps_per_epoch=3, epochs=4, verbose=0)
    assert history.epoch == [0, 1]
    assert "after 2 of the 3 steps" in str(caught[0].message)
    assert "found no more batches" in str(caught[1].message)


def test_a_stream_without_any_batch_is_an_error(model):
    for empty in (iter(()), [].__iter__()):
        with pytest.raises(DataError, match="gave no batch at all"):
            model.fit(empty, verbose=0)
    with pytest.raises(DataError, match="no rows to predict"):
        model.predict(iter(()))
    with pytest.raises(DataError, match="validation_steps"):
        model.fit(X, Y, validation_data=iter(batches()), epochs=2, verbose=0)
    assert model.history.epoch == [0]


@pytest.mark.parametrize("good", [0, 3])
def test_an_error_in_a_stream_reaches_the_user_and_nothing_is_left_behind(model, good):
    class Broken(Exception):
        pass

    def breaking():
        yield from batches()[:good]
        raise Broken("the disk is gone")

    with pytest.raises(Broken, match="the disk is gone"):
        model.fit(breaking(), steps_per_epoch=5, verbose=0)
    assert not prefetching()
    assert np.isfinite(model.get_weights()[0]).all()
    assert model.fit(X, Y, verbose=0).epoch == [0]  # the model goes on


def test_a_stream_is_left_in_peace_when_the_training_stops_early(model):
    stop = mm.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: setattr(model, "stop_training", batch == 2)
    )
    history = model.fit(forever(), callbacks=[stop], verbose=0)
    assert history.epoch == [0]
    assert not prefetching()


def test_batches_that_are_none_say_so(model):
    with pytest.raises(DataError, match="a tuple of 4"):
        model.fit(iter([(X, Y, Y, Y)]), verbose=0)
    with pytest.raises(DataError, match="same number of rows"):
        model.fit(iter([(X, Y[:3])]), verbose=0)
    with pytest.raises(DataError, match="The label 3 in row 0"):
        model.fit(iter([*batches(), (X, Y + 2)]), verbose=0)
    with pytest.raises(ConfigError, match=r"yields whole batches.*cannot be given beside"):
        model.fit(Dataset(), Y, verbose=0)
    with pytest.raises(ConfigError, match="validation_split needs arrays"):
        model.fit(Dataset(), validation_split=0.5, verbose=0)
    with pytest.raises(DataError, match="need targets"):
        model.fit(iter([X]), verbose=0)


def test_a_generator_of_the_users_stays_open(model):
    source = forever()
    model.fit(source, steps_per_epoch=3, epochs=2, verbose=0)
    model.evaluate(source, steps=2, verbose=0)
    model.predict(source, steps=2)
    x, y = next(source)
    # 6 steps, 2 and 2 of 5 batches in a round: the next one is the first again.
    np.testing.assert_array_equal(x, X[:BATCH])
    assert y.shape == (BATCH,)


def test_every_validation_begins_at_the_beginning(model):
    class Marked:
        def __init__(self):
            self.begun = 0

        def __iter__(self):
            self.begun += 1
            return iter(batches())

    source = Marked()
    frozen = mm.optimizers.SGD(0.0)
    before, model.optimizer = model.optimizer, frozen
    history = model.fit(
        X, Y, validation_data=source, validation_steps=2, epochs=3, verbose=0
    ).history
    model.optimizer = before
    assert len(set(history["val_loss"])) == 1
    assert source.begun == 1 + 3  # a look at the first batch, and three validations
