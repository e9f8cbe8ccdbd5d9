"""``maeum predict`` and ``maeum evaluate``: the same table in every dress, and others."""

import csv
import gzip
import io
import subprocess
import sys

import numpy as np
import pytest

from maeum.tabular import TabularModel, read_table

HEADER = ["나이", "요금제", "가입일", "지역 메모", "이탈"]


def rows(count=240, seed=1):
    random = np.random.default_rng(seed)
    for _ in range(count):
        age, plan = int(random.integers(18, 80)), ["기본", "프리미엄", "가족"][random.integers(3)]
        day = f"2024-{random.integers(1, 13):02d}-{random.integers(1, 29):02d}"
        memo = ["서울\n강남", 'a "big" city', "부산, 항구"][random.integers(3)]
        yield [str(age), plan, day, memo, "예" if age + random.normal(0, 9) > 45 else "아니오"]


def table(header, lines, separator=","):
    stream = io.StringIO()
    csv.writer(stream, delimiter=separator, lineterminator="\n").writerows([header, *lines])
    return stream.getvalue()


PLAIN = table(HEADER, rows())


@pytest.fixture(scope="module")
def trained(maeum, tmp_path_factory):
    """A model of a Korean table in a folder with a blank, and the table it came from."""
    folder = tmp_path_factory.mktemp("이탈 예측")
    (folder / "고객 명단.csv").write_text(PLAIN)
    ran = maeum(
        "train", folder / "고객 명단.csv", "--target", "이탈", "--epochs", 2, "--out", folder
    )
    assert ran.code == 0, ran.err
    return folder / "model.maeum"


def predictions(ran):
    """The columns that predict adds, as numbers where they are."""
    assert ran.code == 0, ran.err
    found = list(csv.DictReader(io.StringIO(ran.out)))
    return [(row["prediction"], row["probability of 예"]) for row in found]


@pytest.fixture(scope="module")
def expected(maeum, trained):
    return predictions(maeum("predict", trained, trained.parent / "고객 명단.csv", "--out", "-"))


@pytest.mark.parametrize(
    "content",
    [
        PLAIN.encode("utf-8-sig"),
        PLAIN.encode("utf-16"),
        PLAIN.encode("cp949"),
        PLAIN.replace("\n", "\r\n").encode(),
        table(HEADER, rows(), ";").encode(),
        table(HEADER, rows(), "\t").encode("utf-16-le"),
        gzip.compress(PLAIN.encode()),
        table(HEADER[::-1], (row[::-1] for row in rows())).encode(),
        table(HEADER[:-1], (row[:-1] for row in rows())).encode(),
        table(["번호", *HEADER], ([f"k{i}", *row] for i, row in enumerate(rows()))).encode(),
    ],
    ids=["bom", "utf-16", "cp949", "crlf", "semicolon", "tab", "gzip", "reversed", "no target",
         "further column"],
)  # fmt: skip
def test_same_rows_in_another_dress_get_the_same_predictions(
    maeum, trained, expected, tmp_path, content
):
    (tmp_path / "new.csv").write_bytes(content)
    assert predictions(maeum("predict", trained, tmp_path / "new.csv", "--out", "-")) == expected


def test_fresh_process_writes_the_same_predictions(trained, expected, tmp_path):
    command = [sys.executable, "-m", "maeum.cli.main", "predict", trained]
    source, out = trained.parent / "고객 명단.csv", tmp_path / "예측 결과.csv"
    done = subprocess.run([*command, source, "--out", out], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = list(csv.DictReader(out.open(encoding="utf-8")))
    assert [(row["prediction"], row["probability of 예"]) for row in found] == expected
    assert found[0]["지역 메모"] in ("서울\n강남", 'a "big" city', "부산, 항구")  # as it stood


def test_output_is_named_after_the_table_and_keeps_its_cells(maeum, trained, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "new.csv").write_text(PLAIN)
    ran = maeum("predict", trained, "new.csv")
    assert "240 predictions: new-predictions.csv" in ran.out
    before, after = read_table("new.csv").frame, read_table("new-predictions.csv").frame
    assert after[HEADER].equals(before)
    again = maeum("predict", trained, "new-predictions.csv", "--out", "-")
    assert "'prediction' is now 'prediction_2'" in again.err


def test_probabilities_are_those_of_the_model(trained, expected):
    model = TabularModel.load(trained)
    frame = read_table(trained.parent / "고객 명단.csv").frame
    p = model.predict(frame)["probability of 예"]
    np.testing.assert_allclose([float(e[1]) for e in expected], p, atol=5e-7)
    assert [e[0] for e in expected] == ["예" if x >= 0.5 else "아니오" for x in p]


def test_one_row_is_enough_and_new_or_missing_cells_are_told(maeum, trained, tmp_path):
    (tmp_path / "one.csv").write_text(table(HEADER[:4], [["오십", "우주", "", "서울\n강남"]]))
    ran = maeum("predict", trained, tmp_path / "one.csv", "--out", "-")
    assert len(predictions(ran)) == 1
    assert "나이: 1 cell not a number ('오십'); filled with" in ran.err
    assert "요금제: 1 cell with a value that training did not show" in ran.err
    assert "가입일: 1 missing cell filled with the usual date" in ran.err


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (["나이", "요금", "가입일", "지역 메모"], "'요금제' (Did you mean '요금'?)"),
        (["나이"], "lacks 3 of the 4 columns that the network was trained on: '요금제'"),
    ],
)
def test_missing_column_is_named(refuse, trained, tmp_path, header, said):
    lines = (row[: len(header)] for row in rows(5))
    (tmp_path / "new.csv").write_text(table(header, lines))
    assert said in refuse("predict", trained, "new.csv")


