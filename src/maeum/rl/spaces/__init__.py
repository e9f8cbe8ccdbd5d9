"""What an environment observes and takes: Gymnasium's spaces of numbers.

>>> from maeum.rl.spaces import Box, Dict, Discrete
>>> Dict({"place": Discrete(5), "speed": Box(-1.0, 1.0)})
Dict({'place': Discrete(5), 'speed': Box(-1.0, 1.0, (), float32)})
"""

from maeum.rl.spaces.arrays import Box, Discrete, MultiBinary, MultiDiscrete, Space, random_index
from maeum.rl.spaces.counting import table_index, table_size
from maeum.rl.spaces.structures import Dict, Tuple, as_batch, map_parts

__all__ = [
    "Box", "Dict", "Discrete", "MultiBinary", "MultiDiscrete", "Space", "Tuple", "as_batch",
    "map_parts", "random_index", "table_index", "table_size",
]  # fmt: skip
