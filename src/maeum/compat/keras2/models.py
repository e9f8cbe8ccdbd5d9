"""``keras.models`` with the methods and arguments of Keras 1 and 2."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jax
import numpy as np

import maeum
from maeum.compat.functions import Function
from maeum.compat.keras2 import optimizers
from maeum.compat.ops.ignoring import check_others
from maeum.core.former import formerly
from maeum.core.scope import current_scope
from maeum.core.symbolic import leaves
from maeum.models import Model as OurModel
from maeum.models import Sequential as OurSequential

__all__ = ["Model", "Sequential", "clone_model", "load_model", "model_from_json"]

clone_model = maeum.models.clone_model
model_from_json = maeum.models.model_from_json
_ACCURACY = {"acc": "accuracy", "val_acc": "val_accuracy"}


class History(dict):
    """The record of a training, which knows ``acc`` and ``accuracy`` as one."""

    def __missing__(self, key: str) -> Any:
        for one, other in _ACCURACY.items():
            if key in (one, other):
                wanted = other if key == one else one
                if wanted in self:
                    return self[wanted]
        raise KeyError(key)


class _Keras2:
    """What models of Keras 2 can do besides."""

    def __call__(self: Any, *args: Any, **options: Any) -> Any:
        """Apply the model; to arrays, as one program."""
        if not self.built or not _on_arrays(args):
            return super().__call__(*args, **options)  # type: ignore[misc]
        if "_whole_call" not in self.__dict__:
            object.__setattr__(self, "_whole_call", Function(super().__call__))  # type: ignore[misc]
        return self._whole_call(*args, **options)

    def compile(self: Any, optimizer: Any = "rmsprop", loss: Any = None, *args: Any,
                **options: Any) -> None:  # fmt: skip
        """Choose how it learns."""
        for name in ("sample_weight_mode", "target_tensors", "class_mode"):
            options.pop(name, None)
        super().compile(optimizers.get(optimizer), loss, *args, **options)  # type: ignore[misc]

    @formerly(nb_epoch="epochs")
    def fit(self: Any, x: Any = None, y: Any = None, *args: Any, **options: Any) -> Any:
        """Train, and return the history."""
        if options.pop("show_accuracy", None) is not None:
            pass  # metrics say what is shown
        for name in ("max_queue_size", "workers", "use_multiprocessing"):
            options.pop(name, None)
        known = {name for name, _metric in self.losses_and_metrics.logged} if (
            self.losses_and_metrics is not None) else set()  # fmt: skip
        for callback in options.get("callbacks") or ():
            monitor = getattr(callback, "monitor", None)
            if monitor in _ACCURACY and monitor.removeprefix("val_") not in known:
                callback.monitor = _ACCURACY[monitor]
        found = super().fit(x, y, *args, **options)  # type: ignore[misc]
        found.history = History(found.history)
        return found

    def predict_classes(self: Any, x: Any, batch_size: int | None = None, verbose: Any = 0) -> Any:
        """Return the class of each row: of one column whether it is above 0.5."""
        found = self.predict(x, batch_size=batch_size, verbose=verbose)
        if found.shape[-1] > 1:
            return found.argmax(-1)
        return (found > 0.5).astype("int32")

    def predict_proba(self: Any, x: Any, batch_size: int | None = None, verbose: Any = 0) -> Any:
        """Return the predictions."""
        return self.predict(x, batch_size=batch_size, verbose=verbose)

    @formerly(nb_epoch="epochs", nb_val_samples="validation_samples")
    def fit_generator(
        self: Any, generator: Any, steps_per_epoch: int | None = None, epochs: int = 1,
        verbose: Any = 1, callbacks: Any = None, validation_data: Any = None,
        validation_steps: int | None = None, class_weight: Any = None, max_queue_size: int = 10,
        workers: int = 1, use_multiprocessing: bool = False, shuffle: bool = True,
        initial_epoch: int = 0, samples_per_epoch: int | None = None,
        validation_samples: int | None = None, **others: Any,
    ) -> Any:  # fmt: skip
        """Train on the batches of a generator."""
        check_others("fit_generator", others)
        if samples_per_epoch is not None:
            rows = getattr(generator, "batch_size", None) or 32
            steps_per_epoch = -(-samples_per_epoch // rows)
        if validation_samples is not None and validation_steps is None:
            rows = getattr(validation_data, "batch_size", None) or 32
            validation_steps = -(-validation_samples // rows)
        return self.fit(
            generator, epochs=epochs, verbose=verbose, callbacks=callbacks,
            validation_data=validation_data, validation_steps=validation_steps,
            class_weight=class_weight, steps_per_epoch=steps_per_epoch, shuffle=shuffle,
            initial_epoch=initial_epoch,
        )  # fmt: skip

    def evaluate_generator(self: Any, generator: Any, steps: int | None = None,
                           *_: Any, verbose: Any = 0, **others: Any) -> Any:  # fmt: skip
        """Return the loss and the metrics on the batches of a generator."""
        check_others("evaluate_generator", others)
        return self.evaluate(generator, steps=steps, verbose=verbose)

    def predict_generator(self: Any, generator: Any, steps: int | None = None,
                          *_: Any, verbose: Any = 0, **others: Any) -> Any:  # fmt: skip
        """Return the predictions for the batches of a generator."""
        check_others("predict_generator", others)
        return self.predict(generator, steps=steps, verbose=verbose)

    # ---- files under the names that Keras 2 uses -------------------------------------------------

    def save(self: Any, filepath: Any, *args: Any, **options: Any) -> None:
        """Save the model, in Maeum's format under whatever name."""
        options.pop("save_format", None)
        with _as_ours(self):
            _written(filepath, ".maeum", lambda path: self.save(path, *args, **options))

    def to_json(self: Any, **options: Any) -> str:
        """Return the architecture as a text."""
        with _as_ours(self):
            return self.to_json(**options)

    def get_config(self: Any) -> dict[str, Any]:
        """Return what makes this model again, without its weights."""
        if type(self) not in _KINDS:
            return super().get_config()  # type: ignore[misc]
        with _as_ours(self):
            return self.get_config()

    def save_weights(self: Any, filepath: Any, *args: Any, **options: Any) -> None:
        """Save the weights, in Maeum's format under whatever name."""
        options.pop("save_format", None)
        _written(filepath, ".safetensors",
                 lambda path: super(_Keras2, self).save_weights(path, *args, **options))  # type: ignore[misc]  # fmt: skip

    def load_weights(self: Any, filepath: Any, *args: Any, **options: Any) -> None:
        """Load weights: Maeum's, under whatever name, or those of Keras."""
        with _named(filepath) as path:
            super().load_weights(path, *args, **options)  # type: ignore[misc]


