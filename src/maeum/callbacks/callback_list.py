"""Several callbacks called as one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from maeum.callbacks.callback import Callback
from maeum.callbacks.history import History
from maeum.callbacks.progress import ProgressBar

_HOOKS = {
    "train": ("on_train_batch_begin", "on_train_batch_end", "on_batch_begin", "on_batch_end"),
    "test": ("on_test_batch_begin", "on_test_batch_end"),
    "predict": ("on_predict_batch_begin", "on_predict_batch_end"),
    "progress": ("on_train_progress",),
}


class CallbackList:
    """Several callbacks called as one, in their order.

    Args:
        callbacks: the callbacks, or one.
        add_history: add a `History`, unless there is one; the model shows it as ``history``.
        add_progbar: add a `ProgressBar`, unless there is one.
        model: what they are given as their ``model``.
        **params: what they are given as their ``params``: ``epochs``, ``steps``, ``verbose``.

    Every hook of a `Callback` is a method here.

    >>> called = CallbackList([History()], epochs=1)
    >>> called.on_epoch_end(0, {"loss": 0.5})
    >>> called.callbacks[0].history
    {'loss': [0.5]}
    """

    def __init__(
        self,
        callbacks: Iterable[Any] | Any = None,
        add_history: bool = False,
        add_progbar: bool = False,
        model: Any = None,
        **params: Any,
    ):
        if callbacks is None:
            callbacks = ()
        self.callbacks = list(callbacks) if isinstance(callbacks, Iterable) else [callbacks]
        history = self._added(History, add_history)
        self._added(ProgressBar, add_progbar)
        self.set_model(model)
        self.set_params(params)
        if model is not None and add_history:
            model.history = history

    def _added(self, kind: Any, wanted: bool) -> Any:
        """Return the first callback of a kind; add one if it is wanted."""
        if not (self.callbacks or wanted):
            return None
        if wanted and not any(isinstance(callback, kind) for callback in self.callbacks):
            self.callbacks.append(kind())
        return next((callback for callback in self.callbacks if isinstance(callback, kind)), None)

    def append(self, callback: Any) -> None:
        """Add a callback."""
        self.callbacks.append(callback)

    def set_model(self, model: Any) -> None:
        """Give every callback its model."""
        self.model = model
        for callback in self.callbacks if model is not None else ():
            callback.set_model(model)

    def set_params(self, params: dict[str, Any]) -> None:
        """Give every callback the facts of the run."""
        self.params = params
        for callback in self.callbacks if params else ():
            callback.set_params(params)

    def call(self, hook: str, *args: Any) -> list[Any]:
        """Call a hook of every callback; return what they say.

        A callback need not be one of ours; it may lack the hooks that Keras does not have.
        """
        if not self.callbacks:
            return []
        hooks = [getattr(callback, hook, None) for callback in self.callbacks]
        return [found(*args) for found in hooks if found is not None]

    def __getattr__(self, name: str) -> Callable[..., None]:
        if not name.startswith("on_") or not hasattr(Callback, name):
            raise AttributeError(name, name=name, obj=self)

        def hook(*args: Any, **kwargs: Any) -> None:
            for callback in self.callbacks:
                found = getattr(callback, name, None)
                if found is not None:
                    found(*args, **kwargs)

        return hook

    def wants(self, what: str) -> bool:
        """Tell whether any callback is called for each batch of "train", "test" or "predict".

        Or, if ``what`` is "progress", whether any shows progress within an epoch.
        """
        return any(_overrides(c, hook) for c in self.callbacks for hook in _HOOKS[what])


def _overrides(callback: Any, hook: str) -> bool:
    own = getattr(getattr(callback, hook, None), "__func__", getattr(callback, hook, None))
    return own is not None and own is not getattr(Callback, hook)
