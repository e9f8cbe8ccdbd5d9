"""The hooks of a callback: when they are called, with what, and what they may do."""

import numpy as np
import pytest

import maeum as mm
from maeum.callbacks import Callback, History, LambdaCallback
from maeum.core.errors import ConfigError

HOOKS = [name for name in vars(Callback) if name.startswith("on_")]
OURS_ALONE = {"on_train_progress", "on_nonfinite_loss"}


def recorder(twin, calls):
    """A callback of the twin's library that writes down every call."""

    def note(hook):
        def method(self, *arguments, logs=None):
            first = arguments[:1] if hook.endswith(("batch_begin", "batch_end")) else ()
            epoch = arguments[:1] if "epoch" in hook else ()
            logs = next((a for a in arguments if isinstance(a, dict)), logs) or {}
            calls.append((hook, *first, *epoch, tuple(sorted(logs))))

        return method

    hooks = {hook: note(hook) for hook in HOOKS if hook not in OURS_ALONE}
    return type("Recorder", (twin.callbacks.Callback,), hooks)()


def both(twins, act):
    """Let both libraries act with a recorder; return what each called."""
    results = []
    for twin in twins:
        calls = []
        act(twin, recorder(twin, calls))
        results.append(calls)
    return results


def test_fit_calls_the_hooks_of_keras_in_its_order(twins, data):
    x, y = data
    mine, theirs = both(twins, lambda twin, callback: twin.fit(
        callback, validation_data=(x[:9], y[:9]), validation_batch_size=5))  # fmt: skip
    assert mine == theirs
    assert len(mine) == 2 + 2 * (2 + 3 * 2 + 2 + 2 * 2)  # train, epochs, steps, validations


def test_evaluate_and_predict_call_the_hooks_of_keras_in_its_order(twins, data):
    x, y = data

    def act(twin, callback):
        twin.model.evaluate(x, y, batch_size=8, callbacks=[callback], verbose=0)
        twin.model.predict(x, batch_size=8, callbacks=[callback], verbose=0)
        long = np.concatenate([x, x])  # batches of 32 without being asked
        twin.model.predict(long, callbacks=[callback], verbose=0)

    mine, theirs = both(twins, act)
    assert mine == theirs
    assert sum(call[0] == "on_predict_batch_end" for call in mine) == 3 + 2


def test_the_older_batch_hooks_are_called_too(twins):
    results = []
    for twin in twins:
        calls = []

        class Old(twin.callbacks.Callback):
            def on_batch_begin(self, batch, logs=None, calls=calls):
                calls.append(("begin", batch))

            def on_batch_end(self, batch, logs=None, calls=calls):
                calls.append(("end", batch, sorted(logs)))

        twin.fit(Old(), epochs=1)
        results.append(calls)
    assert results[0] == results[1]
    assert len(results[0]) == 6


def test_batch_logs_are_the_means_so_far_as_in_keras(twins):
    seen = []
    for twin in twins:
        losses = []
        twin.fit(
            twin.callbacks.LambdaCallback(
                on_train_batch_end=lambda batch, logs, losses=losses: losses.append(logs["loss"])
            )
        )
        seen.append(losses)
    np.testing.assert_allclose(seen[0], seen[1], rtol=1e-5)


def test_callbacks_know_the_model_and_the_run(twins):
    for twin in twins:
        watcher = twin.callbacks.Callback()
        twin.fit(watcher, epochs=3)
        assert watcher.model is twin.model
        assert {k: watcher.params[k] for k in ("epochs", "steps", "verbose")} == {
            "epochs": 3, "steps": 3, "verbose": 0,
        }  # fmt: skip


@pytest.mark.parametrize(
    ("hook", "when"),
    [
        ("on_train_batch_end", 1),
        ("on_train_batch_begin", 1),
        ("on_epoch_begin", 1),
        ("on_epoch_end", 1),
        ("on_train_begin", None),
    ],
)
def test_a_hook_may_stop_the_training_as_in_keras(twins, hook, when):
    results = []
    for twin in twins:
        calls = []

        def stop(*arguments, twin=twin, **_):
            if when is None or arguments[0] == when:
                twin.model.stop_training = True

        stopper = twin.callbacks.LambdaCallback(**{hook: stop})
        history = twin.fit(stopper, recorder(twin, calls), epochs=4)
        results.append((calls, history.epoch, twin.model.get_weights()))
    (mine, epochs, weights), (theirs, expected, peers) = results
    assert mine == theirs
    assert epochs == expected
    for a, b in zip(weights, peers):
        np.testing.assert_allclose(a, b, rtol=1e-5)


