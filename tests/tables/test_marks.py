import pytest

from maeum.tables.marks import beside, by_rule, exactly, told


@pytest.mark.parametrize(
    ("texts", "marks"),
    [
        (["none", "mild", "severe"], []),
        (["None", "Mild", "Severe"], []),
        (["None", "mild", "severe"], ["None"]),  # as Python writes it
        (["NA", "EU", "AS"], []),
        (["NA", "EMEA", "APAC", "LATAM"], []),
        (["NA", "DE", "FR", "KR", "US"], []),
        (["NA", "A", "B", "C"], ["NA"]),
        (["NA", "Grvl", "Pave"], ["NA"]),
        (["Na", "Cl", "K", "Ca"], []),  # sodium
        (["Null", "Smith", "Jones", "Lee"], []),
        (["NULL", "SMITH", "JONES"], ["NULL"]),
        (["null", "apple", "pear"], ["null"]),
        (["nan", "apple", "pear"], ["nan"]),
        (["NaN", "Apple", "Pear"], ["NaN"]),
        (["Nan", "Rose", "Lily"], []),
        (["nil", "some", "much"], []),
        (["unknown", "single", "married"], []),
        (["unknown", "1", "2.5"], ["unknown"]),
        (["?", "Private", "Gov"], ["?"]),
        (["-", "apple", "pear"], ["-"]),
        (["-", "+"], []),
        (["..", "…", ":", "–", "1.5", "2"], ["..", "…", ":", "–"]),  # of statistical offices
        (["None", "1.5", "2"], ["None"]),
        (["none", "1", "2", "3 or so"], ["none"]),
        (["NA", "2020-01-01", "2021-01-01"], ["NA"]),
        (["none", "Jan-20", "Feb-21", "Mar-20"], ["none"]),
        (["none", "yes", "no"], ["none"]),
        (["None", "True", "False"], ["None"]),
        (["없음", "낮음", "높음"], []),
        (["NA", "서울", "부산"], ["NA"]),
        (["", "#N/A", "<NA>", "a", "b"], ["", "#N/A", "<NA>"]),
        (["NA", "none", "?"], ["NA", "none", "?"]),
        ([], []),
    ],
)
def test_marks_are_marks_where_the_rest_is_of_another_kind(texts, marks):
    assert by_rule(texts) == set(marks)


def test_marks_can_be_chosen():
    texts = ["NA", "none", "mild", "nan"]
    assert exactly(["none"])(texts) == {"none"}
    assert exactly([])(texts) == set()
    assert exactly([])(["NA", "1", "2"]) == {"NA"}  # a column of numbers is one all the same
    assert beside(["none", "mild"], ["x"])([*texts, "x"]) == {"NA", "nan", "x"}


def test_what_was_chosen_is_told():
    kept, taken = told({"?": 3}, ["none", "nil"])
    assert "Counted as values, as they are written like the others: 'none', 'nil'." in kept
    assert "--missing none,nil" in kept
    assert "Taken as missing: '?', 3 cells" in taken
    assert told({}, []) == []
