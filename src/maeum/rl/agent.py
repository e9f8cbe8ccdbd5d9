"""What all agents share: environments side by side, episodes, training, evaluation, files."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.callbacks import History
from maeum.core.checks import check_fraction, check_whole
from maeum.core.compiling import compiled
from maeum.core.errors import ConfigError, DataError, ModelFileError, not_implemented
from maeum.core.messages import N_, _
from maeum.core.randomness import fold, make_key, next_seed
from maeum.core.scope import current_scope
from maeum.core.variable import Variable
from maeum.metrics import Metric
from maeum.models import Model
from maeum.rl.envs.checking import check_environment
from maeum.rl.envs.environment import Environment
from maeum.rl.envs.episodes import ENDLESS, Episodes, Results, Transition, begin, play
from maeum.rl.spaces import as_batch
from maeum.saving import load_model
from maeum.training.members import MemberHistory, fit_members
from maeum.training.options import FitOptions
from maeum.training.sources import check_count

_FAULTS = None, N_("rewards"), N_("observations")  # of an environment


class EpisodeMean(Metric):
    """The mean of something over the episodes that ended; NaN as long as none did."""

    def __init__(self, name: str | None = None):
        super().__init__(name=name)
        self.total = self.add_variable((), "zeros", name="total")
        self.count = self.add_variable((), "zeros", name="count")

    def update_state(self, values: Any, ended: Any) -> None:  # type: ignore[override]
        """Add the ``values`` where an episode ``ended``; both may have any shape."""
        self.total.assign_add(jnp.sum(jnp.where(ended, values, 0.0)))
        self.count.assign_add(jnp.sum(ended, dtype=jnp.float32))

    def result(self) -> jax.Array:
        """Return the mean."""
        count = self.count.value
        return jnp.where(count > 0, self.total.value / jnp.maximum(count, 1.0), jnp.nan)


class Agent(Model):
    """Base of all agents: a model whose steps of training act in environments.

    An agent is trained by `fit`, as a model is, but without data: all it learns from happens in the
    one compiled program, environments included. A subclass writes `choose` and ``train_step``; the
    latter takes the environments from `episodes`, and gives them back with `keep`. What an agent
    learns, where its environments are, and how many steps it took are variables: callbacks,
    checkpoints, ``save`` and members side by side follow.

    Args:
        environment: an `Environment`, or the name of one.
        environments: how many of it run side by side.
        discount: the weight of a reward that comes a step later, from 0 to 1.
        name: the agent's name.
        seed: what everything random follows from.
    """

    at_once: int | None = None  # how many one call of a program trains, unless it is told

    def __init__(
        self,
        environment: Environment | str,
        environments: int,
        discount: float,
        *,
        name: str | None = None,
        seed: int | None = None,
    ):
        super().__init__(name=name, seed=seed)
        self.environment = check_environment(environment)
        self.environments = check_whole(environments, "environments")
        self.discount = discount if discount == 1 else check_fraction(discount, "discount")
        self._running = [
            Variable.holding(np.zeros(leaf.shape, leaf.dtype), f"episodes_{i}")
            for i, leaf in enumerate(jax.tree.leaves(self._episodes_like()))
        ]
        self._means = [EpisodeMean("return"), EpisodeMean("length")]
        self._fault = Variable.holding(np.int32(0), "fault")

    # ---- for subclasses --------------------------------------------------------------------------

    def choose(self, observations: Any, key: Any, greedy: bool) -> Any:
        """Return an action for each observation.

        Args:
            observations: an array, or a structure of arrays, whose first axis is the batch.
            key: what is drawn follows from it.
            greedy: whether the best known actions are wanted, rather than those of training.
        """
        raise not_implemented(self, "choose(observations, key, greedy)")

    def step_key(self, purpose: str) -> Any:
        """Return the key of this step of training, for a purpose."""
        scope = current_scope()
        assert scope is not None
        return fold(scope.key if scope.key is not None else make_key(0), purpose)

    def episodes(self) -> Episodes:
        """Return where the environments are; they begin in the first step of training."""
        like = self._episodes_like()
        held = [variable.value for variable in self._running]
        running = jax.tree.unflatten(jax.tree.structure(like), held)
        key = self.step_key("begin")
        return jax.lax.cond(
            self.trainer.counter.value == 0,
            lambda: begin(self.environment, key, self.environments),
            lambda: running,
        )

    def keep(self, episodes: Episodes) -> None:
        """Let the next step of training go on from here."""
        for variable, value in zip(self._running, jax.tree.leaves(episodes)):
            variable.assign(value)

    def count(self, transition: Transition) -> None:
        """Add the episodes that ended to the logs; there may be an axis of time before all others.

        Args:
            transition: what `maeum.rl.envs.episodes.advance` returned.
        """
        for metric, values in zip(self._means, (transition.total, transition.length)):
            metric.update_state(values, transition.ended)
        given = (jax.tree.leaves(transition.next_observation), [transition.reward])
        sees, earns = (
            jnp.all(jnp.stack([jnp.all(jnp.isfinite(a)) for a in part])) for part in given
        )
        fault = jnp.where(sees, jnp.where(earns, 0, 1), 2)
        self._fault.assign(fault.astype(jnp.int32))

    def get_metrics_result(self) -> dict[str, Any]:
        """Return the value of every metric by name; called at the end of a step of training."""
        scope = current_scope()
        if scope is not None and scope.watched is not None:
            # What is not finite ends the training, also before anything is learnt from it.
            scope.watched = jnp.where(self._fault.value == 0, scope.watched, jnp.nan)
        return super().get_metrics_result()

    def ready(self) -> None:
        """Be built: called at the end of the ``__init__`` of a subclass, whose variables are made.

        A loaded agent, or one that is made for its shapes, has the seed of its variables from here.
        """
        self.built = True
        self._adopt()

    def prepare(self) -> None:
        """Make what training needs besides the agent: the state of its optimizer."""
        if self.optimizer is not None:
            self.optimizer.build(self.trainable_variables)

    def move_to(self, environment: Environment | str) -> None:
        """Have another environment from now on, with the same spaces and states of the same form.

        Raises:
            ConfigError: if they are not the same.
        """
        found, mine = check_environment(environment), self.environment
        spaces = [(each.observation_space, each.action_space) for each in (found, mine)]
        leaves = [leaf.shape for leaf in jax.tree.leaves(self._episodes_like(found))]
        if spaces[0] != spaces[1] or leaves != [variable.shape for variable in self._running]:
            raise ConfigError(
                "The agent learnt in {mine} with the observations {observations} and the actions "
                "{actions}; {other} has {others} and {taken}, or states of another form.",
                mine=mine.name, observations=spaces[1][0], actions=spaces[1][1],
                other=found.name, others=spaces[0][0], taken=spaces[0][1],
            )  # fmt: skip
        self.environment = found

    def _episodes_like(self, environment: Environment | None = None) -> Any:
        key, world = jax.ShapeDtypeStruct((2,), np.uint32), environment or self.environment
        return jax.eval_shape(lambda key: begin(world, key, self.environments), key)

    # ---- training --------------------------------------------------------------------------------

    def fit(  # type: ignore[override]
        self,
        steps_per_epoch: int = 1000,
        epochs: int = 1,
        verbose: Any = "auto",
        callbacks: Any = None,
        initial_epoch: int = 0,
        backup: Any = None,
    ) -> History:
        """Train the agent.

        Args:
            steps_per_epoch: the steps of training of an epoch, after which callbacks are called
                and the history gets an entry. In each, all environments act.
            epochs: the number of the last epoch.
            verbose: 0 for silence, 1 for a display, 2 for a line per epoch.
            callbacks: a list of callbacks.
            initial_epoch: the epoch to begin with, to go on with a training.
            backup: a folder for checkpoints, from which a training that was killed goes on.

        Returns:
            The history: the mean ``"return"`` and ``"length"`` of the episodes that ended in each
            epoch (NaN if none did), and what else the agent tells.

        Raises:
            ConfigError: for numbers that make no sense.
            NonFiniteLossError: if the loss, or what the environment gives, is NaN or infinite; the
                agent is then what it was when the epoch began.
            DataError: if an environment of the host raises an error, or does not keep to its
                spaces; the agent is then what it was when the epoch began.
        """
        options = FitOptions(
            _numbers(steps_per_epoch), batch_size=1, epochs=epochs, verbose=verbose, shuffle=False,
            callbacks=callbacks, initial_epoch=initial_epoch, backup=backup,
        )  # fmt: skip
        self.prepare()
        try:
            history = self.trainer.fit(options)
        finally:
            self._raise_failure()
        self._tell_endless()
        return history

    # ---- what it does ----------------------------------------------------------------------------

    def act(self, observation: Any, greedy: bool = True, seed: int | None = None) -> Any:
        """Return the action for an observation, or for each of a batch of them, as NumPy arrays.

        Args:
            observation: an element of the environment's ``observation_space``, or a batch with one
                more axis in front.
            greedy: whether the best known action is wanted, rather than one as in training.
            seed: what is drawn follows from it; another each time by default.

        Raises:
            DataError: if it is no such observation.
        """
        key = make_key(next_seed() if seed is None else seed, "act")

        def choose(batch: Any) -> Any:
            return self.choose(batch, self.step_key("choose"), greedy)

        return self.asked(observation, ("act", greedy), choose, key)

    def asked(self, observation: Any, name: Any, function: Any, key: Any = None) -> Any:
        """Return what a function says of an observation, or of a batch of them, as NumPy arrays.

        Args:
            observation: see `act`.
            name: what tells the function from others of this agent.
            function: of a batch.
            key: what is drawn follows from it.
        """
        batch, single = as_batch(self.environment.observation_space, observation)
        found = compiled(self, name, function)(batch, key=key)
        return jax.tree.map(lambda a: np.asarray(a)[0] if single else np.asarray(a), found)

    def cause_of_nonfinite_loss(self, logs: Mapping[str, Any]) -> str | None:
        """Say what the environment gave, if it is to blame."""
        fault = _FAULTS[int(self._fault.numpy())]
        if fault is None:
            return None
        return _(
            "The environment {name} gave {what} that are NaN or infinite.",
            name=self.environment.name,
            what=_(fault),
        )

    def _tell_endless(self) -> None:
        """Warn if an episode runs for so long that it may never end."""
        longest = int(np.max(self._running[-2].numpy()))  # of `Episodes`: state, length, total
        if self.environment.max_episode_steps is None and longest >= ENDLESS:
            message = _(
                "An episode of {environment}, which has no time limit, has not ended in {steps} "
                "steps. Give the environment max_episode_steps.",
                environment=self.environment.name,
                steps=longest,
            )
            warnings.warn(message, stacklevel=3)

    def _raise_failure(self) -> None:
        """Raise what an environment of the host raised, of which a program sees NaN only."""
        failure = getattr(self.environment, "failure", lambda: None)()
        if failure is not None:
            raise failure

    def evaluate(  # type: ignore[override]
        self,
        episodes: int = 100,
        greedy: bool = True,
        seed: int | None = None,
        most_steps: int | None = None,
    ) -> Results:
        """Play whole episodes, without learning from them, side by side in one program.

        Args:
            episodes: how many.
            greedy: whether the best known actions are taken, rather than those of training.
            seed: what happens by chance follows from it; the agent's seed by default, for another
                purpose than in training.
            most_steps: the steps after which an episode is given up; by default the time limit of
                the environment, or 10,000.

        Returns:
            The returns, lengths and ends of the episodes, as NumPy arrays (`Results`). It is a
            warning if some had to be given up.
        """
        check_whole(episodes, "episodes")

        def run() -> Results:
            def act(seen: Any, key: Any) -> Any:
                return self.choose(seen, key, greedy)

            return play(self.environment, act, self.step_key("play"), episodes, most_steps)

        program = compiled(self, ("evaluate", greedy, episodes, most_steps), run)
        key = make_key(self.seed if seed is None else seed, "evaluation")
        found: Results = jax.tree.map(np.asarray, program(key=key))
        self._raise_failure()
        if not np.isfinite(found.total).all():
            raise DataError(
                "The environment {name} gave {what} that are NaN or infinite.",
                name=self.environment.name,
                what=_(_FAULTS[1] or ""),
            )
        if found.cut.any():
            message = _(
                "{n} of {all} episodes of {environment} had not ended after {steps} steps and were "
                "given up. Their returns are those up to there.",
                n=int(found.cut.sum()),
                all=episodes,
                environment=self.environment.name,
                steps=int(found.length.max()),
            )
            warnings.warn(message, stacklevel=2)
        return found


def fit_agents(
    agents: Sequence[Agent], steps_per_epoch: int = 1000, epochs: int = 1, **options: Any
) -> list[MemberHistory]:
    """Train agents that are alike up to numbers, such as seeds, side by side in one program.

    Args:
        agents: the agents; what may differ are seeds, and numbers such as learning rates.
        steps_per_epoch, epochs: see `Agent.fit`.
        **options: what else `maeum.training.members.fit_members` takes, such as ``backup``.

    Returns:
        A history for each. Each agent ends as ``fit`` alone would have made it.
    """
    numbers = _numbers(steps_per_epoch)
    for agent in agents:
        agent.prepare()
    options = {"at_once": agents[0].at_once if agents else None, **options}
    return fit_members(agents, numbers, batch_size=1, epochs=epochs, shuffle=False, **options)


def load_agent(
    filepath: str | os.PathLike,
    custom_objects: Mapping[str, Any] | None = None,
    environment: Environment | str | None = None,
) -> Agent:
    """Load an agent that ``agent.save`` or ``maeum train`` wrote; its training can go on.

    Args:
        filepath: the ``*.maeum`` file.
        custom_objects: classes and functions of yours that it uses, by name.
        environment: the environment to play and learn in, in place of the one that the file tells.

    Raises:
        ModelFileError: if the file is not an agent's, or is damaged.
        ConfigError: for an environment with other spaces or states than the agent's.
    """
    agent = load_model(filepath, custom_objects)
    if isinstance(agent, Agent):
        if environment is not None:
            agent.move_to(environment)
        return agent
    raise ModelFileError(
        "{path!r} holds a {kind}, which is not an agent. Load it with maeum.load_model.",
        path=str(filepath),
        kind=type(agent).__name__,
    )


def _numbers(steps: int) -> np.ndarray:
    """Return the data of an agent's training: one row for each step, which says nothing.

    As rows, steps are what loops, checkpoints and members know how to count.
    """
    return np.zeros(check_count(steps, "steps_per_epoch") or 1, np.uint8)
