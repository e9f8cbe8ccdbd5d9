"""Ensembles: members of one architecture that learn side by side, and answer together."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import jax
import numpy as np

from maeum.callbacks import EarlyStopping, History, TerminateOnNaN
from maeum.core import registry
from maeum.core.checks import check_whole
from maeum.core.errors import ConfigError
from maeum.core.inference import alike
from maeum.core.messages import _, ngettext
from maeum.core.randomness import at_step, make_key
from maeum.core.settings import say
from maeum.models.cloning import clone_model
from maeum.models.composed import ComposedModel
from maeum.models.member_rows import Drawing, Rows
from maeum.models.model import Model
from maeum.training.arrays import as_arrays, row_count, take_rows
from maeum.training.members import MemberHistory, fit_members
from maeum.training.options import FitOptions
from maeum.training.py_dataset import PyDataset


class EnsembleHistory(History):
    """The record of the training of an ensemble: the means of its members' curves.

    Attributes:
        members: the history of each member.
    """

    def __init__(self, members: Sequence[MemberHistory]):
        super().__init__()
        self.members = list(members)
        self.interrupted = any(one.interrupted for one in members)
        for epoch in sorted({epoch for one in members for epoch in one.epoch}):
            among = [(one, one.epoch.index(epoch)) for one in members if epoch in one.epoch]
            names = among[0][0].history
            means = {n: np.mean([o.history[n][at] for o, at in among], axis=0) for n in names}
            self.on_epoch_end(epoch, {n: float(v) if v.ndim == 0 else v for n, v in means.items()})


@registry.builtin
class Ensemble(ComposedModel):
    """Several models of one architecture, whose mean predicts: deep ensembles.

    Each member begins with weights of its own and learns from rows in an order of its own: all of
    them, a bootstrap sample of them (``bootstrap=True``), or all but one fold (``fit(folds=5)``).
    One compiled program trains them, on all cores; each ends with what it would have learnt alone.
    What the members do not agree on is told by ``predict(x, spread=True)``
    (Lakshminarayanan et al., 2017).

    Args:
        model: a model of the architecture. Its copies are the members; it stays as it is. If it is
            compiled, so is the ensemble.
        members: how many there are.
        bootstrap: whether each member learns from a sample of the rows, as many as there are, drawn
            with replacement (Breiman, 1996).
        seed: the seed that those of the members follow from.
        name: the ensemble's name.

    Attributes:
        members: the models.
        held_out: after `fit` with ``folds``, the rows that each member was validated with.

    Raises:
        ConfigError: for fewer than one member.

    Example:
        >>> import numpy as np
        >>> import maeum as mm
        >>> network = mm.Sequential([mm.Input((3,)), mm.layers.Dense(1)])
        >>> ensemble = mm.Ensemble(network, members=4, seed=1)
        >>> ensemble.compile("adam", "mse")
        >>> x = np.random.default_rng(0).normal(size=(40, 3)).astype("float32")
        >>> history = ensemble.fit(x, x.sum(1), epochs=2, verbose=0)
        >>> len(history.members), len(history.history["loss"])
        (4, 2)
        >>> mean, spread = ensemble.predict(x, spread=True)
        >>> mean.shape, spread.shape
        ((40, 1), (40, 1))
    """

    def __init__(
        self,
        model: Any,
        members: int = 10,
        *,
        bootstrap: bool = False,
        seed: int | None = None,
        name: str | None = None,
    ):
        super().__init__(name=name, seed=seed)
        if not isinstance(model, Model):
            raise ConfigError("An ensemble is made of a model; got {given!r}.", given=model)
        count = check_whole(members, "members", 1)
        key = make_key(self.seed, "members")
        seeds = [int(at_step(key, number)[1]) for number in range(count)]
        self.bootstrap = bool(bootstrap)
        self.held_out: Rows | None = None
        with alike():
            self.members = [clone_model(model, seed=one) for one in seeds]
        lead = self.members[0]
        if lead.built and lead.graph is not None:
            self._ensure_built((lead.graph.inputs,), {})
        elif lead.built:
            self.build_for(lead.first_call())
        if lead.losses_and_metrics is not None:
            again = registry.serialize({"optimizer": model.optimizer, **model.compile_arguments})
            super().compile(**registry.deserialize(again))

    def parts(self) -> list[Any]:
        """Return the members."""
        return self.members

    def call(self, x: Any, training: bool = False) -> Any:
        """Return the mean of the members' outputs."""
        outputs = [member(x, training=training) for member in self.members]
        return jax.tree.map(lambda *each: sum(each[1:], each[0]) / len(each), *outputs)

    def compile(self, *args: Any, **kwargs: Any) -> None:
        """Say how the members are trained; see `maeum.Model.compile`, whose arguments it takes."""
        super().compile(*args, **kwargs)
        again = registry.serialize({"optimizer": self.optimizer, **self.compile_arguments})
        for member in self.members:
            member.compile(**registry.deserialize(again))

    def fit(  # type: ignore[override]
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: Any = "auto",
        callbacks: Any = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool = True,
        class_weight: Any = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        validation_batch_size: int | None = None,
        *,
        folds: Any = None,
        max_seconds: float | None = None,
        backup: Any = None,
    ) -> EnsembleHistory:
        """Train all members in one program.

        Args:
            x, y: arrays or tables, of which there is one copy.
            batch_size, epochs, verbose, validation_split, validation_data, shuffle, class_weight,
                sample_weight, initial_epoch, validation_batch_size: see `maeum.Model.fit`.
            callbacks: `maeum.callbacks.EarlyStopping`, which stops each member by its own curve,
                and callbacks that look at nothing but the logs (`Callback.watches`), which get the
                means.
            folds: divide the rows into so many folds, with about the same targets in each. The
                first member is validated with the first fold and learns from the others, and so
                on; more members than folds divide the rows anew. Or for each member the numbers of
                the rows that it learns from and is validated with, as the ``split`` of
                scikit-learn's splitters yields them. See `predict_held_out`.
            max_seconds: end with the epoch in which so much time is over.
            backup: a folder, or a `maeum.training.Backup`, to go on from when the training was
                broken off.

        Returns:
            The history: the means of the curves, and in ``members`` each member's own.

        Raises:
            ConfigError: for other callbacks, or folds beside validation data.
            DataError: for fewer rows than folds, or a member whose rows are of one class.
        """
        stopping, watching = _callbacks(callbacks)
        options = FitOptions(
            x, y, batch_size, epochs, verbose, None, validation_split, validation_data, shuffle,
            class_weight, sample_weight, initial_epoch,
            validation_batch_size=validation_batch_size,
        )  # fmt: skip
        if folds is not None and (validation_split or validation_data is not None):
            raise ConfigError("folds divide the rows themselves: give no validation data beside.")
        lead = self.members[0]
        if not lead.built and options.x is not None:
            self.ensure_built_for(as_arrays(options.x, "x", lead.takes_texts))
        if lead.built and not lead.trainable_variables:
            raise ConfigError(
                "{name!r} has no trainable weights: there is nothing to learn.", name=lead.name
            )
        options.split(lead.takes_texts)
        count = row_count((as_arrays(options.x, "x", lead.takes_texts),))
        rows, self.held_out = self._drawing(folds).rows(as_arrays(options.y, "y"), count)

        def after(epoch: int, logs: list[Any]) -> None:
            each = [one for one in logs if one is not None]
            means = {n: np.mean([one[n] for one in each], axis=0) for n in each[0]}
            if options.verbose:
                shown = " - ".join(f"{n}: {v:.4f}" for n, v in means.items() if v.ndim == 0)
                say(f"Epoch {epoch + 1}/{options.epochs} - {shown}")
            for callback in watching:
                callback.on_epoch_end(epoch, means)

        for callback in watching:
            callback.set_model(self)
            callback.set_params({"epochs": options.epochs, "steps": None, "verbose": 0})
            callback.on_train_begin()
        histories = fit_members(
            self.members, options.x, options.y, sample_weight=options.sample_weight,
            class_weight=class_weight, batch_size=options.batch_size, epochs=options.epochs,
            initial_epoch=initial_epoch, validation_data=options.validation_data,
            validation_batch_size=options.validation_batch_size, rows=rows,
            validation_rows=self.held_out, shuffle=shuffle, max_seconds=max_seconds,
            on_epoch_end=after, backup=backup, callbacks=watching, **_options_of(stopping),
        )  # fmt: skip
        if stopping is not None:
            best = [one.best_epoch for one in histories if one.best_epoch is not None]
            stopping.best_epoch = round(float(np.median(best))) if best else 0
        for callback in watching:
            callback.on_train_end()
        failed = sum(history.failed for history in histories)
        if failed:
            said = ngettext(
                "The loss of {n} member became NaN or infinite; it has the weights of the epoch "
                "before. Try a smaller learning rate, or clip the gradients (clipnorm=1.0).",
                "The losses of {n} members became NaN or infinite; they have the weights of the "
                "epoch before. Try a smaller learning rate, or clip the gradients (clipnorm=1.0).",
                failed,
            )
            warnings.warn(said, stacklevel=2)
        self.history = EnsembleHistory(histories)
        return self.history

    def _drawing(self, folds: Any) -> Drawing:
        return Drawing(len(self.members), folds, self.bootstrap, self._classifies(), self.seed)

    def _classifies(self) -> bool:
        loss = str(getattr(self.compile_arguments["loss"], "name", self.compile_arguments["loss"]))
        return "crossentropy" in loss

    def predict(  # type: ignore[override]
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: Any = "auto",
        steps: int | None = None,
        callbacks: Any = None,
        *,
        spread: bool = False,
    ) -> Any:
        """Return the means of the members' outputs, in the order of the rows.

        Args:
            x, batch_size, verbose, steps, callbacks: see `maeum.Model.predict`.
            spread: whether to return ``(mean, standard deviation)``: how far the members differ.
        """
        plain = steps is None and callbacks is None and not isinstance(x, (Iterator, PyDataset))
        if not plain and not spread:
            return super().predict(x, batch_size, verbose, steps, callbacks)
        # The members share a program, which compiles several times as fast as one of all of them.
        each = self.predict_members(x, batch_size)
        mean = jax.tree.map(lambda outputs: np.mean(outputs, axis=0), each)
        if not spread:
            return mean
        return mean, jax.tree.map(lambda outputs: np.std(outputs, axis=0), each)

    def predict_members(self, x: Any, batch_size: int | None = None) -> Any:
        """Return the outputs of each member: arrays of shape ``(members, rows, ...)``."""
        outputs = [member.predict(x, batch_size) for member in self.members]
        return jax.tree.map(lambda *each: np.stack(each), *outputs)

    def predict_held_out(self, x: Any, batch_size: int | None = None) -> tuple[Any, np.ndarray]:
        """Return what members say of the rows that they were validated with, and not trained on.

        Args:
            x: what ``fit`` was given with ``folds``.
            batch_size: the rows of a step.

        Returns:
            The numbers of these rows, ``(n,)`` in ascending order, and the outputs for them: the
            mean, where several members did not learn from a row.

        Raises:
            ConfigError: if the ensemble was not trained with ``folds``.
        """
        if not self.held_out:
            raise ConfigError("No rows were held out of the training: call fit(..., folds=...).")
        x = as_arrays(x, "x", self.members[0].takes_texts)
        each = [
            member.predict(take_rows(x, rows), batch_size)
            for member, rows in zip(self.members, self.held_out)
        ]
        rows, places, times = np.unique(
            np.concatenate(self.held_out), return_inverse=True, return_counts=True
        )

        def mean(*outputs: np.ndarray) -> np.ndarray:
            every = np.concatenate(outputs)
            found = np.zeros((len(rows), *every.shape[1:]), every.dtype)
            np.add.at(found, places, every)
            return found / times.reshape(-1, *[1] * (every.ndim - 1)).astype(every.dtype)

        return rows, jax.tree.map(mean, *each)

    def summary(self, *args: Any, print_fn: Any = None, **kwargs: Any) -> None:
        """Print the layers of a member, and how many members there are.

        Args:
            args, kwargs: see `maeum.Model.summary`.
            print_fn: what is called with each of the two texts, in place of ``print``.
        """
        self.members[0].summary(*args, print_fn=print_fn, **kwargs)
        (print_fn or say)(_("The ensemble is the mean of {n} such models: {params:,} parameters",
                            n=len(self.members), params=self.count_params()))  # fmt: skip

    def get_config(self) -> dict[str, Any]:
        """Return what makes this ensemble again, without the members' weights."""
        return {
            "model": registry.serialize(self.members[0]),
            "members": len(self.members),
            "bootstrap": self.bootstrap,
            "seed": self.seed,
            "name": self.name,
        }


def _callbacks(callbacks: Any) -> tuple[EarlyStopping | None, list[Any]]:
    """Return what stops members early, and what is told of each epoch."""
    given = callbacks if isinstance(callbacks, (list, tuple)) else [callbacks]
    stopping: EarlyStopping | None = None
    told: list[Any] = []
    for callback in given:
        if callback is None or isinstance(callback, (History, TerminateOnNaN)):
            continue  # each member has a history, and ends when its loss is NaN
        if callback.watches:
            told.append(callback)
            continue
        simple = type(callback) is EarlyStopping and callback.baseline is None
        if not simple or callback.start_from_epoch or stopping:
            raise ConfigError(
                "An ensemble is trained by one program, and takes one EarlyStopping (without "
                "baseline and start_from_epoch) as a callback, and such as look at nothing but the "
                "logs of the epochs (their attribute watches is true); got {given!r}.",
                given=callback,
            )
        stopping = callback
    return stopping, told


def _options_of(stopping: EarlyStopping | None) -> dict[str, Any]:
    """Return the options of early stopping, as `fit_members` takes them."""
    if stopping is None:
        return {}
    names = ("patience", "min_delta", "monitor", "mode", "restore_best_weights")
    return {name: getattr(stopping, name) for name in names}
