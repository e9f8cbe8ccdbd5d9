"""The networks and data that are measured, and the peers that train them.

Keras and Maeum have the same names, so one class serves both; PyTorch has the training loop that
an expert would write for data that fits in memory, with pictures channels last. All of them do the
same work: float32, the same network and optimizer, shuffled batches with the smaller last one
included, loss and accuracy of every epoch, and a validation pass where one is asked for.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

Data = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Network:
    """A stack of dense layers; ``classes=1`` ends in a sigmoid, more in a softmax."""

    inputs: int
    hidden: tuple[int, ...]
    classes: int
    batch: int
    dropout: tuple[float, ...] = ()
    normalize: bool = False
    at_once: int | None = None  # how many rows PyTorch evaluates together: all, the fastest here

    @property
    def loss(self) -> str:
        return "binary_crossentropy" if self.classes == 1 else "sparse_categorical_crossentropy"

    def data(self, rows: int, seed: int) -> Data:
        """Make rows of noise whose labels follow a hidden linear rule, not quite certainly."""
        rule = np.random.default_rng(0).normal(size=(self.inputs, self.classes))
        rng = np.random.default_rng(seed)
        x = rng.normal(size=(rows, self.inputs)).astype("float32")
        score = 3 * x @ rule / math.sqrt(self.inputs) + rng.logistic(size=(rows, self.classes))
        if self.classes == 1:
            return x, (score > 0).astype("float32")
        return x, score.argmax(1).astype("int32")

    def model(self, api: Any) -> Any:
        """Build the network with Keras or Maeum."""
        layers = importlib.import_module(f"{api.__name__}.layers")
        stack = [api.Input((self.inputs,))]
        for i, units in enumerate(self.hidden):
            stack.append(layers.Dense(units, activation="relu"))
            if self.normalize:
                stack.append(layers.BatchNormalization())
            if self.dropout:
                stack.append(layers.Dropout(self.dropout[i]))
        last = "sigmoid" if self.classes == 1 else "softmax"
        stack.append(layers.Dense(self.classes, activation=last))
        return api.Sequential(stack)

    def module(self) -> Any:
        """Build the network with PyTorch, up to the logits."""
        from torch import nn

        layers, width = [], self.inputs
        for i, units in enumerate(self.hidden):
            layers += [nn.Linear(width, units), nn.ReLU()]
            if self.normalize:
                layers.append(nn.BatchNorm1d(units, eps=1e-3, momentum=0.01))
            if self.dropout:
                layers.append(nn.Dropout(self.dropout[i]))
            width = units
        return nn.Sequential(*layers, nn.Linear(width, self.classes))


CHURN = Network(inputs=30, hidden=(128, 64, 32), dropout=(0.3, 0.5, 0.2), classes=1, batch=10)
CHURN_ROWS, CHURN_VALIDATION_ROWS = 4930, 2113
WIDE = Network(inputs=784, hidden=(512, 512), classes=10, batch=128)
WIDE_NORMALIZED = Network(inputs=784, hidden=(512, 512), classes=10, batch=128, normalize=True)


def churn_data() -> tuple[Data, Data]:
    """Return training and validation rows of the size of the course's churn table."""
    return CHURN.data(CHURN_ROWS, seed=1), CHURN.data(CHURN_VALIDATION_ROWS, seed=2)


class KerasLike:
    """Keras on one of its backends, or Maeum: the same calls."""

    def __init__(self, network: Any, module: str, **compile_options: Any):
        self.api = importlib.import_module(module)
        self.network = network
        self.model = network.model(self.api)
        self.model.compile("adam", network.loss, metrics=["accuracy"], **compile_options)

    def fit(
        self,
        data: Data,
        validation: Data | None = None,
        epochs: int = 1,
        on_batch: Callable[[float], None] | None = None,
        early_stopping: bool = False,
    ) -> dict[str, float]:
        """Train and return the values of the last epoch."""
        callbacks = []
        if on_batch or early_stopping:
            module = importlib.import_module(f"{self.api.__name__}.callbacks")
            if on_batch:
                hook = module.LambdaCallback(
                    on_train_batch_end=lambda batch, logs: on_batch(float(logs["loss"]))
                )
                callbacks.append(hook)
            if early_stopping:
                callbacks.append(module.EarlyStopping("val_loss", patience=1000))
        history = self.model.fit(
            *data,
            batch_size=self.network.batch,
            epochs=epochs,
            validation_data=validation,
            callbacks=callbacks,
            verbose=0,
        )
        return {name: float(values[-1]) for name, values in history.history.items()}

    def predict(self, x: np.ndarray, batch_size: int = 32) -> np.ndarray:
        return self.model.predict(x, batch_size=batch_size, verbose=0)

    def fastest_predict(self) -> Callable[[np.ndarray], np.ndarray]:
        """Return the fastest way from a NumPy row to NumPy predictions that the API offers."""
        if self.api.__name__ == "maeum":
            import jax

            from maeum.core import functional

            values = functional.values(self.model)
            apply = jax.jit(lambda values, x: functional.apply(self.model, values, x)[0])
            return lambda x: np.asarray(apply(values, x))
        if self.api.backend.backend() == "tensorflow":
            import tensorflow as tf

            graph = tf.function(lambda x: self.model(x, training=False))
            return lambda x: graph(tf.constant(x)).numpy()
        import jax

        # Copies, because Keras donates the variables' own buffers in `predict`.
        fixed = [v.value.copy() for v in self.model.trainable_variables]
        other = [v.value.copy() for v in self.model.non_trainable_variables]
        apply = jax.jit(lambda *values: self.model.stateless_call(*values, training=False)[0])
        return lambda x: np.asarray(apply(fixed, other, x))


