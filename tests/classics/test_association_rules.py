"""Frequent itemsets and rules: equal to a count by hand, to other libraries and to themselves."""

import math
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import fisher_exact, hypergeom

from maeum.classics import association_rules, frequent_itemsets
from maeum.classics.rules import eclat as eclat_module
from maeum.classics.rules.baskets import Baskets, least_count
from maeum.classics.rules.chance import hypergeometric_tail
from maeum.core.errors import ConfigError, DataError, UnknownNameError

SHOP = [
    ["bread", "butter"],
    ["bread", "butter", "milk"],
    ["milk", "tea"],
    ["bread", "milk"],
    ["tea"],
    [],
    ["bread", "butter", "tea", "milk"],
    ["butter", "bread", "bread"],
]
drawn_baskets = st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=8), min_size=1, max_size=80)


def by_brute_force(baskets, min_support, max_length=None):
    """Count every combination of items in every basket."""
    sets = [frozenset(basket) for basket in baskets]
    items = sorted(set().union(*sets), key=str)
    found = {}
    for length in range(1, (max_length or len(items)) + 1):
        for some in combinations(items, length):
            count = sum(basket >= set(some) for basket in sets)
            if count and count / len(baskets) >= min_support:
                found[frozenset(some)] = count
    return found


def as_dict(frame):
    assert len(set(frame["itemsets"])) == len(frame)
    return dict(zip(frame["itemsets"], frame["count"]))


def same_number(one, other):
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12) or one == other


@settings(max_examples=60)
@given(drawn_baskets, st.sampled_from([0.01, 0.1, 0.25, 0.5, 1.0]), st.sampled_from([1, 3, None]))
def test_both_algorithms_find_what_counting_all_combinations_finds(baskets, support, length):
    expected = by_brute_force(baskets, support, length)
    for algorithm in ("eclat", "apriori"):
        found = frequent_itemsets(baskets, support, length, algorithm=algorithm)
        assert as_dict(found) == expected
        assert found["support"].tolist() == [count / len(baskets) for count in found["count"]]


@settings(max_examples=40)
@given(drawn_baskets, st.sampled_from([0.05, 0.2]), st.sampled_from([0.0, 0.5, 0.9]))
def test_rules_are_measured_as_they_are_defined(baskets, support, threshold):
    n, sets = len(baskets), [set(basket) for basket in baskets]

    def fraction(items):
        return sum(basket >= items for basket in sets) / n

    rules = association_rules(frequent_itemsets(baskets, support, 4), "confidence", threshold)
    expected = {
        (frozenset(left), whole - frozenset(left))
        for whole, count in by_brute_force(baskets, support, 4).items()
        for size in range(1, len(whole))
        for left in combinations(whole, size)
        if count / n / fraction(set(left)) >= threshold - 1e-12
    }
    found = set(zip(rules["antecedents"], rules["consequents"]))
    assert found == expected
    assert len(rules) == len(found)
    for _, rule in rules.iterrows():
        one, other = rule["antecedents"], rule["consequents"]
        a, c, both = fraction(one), fraction(other), fraction(one | other)
        assert same_number(rule["antecedent support"], a)
        assert same_number(rule["consequent support"], c)
        assert same_number(rule["support"], both)
        assert same_number(rule["confidence"], both / a)
        assert same_number(rule["lift"], both / a / c)
        assert same_number(rule["leverage"], both - a * c)
        conviction = math.inf if both == a else (1 - c) / (1 - both / a)
        assert math.isclose(rule["conviction"], conviction, rel_tol=1e-6)
        parts = [set(part) for k in range(len(one)) for part in combinations(one, k)]
        best = max(fraction(part | other) / fraction(part) for part in parts)
        assert same_number(rule["improvement"], both / a - best)


def test_a_worked_example():
    # 8 baskets; bread is in 5, butter in 4, both together in 4; milk is in 4, with bread in 3.
    found = as_dict(frequent_itemsets(SHOP, 3 / 8))
    assert found == {
        frozenset(["tea"]): 3, frozenset(["milk"]): 4, frozenset(["butter"]): 4,
        frozenset(["bread"]): 5, frozenset(["bread", "butter"]): 4,
        frozenset(["bread", "milk"]): 3,
    }  # fmt: skip
    rules = association_rules(frequent_itemsets(SHOP, 3 / 8), "lift", 1.3)
    first = rules.iloc[0]
    assert (set(first["antecedents"]), set(first["consequents"])) == ({"butter"}, {"bread"})
    assert (first["support"], first["confidence"], first["lift"]) == (0.5, 1.0, 8 / 5)
    assert first["leverage"] == 0.5 - 0.5 * 5 / 8
    assert first["conviction"] == math.inf
    table = [[4, 0], [1, 3]]  # butter or not, bread or not
    assert first["p_value"] == pytest.approx(fisher_exact(table, "greater").pvalue)


