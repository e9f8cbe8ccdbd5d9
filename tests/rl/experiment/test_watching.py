"""Episodes as a page and as an animation."""

import html
import json
import re

import numpy as np
import pytest

from maeum.core.errors import ConfigError
from maeum.report.charts.animation import Animation
from maeum.report.html import render
from maeum.rl import QLearning, envs
from maeum.rl.envs.drawing import Circle, Drawing, Label, Path, rectangle
from maeum.rl.experiment.frames import Film, film_of
from maeum.rl.experiment.playing import Episode
from maeum.rl.experiment.watching import page_of, watch, write_watched


@pytest.fixture(scope="module")
def agent():
    agent = QLearning("CliffWalking-v1", learning_rate=0.5, discount=1.0, seed=0)
    agent.fit(steps_per_epoch=1000, verbose=0)
    return agent


@pytest.fixture(scope="module")
def films(agent):
    return watch(agent, episodes=2, seed=3)


def test_an_episode_is_drawn_state_by_state(agent, films):
    world = agent.environment
    for film in films:
        assert film.total == -13
        assert film.drawings[0].marks == world.render(36).marks
        assert film.drawings[-1].marks == world.render(47).marks
        assert len(film.drawings) == 14
    assert watch(agent, 1, seed=3)[0].drawings[5].marks == films[0].drawings[5].marks


def test_the_page_holds_each_drawing_and_what_it_brought(agent, films):
    page = render(page_of(agent, films))
    data = re.findall(r'<div class="data" hidden>(.*?)</div>', page, re.DOTALL)
    assert len(data) == 2
    found = json.loads(html.unescape(data[0]))
    assert len(found["frames"]) == len(found["told"]) == 14
    drawn = ["".join(found["pieces"][i] for i in frame) for frame in found["frames"]]
    for text, drawing in zip(drawn, films[0].drawings):
        assert text == "".join(drawing.pieces()[0])
    assert found["told"][-1] == "Step 13 of 13\nreward −1, return so far −13"
    assert "QLearning plays 2 episodes of CliffWalking-v1" in page
    assert "style=" not in page.partition("<main")[2]


def test_the_animation_has_a_frame_for_each_state(agent, films, tmp_path):
    image = pytest.importorskip("PIL.Image")
    paths = write_watched(agent, films, tmp_path)
    with image.open(paths["animation"]) as shown:
        assert shown.n_frames in (27, 28)  # two that are alike are one
        assert shown.size == (320, 108)  # of 12 cells by 4, both even
        assert shown.info["loop"] == 0
    assert paths["page"].stat().st_size > 10_000


def test_of_a_long_episode_images_are_left_out(agent):
    pytest.importorskip("PIL")
    drawing = Drawing((0, 0), (2, 1), [])
    film = Film([drawing] * 700, np.ones(699, np.float32), False)
    assert len(list(film.images())) == 200
    assert film.rate == 35
    long = Film([drawing] * 5000, np.ones(4999, np.float32), False)
    shown = long.animation("Long")
    assert len(shown.frames) == 1001
    assert shown.pieces == []
    assert "first 1,000 steps" in shown.caption


def test_what_draws_nothing_is_shown_by_its_observations():
    class Plain(envs.CartPole):
        def render(self, state):
            raise NotImplementedError

    states = envs.cartpole.CartPoleState(*(np.arange(3, dtype=np.float32) * k for k in range(4)))
    film = film_of(Plain(), Episode(states, np.ones(2, np.float32), np.zeros(2, int), True))
    assert len(film.drawings) == 3
    first, last = film.drawings[0].marks[-1], film.drawings[-1].marks[-1]
    assert (first.points[0][0], last.points[0][0]) == (0, 1)
    labels = [mark.text for mark in film.drawings[0].marks if isinstance(mark, Label)]
    assert labels == ["0", "1", "2", "3"]


def test_too_many_episodes_are_refused(agent):
    with pytest.raises(ConfigError, match="At most 20"):
        watch(agent, episodes=21)


def test_drawings_that_are_alike_are_held_once():
    a, b = (["<a/>", "<b/>"], 10, 5), (["<a/>", "<c/>"], 10, 5)
    shown = Animation.of("Title", "alt", [a, b, a], ["1", "2", "3"])
    assert (list(shown.pieces), shown.frames) == (
        ["<a/>", "<b/>", "<c/>"],
        [[0, 1], [0, 2], [0, 1]],
    )
    assert shown.size == (10, 5)
    assert shown.picture == "<a/><b/>"


def test_marks_are_painted_where_they_are():
    pytest.importorskip("PIL")
    from maeum.rl.envs.painting import paint

    drawing = Drawing((0, 0), (4, 2), [
        rectangle(0, 0, 2, 2, "c0"), rectangle(0, 1, 1, 2, "ink", 0.5), Circle((3, 1), 0.5, "c1"),
        Path([(2.2, 0.1), (3.8, 0.1)], "right", 0.1), Label((3, 1.8), "7", "ink", 0.3),
    ])  # fmt: skip
    image = paint(drawing, 200)
    assert image.shape == (100, 200, 3)
    assert image[75, 25].tolist() == [0x3A, 0x6D, 0xB5]
    half = np.mean([[0x3A, 0x6D, 0xB5], [0x1C, 0x22, 0x30]], 0)
    assert np.abs(image[25, 25] - half).max() <= 1
    assert image[50, 150].tolist() == [0xB8, 0x4C, 0x18]
    assert image[95, 150].tolist() == [0x2F, 0x7D, 0x5B]
    assert (image[2:18, 140:160] != image[0, 199]).any()


def test_an_environment_of_gymnasium_draws_itself():
    gymnasium = pytest.importorskip("gymnasium")
    from maeum.rl.experiment.hosted import played_on_host

    class Lights(gymnasium.Env):
        metadata = {"render_modes": ["rgb_array"]}
        render_mode = "rgb_array"
        observation_space = gymnasium.spaces.Discrete(4)
        action_space = gymnasium.spaces.Discrete(2)

        def reset(self, *, seed=None, options=None):
            self.place = 0
            return 0, {}

        def step(self, action):
            self.place += 1
            return self.place, 1.0, self.place == 3, False, {}

        def render(self):
            return np.full((6, 8, 3), 60 * self.place, np.uint8)

    agent = QLearning(envs.FromGymnasium(Lights), environments=2, seed=0)
    film = played_on_host(agent, seed=0)
    assert [int(image[0, 0, 0]) for image in film.drawings] == [0, 60, 120, 180]
    assert (film.total, film.ended) == (3, True)
    assert "data:image/png" in film.animation("Lights").pieces[0]
    Lights.render_mode = None
    assert isinstance(played_on_host(agent, seed=0).drawings[0], Drawing)


@pytest.mark.parametrize("name", ["CartPole-v1", "Catch", "Taxi-v4"])
def test_gymnasium_is_given_images(name):
    pytest.importorskip("gymnasium")
    pytest.importorskip("PIL")
    world = envs.to_gymnasium(name, render_mode="rgb_array")
    assert world.render() is None
    world.reset(seed=0)
    image = world.render()
    assert image.dtype == np.uint8
    assert image.shape[1:] == (400, 3)
    assert envs.to_gymnasium(name).render() is None
    with pytest.raises(ConfigError, match="rgb_array"):
        envs.to_gymnasium(name, render_mode="human")