class Torch:
    """PyTorch, eager: tensors in memory, one gather to shuffle an epoch, the fused Adam."""

    def __init__(self, network: Any, channels_last: bool = True):
        import torch

        self.torch, self.network = torch, network
        nn = torch.nn
        self.model = network.module()
        for layer in self.model.modules():
            if isinstance(layer, (nn.Linear, nn.Conv2d)):
                nn.init.xavier_uniform_(layer.weight)
                if layer.bias is not None:
                    nn.init.zeros_(layer.bias)
        self.channels_last = channels_last
        if channels_last:
            self.model = self.model.to(memory_format=torch.channels_last)
        self.loss = nn.BCEWithLogitsLoss() if network.classes == 1 else nn.CrossEntropyLoss()
        self.optimizer = torch.optim.Adam(self.model.parameters(), eps=1e-7, fused=True)

    def fit(
        self,
        data: Data,
        validation: Data | None = None,
        epochs: int = 1,
        on_batch: Callable[[float], None] | None = None,
        early_stopping: bool = False,
    ) -> dict[str, float]:
        """Train and return the values of the last epoch."""
        x, y = self.tensors(data)
        held_out = validation and self.tensors(validation)
        best, waited, values = math.inf, 0, {}
        for _ in range(epochs):
            values = self.epoch(x, y, on_batch)
            if held_out:
                values |= self.evaluate(*held_out)
            if early_stopping:
                better = values["val_loss"] < best
                best, waited = (values["val_loss"], 0) if better else (best, waited + 1)
                if waited >= 1000:
                    break
        return values

    def epoch(self, x: Any, y: Any, on_batch: Callable[[float], None] | None) -> dict[str, float]:
        order = self.torch.randperm(len(x))
        x, y = x[order], y[order]
        size = self.network.batch
        return self.train(zip(x.split(size), y.split(size)), on_batch)

    def train(
        self, batches: Iterable[tuple[Any, Any]], on_batch: Callable[[float], None] | None = None
    ) -> dict[str, float]:
        """Take a step for each batch and return the values of all."""
        outputs, labels = [], []
        self.model.train()
        for xb, yb in batches:
            output = self.output(xb)
            loss = self.loss(output, yb)
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            outputs.append(output.detach())
            labels.append(yb)
            if on_batch:
                on_batch(float(loss))
        return self.values(self.torch.cat(outputs), self.torch.cat(labels))

    def evaluate(self, x: Any, y: Any) -> dict[str, float]:
        self.model.eval()
        parts = x.split(self.network.at_once or len(x))
        with self.torch.inference_mode():
            values = self.values(self.torch.cat([self.output(part) for part in parts]), y)
        return {f"val_{name}": value for name, value in values.items()}

    def output(self, x: Any) -> Any:
        """Return the logits; pictures (rows, height, width, channels) become what PyTorch takes."""
        if x.ndim == 4:
            x = x.permute(0, 3, 1, 2)  # a view: these are channels last already
            x = x if self.channels_last else x.clone(memory_format=self.torch.contiguous_format)
        return self.model(x)

    def values(self, output: Any, y: Any) -> dict[str, float]:
        said = (output > 0) == (y > 0.5) if self.network.classes == 1 else output.argmax(1) == y
        return {"loss": float(self.loss(output, y)), "accuracy": float(said.float().mean())}

    def tensors(self, data: Data) -> tuple[Any, Any]:
        x, y = (self.torch.from_numpy(part) for part in data)
        return x, y.long() if y.dtype == self.torch.int32 else y

    def predict(self, x: np.ndarray, batch_size: int = 32) -> np.ndarray:
        call = self.fastest_predict()
        if len(x) <= batch_size:
            return call(x)
        starts = range(0, len(x), batch_size)
        return np.concatenate([call(x[start : start + batch_size]) for start in starts])

    def fastest_predict(self) -> Callable[[np.ndarray], np.ndarray]:
        torch = self.torch
        last = torch.sigmoid if self.network.classes == 1 else torch.nn.Softmax(1)
        self.model.eval()

        def call(x: np.ndarray) -> np.ndarray:
            with torch.inference_mode():
                return last(self.output(torch.from_numpy(x))).numpy()

        return call


def make(peer: str, network: Any) -> KerasLike | Torch:
    """Build and compile the network with the peer of that name; this imports the peer.

    The network is a `Network` or a `pictures.Pictures`.
    """
    if peer.startswith("torch"):
        return Torch(network, channels_last=peer == "torch")
    if peer.startswith("maeum"):
        return KerasLike(network, "maeum")
    tuned = {"steps_per_execution": 50} if peer.endswith("tuned") else {}
    return KerasLike(network, "keras", **tuned)