def test_all_forms_of_the_same_baskets_give_the_same():
    expected = as_dict(frequent_itemsets(SHOP, 0.2))
    items = sorted(set().union(*map(set, SHOP)))
    flags = pd.DataFrame([[item in basket for item in items] for basket in SHOP], columns=items)
    assert as_dict(frequent_itemsets(flags, 0.2)) == expected
    assert as_dict(frequent_itemsets(flags.astype(int), 0.2)) == expected
    assert as_dict(frequent_itemsets(flags.astype("float32"), 0.2)) == expected
    pairs = [(f"b{i}", item) for i, basket in enumerate(SHOP) for item in basket]
    frame = pd.DataFrame(pairs, columns=["id", "what"]).sample(frac=1, random_state=0)
    no_empty = as_dict(frequent_itemsets([basket for basket in SHOP if basket], 0.2))
    assert as_dict(frequent_itemsets(frame, 0.2)) == no_empty
    by_place = as_dict(frequent_itemsets(flags.to_numpy(), 0.2))
    assert {frozenset(items[i] for i in each): n for each, n in by_place.items()} == expected
    generated = (iter(basket) for basket in SHOP)
    assert as_dict(frequent_itemsets(generated, 0.2)) == expected


@pytest.mark.parametrize("words", [1, 40, 1 << 18])
def test_classes_are_intersected_in_blocks_of_any_size(monkeypatch, words):
    monkeypatch.setattr(eclat_module, "_WORDS", words)
    rng = np.random.default_rng(0)
    matrix = rng.random((300, 12)) < 0.5
    found = eclat_module.eclat(Baskets.of(matrix), 30)
    for sets, counts in found.levels:
        order = found.items
        held = matrix[:, [order[code] for code in range(len(order))]]
        assert counts.tolist() == [int(held[:, each].all(axis=1).sum()) for each in sets]
        assert sets.tolist() == sorted(sets.tolist())
        assert found.find(sets).tolist() == list(range(len(sets)))


