"""The synthesizer plays the pitches and times it is given; what is written is what was heard."""

import wave

import numpy as np
import pytest

from maeum.core.errors import ConfigError, DataError
from maeum.music.instruments import INSTRUMENTS, Additive, Drum, Envelope, Plucked, drum, instrument
from maeum.music.notes import Piece, Track, frequency
from maeum.music.sound import RATE, read_wav, synthesize, write_wav

PIECE = Piece([Track([(69, 480, 960, 100)], program=73)])


def peak(sound, rate=RATE, near=None):
    """Return the frequency of the greatest peak of a spectrum, to 0.05 Hz."""
    size = np.abs(np.fft.rfft(sound * np.hanning(len(sound)), 2**19))
    hertz = np.fft.rfftfreq(2**19, 1 / rate)
    if near is not None:
        size = np.where(np.abs(hertz / near - 1) < 0.06, size, 0)
    return hertz[size.argmax()]


def test_a_note_of_440_hertz_peaks_at_440():
    assert abs(peak(synthesize(PIECE)) - 440) < 0.1


@pytest.mark.parametrize("number", range(len(INSTRUMENTS)))
@pytest.mark.parametrize("pitch", [40, 57, 76])
def test_every_instrument_is_in_tune(number, pitch):
    player = instrument(8 * number)
    hertz = float(frequency(pitch))
    sound = player.note(hertz, 1.0, RATE)
    assert len(sound) == RATE + round(player.release * RATE)
    assert abs(1200 * np.log2(peak(sound, near=hertz) / hertz)) < 3  # hundredths of a semitone
    assert 0.02 < np.abs(sound).max() <= 1
    assert abs(sound.mean()) < 0.01


def test_a_sum_of_harmonics_is_that_of_sines():
    player = Additive((1.0, 0.5, 0.25), Envelope(0.0, 1.0, 1.0, 0.0), damping=2.0)
    time = np.arange(RATE) / RATE
    sines = [a * np.exp(-2.0 * n * time) * np.sin(2 * np.pi * 440 * (n + 1) * time)
             for n, a in enumerate((1.0, 0.5, 0.25))]  # fmt: skip
    np.testing.assert_allclose(player.note(440.0, 1.0, RATE), sum(sines) / 1.75, atol=1e-5)


def test_harmonics_above_half_the_rate_are_left_out():
    sound = Additive((1.0, 1.0), Envelope(0.0, 1.0, 1.0, 0.0)).note(3000.0, 1.0, 8000)
    size = np.abs(np.fft.rfft(sound))
    assert size.argmax() == 3000
    assert size[2000] < 1e-3 * size.max()  # 6,000 Hz would sound as 2,000
    assert not Plucked().note(4000.0, 0.1, 8000).any()


def test_a_plucked_string_is_the_recursion_of_its_filter():
    signal = pytest.importorskip("scipy.signal")
    hertz = 300.0
    sound = Plucked(release=0.0).ring(hertz, 0.2, RATE).astype(float)
    period = RATE / hertz
    whole = int(period - 0.5)
    rest = period - 0.5 - whole
    loss = 10 ** (-3 / hertz / 4.0 * np.sqrt(hertz / 220))
    loop = np.convolve([0.5, 0.5], [1 - rest, rest]) * loss
    burst = np.zeros(len(sound))
    poles = np.concatenate([[1], np.zeros(whole - 1), -loop])
    burst[: whole + 1] = signal.lfilter(poles, [1], sound)[: whole + 1]
    np.testing.assert_allclose(signal.lfilter([1], poles, burst), sound, atol=1e-5)


