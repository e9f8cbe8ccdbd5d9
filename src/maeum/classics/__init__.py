"""The classics beside the network: comparisons, groups, maps, rules, decision boundaries.

They are computed by scikit-learn and SciPy; what is added is a page that explains them by your own
rows.
"""

from maeum.classics.boundaries import Plane, decision_boundaries
from maeum.classics.clustering import Clustering, cluster_table
from maeum.classics.comparing.comparing import compare_table
from maeum.classics.comparing.comparison import Comparison
from maeum.classics.comparing.options import ComparisonOptions
from maeum.classics.files import write_answers
from maeum.classics.options import ClusterOptions, MapOptions
from maeum.classics.projecting import Projection, map_table
from maeum.classics.rules import association_rules, frequent_itemsets

__all__ = [
    "ClusterOptions",
    "Clustering",
    "Comparison",
    "ComparisonOptions",
    "MapOptions",
    "Plane",
    "Projection",
    "association_rules",
    "cluster_table",
    "compare_table",
    "decision_boundaries",
    "frequent_itemsets",
    "map_table",
    "write_answers",
]
