"""ARFF is read with the types that it declares."""

import numpy as np
import pytest

from maeum.core.errors import DataError
from maeum.tables.columns import recognise
from maeum.tables.reading import read_table

HEAD = """% a comment
@RELATION iris

@ATTRIBUTE 'sepal length' NUMERIC
@attribute width {real}
@attribute said string
@attribute grade {1,2,3}
@attribute class {Iris-setosa, 'Iris, other'}
@DATA
""".replace("{real}", "REAL")


def test_types_quotes_and_missing_values(write):
    rows = "5.1,3.5,'it\\'s, so',1,Iris-setosa\n4.9,?,x,3,'Iris, other'\n% end\n?,1,y,3,?\n"
    text = HEAD + rows
    frame = read_table(write(text, "iris.arff")).frame
    assert list(frame) == ["sepal length", "width", "said", "grade", "class"]
    np.testing.assert_array_equal(frame["sepal length"], [5.1, 4.9, np.nan])
    assert frame["said"].tolist()[0] == "it's, so"
    assert frame["class"].tolist()[:2] == ["Iris-setosa", "Iris, other"]
    assert frame["class"].isna().tolist() == [False, False, True]
    assert recognise(frame)[1][3].kind == "category"


def test_sparse_rows(write):
    text = HEAD + "{0 5.1, 2 x, 3 2}\n{1 3, 4 'Iris, other'}\n"
    frame = read_table(write(text, "iris.arff")).frame
    assert frame["sepal length"].tolist() == [5.1, 0]
    assert frame["grade"].tolist() == ["2", "1"]
    assert frame["class"].tolist() == ["Iris-setosa", "Iris, other"]


def test_the_same_as_scipy(write):
    from scipy.io import arff

    text = "@relation r\n@attribute x real\n@attribute c {a,b}\n@data\n1.5,a\n-2e3,b\n?,a\n"
    path = write(text, "r.arff")
    theirs, _meta = arff.loadarff(path)
    ours = read_table(path).frame
    np.testing.assert_array_equal(ours["x"], theirs["x"])
    assert ours["c"].tolist() == [level.decode() for level in theirs["c"]]


@pytest.mark.parametrize(
    ("text", "said"),
    [(HEAD + "1,2,3\n", r"line 10 has 3 cells, but the table has 5"), (HEAD, "no @data"),
     (HEAD + "\n", "no rows"), ("@relation x\n@data\n1\n", "no @attribute")],
)  # fmt: skip
def test_what_is_wrong_is_told(write, text, said):
    with pytest.raises(DataError, match=said):
        read_table(write(text, "x.arff"))
