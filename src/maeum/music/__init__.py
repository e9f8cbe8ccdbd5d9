# ruff: noqa: F401 (what is imported for type checkers is imported when it is first used)
"""Music as numbers: MIDI files, piano rolls, tokens, sound, spectrograms, measures, pages.

What is in the room is imported when it is first used.

Example:
    >>> from maeum.music import Piece, Track, read_midi, write_midi
    >>> piece = Piece([Track([(60, 0, 480, 80), (64, 480, 480, 80)], name="piano")])
    >>> _ = write_midi(piece, "two-notes.mid")
    >>> read_midi("two-notes.mid").tracks[0].notes["pitch"].tolist()
    [60, 64]
"""

from typing import TYPE_CHECKING

from maeum.core.lazy import lazily

if TYPE_CHECKING:
    from maeum.music.events import EventVocabulary
    from maeum.music.files import Music, read_chorales, read_music
    from maeum.music.instruments import Additive, Drum, Envelope, Instrument, Plucked
    from maeum.music.measures import measure
    from maeum.music.midi import read_midi, write_midi
    from maeum.music.notes import NOTE, Piece, Tempo, TimeSignature, Track, frequency
    from maeum.music.page import piano_roll, write_page
    from maeum.music.phrases import Phrases, to_phrases
    from maeum.music.rolls import BAND, FAMILIES, Roll, from_roll, group_tracks, to_roll
    from maeum.music.sound import read_wav, synthesize, write_wav
    from maeum.music.spectrograms import from_spectrogram, to_spectrogram
    from maeum.music.timbres import DrawnNotes, drawn_notes

_NAMES = {
    "events": ("EventVocabulary",),
    "files": ("Music", "read_chorales", "read_music"),
    "instruments": ("Additive", "Drum", "Envelope", "Instrument", "Plucked"),
    "measures": ("measure",),
    "midi": ("read_midi", "write_midi"),
    "notes": ("NOTE", "Piece", "Tempo", "TimeSignature", "Track", "frequency"),
    "page": ("piano_roll", "write_page"),
    "phrases": ("Phrases", "to_phrases"),
    "rolls": ("BAND", "FAMILIES", "Roll", "from_roll", "group_tracks", "to_roll"),
    "sound": ("read_wav", "synthesize", "write_wav"),
    "spectrograms": ("from_spectrogram", "to_spectrogram"),
    "timbres": ("DrawnNotes", "drawn_notes"),
    "voices": (),
}

__all__ = [name for names in _NAMES.values() for name in names]
__getattr__, __dir__ = lazily(
    __name__, {f"{__name__}.{file}": names for file, names in _NAMES.items()}
)
