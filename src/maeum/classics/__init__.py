"""The classics beside the network, each explained with the user's own rows."""

from maeum.classics.rules import association_rules, frequent_itemsets

__all__ = ["association_rules", "frequent_itemsets"]
