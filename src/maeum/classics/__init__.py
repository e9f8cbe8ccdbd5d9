"""The classics beside the network: groups, maps, rules, decision boundaries, by your own rows.

Groups and maps are computed by scikit-learn and SciPy; what is added is a page that explains them.
"""

from maeum.classics.boundaries import Plane, decision_boundaries
from maeum.classics.clustering import Clustering, cluster_table
from maeum.classics.files import write_answers
from maeum.classics.options import ClusterOptions, MapOptions
from maeum.classics.projecting import Projection, map_table
from maeum.classics.rules import association_rules, frequent_itemsets

__all__ = [
    "ClusterOptions",
    "Clustering",
    "MapOptions",
    "Plane",
    "Projection",
    "association_rules",
    "cluster_table",
    "decision_boundaries",
    "frequent_itemsets",
    "map_table",
    "write_answers",
]
