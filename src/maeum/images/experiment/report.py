from typing import Any


def render(trained: Any) -> str:
    """."""
    return ""
