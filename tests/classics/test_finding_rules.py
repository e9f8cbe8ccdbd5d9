"""From a table to rules, files and a page: the command, and what it refuses."""

import csv
import math

import numpy as np
import pandas as pd
import pytest

from maeum.classics.rules import finding
from maeum.classics.rules.apriori import steps
from maeum.classics.rules.baskets import Baskets
from maeum.classics.rules.eclat import eclat
from maeum.classics.rules.estimate import estimate
from maeum.classics.rules.finding import find_rules, usual_support, write_tables
from maeum.classics.rules.options import BasketReading, RuleOptions
from maeum.classics.rules.page import page_of
from maeum.classics.rules.sentences import sentence
from maeum.core.errors import DataError
from maeum.core.json import to_bytes
from maeum.core.messages import set_language
from maeum.report.html import render
from maeum.report.sections import to_json

from .. import pages
from ..cli.conftest import run


def shop(baskets=400, seed=0):
    """Baskets in which jam is mostly beside bread, and other things are where they are."""
    rng = np.random.default_rng(seed)
    others = ["milk", "tea", "rice", "soap", "eggs", "<b>oil</b>"]
    found = []
    for _ in range(baskets):
        basket = {str(item) for item in others if rng.random() < 0.25}
        if rng.random() < 0.3:
            basket |= {"bread", "jam"} if rng.random() < 0.8 else {"bread"}
        found.append(sorted(basket) or ["tea"])
    return found


def as_text(baskets):
    lines = [f"{i},{item}" for i, basket in enumerate(baskets) for item in basket]
    return "\n".join(["id,item", *lines]) + "\n"


@pytest.fixture(scope="module")
def found():
    return find_rules(pd.DataFrame({
        "id": [i for i, basket in enumerate(shop()) for _ in basket],
        "item": [item for basket in shop() for item in basket],
    }))  # fmt: skip


def test_the_rule_that_was_put_in_is_the_best_and_the_only_one_beyond_chance(found):
    best = found.best(5)
    rules = found.rules
    told = {frozenset(rules.names(rules.antecedents[i] + rules.consequents[i]))
            for i in np.flatnonzero(found.beyond_chance & found.says_more)}  # fmt: skip
    assert told == {frozenset(["bread", "jam"])}
    assert best.names(best.antecedents[0] + best.consequents[0]) == ["bread", "jam"] or len(best)
    jam, bread = ({i for i, b in enumerate(shop()) if x in b} for x in ("jam", "bread"))
    assert sentence(best, 0) == (
        f"100% of the baskets with jam also hold bread: {400 / len(bread):.3g} times as often as "
        f"in all baskets ({len(bread) / 400:.0%})."
    )
    assert jam <= bread


def test_the_page_is_whole_in_both_languages_and_shows_every_chapter(found):
    page = page_of(found)
    assert [chapter.name for chapter in page.chapters] == [
        "baskets", "rules", "together", "reading", "apriori", "chance", "data"
    ]  # fmt: skip
    for code in ("en", "ko"):
        set_language(code)
        try:
            html = render(page_of(found))
        finally:
            set_language(None)
        pages.check(html)
        assert "<b>oil</b>" not in html
        assert "&lt;b&gt;oil&lt;/b&gt;" in html
    assert to_bytes(to_json(page))


