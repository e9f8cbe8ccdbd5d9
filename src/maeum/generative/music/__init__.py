"""Networks that make music: phrases of bars, note after note, and single notes as sound.

What is in it is imported when it is first used.
"""

from maeum.core.lazy import lazily

_NAMES = {
    "gan": ("MusicGAN",),
    "layers": ("Notes",),
    "model": ("MusicModel",),
    "options": ("ComposingOptions", "MusicOptions"),
    "synth": ("GANSynth",),
    "task": ("TrainedMusic", "train_music"),
}

__all__ = [name for names in _NAMES.values() for name in names]
__getattr__, __dir__ = lazily(
    __name__, {f"{__name__}.{file}": names for file, names in _NAMES.items()}
)
