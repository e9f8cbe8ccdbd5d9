"""The fast way for large plain files gives what the careful one gives."""

import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maeum.core.errors import DataError
from maeum.tables import plain
from maeum.tables.columns import recognise
from maeum.tables.reading import read_table

N = 400
RNG = np.random.default_rng(0)
COLUMNS = {
    "x": [f"{value:.4f}" for value in RNG.normal(size=N) * 1000],
    "n": [str(value) for value in RNG.integers(0, 10**6, N)],
    "gaps": ["" if i % 7 == 0 else f"{value:.3g}" for i, value in enumerate(RNG.normal(size=N))],
    "marks": [["NA", "nan", "-", "?"][i % 4] if i % 9 == 0 else str(i * 3 + 1) for i in range(N)],
    "late_word": [f"{i / 7:.3f}" if i != 333 else "refused" for i in range(N)],
    "late_code": [str(i + 10_000) if i != 390 else "00123" for i in range(N)],
    "codes": [f"{i % 37:05}" for i in range(N)],
    "big": [str(10**17 + i * 7) for i in range(N)],
    "days": [str(20200101 + i % 28) for i in range(N)],
    "dates": [f"2020-{i % 12 + 1:02}-{i % 28 + 1:02}" for i in range(N)],
    "years": [f"{1900 + i / 4:.2f}" for i in range(N)],
    "city": [["Rome", "Oslo", "서울"][i % 3] for i in range(N)],
    "flag": [["yes", "no"][i % 2] for i in range(N)],
    "bits": [str(i % 2) for i in range(N)],
    "said": [f"word {i} of many" for i in range(N)],
    "quoted": [['a, "b"', "c", "d; e"][i % 3] for i in range(N)],
    "breaks": ["one\ntwo" if i % 50 == 0 else "one" for i in range(N)],
    "thousands": [f"{value:,}" for value in RNG.integers(1000, 10**6, N)],
    "infinite": ["inf" if i == 350 else str(i * 1.5) for i in range(N)],
    "bools": [["True", "False"][i % 2] for i in range(N)],
    "exponents": [f"{value:e}" for value in RNG.normal(size=N)],
    "y": [["a", "b"][i % 3 == 0] for i in range(N)],
}
NUMBERS = ["x", "n", "gaps", "marks", "exponents"]  # what is read as numbers at once


@pytest.fixture
def both(monkeypatch, write):
    """Read a text both ways: return the careful table, the fast one, and whether it was plain."""
    for name, value in {"_HEAD": 4000, "_TAIL": 900, "_BLOCK": 1500, "_CHUNK": 64}.items():
        monkeypatch.setattr(plain, name, value)

    def read(text, **how):
        path = write(text if isinstance(text, bytes) else text.encode())
        monkeypatch.setattr(plain, "LARGE", 1 << 40)
        careful = read_table(path, **how)
        monkeypatch.setattr(plain, "LARGE", 0)
        seen = []
        fast_way = plain.read_plain

        def spied(*arguments):
            seen.append(fast_way(*arguments))
            return seen[-1]

        with monkeypatch.context() as patch:
            patch.setattr(plain, "read_plain", spied)
            fast = read_table(path, **how)
        return careful, fast, seen[-1] is not None

    return read


def text_of(columns, **how):
    return pd.DataFrame(columns).to_csv(index=False, **how)


def check_same(careful, fast):
    assert fast.notes == careful.notes
    pd.testing.assert_index_equal(fast.frame.columns, careful.frame.columns)
    (typed, columns), (expected, known) = (recognise(t.frame, "y") for t in (fast, careful))
    for one, other in zip(columns, known, strict=True):
        assert one == other
    pd.testing.assert_frame_equal(typed, expected)
    for name in fast.frame:
        if fast.frame[name].dtype == object:
            assert fast.frame[name].tolist() == careful.frame[name].tolist()


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_all_kinds_of_columns(both, separator, end):
    columns = {k: v for k, v in COLUMNS.items() if k != "breaks" or end == "\n"}
    careful, fast, was_plain = both(text_of(columns, sep=separator, lineterminator=end))
    assert was_plain
    check_same(careful, fast)
    kinds = {name: fast.frame[name].dtype.kind for name in fast.frame}
    assert all(kinds[name] in "if" for name in NUMBERS)
    assert all(kinds[name] == "O" for name in ("late_word", "late_code", "codes", "days", "years"))