def test_table_without_rows_is_refused(refuse, trained, tmp_path):
    (tmp_path / "new.csv").write_text(table(HEADER, []))
    assert "only a header" in refuse("predict", trained, "new.csv")


def test_place_that_cannot_be_written_to(refuse, trained, tmp_path):
    (tmp_path / "new.csv").write_text(PLAIN)
    assert "could not be written" in refuse("predict", trained, "new.csv", "--out", "new.csv/o.csv")


class TestEvaluate:
    def test_counts_the_rows_that_have_a_target(self, maeum, trained, tmp_path):
        lines = list(rows(50))
        for line in lines[:7]:
            line[-1] = ""
        (tmp_path / "new.csv").write_text(table(HEADER, lines))
        ran = maeum("evaluate", trained, tmp_path / "new.csv")
        assert ran.code == 0, ran.err
        assert "new.csv: 43 rows" in ran.out
        assert f"Rows without a '{HEADER[-1]}', ignored: 7." in ran.err
        assert "ROC AUC" in ran.out

    def test_target_in_other_words_is_understood(self, maeum, trained, tmp_path):
        plain = table(HEADER, rows(50))
        (tmp_path / "a.csv").write_text(plain)
        (tmp_path / "b.csv").write_text(plain.replace("아니오", "no").replace("예", "YES"))
        one, two = (maeum("evaluate", trained, tmp_path / name).out for name in ("a.csv", "b.csv"))
        assert one.splitlines()[1:] == two.splitlines()[1:]

    @pytest.mark.parametrize(
        ("target", "said"),
        [("이탈자", "no column '이탈'"), (None, "none of the classes"), ("", "No row")],
    )
    def test_target_that_cannot_be_compared(self, refuse, trained, tmp_path, target, said):
        header = [*HEADER[:4], target or "이탈"]
        cells = {None: "글쎄", "": ""}
        lines = [[*row[:4], cells.get(target, row[4])] for row in rows(9)]
        (tmp_path / "new.csv").write_text(table(header, lines))
        assert said in refuse("evaluate", trained, "new.csv")


def test_show_tells_what_the_model_does(maeum, trained):
    ran = maeum("show", trained)
    assert ran.code == 0
    assert "Predicts '이탈', one of 2 classes; learnt from 고객 명단.csv" in ran.out
    assert "Classes: 아니오, 예" in ran.out
    assert "From 4 columns: 나이, 요금제, 가입일, 지역 메모" in ran.out
    assert "On 72 rows never seen:" in ran.out
    assert "Total params" in ran.out


def test_a_model_behind_the_data_is_recognised_and_told(maeum, trained, expected):
    ran = maeum("predict", trained.parent / "고객 명단.csv", trained, "--out", "-")
    assert predictions(ran) == expected
    assert "model.maeum is taken for the model: it comes first" in " ".join(ran.err.split())


def test_several_files_and_standard_input(maeum, trained, expected, tmp_path, monkeypatch):
    lines = list(rows())
    for name, some in (("a.csv", lines[:100]), ("b.csv", lines[100:])):
        (tmp_path / name).write_text(table(HEADER, some))
    ran = maeum("predict", trained, tmp_path / "a.csv", tmp_path / "b.csv", "--out", "-")
    assert predictions(ran) == expected
    assert "a.csv (100), b.csv (140)" in ran.err
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(PLAIN.encode("cp949"))))
    assert predictions(maeum("predict", trained, "-", "--out", "-")) == expected


def test_numbers_have_intervals_of_the_level_that_is_asked_for(maeum, trained, tmp_path):
    random = np.random.default_rng(0)
    lines = [f"{x:.3f},{3 * x + random.normal():.3f}" for x in random.uniform(0, 9, 200)]
    (tmp_path / "t.csv").write_text("\n".join(["x,y", *lines]))
    options = ("--target", "y", "--quick", "--epochs", 3, "--out", tmp_path / "found")
    assert maeum("train", tmp_path / "t.csv", *options).code == 0
    model = tmp_path / "found" / "model.maeum"

    def head(*options):
        ran = maeum("predict", model, tmp_path / "t.csv", "--out", "-", *options)
        assert ran.code == 0, ran.err
        return ran.out.splitlines()[0]

    assert head() == "x,y,prediction"  # 28 rows of validation are too few
    options = ("--validation-size", 0.3, *options[:-1], tmp_path / "more")
    ran = maeum("train", tmp_path / "t.csv", *options)
    assert "90% of the intervals around predictions were meant to hold" in ran.out
    model = tmp_path / "more" / "model.maeum"
    assert head() == "x,y,prediction,lower (90%),upper (90%)"
    assert head("--interval", 0.75) == "x,y,prediction,lower (75%),upper (75%)"
    assert head("--interval", 0) == "x,y,prediction"
    ran = maeum("evaluate", model, tmp_path / "t.csv", "--interval", 0.75)
    assert "Interval               75.0%" in ran.out
    assert "In the interval" in ran.out
    for bad in (1, 2, -1, "wide"):
        ran = maeum("predict", model, tmp_path / "t.csv", "--interval", bad)
        assert ran.code == 2
        assert "--interval" in ran.err
    ran = maeum("predict", trained, trained.parent / "고객 명단.csv", "--interval", 0.9)
    assert ran.code == 2
    assert "An interval is for numbers" in ran.err