def test_stopping_before_the_first_step_without_batch_hooks_takes_one_step(twins):
    results = []
    for twin in twins:

        def stop(epoch, logs, twin=twin):
            twin.model.stop_training = True

        twin.fit(twin.callbacks.LambdaCallback(on_epoch_begin=stop))
        results.append(twin.model.get_weights())
    for a, b in zip(*results):
        np.testing.assert_allclose(a, b, rtol=1e-5)


def test_what_a_callback_writes_into_the_logs_is_kept(twins):
    for twin in twins:
        added = twin.callbacks.LambdaCallback(
            on_epoch_end=lambda epoch, logs: logs.update(mine=epoch * 2.0)
        )
        history = twin.fit(added, epochs=3)
        assert history.history["mine"] == [0.0, 2.0, 4.0]
        assert twin.model.history is history


def test_a_history_of_the_users_is_the_one_returned(ours):
    record = History()
    assert ours.fit(record) is record
    assert record.epoch == [0, 1]


def test_lists_of_callbacks_and_single_ones_are_taken(ours, data):
    seen = []
    one = LambdaCallback(on_test_end=lambda logs: seen.append(1))
    for given in (one, [one], (one,), [[one], None]):
        ours.model.evaluate(*data, callbacks=given, verbose=0)
    assert seen == [1] * 4
    for wrong in ([object()], [History], "EarlyStopping"):
        with pytest.raises(ConfigError, match="callbacks is a list of callback objects; got"):
            ours.fit(*(wrong if isinstance(wrong, list) else [wrong]))


def test_a_callback_need_not_be_one_of_ours(twins):
    calls = []
    mine, theirs = twins
    mine.fit(recorder(theirs, calls))
    assert [call[0] for call in calls].count("on_train_batch_end") == 6


def test_lambda_callbacks_take_every_hook_by_name(ours, data):
    seen = []
    hooks = {hook: lambda *_, hook=hook, **__: seen.append(hook) for hook in HOOKS}
    del hooks["on_nonfinite_loss"]
    callback = LambdaCallback(**hooks)
    ours.fit(callback, validation_data=data)
    ours.model.predict(data[0], callbacks=callback)
    # The batch hooks under their newer name replace those that call the older ones.
    assert set(seen) == set(hooks) - {"on_batch_begin", "on_batch_end", "on_train_progress"}
    with pytest.raises(ConfigError, match=r"got 'on_epoch_ends'.* Did you mean 'on_epoch_end'"):
        LambdaCallback(on_epoch_ends=print)


@pytest.mark.parametrize("hook", [h for h in HOOKS if h not in OURS_ALONE])
def test_an_error_in_a_hook_reaches_the_user_and_the_model_goes_on(ours, data, hook):
    def fail(*_, **__):
        raise RuntimeError(f"in {hook}")

    if "predict" in hook:
        act = lambda *callbacks: ours.model.predict(data[0], callbacks=list(callbacks))  # noqa: E731
    else:
        act = lambda *callbacks: ours.fit(*callbacks, validation_data=data)  # noqa: E731
    with pytest.raises(RuntimeError, match=f"in {hook}"):
        act(LambdaCallback(**{hook: fail}))
    assert np.isfinite(ours.model.predict(data[0])).all()
    assert ours.fit().epoch == [0, 1]


def test_the_display_prints_a_line_for_each_epoch(ours, capsys):
    ours.fit(epochs=2, verbose=2)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" - ")[0] for line in lines] == ["Epoch 1/2", "Epoch 2/2"]
    assert "loss: " in lines[0]
    assert "accuracy: " in lines[0]
    ours.fit(epochs=1, verbose=0)
    assert capsys.readouterr().out == ""
    with pytest.raises(ConfigError, match="verbose is one of 0, 1, 2"):
        ours.fit(verbose=7)


def test_the_live_display_shows_progress_on_a_terminal(ours, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    before = ours.fit(epochs=1).history
    ours.begin()
    live = ours.fit(mm.callbacks.ProgressBar(1), epochs=1).history
    assert live == before  # looking on changes nothing
    assert "Epoch 1/1" in capsys.readouterr().out