def _on_arrays(args: tuple) -> bool:
    return current_scope() is None and all(
        isinstance(leaf, (jax.Array, np.ndarray)) and not isinstance(leaf, jax.core.Tracer)
        for leaf in leaves(args)
    )


def _written(path: Any, suffix: str, write: Callable[[Any], None]) -> None:
    place = Path(path)
    if place.suffix == suffix:
        write(place)
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent) as folder:
        made = Path(folder, f"model{suffix}")
        write(made)
        os.replace(made, place)


class _named:
    """A file by a name that tells its format, while it is read."""

    def __init__(self, path: Any):
        self._path, self._folder = Path(path), tempfile.TemporaryDirectory()

    def __enter__(self) -> Path:
        suffix = _format_of(self._path)
        if suffix is None or self._path.suffix == suffix:
            return self._path
        link = Path(self._folder.name, f"model{suffix}")
        try:
            link.symlink_to(self._path.resolve())
        except OSError:  # a system without links
            link.write_bytes(self._path.read_bytes())
        return link

    def __exit__(self, *error: object) -> None:
        self._folder.cleanup()


def _format_of(path: Path) -> str | None:
    """Return the suffix that a file of Maeum's should have, by its first bytes."""
    if not path.is_file() or path.suffix in (".keras",):
        return None
    with path.open("rb") as file:
        first = file.read(9)
    if first[:2] == b"PK":
        return ".maeum"
    return ".safetensors" if first[8:9] == b"{" else None


class Sequential(_Keras2, OurSequential):
    """Layers one after the other."""


class Model(_Keras2, OurModel):
    """A model of a graph of layers, or a subclass with a ``call`` of its own."""

    def __new__(cls, *args: Any, **options: Any) -> Any:
        """Take ``input`` and ``output`` for their plurals."""
        return super().__new__(cls, *args, **_plural(options))

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **_plural(options))


def _plural(options: dict) -> dict:
    for old, new in (("input", "inputs"), ("output", "outputs")):
        if old in options:
            options[new] = options.pop(old)
    return options


def load_model(
    filepath: Any, custom_objects: Any = None, compile: bool = True, **others: Any
) -> Any:
    """Return a model of a file: Maeum's, under whatever name, or one of Keras."""
    check_others("load_model", others)
    if not os.path.exists(filepath):
        raise OSError(f"{filepath}: no such file")
    with _named(filepath) as path:
        model = maeum.load_model(path, custom_objects=custom_objects, compile=compile)
    for kind, own in _KINDS.items():
        if type(model) is own:
            model.__class__ = kind
    return model


_KINDS: dict[type, type] = {Sequential: OurSequential, Model: OurModel}


@contextlib.contextmanager
def _as_ours(model: Any) -> Iterator[None]:
    """Let a model, and those inside it, be of Maeum's own classes, whose names files know."""
    changed = [(one, type(one)) for one in model.named_layers().values() if type(one) in _KINDS]
    for one, kind in changed:
        one.__class__ = _KINDS[kind]
    try:
        yield
    finally:
        for one, kind in changed:
            one.__class__ = kind
