"""The classics beside the network: groups, maps, decision boundaries; explained by your own rows.

The computing is scikit-learn's and SciPy's; what is added is a page that explains it.
"""

from maeum.classics.boundaries import Plane, decision_boundaries
from maeum.classics.clustering import Clustering, cluster_table
from maeum.classics.files import write_answers
from maeum.classics.options import ClusterOptions, MapOptions
from maeum.classics.projecting import Projection, map_table

__all__ = [
    "ClusterOptions",
    "Clustering",
    "MapOptions",
    "Plane",
    "Projection",
    "cluster_table",
    "decision_boundaries",
    "map_table",
    "write_answers",
]