@pytest.mark.parametrize(
    "around",
    [
        ("# a comment\n", ""),
        ("Title of it\n", ""),
        ("sep=,\n", ""),
        ("\ufeff", ""),
        ("", "\n(400 rows affected)\n"),
        ("", "Total,12345" + "," * (len(COLUMNS) - 2) + "\n"),
        ("", "* estimated\n"),
    ],
)
def test_what_stands_around(both, around):
    before, after = around
    columns = COLUMNS if before else {"said": COLUMNS["said"], **COLUMNS}
    careful, fast, was_plain = both(before + text_of(columns) + after)
    assert was_plain
    assert len(fast.frame) == N
    check_same(careful, fast)


@pytest.mark.parametrize("encoding", ["cp949", "utf-16", "utf-8-sig"])
def test_other_encodings_are_plain_too(both, encoding):
    careful, fast, was_plain = both(text_of(COLUMNS).encode(encoding))
    assert was_plain
    check_same(careful, fast)


def test_without_a_header(both):
    columns = {k: COLUMNS[k] for k in ("x", "n", "city", "flag", "y")}
    careful, fast, was_plain = both(text_of(columns, header=False))
    assert was_plain
    assert list(fast.frame) == [f"column_{i}" for i in range(1, 6)]
    assert fast.notes == careful.notes
    assert len(fast.frame) == N


def changed(line, to):
    lines = text_of({k: COLUMNS[k] for k in ("x", "city", "n", "y")}).splitlines()
    lines[line : line + 1] = to
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    "text",
    [
        changed(300, ["1,Rome"]),  # short
        changed(300, ["x,city,n,y"]),  # the header again
        changed(300, ["", "5,Rome,7,a"]),  # a blank line
        changed(300, [",,,"]),
        changed(300, [",Subtotal,5,"]),
        changed(300, ['5,"say \\"hi\\", you",7,a']),
        changed(300, ["5,'Rome, Italy',7,a"]),
        changed(300, ["5,\\N,7,a"]),
        changed(400, ["5,,7,a"]),  # perhaps a sum
        changed(300, ['5,5" pipe,7,a']),
        changed(300, ["5,a\ufffdb,7,a"]),
        text_of({k: COLUMNS[k] for k in ("x", "city", "y")}, lineterminator="\r"),
        text_of({k: COLUMNS[k] for k in ("x", "breaks", "y")}).replace("\n", "\r\n"),
    ],
)
def test_what_is_not_plain_is_read_with_care(both, text):
    careful, fast, was_plain = both(text)
    assert not was_plain
    check_same(careful, fast)


def test_a_long_row_is_told_as_ever(both):
    with pytest.raises(DataError, match="line 301 has 5 cells"):
        both(changed(300, ["1,Rome,2,a,9"]))


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.tuples(
            st.floats(allow_nan=False, width=64).map(repr),
            st.integers(-(10**6), 10**6).map(str),
            st.text("ab \",;\n가'", max_size=5),
            st.sampled_from("ab"),
        ),
        min_size=150, max_size=200,
    ),
    quoting=st.sampled_from([0, 1]),
)  # fmt: skip
def test_whatever_is_written(both, rows, quoting):
    text = io.StringIO(newline="")
    frame = pd.DataFrame(rows, columns=["f", "n", "t", "y"])
    frame.to_csv(text, index=False, quoting=quoting)
    careful, fast, _plain = both(text.getvalue())
    check_same(careful, fast)
