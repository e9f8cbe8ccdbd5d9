"""Measures beside the data's own, notes by frequency, and copies in other keys."""

import numpy as np
import pytest

from maeum.generative.music.judging import (
    by_frequency,
    copies,
    distances,
    measure_error,
    measures,
    moved_by,
    phrases_of,
)
from maeum.generative.music.layout import Layout
from maeum.music import Piece, Track, measure

LAYOUT = Layout(("a", "b"), (0, 0), (False, False), (True, False), False, 60, 71, 1)


def phrases(count, seed=0, density=0.2):
    return np.random.default_rng(seed).random((count, 2, 4, 12, 2)) < density


def test_measures_are_means_over_phrases_and_tracks():
    given = phrases(3)
    found = measures(given, LAYOUT)
    each = [measure(one, 1, 60) for one in given]
    polyphony = np.mean([m["polyphony"].mean() for m in each])
    assert found["polyphony"] == pytest.approx(polyphony)
    tonal = np.mean([m["tonal_distance"][0, 1] for m in each])
    assert found["tonal_distance"] == pytest.approx(tonal)


def test_what_nothing_has_is_no_measure():
    one = Layout(("a",), (0,), (False,), (True,), False, 60, 71, 1)
    assert "tonal_distance" not in measures(phrases(2)[..., :1], one)
    drums = Layout(("d",), (0,), (True,), (False,), False, 60, 71, 1)
    assert set(measures(phrases(2)[..., :1], drums)) == {"empty_bars", "drum_pattern"}
    assert measure_error({}, {"polyphony": 0.5}) is None


def test_distances_are_fractions_of_the_data_and_at_most_1():
    found = distances({"a": 3.0, "b": 0.02, "c": 9.0}, {"a": 4.0, "b": 0.0, "c": 1.0, "d": 1.0})
    assert found == {"a": 0.25, "b": 0.4, "c": 1.0}


def test_notes_by_frequency_have_the_frequencies():
    given = phrases(40, density=0.07)
    drawn = by_frequency(given, [True, False], 500, seed=0)
    assert drawn[..., 0].sum(3).max() == 1
    wanted = given.mean((0, 1, 2))
    np.testing.assert_allclose(drawn.mean((0, 1, 2)), wanted, atol=0.02)


def test_a_copy_is_found_in_another_key():
    train = phrases(5, seed=1)
    train[:, :, :, :2] = train[:, :, :, -2:] = False  # room to be moved
    made = moved_by(train[3:4], 2, [False, False])
    found = copies(made, train, phrases(4, seed=2), [False, False])
    assert (found.nearest.tolist(), found.moved.tolist()) == ([3], [2])
    assert found.overlap.tolist() == [1.0]
    np.testing.assert_array_equal(moved_by(train[found.nearest], 2, [False, False]), made)
    assert (found.usual < 0.6).all()


def test_overlap_is_that_of_sets():
    a, b = phrases(1, seed=3), phrases(1, seed=4)
    best = 0.0
    for semitones in range(-6, 6):
        moved = moved_by(a, semitones, [False, False])
        if moved.sum() == a.sum():
            best = max(best, (moved & b).sum() / (moved | b).sum())
    assert copies(a, b, b[:0], [False, False]).overlap[0] == pytest.approx(best)


def test_drums_keep_their_pitches():
    given = phrases(2)
    moved = moved_by(given, 3, [True, False])
    np.testing.assert_array_equal(moved[..., 0], given[..., 0])
    np.testing.assert_array_equal(moved[:, :, :, 3:, 1], given[:, :, :, :-3, 1])


@pytest.mark.parametrize(("start", "end", "count"), [(0, 8, 1), (0, 4, 0), (8, 9, 0), (4, 12, 1)])
def test_pieces_without_a_whole_phrase_give_none(start, end, count):
    notes = [(60, 480 * start, 480 * (end - start), 80)]
    piece = Piece([Track(notes), Track([])])
    assert phrases_of([piece], LAYOUT, 2).shape == (count, 2, 4, 12, 2)
