"""Running moments against NumPy, scaled rewards against a plain loop."""

import numpy as np

from maeum.rl.normalizing import RewardScaling, RunningMoments


def test_moments_of_several_batches_are_those_of_all():
    rng = np.random.default_rng(0)
    batches = [rng.normal(3, [1, 50], (n, 4, 2)).astype(np.float32) for n in (5, 1, 30)]
    moments = RunningMoments((2,))
    for batch in batches:
        moments.update(batch)
    everything = np.concatenate([batch.reshape(-1, 2) for batch in batches])
    np.testing.assert_allclose(moments.mean.value, everything.mean(0), rtol=1e-4)
    np.testing.assert_allclose(moments.variance.value, everything.var(0), rtol=1e-4)
    scaled = moments.scaled(everything)
    np.testing.assert_allclose(scaled.mean(0), [0, 0], atol=1e-4)
    np.testing.assert_allclose(scaled.std(0), [1, 1], rtol=1e-3)
    assert moments.scaled(np.float32([1e9, 3])).tolist()[0] == 10


def test_rewards_are_divided_by_the_spread_of_their_discounted_sums():
    rng = np.random.default_rng(0)
    reward = rng.normal(2, 5, (20, 3)).astype(np.float32)
    ended = rng.random((20, 3)) < 0.2
    scaling = RewardScaling(3, 0.9)
    found = np.concatenate([scaling(reward[:12], ended[:12]), scaling(reward[12:], ended[12:])])
    sums, running = [], np.zeros(3)
    for now, over in zip(reward, ended):
        running = 0.9 * running + now
        sums.append(running)
        running = np.where(over, 0, running)
    for rows, known in ((slice(0, 12), sums[:12]), (slice(12, 20), sums)):
        expected = reward[rows] / np.std(known)
        np.testing.assert_allclose(found[rows], np.clip(expected, -10, 10), rtol=1e-4)
