"""Association rules: what is found together in baskets, by Apriori and by Eclat."""

from maeum.classics.rules.frames import association_rules, frequent_itemsets

__all__ = ["association_rules", "frequent_itemsets"]
