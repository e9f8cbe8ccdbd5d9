"""The choices of the rules, each with its check, its help and its form on the command line."""

from __future__ import annotations

from dataclasses import dataclass

from maeum.classics.rules.baskets import check_support
from maeum.core.checks import check_number
from maeum.core.messages import N_
from maeum.experiment.checks import Check, any_text, fraction, one_of, several, switch, whole
from maeum.experiment.options import Options, Reading, option

LAYOUTS = ("long", "cells", "lists", "matrix")


def _support() -> Check:
    return Check(check_support, float, "SUPPORT")


def _number() -> Check:
    return Check(check_number, float, "NUMBER")


@dataclass(frozen=True, kw_only=True)
class BasketReading(Reading):
    """How a table is read as baskets.

    Attributes:
        basket: the columns that tell one basket from another.
        item: the column with the items.
        layout: how the table holds its baskets, one of `LAYOUTS`.
        case_sensitive: whether spellings that differ in capitals only are different items.
    """

    basket: tuple[str, ...] = option(
        (), N_("The column that tells which basket a row belongs to; several with commas, such as "
               "customer and day. Recognised by itself."), several(any_text(), "COLUMN")
    )  # fmt: skip
    item: str | None = option(
        None, N_("The column with the items; recognised by itself."), any_text("COLUMN")
    )
    layout: str | None = option(
        None,
        N_("How the table holds its baskets: long (a row for each item in a basket), cells (a row "
           "for each basket, an item in each cell), lists (a cell with all items of a basket), "
           "matrix (a column of 0 and 1 for each item). Recognised by itself."),
        one_of(LAYOUTS),
    )  # fmt: skip
    case_sensitive: bool = option(False, N_("Take Bread and bread for different items."), switch())


@dataclass(frozen=True)
class RuleOptions(Options):
    """Which itemsets and rules are looked for.

    Attributes:
        min_support: the fraction of the baskets, or from 2 on their number; None by the data.
        min_confidence: the least confidence of a rule.
        min_lift: its least lift.
        max_length: the most items of a rule.
        limit: the most itemsets, and the most rules.
        algorithm: ``eclat`` or ``apriori``.
    """

    min_support: float | None = option(
        None, N_("The fraction of the baskets that must hold all items of a rule, or from 2 on "
                 "their number; by the data."), _support()
    )  # fmt: skip
    min_confidence: float = option(
        0.3, N_("The fraction of the baskets with the one side that must hold the other."),
        fraction(),
    )  # fmt: skip
    min_lift: float = option(
        1.1, N_("How many times as often as in all baskets the other side must be in these."),
        _number(),
    )  # fmt: skip
    max_length: int = option(4, N_("The most items of a rule."), whole())
    limit: int = option(1_000_000, N_("The most itemsets, and the most rules."), whole())
    algorithm: str = option(
        "eclat", N_("eclat, or apriori, which finds the same, more slowly."),
        one_of(("eclat", "apriori")),
    )  # fmt: skip
