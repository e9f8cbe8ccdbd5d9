"""The measures of music, on examples that were counted by hand."""

import numpy as np
import pytest

from maeum.core.errors import ShapeError, UnknownNameError
from maeum.music import measures
from maeum.music.notes import Piece, Track
from maeum.music.rolls import to_roll

C, D, E, F, F_SHARP, G = 0, 2, 4, 5, 6, 7


@pytest.fixture
def roll():
    """Three bars of 8 steps, two octaves from C on; the second track is silent.

    Bar 0: C for 4 steps, E for 2 steps beside its end, high C for 1. Bar 1: empty. Bar 2: F sharp
    for 3 steps, twice.
    """
    cells = np.zeros((3, 8, 24, 2), bool)
    cells[0, :4, C, 0] = cells[0, 2:4, E, 0] = cells[0, 7, C + 12, 0] = True
    cells[2, :3, F_SHARP, 0] = cells[2, 4:7, F_SHARP, 0] = True
    return cells


def test_counts_by_hand(roll):
    np.testing.assert_allclose(measures.empty_bars(roll), [1 / 3, 1])
    # two classes in bar 0, one in bar 2
    np.testing.assert_allclose(measures.used_pitch_classes(roll), [1.5, np.nan])
    # bar 0: one of three notes; bar 2: both
    np.testing.assert_allclose(measures.qualified_notes(roll), [(1 / 3 + 1) / 2, np.nan])
    np.testing.assert_allclose(measures.qualified_notes(roll, 1), [1, np.nan])
    np.testing.assert_allclose(measures.qualified_notes(roll, 4), [1 / 6, np.nan])
    # bar 0: steps 2 and 3 of 8; bar 2: none
    np.testing.assert_allclose(measures.polyphony(roll), [1 / 8, np.nan])
    # in C major all of bar 0 and nothing of bar 2; in G major F sharp, too
    np.testing.assert_allclose(measures.in_scale(roll, root=0), [0.5, np.nan])
    np.testing.assert_allclose(measures.in_scale(roll), [1, np.nan])
    np.testing.assert_allclose(measures.in_scale(roll, root=0, scale="minor"), [5 / 14, np.nan])


def test_pitch_classes_follow_the_lowest_pitch(roll):
    # one semitone higher, C is C sharp, which C major lacks, and F sharp is G
    np.testing.assert_allclose(
        measures.in_scale(roll, root=0, lowest=25), [(2 / 7 + 1) / 2, np.nan]
    )


def test_drums_on_eighths_count_and_those_beside_a_little():
    cells = np.zeros((1, 16, 3, 1), bool)
    cells[0, [0, 2, 8], 0] = cells[0, 5, 1] = True
    np.testing.assert_allclose(measures.drum_pattern(cells), [(3 + 0.1) / 4])
    # 24 steps a beat: sixteenths are 6 apart, so 0 and 6 are on one, 7 beside, 9 between
    fine = np.zeros((1, 96, 1, 1), bool)
    fine[0, [0, 6, 7, 9]] = True
    np.testing.assert_allclose(measures.drum_pattern(fine, 24), [(2 + 0.1) / 4])


def test_tonal_distances_are_those_of_the_circles():
    cells = np.zeros((1, 8, 24, 3), bool)
    cells[0, :4, C, 0] = True
    cells[0, :4, C + 12, 1] = True  # the same class
    cells[0, :, G, 2] = True  # a fifth, also where the others are silent
    # On the circle of fifths C and G are 30 degrees apart, on that of minor thirds 90, on that of
    # major thirds, which is half as large, 120.
    fifth = np.sqrt((2 * np.sin(np.pi / 12)) ** 2 + 2 + (0.5 * np.sqrt(3)) ** 2)
    found = measures.tonal_distance(cells)
    np.testing.assert_allclose(found, [[0, 0, fifth], [0, 0, fifth], [fifth, fifth, 0]], atol=1e-12)
    silent = np.zeros((1, 4, 12, 2), bool)
    assert np.isnan(measures.tonal_distance(silent)).all()


def test_all_measures_at_once_leave_out_what_means_nothing_for_drums():
    notes = [(36, 0, 120, 80), (38, 480, 120, 80)]
    roll = to_roll(Piece([Track(notes, is_drum=True), Track([(60, 0, 480, 80)])]))
    found = measures.measure(roll)
    assert np.isnan(found["used_pitch_classes"]).tolist() == [True, False]
    assert found["drum_pattern"][0] == 1
    assert np.isnan(found["drum_pattern"][1])
    assert found["tonal_distance"][1, 1] == 0
    assert "drum_pattern" not in measures.measure(roll.sounds)
    with pytest.raises(ShapeError, match="drums"):
        measures.measure(roll.sounds, drums=[True])


def test_other_shapes_and_names_are_told(roll):
    for bad in (roll[0], roll[:0]):
        with pytest.raises(ShapeError, match="bars, steps, pitches, tracks"):
            measures.empty_bars(bad)
    with pytest.raises(ShapeError, match="beats of 3"):
        measures.tonal_distance(roll, steps_per_beat=3)
    with pytest.raises(UnknownNameError, match="minor"):
        measures.in_scale(roll, scale="minr")
