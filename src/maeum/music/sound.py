"""From a piece to sound: the built-in synthesizer, WAV files, and SoundFonts through FluidSynth."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import wave
from pathlib import Path
from typing import Any

import numpy as np

from maeum.core.errors import ConfigError, DataError
from maeum.core.files import writing
from maeum.music.instruments import Instrument, check_rate, drum, instrument
from maeum.music.midi import write_midi
from maeum.music.notes import Piece, frequency

RATE = 22_050  # samples a second
PEAK = 0.9  # of what is written, where 1 is the most that fits
MOST_SAMPLES = 2**27  # 512 MB of float32; 100 minutes at the usual rate
_STRONGEST = 127


def synthesize(
    piece: Piece, rate: int = RATE, soundfont: str | os.PathLike[str] | None = None
) -> np.ndarray:
    """Return the sound of a piece.

    The built-in instruments are a few for the sixteen families of General MIDI: harmonics under an
    envelope, plucked strings for guitars and basses, falling tones and noise for drums
    (`maeum.music.instruments`). Drums ring out, however short their notes are.

    Args:
        piece: the piece.
        rate: samples a second.
        soundfont: a SoundFont (``.sf2``), which FluidSynth plays instead, where it is installed.

    Returns:
        ``(samples,)`` of float32, mono, the greatest 0.9 in size; zeros if there are no notes.

    Raises:
        DataError: if the piece lasts more than 100 minutes (with the usual rate).
        ConfigError: if there is no such SoundFont, FluidSynth is not installed, or it fails.

    Example:
        >>> from maeum.music.notes import Track
        >>> synthesize(Piece([Track([(69, 0, 480, 80)])])).shape
        (14333,)
    """
    rate = check_rate(rate)
    if piece.duration * rate > MOST_SAMPLES:
        raise DataError("The piece lasts {minutes:,.0f} minutes; {most:,.0f} at most are "
                        "synthesized with rate={rate:,}.", minutes=piece.duration / 60,
                        most=MOST_SAMPLES / rate / 60, rate=rate)  # fmt: skip
    if soundfont is not None:
        return _fluidsynth(piece, rate, Path(soundfont))
    tail = 3 * rate  # room for what rings on
    mixed = np.zeros(round(piece.duration * rate) + tail, np.float32)
    parts: dict[Instrument | None, list[np.ndarray]] = {}
    for track in piece.tracks:
        player = None if track.is_drum else instrument(track.program)
        parts.setdefault(player, []).append(track.notes)
    end = max((_play(player, np.concatenate(notes), piece, rate, mixed)
               for player, notes in parts.items()), default=0)  # fmt: skip
    peak = float(np.abs(mixed).max(initial=0))
    return mixed[:end] * np.float32(PEAK / peak) if peak else mixed[:end]


def _play(
    player: Instrument | None, notes: np.ndarray, piece: Piece, rate: int, mixed: np.ndarray
) -> int:
    """Add the notes of an instrument, or of drums, to the sound; return where they end.

    The notes of a pitch are the beginnings of one long note, so it is computed once.
    """
    starts = np.round(piece.seconds(notes["start"]) * rate).astype(int)
    ends = np.round(piece.seconds(notes["start"] + notes["duration"]) * rate).astype(int)
    lengths = np.maximum(ends - starts, 1)
    loudness = (notes["velocity"] / _STRONGEST) ** 1.5
    last = 0
    for pitch in np.unique(notes["pitch"]).tolist():
        rows = np.flatnonzero(notes["pitch"] == pitch)
        if player is None:
            ringing = drum(pitch).hit(rate)
        else:
            longest = int(lengths[rows].max()) + round(player.release * rate)
            ringing = player.ring(float(frequency(pitch)), longest / rate, rate)
        for row in rows.tolist():
            sound = player.ended(ringing, int(lengths[row]), rate) if player else ringing
            begin = int(starts[row])
            room = mixed[begin : begin + len(sound)]
            room += np.float32(loudness[row]) * sound[: len(room)]
            last = max(last, begin + len(room))
    return last


def _fluidsynth(piece: Piece, rate: int, soundfont: Path) -> np.ndarray:
    program = shutil.which("fluidsynth")
    if program is None:
        raise ConfigError("A SoundFont is played by FluidSynth, which is not installed. Install "
                          "it (Debian, Ubuntu: apt install fluidsynth; macOS: brew install "
                          "fluid-synth; Windows: choco install fluidsynth), or leave out "
                          "soundfont= for the built-in instruments.")  # fmt: skip
    if not soundfont.is_file():
        raise ConfigError("There is no SoundFont {path!r}.", path=str(soundfont))
    with tempfile.TemporaryDirectory() as folder:
        midi, wav = Path(folder, "piece.mid"), Path(folder, "piece.wav")
        write_midi(piece, midi)
        command = [program, "-ni", "-q", "-F", str(wav), "-r", str(rate), str(soundfont), str(midi)]
        done = subprocess.run(command, capture_output=True, check=False)
        audio = np.zeros(0, np.float32)
        if not done.returncode and wav.is_file():
            audio, _rate = read_wav(wav)
        if piece.count and not audio.any():  # it plays silence where it cannot read the SoundFont
            said = done.stderr.decode(errors="replace").strip()[-300:]
            raise ConfigError("FluidSynth could not play {path!r}: {said}", path=str(soundfont),
                              said=said)  # fmt: skip
    peak = np.abs(audio).max(initial=0)
    return audio * np.float32(PEAK / peak) if peak else audio


def write_wav(
    path: str | os.PathLike[str], audio: Any, rate: int = RATE, normalize: bool = True
) -> Path:
    """Write sound as a WAV file of 16 bits; one that was there stays whole until then.

    Args:
        path: the file, ``.wav``.
        audio: ``(samples,)`` or ``(samples, channels)``.
        rate: samples a second.
        normalize: whether the greatest sample becomes 0.9 of what fits. If not, what is beyond 1 is
            still made smaller, all of it, so that nothing is clipped.

    Returns:
        The path that was written.

    Raises:
        DataError: for NaN or infinity, or arrays of another shape.
        SaveError: if it cannot be written.

    Example:
        >>> write_wav("silence.wav", np.zeros(100)).name
        'silence.wav'
    """
    rate = check_rate(rate)
    sound = np.asarray(audio, np.float64)
    if sound.ndim not in (1, 2) or not np.isfinite(sound).all():
        raise DataError("Sound is an array (samples,) or (samples, channels) of finite numbers; "
                        "got shape {shape}.", shape=sound.shape)  # fmt: skip
    peak = float(np.abs(sound).max(initial=0))
    if peak and (normalize or peak > 1):
        sound = sound * ((PEAK if normalize else 1.0) / peak)
    whole = np.round(sound * 32_767).astype("<i2")
    with writing(path) as out, wave.open(out, "wb") as file:
        file.setnchannels(sound.shape[1] if sound.ndim == 2 else 1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(whole.tobytes())
    return Path(path)


def read_wav(path: str | os.PathLike[str]) -> tuple[np.ndarray, int]:
    """Return the sound of a WAV file of 16 bits, ``(samples,)`` of float32 in mono, and its rate.

    Raises:
        DataError: if it is something else or cannot be read.
    """
    try:
        with wave.open(os.fspath(path), "rb") as file:
            if file.getsampwidth() != 2:
                raise wave.Error(f"{8 * file.getsampwidth()} bits")
            whole = np.frombuffer(file.readframes(file.getnframes()), "<i2")
            channels, rate = file.getnchannels(), file.getframerate()
    except (OSError, EOFError, wave.Error) as error:
        raise DataError("{path!r} is not a WAV file of 16 bits that can be read ({reason}).",
                        path=str(path), reason=error) from None  # fmt: skip
    sound = whole[: len(whole) // channels * channels].reshape(-1, channels) / np.float32(32_767)
    return sound.mean(1, dtype=np.float32), rate
