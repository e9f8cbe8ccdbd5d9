"""Quotes, escapes and separators are recognised by all rows."""

import csv
import io

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from maeum.tables.reading import read_table

HEAD = "x,said,y\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (r'1.5,"say \"hi\", ok",yes' + "\n" + r'2.5,"no, \"no\"",no' + "\n",
         ['say "hi", ok', 'no, "no"']),
        (r'1,"\"a\"",yes' + "\n2,b,no\n", ['"a"', "b"]),
        ("1,'a, b',yes\n2,'c',no\n", ["a, b", "c"]),
        ("1,'it\\'s, so',yes\n2,'c',no\n", ["it's, so", "c"]),
        ("1,'it''s',yes\n2,'c',no\n3,'d',no\n", ["it's", "c", "d"]),
        ('1,"say ""hi"", ok",yes\n2,b,no\n', ['say "hi", ok', "b"]),
        (r'1,a\,b,yes' + "\n2,c,no\n", ["a,b", "c"]),
        (r'1,"C:\temp\",yes' + "\n" + r'2,"C:\new",no' + "\n", ["C:\\temp\\", "C:\\new"]),
        (r'1,"C:\temp, \"new\"",yes' + "\n2,b,no\n", ['C:\\temp, "new"', "b"]),
        ("1,'tis,yes\n2,don't,no\n", ["'tis", "don't"]),
        ('1,5" pipe,yes\n2,b,no\n', ['5" pipe', "b"]),
        ("1,\\N,yes\n2,b,no\n", ["", "b"]),
        ('1,"line\nbreak \\"x\\"",yes\n2,b,no\n', ['line\nbreak "x"', "b"]),
    ],
)  # fmt: skip
def test_cells_are_what_was_written(write, text, said):
    frame = read_table(write(HEAD + text)).frame
    assert frame["said"].tolist() == said
    assert frame["y"].isin(["yes", "no"]).all()


def test_what_was_recognised_is_told(write):
    assert any("backslash" in n for n in read_table(write(HEAD + '1,"a \\"b\\"",yes\n')).notes)
    assert any("quoted by '" in n for n in read_table(write(HEAD + "1,'a, b',yes\n")).notes)
    assert read_table(write(HEAD + '1,"a, b",2\n')).notes == []


def test_commas_of_a_single_column_of_texts_belong_to_it(write):
    table = read_table(write('text\nI like it\nso, so\n"quoted, too"\nbad\n'))
    assert table.frame["text"].tolist() == ["I like it", "so, so", "quoted, too", "bad"]
    assert any("one column" in note for note in table.notes)


LETTERS = "abcXYZ 0123가é"


@st.composite
def written(draw):
    """A dialect, and rows whose cells hold its own marks, and no other's."""
    quote = draw(st.sampled_from("\"'"))
    separator = draw(st.sampled_from(",;\t|"))
    doubled = draw(st.booleans())
    quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]))
    if not doubled and draw(st.booleans()):
        quoting = csv.QUOTE_NONE
    marks = separator + quote + ("\n" if quoting != csv.QUOTE_NONE else "")
    cells = st.text(LETTERS + marks, min_size=1, max_size=8).map(str.strip).filter(bool)
    rows = draw(st.lists(st.lists(cells, min_size=3, max_size=3), min_size=3, max_size=8))
    rows.append([f"a{separator} b", f"{quote}c{quote}", "d"])  # shows what the marks mean
    dialect = {
        "delimiter": separator, "quotechar": quote, "doublequote": doubled, "quoting": quoting,
        "escapechar": None if doubled else "\\",
        "lineterminator": draw(st.sampled_from(["\n", "\r\n"])),
    }  # fmt: skip
    return dialect, rows


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(written())
def test_what_python_writes_in_any_dialect_is_read_back(write, made):
    dialect, rows = made
    text = io.StringIO(newline="")
    csv.writer(text, **dialect).writerows([["a", "b", "c"], *rows])
    assume(not text.getvalue().startswith("sep="))
    path = write(text.getvalue().encode())
    frame = read_table(path, separator=dialect["delimiter"], header=True, trim=False).frame
    assert frame.to_numpy().tolist() == rows


@pytest.mark.parametrize(
    "text",
    [
        '"age" "y"\n' + "".join(f'"{i}" {i * 7 % 50} "a b"\n' for i in range(20)),  # R's table
        "age,y\n" + "".join(f"{i},{i * 7 % 50},a b\n" for i in range(20)),
    ],
)
def test_row_names_of_r_have_no_header(write, text):
    table = read_table(write(text))
    assert list(table.frame) == ["column_1", "age", "y"]
    assert table.frame["y"].tolist() == ["a b"] * 20


def test_blanks_that_align_numbers_and_a_tab_before_the_name(write):
    text = "".join(f'{i + 10}.0   {i % 3}   {i * 31 % 97}.5\t"ford {i % 2}"\n' for i in range(30))
    table = read_table(write(text))
    assert table.frame.shape == (30, 4)
    assert table.frame["column_4"].tolist() == ["ford 0", "ford 1"] * 15


def test_tabs_between_cells_with_blanks_stay_the_separators(write):
    text = "when\tn\n" + "".join(f"2024-01-01 10:{i:02}\t{i}\n" for i in range(20))
    assert read_table(write(text)).frame.shape == (20, 2)


def test_quotation_marks_that_are_not_closed_belong_to_the_cells(write):
    titles = ['"Hi', "Show", 'It "was", "so'] * 10
    text = "id\ttitle\ty\n" + "".join(f"{i}\t{t}\t{i % 2}\n" for i, t in enumerate(titles))
    table = read_table(write(text))
    assert table.frame["title"].tolist() == titles
    assert any("not all of them are closed" in note for note in table.notes)
