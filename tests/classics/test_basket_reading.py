"""Tables of baskets in all the ways they come, and what is told of them."""

import pandas as pd
import pytest

from maeum.classics.rules.options import BasketReading
from maeum.classics.rules.reading import read_baskets
from maeum.core.errors import DataError, UnknownNameError

SHOP = [
    ["bread", "butter"],
    ["bread", "butter", "milk"],
    ["milk", "tea"],
    ["bread", "milk"],
    ["tea", "sugar"],
    ["butter", "sugar", "milk"],
    ["bread", "butter", "tea", "milk"],
]
EXPECTED = [set(basket) for basket in SHOP]


def found(source, **reading):
    read = read_baskets(source, BasketReading(**reading))
    return [set(read.baskets.basket(i)) for i in range(len(read.baskets))], " ".join(read.notes)


def long_of(baskets, head="id,item", first=101):
    lines = [f"{first + i},{item}" for i, basket in enumerate(baskets) for item in basket]
    return "\n".join([head, *lines]) + "\n"


def padded(basket, width=4):
    return ",".join([*basket, *[""] * (width - len(basket))])


FORMS = {
    "long": long_of(SHOP),
    "long, named otherwise": long_of(SHOP, "거래번호,상품명"),
    "long, without words": long_of(SHOP, "a,b"),
    "ragged lines": "\n".join(map(",".join, SHOP)),
    "ragged lines with semicolons": "\n".join(map(";".join, SHOP)),
    "ragged lines with a header": "items\n" + "\n".join(map(",".join, SHOP)),
    "cells": "a,b,c,d\n" + "\n".join(map(padded, SHOP)),
    "cells, named": "item_1,item_2,item_3,item_4\n" + "\n".join(map(padded, SHOP)),
    "cells with a number and a day": "no,day,i1,i2,i3,i4\n"
    + "\n".join(f"{i},2024-01-{i + 1:02d},{padded(basket)}" for i, basket in enumerate(SHOP)),
    "lists": "items\n" + "\n".join(f'"{", ".join(basket)}"' for basket in SHOP),
    "lists with semicolons": "id,what\n"
    + "\n".join(f"{i},{';'.join(basket)}" for i, basket in enumerate(SHOP)),
    "lists as Python writes them": "id\twhat\n"
    + "\n".join(f"{i}\t{basket!r}" for i, basket in enumerate(SHOP)),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_table_is_read_as_the_same_baskets(write, form):
    baskets, _notes = found(write(FORMS[form]))
    assert baskets == EXPECTED


@pytest.mark.parametrize(("yes", "no"), [("1", "0"), ("yes", "no"), ("TRUE", "FALSE"), ("t", "?"),
                                         ("예", "아니오"), ("1", "")])  # fmt: skip
@pytest.mark.parametrize("numbered", [False, True])
def test_a_matrix_is_read(write, yes, no, numbered):
    items = sorted(set().union(*EXPECTED))
    lines = [",".join([*["id"] * numbered, *items])]
    for i, basket in enumerate(SHOP):
        cells = [yes if item in basket else no for item in items]
        lines.append(",".join([*[f"B{i}"] * numbered, *cells]))
    baskets, _notes = found(write("\n".join(lines)))
    assert baskets == EXPECTED


def test_numbers_of_pieces_count_as_there(write):
    baskets, notes = found(write("tea,milk\n2,0\n0,1\n1,3\n0,0\n"))
    assert baskets == [{"tea"}, {"milk"}, {"tea", "milk"}, set()]
    assert "Numbers above 1 count as “is there”: tea, milk" in notes
    assert "1 basket is empty" in notes


def test_sets_of_numbers_with_spaces_are_read(write):
    baskets, notes = found(write("1 2 3\n2 3\n1 3 4 5\n7\n", "retail.dat"))
    assert baskets == [{"1", "2", "3"}, {"2", "3"}, {"1", "3", "4", "5"}, {"7"}]
    assert "separated by spaces" in notes


def test_a_first_line_of_items_is_a_basket(write):
    lines = ["bread,tea", "milk,bread", "tea,milk", "milk,bread", "tea,milk"]
    baskets, notes = found(write("\n".join(lines)))
    assert baskets == [set(line.split(",")) for line in lines]
    assert "so it is a basket" in notes


def test_spellings_are_one_item_and_told(write):
    text = (
        "id,item\n1,Bread\n1,butter\n2,bread \n2,Rye  bread\n3,BREAD\n3,rye bread\n4,Bread\n4,tea\n"
    )
    path = write(text)
    baskets, notes = found(path)
    assert baskets[1] == {"Bread", "Rye bread"} or baskets[1] == {"Bread", "rye bread"}
    assert "Bread (2) = bread (1) = BREAD (1)" in notes
    assert "2 items are written in several ways" in notes
    baskets, notes = found(path, case_sensitive=True)
    assert [len(basket) for basket in baskets] == [2, 2, 2, 2]
    assert baskets[2] == {"BREAD", "rye bread"}
    assert "several ways" not in notes


def test_what_is_missing_again_and_empty_is_told(write):
    text = "id,item\n1,tea\n1,tea\n1,milk\n2,\n,milk\n2,milk\n2,n/a\n3,tea\n3,milk\n"
    baskets, notes = found(write(text))
    assert baskets == [{"tea", "milk"}, {"milk"}, {"tea", "milk"}]
    assert "1 time an item is in a basket again" in notes
    assert "3 rows without a basket or an item" in notes
    assert "Taken for empty cells: 'n/a' (1)" in notes


def test_encodings_and_separators_are_recognised(write):
    text = long_of([["빵", "버터"], ["빵", "우유"], ["우유", "차"], ["빵", "버터"]], "거래,품목")
    baskets, notes = found(write(text.replace(",", ";").encode("cp949")))
    assert baskets == [{"빵", "버터"}, {"빵", "우유"}, {"우유", "차"}, {"빵", "버터"}]
    assert "cp949" in notes


def test_columns_can_be_named_and_several_tell_a_basket(write):
    rows = [("Kim", "Mon", "tea"), ("Kim", "Mon", "milk"), ("Kim", "Tue", "tea"),
            ("Lee", "Mon", "milk"), ("Lee", "Mon", "tea"), ("Lee", "Mon", "sugar")]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["who", "day", "thing"])
    baskets, _notes = found(frame, basket=("who", "day"), item="thing")
    assert baskets == [{"tea", "milk"}, {"tea"}, {"milk", "tea", "sugar"}]
    read = read_baskets(frame, BasketReading(basket=("who", "day"), item="thing"))
    assert read.baskets.names == ("Kim, Mon", "Kim, Tue", "Lee, Mon")
    baskets, _notes = found(frame, basket=("who",), item="thing")
    assert baskets == [{"tea", "milk"}, {"milk", "tea", "sugar"}]
    with pytest.raises(DataError, match="not clear where the baskets are"):
        found(frame.rename(columns={"thing": "x", "who": "y", "day": "z"}))
    with pytest.raises(UnknownNameError, match="Did you mean 'thing'"):
        found(frame, item="thin", basket=("who",))