def test_notes_begin_and_end_where_they_should():
    sound = synthesize(PIECE)
    assert not sound[: RATE // 2].any()
    assert np.abs(sound[RATE // 2 + RATE // 10 :][: RATE // 2]).max() > 0.5
    assert len(sound) == 3 * RATE // 2 + round(instrument(73).release * RATE)
    assert np.abs(sound).max() == pytest.approx(0.9)
    assert sound.dtype == np.float32


def test_louder_notes_sound_louder_and_together_they_add():
    piece = Piece([Track([(60, 0, 480, 127), (60, 960, 480, 40)])])
    sound = synthesize(piece)
    first, second = (np.abs(part).max() for part in (sound[: RATE // 2], sound[RATE:]))
    assert second / first == pytest.approx((40 / 127) ** 1.5, rel=1e-3)
    chord = Piece([Track([(60, 0, 480, 80), (67, 0, 480, 80)]), Track([(60, 0, 480, 80)])])
    alone = [instrument(0).note(float(frequency(p)), 0.5, RATE) for p in (60, 67)]
    together = 2 * alone[0] + alone[1]
    np.testing.assert_allclose(
        synthesize(chord), together * 0.9 / np.abs(together).max(), atol=1e-5
    )


def test_drums_ring_out_and_every_pitch_has_one():
    for pitch in range(128):
        assert np.abs(drum(pitch).hit(8000)).max() == pytest.approx(1)
    piece = Piece([Track([(36, 0, 1, 100)], is_drum=True)])
    assert len(synthesize(piece)) == round(drum(36).fading * RATE)
    assert np.abs(Drum(0, 1, 1.0, (100, 500), 0.2).hit(RATE)[-20:]).max() < 0.01


def test_silence_and_pieces_that_are_too_long():
    assert synthesize(Piece([])).shape == (0,)
    with pytest.raises(DataError, match="minutes"):
        synthesize(Piece([Track([(60, 0, 2**30, 80)])], resolution=480))
    for rate in (0, 10, 22050.5, "x", True):
        with pytest.raises(ConfigError, match="rate"):
            synthesize(PIECE, rate)


def test_what_is_written_is_what_was_heard(tmp_path):
    sound = synthesize(PIECE)
    path = write_wav(tmp_path / "a.wav", 5 * sound)
    with wave.open(str(path)) as file:
        assert (file.getsampwidth(), file.getframerate(), file.getnchannels()) == (2, RATE, 1)
    back, rate = read_wav(path)
    assert rate == RATE
    np.testing.assert_allclose(back, sound, atol=1 / 32_000)


def test_nothing_is_clipped(tmp_path):
    sound = np.array([0.0, 0.25, -0.5])
    quiet, _ = read_wav(write_wav(tmp_path / "a.wav", sound, normalize=False))
    np.testing.assert_allclose(quiet, sound, atol=1e-4)
    loud, _ = read_wav(write_wav(tmp_path / "a.wav", 4 * sound, normalize=False))
    np.testing.assert_allclose(loud, 2 * sound, atol=1e-4)
    stereo, _ = read_wav(write_wav(tmp_path / "a.wav", np.stack([sound, 0 * sound], 1)))
    np.testing.assert_allclose(stereo, 0.9 * sound, atol=1e-4)


@pytest.mark.parametrize("bad", [[np.nan], [np.inf], 1.0, np.zeros((1, 1, 1))])
def test_what_is_no_sound_is_told(bad, tmp_path):
    with pytest.raises(DataError, match="finite numbers"):
        write_wav(tmp_path / "a.wav", bad)


def test_other_files_are_told(write):
    for content in (b"", b"RIFF", b"RIFF\x00\x00\x00\x00WAVE"):
        with pytest.raises(DataError, match="WAV"):
            read_wav(write(content, "a.wav"))


def test_without_fluidsynth_it_says_how_to_install_it(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ConfigError, match="apt install fluidsynth"):
        synthesize(PIECE, soundfont="some.sf2")


def test_fluidsynth_is_given_the_piece(monkeypatch, tmp_path):
    """A program of the same name writes a sound as long as its arguments are right."""
    program = tmp_path / "fluidsynth"
    program.write_text(
        "#!/bin/sh\n"
        '[ "$8" ] && cp "$(dirname "$0")/made.wav" "$4" && head -c 4 "$8" | grep -q MThd\n'
    )
    program.chmod(0o755)
    font = tmp_path / "some.sf2"
    font.write_bytes(b"")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    write_wav(tmp_path / "made.wav", np.array([0.0, 0.5, -0.25]))
    np.testing.assert_allclose(synthesize(PIECE, soundfont=font), [0, 0.9, -0.45], atol=1e-4)
    with pytest.raises(ConfigError, match="no SoundFont"):
        synthesize(PIECE, soundfont=tmp_path / "none.sf2")
    write_wav(tmp_path / "made.wav", np.zeros(5))
    with pytest.raises(ConfigError, match="could not play"):
        synthesize(PIECE, soundfont=font)
    (tmp_path / "made.wav").unlink()
    with pytest.raises(ConfigError, match="could not play"):
        synthesize(PIECE, soundfont=font)


@pytest.mark.parametrize("given", [{"attack": -1}, {"sustain": 2}, {"release": np.inf}])
def test_envelopes_that_there_cannot_be_are_told(given):
    with pytest.raises(ConfigError):
        Envelope(**given)
