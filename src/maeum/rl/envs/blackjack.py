"""Blackjack: cards against a dealer, up to 21."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from maeum.core.randomness import at_step, fold
from maeum.core.registry import builtin
from maeum.rl.envs.drawing import Drawing, Label, Mark, rectangle
from maeum.rl.envs.environment import Environment
from maeum.rl.spaces import Discrete, Tuple, random_index


class Hand(NamedTuple):
    """What counts of some cards: their sum with aces as 1, whether there is an ace, how many."""

    total: jax.Array
    ace: jax.Array
    cards: jax.Array

    @property
    def usable_ace(self) -> jax.Array:
        """Whether an ace may count as 11."""
        return self.ace & (self.total + 10 <= 21)

    @property
    def value(self) -> jax.Array:
        """The sum, with a usable ace as 11."""
        return self.total + 10 * self.usable_ace

    @property
    def score(self) -> jax.Array:
        """The value; 0 beyond 21."""
        return jnp.where(self.value > 21, 0, self.value)

    @property
    def natural(self) -> jax.Array:
        """Whether it is an ace and a ten."""
        return (self.cards == 2) & self.ace & (self.total == 11)

    def with_card(self, card: jax.Array) -> Hand:
        """Return the hand with one more card."""
        return Hand(self.total + card, self.ace | (card == 1), self.cards + 1)


class BlackjackState(NamedTuple):
    """The hands of both, and the first card of the dealer, which lies open."""

    player: Hand
    dealer: Hand
    shown: jax.Array


@builtin
class Blackjack(Environment):
    """Blackjack-v1: draw cards, but not beyond 21, and have more than the dealer.

    Sutton and Barto (2018), example 5.1. Observations are the value of the player's hand, the
    dealer's open card (1 is an ace), and whether an ace counts as 11; action 1 draws a card, 0
    stops, whereupon the dealer draws up to 17. Winning is rewarded with 1, losing with -1.

    Args:
        natural: whether winning with an ace and a ten is rewarded with 1.5.
        sab: whether an ace and a ten win against everything else, as in the book.
        max_episode_steps: a time limit.
    """

    name = "Blackjack-v1"
    observation_space = Tuple(Discrete(32), Discrete(11), Discrete(2))
    action_space = Discrete(2)

    def __init__(
        self, natural: bool = False, sab: bool = True, max_episode_steps: int | None = None
    ):
        self.natural, self.sab = natural, sab
        self.max_episode_steps = max_episode_steps

    def reset(self, key: Any) -> BlackjackState:
        """Deal two cards to each."""
        cards = [draw_card(at_step(key, i)) for i in range(4)]
        none = Hand(jnp.int32(0), jnp.asarray(False), jnp.int32(0))
        dealer, player = (none.with_card(a).with_card(b) for a, b in (cards[:2], cards[2:]))
        return BlackjackState(player, dealer, cards[0])

    def step(self, state: BlackjackState, action: Any, key: Any) -> tuple[Any, Any, Any]:
        """Draw a card, or let the dealer draw."""
        hit = jnp.asarray(action) == 1
        player, dealer, shown = state
        drawn = player.with_card(draw_card(fold(key, "player")))
        bust = drawn.value > 21

        def going_on(carry: tuple[Any, Hand]) -> Any:
            return (carry[1].value < 17) & ~hit

        def draw(carry: tuple[Any, Hand]) -> tuple[Any, Hand]:
            card = draw_card(at_step(fold(key, "dealer"), carry[0]))
            return carry[0] + 1, carry[1].with_card(card)

        _, dealer = jax.lax.while_loop(going_on, draw, (jnp.int32(0), dealer))
        won = jnp.sign(player.score - dealer.score).astype(jnp.float32)
        if self.sab:
            won = jnp.where(player.natural & ~dealer.natural, 1.0, won)
        elif self.natural:
            won = jnp.where(player.natural & (won == 1), 1.5, won)
        reward = jnp.where(hit, jnp.where(bust, -1.0, 0.0), won)
        player = Hand(*(jnp.where(hit, new, old) for new, old in zip(drawn, player)))
        return BlackjackState(player, dealer, shown), reward, ~hit | bust

    def observe(self, state: BlackjackState) -> tuple[Any, Any, Any]:
        """Return the value of the player's hand, the open card, and whether an ace is usable."""
        player = state.player
        return player.value, state.shown, player.usable_ace.astype(jnp.int32)

    def render(self, state: BlackjackState) -> Drawing:
        """Draw the open card, and what the player has."""
        value, shown, ace = (int(part) for part in self.observe(state))
        marks: list[Mark] = [
            rectangle(0, 0, 4, 4, "right"),
            rectangle(1.5, 2.3, 2.5, 3.7, "card"),
            Label((2, 3), "A" if shown == 1 else str(shown), "ink", 0.8),
            Label((2, 1), f"{value} (A)" if ace else str(value), "page", 1.0),
        ]
        return Drawing((0, 0), (4, 4), marks)


def draw_card(key: Any) -> jax.Array:
    """Return the value of a card of an endless deck: 1 is an ace, ten and faces are 10."""
    return jnp.minimum(random_index(key, 13) + 1, 10)
