"""``keras.callbacks`` as Keras 2 spells them, and TensorBoard."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from maeum import callbacks as ours
from maeum.compat.ops.ignoring import check_others
from maeum.core import event_files

__all__ = ["ModelCheckpoint", "TensorBoard"]


class ModelCheckpoint(ours.ModelCheckpoint):
    """Saves the model or its weights, under whatever name.

    Args:
        filepath: the name, with fields such as ``{epoch:02d}`` and ``{val_loss:.2f}``.
        monitor, verbose, save_best_only, save_weights_only, mode: see `maeum.callbacks`.
        period: save after every so many epochs.
    """

    def __init__(
        self, filepath: Any, monitor: str = "val_loss", verbose: int = 0,
        save_best_only: bool = False, save_weights_only: bool = False, mode: str = "auto",
        period: int = 1, **options: Any,
    ):  # fmt: skip
        suffix = ".safetensors" if save_weights_only else ".maeum"
        super().__init__(
            f"model{suffix}", monitor, verbose, save_best_only, save_weights_only, mode, **options
        )
        self.filepath, self.period = os.fspath(filepath), period

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Save, if it is time."""
        if (epoch + 1) % self.period == 0:
            former = {new.replace("accuracy", "acc"): value for new, value in (logs or {}).items()}
            super().on_epoch_end(epoch, {**former, **(logs or {})})


class TensorBoard(ours.Callback):
    """Writes what a training tells into files for TensorBoard.

    Args:
        log_dir: the folder.
        histogram_freq: write how weights are spread every so many epochs; 0 for never.
        write_graph, write_images, update_freq and the others: accepted.
    """

    def __init__(
        self, log_dir: Any = "./logs", histogram_freq: int = 0, batch_size: int = 32,
        write_graph: bool = True, write_grads: bool = False, write_images: bool = False,
        embeddings_freq: int = 0, update_freq: Any = "epoch", profile_batch: Any = 0, **others: Any,
    ):  # fmt: skip
        check_others("TensorBoard", others)
        super().__init__()
        self.log_dir, self.histogram_freq = str(log_dir), histogram_freq
        self._files: dict[str, event_files.EventFile] = {}

    def _file(self, part: str) -> event_files.EventFile:
        if part not in self._files:
            self._files[part] = event_files.EventFile(f"{self.log_dir}/{part}", ".v2")
        return self._files[part]

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Write the losses and metrics of an epoch."""
        parts: dict[str, list[bytes]] = {}
        for name, value in (logs or {}).items():
            part = "validation" if name.startswith("val_") else "train"
            tag = f"epoch_{name.removeprefix('val_')}"
            parts.setdefault(part, []).append(event_files.scalar(tag, float(value)))
        if self.histogram_freq and (epoch + 1) % self.histogram_freq == 0:
            parts.setdefault("train", []).extend(
                event_files.histogram(weight.path, np.asarray(weight))
                for weight in self.model.weights
            )
        for part, values in parts.items():
            self._file(part).add(epoch, event_files.summary(values))
            self._file(part).flush()

    def on_train_end(self, logs: Any = None) -> None:
        """Close the files."""
        for file in self._files.values():
            file.close()
        self._files.clear()