@pytest.mark.parametrize("seed", range(3))
def test_mlxtend_finds_the_same(seed):
    patterns = pytest.importorskip("mlxtend.frequent_patterns")
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.random((200, 15)) < rng.random(15) * 0.6).rename(columns=str)
    theirs = patterns.fpgrowth(frame, 0.05, use_colnames=True)
    ours = frequent_itemsets(frame, 0.05)
    assert set(theirs["itemsets"]) == set(ours["itemsets"])
    least = 1.0987  # no lift is so near to it that rounding would decide
    rules = association_rules(ours, "lift", least)
    others = patterns.association_rules(theirs, metric="lift", min_threshold=least)
    names = ["antecedent support", "consequent support", "support", "confidence", "lift",
             "leverage", "conviction"]  # fmt: skip
    sides = ["antecedents", "consequents"]
    both = rules.merge(others, on=sides, suffixes=("", " of mlxtend"))
    assert len(both) == len(rules) == len(others)
    for name in names:
        np.testing.assert_allclose(both[name], both[f"{name} of mlxtend"], rtol=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_efficient_apriori_finds_the_same(seed):
    theirs = pytest.importorskip("efficient_apriori")
    rng = np.random.default_rng(seed)
    matrix = rng.random((200, 15)) < rng.random(15) * 0.6
    baskets = [tuple(np.flatnonzero(row).tolist()) for row in matrix]
    itemsets, rules = theirs.apriori(baskets, min_support=0.05, min_confidence=0.4)
    expected = {frozenset(s): n for sets in itemsets.values() for s, n in sets.items()}
    ours = frequent_itemsets(baskets, 0.05)
    assert as_dict(ours) == expected
    found = association_rules(ours, "confidence", 0.4)
    known = {(frozenset(rule.lhs), frozenset(rule.rhs)): rule for rule in rules}
    assert set(zip(found["antecedents"], found["consequents"])) == set(known)
    for _, rule in found.iterrows():
        other = known[rule["antecedents"], rule["consequents"]]
        assert rule["confidence"] == pytest.approx(other.confidence)
        assert rule["lift"] == pytest.approx(other.lift)


@given(st.data())
def test_the_tail_of_chance_is_that_of_scipy(data):
    n = data.draw(st.integers(1, 400))
    one, other = data.draw(st.integers(1, n)), data.draw(st.integers(1, n))
    both = data.draw(st.integers(max(0, one + other - n), min(one, other)))
    found = hypergeometric_tail(np.array([both]), np.array([one]), np.array([other]), n)
    assert found[0] == pytest.approx(hypergeom.sf(both - 1, n, one, other), rel=1e-8, abs=1e-12)


def test_rules_of_items_that_have_nothing_to_do_with_each_other_are_seldom_beyond_chance():
    # At most one table in twenty may have such a rule; of ten tables, four would be 1 in 1,000.
    wrong = 0
    for seed in range(10):
        rng = np.random.default_rng(seed)
        matrix = rng.random((500, 20)) < rng.uniform(0.05, 0.4, 20)
        rules = association_rules(frequent_itemsets(matrix, 0.01, 3), "support", 0)
        assert (rules["p_value"] < 0.05).sum() > 50  # by chance alone, where none is corrected
        wrong += (rules["adjusted_p"] < 0.05).any()
    assert wrong <= 3


def test_ten_thousand_items_cost_what_they_share():
    rng = np.random.default_rng(0)
    baskets = [rng.choice(10_000, 5, replace=False).tolist() for _ in range(20_000)]
    baskets += [[1, 2, 3]] * 40
    found = frequent_itemsets(baskets, 30)
    assert found["count"].min() >= 30
    assert as_dict(found)[frozenset([1, 2, 3])] >= 40
    assert sum(len(each) > 1 for each in found["itemsets"]) == 4


@pytest.mark.parametrize(
    ("baskets", "expected"),
    [
        ([[]], {}),
        ([["a"]], {frozenset("a"): 1}),
        ([["a"], ["b"], []], {frozenset("a"): 1, frozenset("b"): 1}),
        ([["a", "a", "a"]], {frozenset("a"): 1}),
        ([["a", None, math.nan, "b"]], {frozenset("a"): 1, frozenset("b"): 1, frozenset("ab"): 1}),
        ([[1, "1"]], {frozenset([1]): 1, frozenset("1"): 1, frozenset([1, "1"]): 1}),
    ],
)
def test_small_and_odd_baskets(baskets, expected):
    for algorithm in ("eclat", "apriori"):
        found = frequent_itemsets(baskets, 0.1, algorithm=algorithm)
        assert as_dict(found) == expected
    rules = association_rules(found, "support", 0)
    assert len(rules) == 2 * sum(len(each) == 2 for each in expected)


def test_without_rules_the_frame_has_its_columns():
    rules = association_rules(frequent_itemsets([["a"], ["b"]], 0.1))
    assert len(rules) == 0
    assert {"antecedents", "support", "confidence", "lift", "leverage", "conviction"} < {*rules}


@pytest.mark.parametrize(
    ("support", "n", "least"),
    [
        (0.5, 5, 3),
        (1, 7, 7),
        (1.0, 7, 7),
        (0.1, 30, 3),
        (1e-9, 100, 1),
        (2, 100, 2),
        (0.07, 100, 7),
    ],
)
def test_support_is_a_fraction_or_a_number_of_baskets(support, n, least):
    assert least_count(support, n) == least


@pytest.mark.parametrize("support", [0, 0.0, -0.1, 1.5, math.nan, "0.1", None, True])
def test_support_that_makes_no_sense(support):
    with pytest.raises(ConfigError, match="min_support"):
        frequent_itemsets(SHOP, support)


def test_a_support_of_0_is_told_with_the_smallest_that_says_something():
    with pytest.raises(ConfigError, match="every combination of items would be frequent"):
        frequent_itemsets(SHOP, 0)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ([], "no baskets"),
        ("bread", "got str"),
        (7, "got int"),
        (["bread", "butter"], "basket 1 is 'bread'"),
        ([[["a"]]], "An item is a text or a number"),
        (pd.DataFrame({"a": []}), "no baskets"),
        (pd.DataFrame({"a": [0, 2]}), "1 columns with other values"),
        (pd.DataFrame({"a": ["x"], "b": ["y"], "c": ["z"]}), "3 columns with other values"),
        (np.array([[0, 3]]), "0 and 1 only"),
    ],
)
def test_data_that_are_no_baskets(data, said):
    with pytest.raises(DataError, match=said):
        frequent_itemsets(data)


def test_names_and_numbers_that_make_no_sense():
    with pytest.raises(UnknownNameError, match="Did you mean 'eclat'"):
        frequent_itemsets(SHOP, 0.5, algorithm="eclatt")
    with pytest.raises(ConfigError, match="max_length is a whole number of 1 or more; got 0"):
        frequent_itemsets(SHOP, 0.5, 0)
    found = frequent_itemsets(SHOP, 0.5)
    with pytest.raises(UnknownNameError, match="Did you mean 'confidence'"):
        association_rules(found, "confidense")
    with pytest.raises(ConfigError, match="min_threshold is a number"):
        association_rules(found, "lift", "high")
    with pytest.raises(DataError, match="no column 'count', 'itemsets', 'support'"):
        association_rules(pd.DataFrame({"a": [1]}))
    with pytest.raises(DataError, match="parts of the itemsets are missing"):
        association_rules(found[found["itemsets"].map(len) > 1])


def test_what_explodes_ends_at_the_limit():
    baskets = [list(range(60))] * 3  # all of 2^60 combinations are in all of them
    with pytest.raises(DataError, match="more than 10,000 frequent itemsets"):
        frequent_itemsets(baskets, 1.0, limit=10_000)
    assert len(frequent_itemsets(baskets, 1.0, 2)) == 60 + 60 * 59 // 2
