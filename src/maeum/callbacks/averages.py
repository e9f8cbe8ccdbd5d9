"""The weights' moving averages in a model while it is evaluated."""

from __future__ import annotations

from dataclasses import dataclass

from maeum.callbacks.callback import Callback, Logs
from maeum.core.errors import ConfigError


@dataclass(eq=False)
class SwapEMAWeights(Callback):
    """Evaluate with the moving averages of the weights, which an optimizer with ``use_ema`` keeps.

    Before each evaluation, the validations of ``fit`` among them, weights and averages change
    places, and afterwards back.

    Args:
        swap_on_epoch: leave the averages in the model from the end of an epoch to the beginning of
            the next, so that callbacks behind this one, such as `ModelCheckpoint`, save them.

    Raises:
        ConfigError: (when it is called) if the optimizer keeps no averages.
    """

    swap_on_epoch: bool = False

    def __post_init__(self) -> None:
        self._swapped = False

    def _swap(self, swapped: bool) -> None:
        if self._swapped == swapped:
            return
        pairs = self.model.optimizer.averages()
        if not pairs:
            raise ConfigError(
                "SwapEMAWeights needs an optimizer that keeps moving averages: give it "
                "use_ema=True, and train the model."
            )
        for weight, average in pairs:
            value = weight.numpy()
            weight.assign(average.value)
            average.assign(value)
        self._swapped = swapped

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Bring the weights back."""
        self._swap(False)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Leave the averages in the model, if that is wanted."""
        if self.swap_on_epoch:
            self._swap(True)

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Bring the weights back; a training with averages ends with those by itself."""
        self._swap(False)

    def on_test_begin(self, logs: Logs | None = None) -> None:
        """Put the averages into the model."""
        self._swap(True)

    def on_test_end(self, logs: Logs | None = None) -> None:
        """Bring the weights back."""
        self._swap(False)

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        """Put the averages into the model."""
        self._swap(True)

    def on_predict_end(self, logs: Logs | None = None) -> None:
        """Bring the weights back."""
        self._swap(False)