def test_a_table_of_orders_with_many_columns_is_recognised(write):
    lines = ["InvoiceNo,StockCode,Description,Quantity,UnitPrice,CustomerID,Country"]
    for i, basket in enumerate(SHOP):
        lines += [f"5363{i},{len(x)}1A,{x.upper()},{1 + j},2.5{j},178{i // 2},UK"
                  for j, x in enumerate(basket)]  # fmt: skip
    baskets, notes = found(write("\n".join(lines)))
    assert baskets == [{item.upper() for item in basket} for basket in SHOP]
    assert "'InvoiceNo' tells the baskets apart, 'Description' holds the items" in notes


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (long_of([["a", "b", "c"]]), "everything is in one basket"),
        (long_of([["a"], ["b"], ["a"]]), "no basket holds two different items"),
        ("a,b\n0,0\n0,0\n", "no basket holds an item"),
        ("x,y\n1,0\n0,1\n1,0\n", "no basket holds two different items"),
        ("age,income,city,rent\n31,2000,Rome,1.5\n45,3000,Oslo,2.5\n31,2500,Bern,3.5\n",
         "not clear where the baskets are"),
        ("id,item\n", "only a header"),
        ("", "is empty"),
    ],
)  # fmt: skip
def test_tables_without_baskets_are_refused(write, text, said):
    with pytest.raises(DataError, match=said):
        found(write(text))