def test_files_hold_all_rules_and_itemsets(found, tmp_path):
    paths = write_tables(found, tmp_path)
    with paths["rules"].open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(found.rules) > 0
    baskets = [set(basket) for basket in shop()]
    for row in rows[:10]:
        one, other = (set(row[name].split(" + ")) for name in ("antecedents", "consequents"))
        both = sum(basket >= one | other for basket in baskets)
        assert int(row["count"]) == both
        assert float(row["confidence"]) == pytest.approx(both / sum(b >= one for b in baskets))
        assert math.isinf(float(row["conviction"])) == (float(row["confidence"]) == 1)
    with paths["itemsets"].open(encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == len(found.itemsets)


def test_apriori_shows_what_it_joins_prunes_and_counts():
    # Of the pairs only b + d is not frequent; so abd is pruned, and abc and acd are counted.
    baskets = Baskets.of([list(b) for b in ("abc", "abc", "acd", "acd", "bd")])
    one, two, three = steps(baskets, 2)
    assert (one.joined, len(one.frequent)) == (4, 4)
    named = {tuple(sorted(baskets.items[c] for c in s)): n for s, n in two.counted.items()}
    assert named == {
        ("a", "b"): 2, ("a", "c"): 4, ("a", "d"): 2, ("b", "c"): 2, ("b", "d"): 1, ("c", "d"): 2
    }  # fmt: skip
    pruned = {"".join(sorted(baskets.items[c] for c in s)): "".join(
        sorted(baskets.items[c] for c in part)) for s, part in three.pruned.items()}  # fmt: skip
    assert pruned == {"abd": "bd"}  # bcd is joined by none: bc and bd begin alike, but bd is rare
    assert {"".join(sorted(baskets.items[c] for c in s)) for s in three.frequent} == {"abc", "acd"}


@pytest.mark.parametrize("seed", range(3))
def test_the_estimate_is_near_to_what_is_found(seed):
    rng = np.random.default_rng(seed)
    matrix = rng.random((500, 150)) < rng.random(150) * 0.3
    baskets = Baskets.of(matrix)
    for least in (10, 20):
        expected, there = estimate(baskets, least), eclat(baskets, least)
        assert expected.lengths[0] == len(there.levels[0].counts)
        assert expected.lengths[1] == pytest.approx(len(there.levels[1].counts), rel=0.2)
        assert expected.total == pytest.approx(len(there), rel=0.5)


def test_what_would_explode_is_refused_with_what_would_do(write):
    rng = np.random.default_rng(0)
    flags = pd.DataFrame(rng.random((200, 80)) < 0.8).rename(columns="item {}".format)
    with pytest.raises(
        DataError, match=r"about .* frequent itemsets, which need .*--min-support"
    ) as e:
        find_rules(flags.astype(int), options=RuleOptions(min_support=0.1, max_length=12))
    advised = float(str(e.value).partition("--min-support ")[2].split()[0])
    chosen = find_rules(flags.astype(int), options=RuleOptions(min_support=advised, max_length=12))
    assert len(chosen.itemsets) <= 1_000_000
    assert find_rules(flags.astype(int)).chosen  # by the data, it is one that ends


def test_a_support_is_chosen_that_makes_pairs_frequent_but_not_those_of_a_few_baskets():
    baskets = Baskets.of(shop(2000))
    support = usual_support(baskets, RuleOptions())
    assert support * 2000 >= 5
    rare = Baskets.of([[i, i + 1] for i in range(1000)])
    assert usual_support(rare, RuleOptions()) * 1000 >= 5


@pytest.mark.parametrize("algorithm", ["eclat", "apriori"])
def test_the_command_writes_what_it_found(tmp_path, monkeypatch, algorithm):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop.csv").write_text(as_text(shop()))
    ran = run("rules", "shop.csv", "--min-support", 20, "--min-confidence", 0.5,
              "--algorithm", algorithm)  # fmt: skip
    assert ran.code == 0, ran.err
    assert "400 baskets, 8 items" in ran.out
    assert "Frequent is what at least 20 baskets hold (5%):" in ran.out
    assert "jam → bread" in ran.out
    folder = tmp_path / "maeum-shop-rules"
    assert {path.name for path in folder.iterdir()} == {"report.html", "rules.csv", "itemsets.csv"}
    again = run("rules", "shop.csv", "--min-lift", 50)
    assert again.code == 0
    assert "lower --min-confidence or --min-lift" in " ".join(again.out.split())
    assert (tmp_path / "maeum-shop-rules-2" / "report.html").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--min-support 0", "With --min-support=0 every combination"),
        ("--min-support 1.5", "--min-support is a fraction above 0, up to 1, or a number"),
        ("--min-support many", "--min-support is a fraction"),
        ("--min-confidence 2", "--min-confidence takes numbers from 0, below 1"),
        ("--min-lift high", "--min-lift"),
        ("--max-length 0", "--max-length is a whole number of 1 or more"),
        ("--algorithm eclair", "Did you mean 'eclat'"),
        ("--layout wide", "--layout is one of"),
        ("--item itm", "Did you mean 'item'"),
        ("--basket item --item item", "two different columns"),
        ("--out shop.csv", "cannot be written to"),
    ],
)
def test_the_command_refuses_what_makes_no_sense(tmp_path, monkeypatch, options, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop.csv").write_text(as_text(shop(50)))
    ran = run("rules", "shop.csv", *options.split())
    assert (ran.code, "Traceback" in ran.err) == (2, False)
    assert said in " ".join(ran.err.split())
    assert [path.name for path in tmp_path.iterdir()] == ["shop.csv"]


def test_no_pair_is_frequent(write):
    text = as_text([["a", "b"], ["c", "d"], ["e", "f"]] * 3 + [["g"]] * 30)
    found = find_rules(write(text), options=RuleOptions(min_support=0.5))
    assert len(found.rules) == 0
    page = page_of(found)
    assert "lower --min-support" in page.headline
    pages.check(render(page))


def test_items_with_the_sign_between_items_are_told_apart(write, tmp_path):
    text = "id,item\n" + "".join(f"{i},a + b\n{i},c\n" for i in range(9)) + "9,d\n9,c\n10,d\n"
    paths = write_tables(find_rules(write(text)), tmp_path)
    assert "a + b; c" in paths["itemsets"].read_text()


def test_the_reading_takes_a_frame_with_options():
    frame = pd.DataFrame({"u": [1, 1, 2, 2, 3], "v": ["x", "y", "x", "y", "x"]})
    options = RuleOptions(min_support=0.5, min_confidence=0.1, min_lift=0)
    found = find_rules(frame, BasketReading(basket=("u",), item="v"), options)
    assert len(found.rules) == 2
    assert finding.FILES["report"] == "report.html"
