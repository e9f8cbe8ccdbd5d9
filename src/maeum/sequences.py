"""The former name of `maeum.forecasting`, with the same names, for code that still uses it."""

from maeum.forecasting import *  # noqa: F403
from maeum.forecasting import __all__ as __all__
