"""Networks and tables that act: environments, and agents that learn from reward."""

from maeum.core.lazy import lazily

__all__ = ["envs", "spaces"]

__getattr__, __dir__ = lazily(__name__, {f"{__name__}.{room}": () for room in ("envs", "spaces")})
