"""Drawings of states, values and policies, and what is kept of a training."""

import re
from xml.etree import ElementTree

import jax
import numpy as np
import pytest

from maeum.core.errors import ConfigError
from maeum.rl import QLearning, Snapshots, draw_policy, envs
from maeum.rl.envs.drawing import Polygon


@pytest.mark.parametrize("name", envs.names())
def test_every_environment_is_drawn_as_svg(name):
    env = envs.make(name)
    state = env.begin(np.zeros(2, np.uint32), 1)
    drawing = env.render(jax.tree.map(lambda a: np.asarray(a)[0], state))
    root = ElementTree.fromstring(drawing.svg(200))
    assert len(root) == len(drawing.marks)
    assert root.get("width") == "200"
    assert not re.search(r"\b(nan|inf)\b", drawing.svg())


def test_arrows_point_where_an_action_leads():
    lake = envs.FrozenLake(["SFF", "FFG"])
    for action, (across, up) in enumerate([(-1, 0), (0, -1), (1, 0), (0, 1)]):
        drawing = draw_policy(lake, np.arange(6.0), np.full(6, action))
        heads = [m for m in drawing.marks if isinstance(m, Polygon) and len(m.points) == 3]
        assert len(heads) == 5  # not at the goal
        tip, middle = np.array(heads[0].points[0]), np.array([0.5, 1.6])
        np.testing.assert_allclose(tip - middle, [0.22 * across, 0.22 * up], atol=1e-12)


def test_better_cells_have_the_stronger_colour():
    drawing = draw_policy(envs.FrozenLake(["SFF", "FFG"]), [0, 1, 2, 3, 4, 9], np.zeros(6, int))
    told = [m.opacity for m in drawing.marks if isinstance(m, Polygon) and m.opacity < 1]
    np.testing.assert_allclose(told, [0, 0.15, 0.3, 0.45, 0.6])


def test_snapshots_are_those_of_the_epochs_and_go_on_after_a_stop(tmp_path):
    def learner():
        return QLearning("CliffWalking-v1", learning_rate=0.5, environments=2, seed=0)

    whole, agent = Snapshots(every=2), learner()
    agent.fit(30, 4, verbose=0, callbacks=[whole])
    assert whole.epochs == [0, 2, 4]
    assert whole.values[-1] == agent.values().tolist()
    assert whole.policies[-1] == agent.policy().tolist()
    assert len(whole.drawings(agent.environment)) == 3
    learner().fit(30, 3, verbose=0, callbacks=[Snapshots(every=2)], backup=tmp_path)
    later = Snapshots(every=2)
    learner().fit(30, 4, verbose=0, callbacks=[later], backup=tmp_path)
    assert (later.epochs, later.values) == (whole.epochs, whole.values)


def test_what_has_no_cells_has_no_map():
    with pytest.raises(ConfigError, match="Only worlds of cells"):
        draw_policy(envs.CartPole(), [0], [0])
