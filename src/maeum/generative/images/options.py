"""What can be chosen for a network that makes images, and what is chosen by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from maeum.core.errors import ConfigError
from maeum.core.messages import N_
from maeum.experiment.checks import fraction, one_of, positive, several, switch, whole
from maeum.experiment.options import TrainingOptions, option
from maeum.generative.adversarial_losses import LOSSES
from maeum.images.experiment.options import LoadingOptions

NAMES = ("generate",)  # of --task
NETWORKS = ("gan", "vae")
SIDES = (28, 32, 48, 64)  # of images whose own size does not suit the networks
LARGEST = 128
_OF_GANS = ("loss", "augmentation")
_FEW = 2_000  # images to train on, below which the discriminator sees them changed
STEPS = (1_000, 4_000)  # of a training: the least and the most


@dataclass(frozen=True)
class GenerateOptions(TrainingOptions, LoadingOptions):
    """The choices of a training; None means "choose by the images".

    Those of `LoadingOptions` belong to them, too.

    Attributes:
        task: ``"generate"``.
        network: ``"gan"`` for a `maeum.generative.GAN`, ``"vae"`` for a `VAE`.
        conditional: whether the network learns of which class an image is, so that images of one
            class can be asked for.
        loss: that of a GAN, see `maeum.generative.GAN`.
        augmentation: whether the discriminator of a GAN sees all images changed at random.
        latent_size: the numbers of a latent code.
        filters: those of the convolutions, from the smallest images to the largest.
        epochs: how many; by default as many as make some thousand steps.
        minutes: stop after so many.
        patience: of a VAE, epochs without a better validation loss before it stops.
        validation_size: the fraction that is not learnt from: what is made is judged by it.
    """

    task: str = option(
        NAMES[0], N_("A network that makes more of such images: generate."), one_of(NAMES, "TASK")
    )
    network: str = option(
        "gan", N_("gan (two networks against each other), or vae (blurred, but quick)."),
        one_of(NETWORKS),
    )  # fmt: skip
    conditional: bool = option(
        False,
        N_("Learn the classes of the folders, too, so that maeum generate can ask for one."),
        switch(),
    )
    loss: str | None = option(
        None, N_("Of a gan: relativistic (by default), non_saturating, minimax, least_squares or "
                 "wasserstein."), one_of(LOSSES),
    )  # fmt: skip
    augmentation: bool | None = option(
        None,
        N_(
            "Of a gan: whether the discriminator sees all images changed at random; where they are "
            "few by default."
        ),
        switch(),
    )
    latent_size: int | None = option(None, N_("The numbers of a latent code; 64."), whole())
    filters: tuple[int, ...] | None = option(
        None,
        N_("Of the convolutions, from the smallest images to the largest, such as 64,32."),
        several(whole(), "FILTERS"),
    )
    epochs: int | None = option(None, N_("How many epochs; by the number of images."), whole())
    minutes: float | None = option(None, N_("Stop after so many minutes."), positive())
    validation_size: float = option(
        0.15,
        N_("The fraction that is not learnt from: what is made is compared with it."),
        fraction(),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.network == "vae":
            for name in _OF_GANS:
                if getattr(self, name) is not None:
                    raise ConfigError("{name} is for network='gan'; the network is 'vae'.",
                                      name=name)  # fmt: skip
        elif self.patience:
            raise ConfigError("patience is for network='vae': of a GAN, no loss says when it is "
                              "best. epochs or minutes say when it stops.")  # fmt: skip

    def resolved(self, rows: int, size: tuple[int, int], color: str) -> Self:
        """Return the options with the choices that depend on the images to train on.

        >>> options = GenerateOptions().resolved(8_500, (28, 28), "grey")
        >>> options.epochs, options.batch_size, options.augmentation
        (28, 64, False)
        """
        batch = self.batch_size or max(2, min(64, rows))
        least, most = STEPS
        steps = min(most, least + rows // 3)
        epochs = self.epochs or max(1, steps // -(-rows // batch))
        found = {"size": size, "color": color, "batch_size": batch, "epochs": epochs,
                 "latent_size": 64}  # fmt: skip
        if self.network == "vae":
            found |= {"patience": max(5, epochs // 10), "learning_rate": 0.001}
        else:
            found |= {"loss": "relativistic", "augmentation": rows < _FEW}
        return self.or_else(found)


def check_size(size: tuple[int, int], filters: tuple[int, ...] | None) -> None:
    """Raise `ConfigError` for images that the networks cannot halve (or double) often enough."""
    factor = 2 ** len(filters) if filters else 4
    if min(size) < 8 or max(size) > LARGEST or any(side % factor for side in size):
        raise ConfigError("Images of {size} pixels do not suit the network: it takes 8 to {most} "
                          "rows and columns that can be divided by {factor}. Choose another size, "
                          "such as 32 or 64.", size="x".join(map(str, size)), most=LARGEST,
                          factor=factor)  # fmt: skip


def suits(size: tuple[int, int]) -> bool:
    """Tell whether images can stay as large as they are."""
    return min(size) >= 8 and max(size) <= SIDES[-1] and not any(side % 4 for side in size)
