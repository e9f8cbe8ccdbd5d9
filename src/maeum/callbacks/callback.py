"""The hooks of a callback, with Keras's names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from maeum.core.checks import check_choice
from maeum.core.errors import ConfigError

Logs = dict[str, float]


class Callback:
    """Base of callbacks; override the hooks that you need.

    ``self.model`` is the model, ``self.params`` a dict with ``epochs``, ``steps`` and
    ``verbose``. A hook that is not overridden costs nothing: the steps between two calls of hooks
    run as one call of the compiled program.

    Example:
        >>> class Best(Callback):
        ...     def on_epoch_end(self, epoch, logs=None):
        ...         print(epoch, sorted(logs))
    """

    model: Any = None
    params: dict[str, Any] = {}
    # The attributes that a training which is resumed from a checkpoint gets back; see `get_state`.
    state_attributes: tuple[str, ...] = ()
    # Whether it looks at nothing but the logs of the epochs: it can then attend a training whose
    # weights are not those of a model before it ends, as that of an ensemble.
    watches: bool = False

    def set_model(self, model: Any) -> None:
        """Receive the model before the training begins."""
        self.model = model

    def set_params(self, params: dict[str, Any]) -> None:
        """Receive the facts of the run before it begins."""
        self.params = params

    def get_state(self) -> dict[str, Any]:
        """Return what a checkpoint holds of the callback: numbers, texts, arrays, lists, dicts."""
        return {name: getattr(self, name) for name in self.state_attributes}

    def set_state(self, state: dict[str, Any]) -> None:
        """Take over what `get_state` returned, after ``on_train_begin`` of a resumed training."""
        for name, value in state.items():
            setattr(self, name, value)

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Called before a training."""

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Called after a training."""

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Called before each epoch."""

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Called after each epoch and its validation."""

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Called before each batch."""
        self.on_batch_begin(batch, logs)

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Called after each batch."""
        self.on_batch_end(batch, logs)

    def on_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Called before each batch (the older name)."""

    def on_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Called after each batch (the older name)."""

    def on_test_begin(self, logs: Logs | None = None) -> None:
        """Called before an evaluation."""

    def on_test_end(self, logs: Logs | None = None) -> None:
        """Called after an evaluation."""

    def on_test_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Called before each batch of an evaluation."""

    def on_test_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Called after each batch of an evaluation."""

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        """Called before a prediction."""

    def on_predict_end(self, logs: Logs | None = None) -> None:
        """Called after a prediction."""

    def on_predict_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Called before each batch of a prediction."""

    def on_predict_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Called after each batch of a prediction."""

    def on_train_progress(self, steps: int, logs: Logs) -> None:
        """Called a few times a second, after ``steps`` steps of the epoch; for displays."""

    def on_nonfinite_loss(self, epoch: int, step: int) -> bool:
        """Called when the loss became NaN or infinite; return True to end without an error."""
        return False


class LambdaCallback(Callback):
    """A callback made of functions: ``LambdaCallback(on_epoch_end=lambda epoch, logs: ...)``.

    Args:
        on_epoch_begin, on_epoch_end: called with ``(epoch, logs)``.
        on_train_begin, on_train_end: called with ``(logs)``.
        on_train_batch_begin, on_train_batch_end: called with ``(batch, logs)``.
        hooks: any other hook of `Callback`, by its name.

    Raises:
        ConfigError: for a hook that does not exist.
    """

    def __init__(
        self,
        on_epoch_begin: Callable | None = None,
        on_epoch_end: Callable | None = None,
        on_train_begin: Callable | None = None,
        on_train_end: Callable | None = None,
        on_train_batch_begin: Callable | None = None,
        on_train_batch_end: Callable | None = None,
        **hooks: Callable | None,
    ):
        hooks |= {name: value for name, value in locals().items() if name.startswith("on_")}
        known = [name for name in vars(Callback) if name.startswith("on_")]
        self.watches = not any("batch" in name for name, hook in hooks.items() if hook is not None)
        for name, hook in hooks.items():
            check_choice(name, known, "A hook of LambdaCallback")
            if hook is not None:
                setattr(self, name, hook)


def check_save_freq(save_freq: Any) -> None:
    """Raise `ConfigError` unless it is "epoch" or a number of steps."""
    if save_freq != "epoch" and (type(save_freq) is not int or save_freq < 1):
        raise ConfigError(
            'save_freq is "epoch" or a number of steps; got {save_freq!r}.', save_freq=save_freq
        )
