"""What can be chosen where music is learnt and made, and what is chosen by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from maeum.core.errors import ConfigError
from maeum.core.messages import N_
from maeum.experiment.checks import any_text, fraction, number, one_of, random_seed, whole
from maeum.experiment.options import Options, TrainingOptions, option
from maeum.language.options import LanguageOptions

TASKS = ("generate",)  # of --task
NETWORKS = ("gan", "lstm", "gru", "transformer")
_OF_SEQUENCES = ("layers", "heads", "dropout", "window", "transpose")  # what a GAN does not have
_SLOWEST, _FASTEST = 10, 1000  # beats per minute


@dataclass(frozen=True)
class MusicReading(Options):
    """How music is read.

    Attributes:
        steps_per_beat: the steps of a quarter note to which notes are rounded: 4, and of chorales
            in JSON 1 unless the file's name tells ``16th``.
    """

    steps_per_beat: int | None = option(
        None,
        N_("Steps of a quarter note, to which notes are rounded: 4, or as a JSON file has them."),
        whole(),
    )


@dataclass(frozen=True)
class MusicOptions(TrainingOptions):
    """The choices of a training on music; None means "choose by the data".

    Attributes:
        task: ``"generate"``.
        network: ``"gan"``, which makes whole phrases, or ``"lstm"``, ``"gru"`` or
            ``"transformer"``, which write note after note. Within minutes of training on Bach's
            chorales the music of the GAN is nearest to theirs by MuseGAN's measures.
        bars: the bars of a phrase.
        transpose: by how many semitones pieces are moved up and down, to learn from them in other
            keys, too; a GAN learns from them as they are.
        units: the units of each layer.
        layers: how many recurrent layers, or blocks of a transformer.
        heads: the attention heads of a transformer.
        dropout: the dropout rate between the layers.
        window: the tokens that gradients flow back over, or a transformer sees.
        test_size: the fraction of the pieces that is kept for the test.

    Raises:
        ConfigError: for a value that makes no sense, or one that the network does not have.
    """

    task: str = option(
        TASKS[0], N_("What is learnt: generate, to make more."), one_of(TASKS, "TASK")
    )
    network: str = option("gan", N_("gan, lstm, gru, transformer."), one_of(NETWORKS))
    bars: int = option(4, N_("The bars of a phrase."), whole())
    transpose: int | None = option(
        None, N_("Semitones by which pieces are moved up and down, to learn other keys."), whole(0)
    )
    units: int | None = option(None, N_("The units of each layer."), whole())
    layers: int | None = option(None, N_("How many layers."), whole())
    heads: int | None = option(None, N_("The attention heads of a transformer."), whole())
    dropout: float | None = option(None, N_("The dropout rate between the layers."), fraction())
    window: int | None = option(
        None, N_("How many tokens gradients flow back over, or a transformer sees."), whole(8)
    )
    test_size: float = option(0.15, N_("The fraction kept for the test."), fraction(zero=False))
    validation_size: float = option(
        0.1, N_("The fraction that decides when to stop."), fraction(zero=False)
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.test_size + self.validation_size > 0.9:
            raise ConfigError("test_size and validation_size are {sum:g} together, and leave too "
                              "little to learn from.",
                              sum=self.test_size + self.validation_size)  # fmt: skip
        if not self.sequential:
            for name in _OF_SEQUENCES:
                if getattr(self, name) is not None:
                    raise ConfigError("--{name} is for {networks}; a GAN has none.", name=name,
                                      networks=", ".join(NETWORKS[1:]))  # fmt: skip

    @property
    def sequential(self) -> bool:
        """Whether the network writes note after note."""
        return self.network != "gan"

    def resolved(self, tokens: int, phrases: int) -> Self:
        """Return the options with the choices that depend on how much there is to learn from.

        Args:
            tokens: of the pieces of the training part, each in one key.
            phrases: of the training part.

        >>> MusicOptions().resolved(0, 6400).epochs
        15
        """
        if not self.sequential:
            return self.or_else({
                "units": 96, "batch_size": 64, "learning_rate": 0.002,
                "epochs": min(300, max(10, round(STEPS * 64 / max(phrases, 1)))), "patience": 0,
            })  # fmt: skip
        attends = self.network == "transformer"
        made = self.or_else({
            "units": 128 if attends else 256,
            "layers": 3 if attends else 1,
            "window": 256 if attends else 128,
            "epochs": min(200, max(15, 5_000_000 // max(tokens, 1))),
            "heads": 4,
            "dropout": 0.2,
            "transpose": 0,
            "batch_size": 32,
            "learning_rate": 0.001 if attends else 0.003,
        })  # fmt: skip
        return made.or_else({"patience": max(3, (made.epochs or 1) // 8)})

    @property
    def of_language(self) -> LanguageOptions:
        """The same choices as those of a language model."""
        names = ("network", "units", "layers", "heads", "dropout", "window", "learning_rate",
                 "seed")  # fmt: skip
        return LanguageOptions(**{name: getattr(self, name) for name in names})


STEPS = 1500  # that a GAN learns for, about


@dataclass(frozen=True)
class ComposingOptions(Options):
    """The choices of what is made with ``maeum generate``.

    Attributes:
        bars: how long each piece is.
        count: how many pieces.
        temperature: below 1 is more usual, above 1 bolder.
        tempo: in beats per minute; that of the data by default.
        soundfont: a SoundFont that FluidSynth plays, in the place of the built-in instruments.
        out: the folder.
        seed: the same seed gives the same music; another one each time by default.
    """

    bars: int = option(8, N_("The bars of each piece."), whole())
    count: int = option(1, N_("How many to make."), whole())
    temperature: float | None = option(
        None, N_("Below 1 is safer, above 1 bolder; 0 takes the likeliest."), number("T")
    )
    tempo: float | None = option(
        None, N_("Beats per minute; those of the data by default."),
        number("BPM", least=_SLOWEST, most=_FASTEST),
    )  # fmt: skip
    soundfont: str | None = option(
        None, N_("A SoundFont (.sf2) that FluidSynth plays, where it is installed."),
        any_text("FILE"),
    )  # fmt: skip
    out: str | None = option(
        None, N_("The folder that is written; by default a new one."), any_text("FOLDER")
    )
    seed: int | None = option(
        None, N_("The same seed gives the same; by default it varies."), random_seed()
    )
