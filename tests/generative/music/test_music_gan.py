"""A GAN of phrases: notes that sound or do not, what its codes change, what it keeps."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import expit, softmax

import maeum as mm
from maeum.core.errors import ConfigError, ShapeError
from maeum.generative.music import MusicGAN, Notes

SHAPE = 2, 4, 12, 2  # bars, steps, pitches, tracks


@pytest.fixture(scope="module")
def model():
    return MusicGAN.of_phrases(SHAPE, [True, False], 2, code_size=3, units=8, seed=1, r1=0.0)


def test_a_voice_has_its_greatest_number_and_other_tracks_all_above_0():
    numbers = np.random.default_rng(0).normal(size=(5, 2, 3, 7)).astype(np.float32)
    made = np.asarray(Notes([True, False])(numbers))
    assert made.shape == (5, 3, 6, 2)
    for row, step in np.ndindex(5, 3):
        best = numbers[row, 0, step].argmax()  # the last one is silence
        assert made[row, step, :, 0].tolist() == [float(n == best) for n in range(6)]
        np.testing.assert_array_equal(made[row, step, :, 1], numbers[row, 1, step, :6] > 0)


def test_the_slopes_of_notes_are_those_of_probabilities():
    rng = np.random.default_rng(1)
    numbers = rng.normal(size=(1, 2, 1, 4)).astype(np.float32)
    weights = rng.normal(size=(1, 1, 3, 2)).astype(np.float32)
    layer = Notes([True, False])
    slopes = jax.grad(lambda x: jnp.sum(layer(x) * weights))(numbers)
    voice, track = numbers[0, :, 0].astype(float)
    p, w = softmax(voice), np.append(weights[0, 0, :, 0], 0)
    q = expit(track)
    np.testing.assert_allclose(slopes[0, 0, 0], p * (w - p @ w), rtol=1e-4, atol=1e-6)
    wanted = q * (1 - q) * np.append(weights[0, 0, :, 1], 0)
    np.testing.assert_allclose(slopes[0, 1, 0], wanted, rtol=1e-4, atol=1e-6)


def test_other_numbers_of_tracks_are_refused():
    with pytest.raises(ShapeError, match="2 tracks"):
        Notes([True, False])(np.zeros((1, 3, 4, 5), np.float32))
    with pytest.raises(ConfigError, match="each of the 2 tracks"):
        MusicGAN.of_phrases(SHAPE, [True], 2)
    with pytest.raises(ConfigError, match="multiple of steps_per_beat=3"):
        MusicGAN.of_phrases(SHAPE, False, 3)


def test_each_part_of_a_code_changes_what_it_should(model):
    """The numbers before they become notes depend on the codes that are their own, or shared."""
    generator = model.generator
    numbers = mm.Model(generator.inputs, generator.layers[-1].input)
    parts = np.array(model.draw_codes(1, seed=2)).reshape(
        3, 2, 3
    )  # shared and of two tracks; constant and changing; size

    def changed(owner, kind):
        other = parts.copy()
        other[owner, kind] += 1
        found = [np.asarray(numbers(each.reshape(1, -1))) for each in (parts, other)]
        return np.abs(found[0] - found[1]).max((0, 3, 4)) > 1e-6  # (bars, tracks)

    for kind in (0, 1):
        assert changed(0, kind).all()  # shared: both tracks
        assert changed(1, kind).tolist() == [[True, False]] * 2
        assert changed(2, kind).tolist() == [[False, True]] * 2
    # Without the codes that change, all bars are made from the same; the temporal generators
    # still have biases, which are 0 before any training.
    parts[:, 1] = 0
    bars = np.asarray(numbers(parts.reshape(1, -1)))
    np.testing.assert_allclose(bars[:, 0], bars[:, 1], atol=1e-6)


def test_it_learns_in_one_program_and_is_saved(model, tmp_path):
    phrases = np.random.default_rng(0).random((12, *SHAPE)) < 0.2
    model.compile()
    history = model.fit(phrases, batch_size=4, epochs=1, verbose=0).history
    assert np.isfinite(history["generator_loss"]).all()
    made = model.longer(2, phrases=2, seed=3)
    assert (made.dtype, made.shape) == (bool, (2, 4, *SHAPE[1:]))
    assert made[..., 0].sum(3).max() <= 1  # a voice
    model.save(tmp_path / "gan.maeum")
    again = mm.load_model(tmp_path / "gan.maeum")
    np.testing.assert_array_equal(again.longer(2, phrases=2, seed=3), made)


def test_phrases_of_a_piece_share_the_codes_that_stay(model, monkeypatch):
    seen = []
    monkeypatch.setattr(model, "decode", lambda codes: seen.append(codes) or np.zeros((6, *SHAPE)))
    model.longer(2, phrases=3, seed=1, temperature=0.5)
    codes = seen[0].reshape(2, 3, 3, 2, 3)
    assert (codes[:, :, :, 0] == codes[:, :1, :, 0]).all()
    assert (codes[:, 0, :, 1] != codes[:, 1, :, 1]).all()
    drawn = 0.5 * model.draw_codes(6, seed=1).reshape(codes.shape)
    np.testing.assert_allclose(codes[:, :, :, 1], drawn[:, :, :, 1])
