import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maeum.tables.numbers import allows_both, decimal_sign, parse_numbers, values_of

NAN = float("nan")


def parse(text, decimal="."):
    return parse_numbers(np.array([text], object), decimal)[0]


@pytest.mark.parametrize(
    ("text", "decimal", "number"),
    [
        ("12", ".", 12), ("-1.5e3", ".", -1500), (".5", ".", 0.5), ("5.", ".", 5),
        ("1,234", ".", 1234), ("1,234,567.25", ".", 1234567.25), ("1 234", ".", 1234),
        ("1'234.5", ".", 1234.5), ("$1,200", ".", 1200), ("-$5", ".", -5), ("₩ 1,000", ".", 1000),
        ("1000원", ".", 1000), ("12%", ".", 12), ("−3", ".", -3), ("3 €", ".", 3),
        ("1,5", ",", 1.5), ("1.234,5", ",", 1234.5), ("1.234.567", ",", 1234567), ("7", ",", 7),
        ("12,50 €", ",", 12.5), ("abc", ".", NAN), ("1,2,3", ".", NAN), ("12,5", ".", NAN),
        ("1_000", ".", NAN), ("0x1A", ".", NAN), ("", ".", NAN), ("1.5", ",", NAN),
        ("1,23,456", ".", 123456), ("1’234", ".", 1234), ("1 234,5", ",", 1234.5),
        ("1\u202f234\u00a0567", ".", 1234567), ("１２.５", ".", 12.5), ("٣٤", ".", 34),
        ("+5%", ".", 5), ("5-", ".", -5), ("($347.90)", ".", -347.9), ("$(5)", ".", -5),
        ("EUR 12.50", ".", 12.5), ("12.50 USD", ".", 12.5), ("US$5", ".", 5),
        ("1.5×10³", ".", 1500), ("6806*", ".", 6806), ("6806²", ".", 6806), ("6806[1]", ".", 6806),
        ("1.5E-3", ".", 0.0015), ("1,5e3", ",", 1500),
        ("1.2.3", ".", NAN), ("192.168.0.1", ",", NAN), ("0170 123 456", ".", NAN),
        ("12 34", ".", NAN), ("1,2345", ".", NAN), ("4x4", ".", NAN), ("3rd", ".", NAN),
        ("2020-01-01", ".", NAN), ("5 apples", ".", NAN), ("--1", ".", NAN),
    ],
)  # fmt: skip
def test_numbers_are_read_in_many_spellings(text, decimal, number):
    assert parse_numbers(np.array([text], object), decimal) == pytest.approx(number, nan_ok=True)


@given(st.floats(allow_nan=False, width=64))
def test_every_number_that_python_writes_is_read_back(number):
    assert parse_numbers(np.array([repr(number)], object))[0] == number


@given(st.integers(-(10**12), 10**12), st.integers(0, 99))
def test_grouped_numbers_are_read_back(whole, hundredths):
    text = f"{whole:,}.{hundredths:02d}"
    expected = float(text.replace(",", ""))
    turned = text.translate(str.maketrans(",.", ".,"))
    assert parse_numbers(np.array([text], object))[0] == expected
    assert parse_numbers(np.array([turned], object), ",")[0] == expected


def test_decimal_sign_follows_the_unambiguous_cells():
    assert decimal_sign(np.array(["1,234", "1,5"], object)) == ","
    assert decimal_sign(np.array(["1,234", "1,234.5"], object)) == "."
    assert decimal_sign(np.array(["1,234", "abc"], object)) is None


@pytest.mark.parametrize(
    ("texts", "sign"),
    [
        (["12.5", "-0.513"], "."), (["1,5"], ","), (["1.234.567"], ","), (["1,234,567"], "."),
        (["1,23,456"], "."), (["$0,99"], ","), (["12", "7"], None), (["1,250"], None),
        (["1.250"], None), (["1,5", "2,7,9"], None), (["word"], None), (["1 234,50 €"], ","),
        (["0.1", "1,5", "2.25"], "."), (["10:30", "3,25"], ","),
    ],
)  # fmt: skip
def test_decimal_sign_is_what_the_clear_cells_show(texts, sign):
    assert decimal_sign(np.array(texts, object)) == sign


def test_numbers_that_either_sign_allows_are_found():
    texts = np.array(["12", "1.250", "3,500"], object)
    assert (allows_both(texts), allows_both(texts, ",")) == ("3,500", "1.250")
    assert allows_both(np.array(["12,50", "0,250", "1,2345"], object), ",") == ""


def grouped(whole, group, indian=False):
    """Write a whole number in groups, from the right."""
    digits, parts = str(abs(whole)), []
    size = 3
    while digits:
        parts.insert(0, digits[-size:])
        digits, size = digits[:-size], 2 if indian else 3
    return group.join(parts)


@settings(max_examples=200)
@given(
    whole=st.integers(0, 10**12), cents=st.integers(0, 99),
    group=st.sampled_from(["", "g", " ", "'"]), decimal=st.sampled_from([".", ","]),
    sign=st.sampled_from(["", "-", "+", "−", "()", "-$", "b-"]),
    around=st.sampled_from(["{}", "{}%", "${}", "{} €", "EUR {}", "₩ {}", "{}원", "{}*", "{}¹"]),
    indian=st.booleans(), wide=st.booleans(),
)  # fmt: skip
def test_a_number_that_is_written_in_any_way_is_read_back(
    whole, cents, group, decimal, sign, around, indian, wide
):
    group = {".": ",", ",": "."}[decimal] if group == "g" else group
    text = grouped(whole, group, indian and group == ",") + f"{decimal}{cents:02d}"
    if sign in ("()", "b-"):
        around = "{}"
    text = around.format(text)
    if sign == "-$":
        text = "-" + text
    elif sign == "()":
        text = f"({text})"
    elif sign == "b-":
        text += "-"
    elif sign:
        text = text.replace("$", f"${sign}") if "$" in text else sign + text
    if wide and not text.endswith("¹"):
        text = text.translate({ord(str(d)): chr(0xFF10 + d) for d in range(10)})
    expected = float(f"{whole}.{cents:02d}") * (-1 if sign in ("-", "−", "()", "-$", "b-") else 1)
    if sign in ("+", "-", "−") and around[0] in "E₩":
        return
    assert parse(text, decimal) == expected


@given(st.lists(st.one_of(st.text(max_size=8), st.floats(allow_nan=False).map(repr)), max_size=20))
def test_many_texts_are_read_as_each_alone(texts):
    together = values_of(texts)
    alone = [values_of([text])[0] for text in texts]
    np.testing.assert_array_equal(together, np.array(alone, np.float64))
