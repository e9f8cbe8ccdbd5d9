"""The pixel games against plain loops written from their rules."""

import jax
import numpy as np

from maeum.core.randomness import fold, make_key
from maeum.rl import envs
from maeum.rl.envs.freeway import _speeds


def played(env, state, actions, keys):
    """Return the observations, rewards and ends of a sequence of actions."""

    def one(state, given):
        state, reward, terminated = env.step(state, *given)
        return state, (env.observe(state), reward, terminated)

    _, told = jax.jit(lambda: jax.lax.scan(one, state, (actions, keys)))()
    return [np.asarray(part) for part in told]


def test_catch_follows_its_rules():
    env = envs.Catch(rows=6, columns=4)
    rng = np.random.default_rng(0)
    for n in range(6):
        state = env.reset(make_key(n))
        column, paddle = int(state.column), 2
        actions = rng.integers(3, size=5)
        keys = np.zeros((5, 2), np.uint32)
        seen, rewards, ends = played(env, state, actions, keys)
        for t in range(5):
            paddle = min(max(paddle + actions[t] - 1, 0), 3)
            image = np.zeros((6, 4))
            image[5, paddle] = image[t + 1, column] = 1
            assert (seen[t, :, :, 0] == image).all()
            last = t == 4
            assert ends[t] == last
            assert rewards[t] == ((1 if paddle == column else -1) if last else 0)


def test_breakout_follows_its_rules():
    env, steps = envs.MiniBreakout(sticky=0.0), 400
    rng = np.random.default_rng(3)
    state = env.reset(make_key(1))
    # The rules of the paper's appendix, with the directions left up, right up, right down, left
    # down as 0, 1, 2, 3.
    x, y = int(state.column), 3
    way = 2 if x == 0 else 3
    paddle, struck, bricks = 4, False, np.zeros((10, 10), bool)
    bricks[1:4] = True
    actions, images, rewards, over = [], [], [], []
    for _ in range(steps):
        # Mostly under the ball, so that games are long.
        action = 0 if paddle == x else 1 + (x > paddle)
        action = int(rng.integers(3)) if rng.random() < 0.05 else action
        actions.append(action)
        paddle = min(max(paddle + (action == 2) - (action == 1), 0), 9)
        reward, toggled, end, last = 0, False, False, (x, y)
        new_x = x + (1 if way in (1, 2) else -1)
        new_y = y + (1 if way in (2, 3) else -1)
        if not 0 <= new_x <= 9:
            new_x = min(max(new_x, 0), 9)
            way = [1, 0, 3, 2][way]
        if new_y < 0:
            new_y, way = 0, [3, 2, 1, 0][way]
        elif bricks[new_y, new_x]:
            toggled = True
            if not struck:
                reward, struck, bricks[new_y, new_x] = 1, True, False
                new_y, way = y, [3, 2, 1, 0][way]
        elif new_y == 9:
            if not bricks.any():
                bricks[1:4] = True
            if x == paddle:
                new_y, way = y, [3, 2, 1, 0][way]
            elif new_x == paddle:
                new_y, way = y, [2, 3, 0, 1][way]
            else:
                end = True
        struck = struck and toggled
        x, y = new_x, new_y
        image = np.zeros((10, 10, 4))
        image[9, paddle, 0] = image[y, x, 1] = image[last[1], last[0], 2] = 1
        image[:, :, 3] = bricks
        images.append(image)
        rewards.append(reward)
        over.append(end)
        if end:
            break
    keys = np.zeros((len(actions), 2), np.uint32)
    seen, paid, ends = played(env, state, np.array(actions), keys)
    assert (seen == np.array(images)).all()
    assert paid.tolist() == rewards
    assert ends.tolist() == over
    assert sum(rewards) > 10


def test_freeway_follows_its_rules():
    env, steps = envs.MiniFreeway(sticky=0.0), 500
    rng = np.random.default_rng(0)
    state = env.reset(make_key(2))
    keys = np.stack([make_key(5, t) for t in range(steps)])
    drawn = np.asarray(jax.vmap(lambda key: _speeds(fold(key, "cars")))(keys))
    actions = rng.choice(3, steps, p=[0.1, 0.7, 0.2])
    seen, paid, ends = played(env, state, actions, keys)
    cars = [[0, lane + 1, abs(v), v] for lane, v in enumerate(np.asarray(state.speeds).tolist())]
    place, pause, crossings, hits = 9, 0, 0, 0
    for t in range(steps):
        if actions[t] and pause == 0:
            place = max(0, place - 1) if actions[t] == 1 else min(9, place + 1)
            pause = 3
        crossed = place == 0
        if crossed:
            crossings += 1
            place = 9
            for car, v in zip(cars, drawn[t].tolist()):
                car[2:] = abs(v), v
        for car in cars:
            if car[:2] == [4, place]:
                place, hits = 9, hits + 1
            if car[2] == 0:
                car[2] = abs(car[3])
                car[0] = (car[0] + (1 if car[3] > 0 else -1)) % 10
                if car[:2] == [4, place]:
                    place, hits = 9, hits + 1
            else:
                car[2] -= 1
        pause -= pause > 0
        image = np.zeros((10, 10, 7))
        image[place, 4, 0] = 1
        for column, lane, _, v in cars:
            image[lane, column, 1] = 1
            image[lane, (column - (1 if v > 0 else -1)) % 10, 1 + abs(v)] = 1
        assert (seen[t] == image).all(), t
        assert paid[t] == crossed
    assert not ends.any()
    assert crossings > 1
    assert hits > 3


def test_sticky_actions_repeat_the_last_one():
    env = envs.MiniBreakout(sticky=0.9)
    state = env.reset(make_key(0))._replace(action=np.int32(1))
    keys = np.random.default_rng(0).integers(2**32, size=(2000, 2), dtype=np.uint32)
    after = jax.vmap(lambda key: env.step(state, 2, key)[0])(keys)
    assert abs(np.mean(np.asarray(after.paddle) == 3) - 0.9) < 0.04  # moved left, as before
