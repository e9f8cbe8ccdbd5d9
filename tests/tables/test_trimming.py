"""What stands around the rows of a table is left out, and told with its lines."""

import pytest

from maeum.tables.reading import read_table

ROWS = "Ann,Rome,5\nBob,Oslo,7\nCid,Bern,9\nDan,Lima,4\n"
TABLE = "name,city,sold\n" + ROWS
SOLD = ["5", "7", "9", "4"]


@pytest.mark.parametrize(
    "text",
    [
        TABLE + "TOTAL,,25\n",
        TABLE + "Total:,,25\n",
        TABLE + ",Grand total,25\n",
        TABLE + "합계,,25\n",
        "name,city,sold\n합계,,25\n" + ROWS,
        TABLE + ",,25\n",  # the sum without a name
        TABLE + "Average,,6.25\n",
        TABLE + "Total,,25\nAverage,,6.25\n\nSource: nowhere\n",
        TABLE + "(4 rows affected)\n",
        TABLE + "\n(4 rows)\n",
        TABLE + "\n(4 rows affected)\n\nCompletion time: 2024-01-01T10:00:00\n",
        TABLE + "* estimated\n",
        TABLE + "\nNote: some numbers, such as these, are estimated\n",
        TABLE + "Generated on 2024-01-01\n",
        TABLE + "# end of file\n",
        TABLE + "출처: 통계청\n",
        "name,city,sold\nAnn,Rome,5\nBob,Oslo,7\nname,city,sold\nCid,Bern,9\nDan,Lima,4\n",
        "name,city,sold\n,,pieces\n" + ROWS,
        "name,city,sold\n,,(pcs)\n" + ROWS,
        "name,city,sold\ntext,text,number\n" + ROWS,
        "sep=,\n" + TABLE,
        "Sales of 2024\n" + TABLE,
        "Sales of 2024,,\nby city,,\n,,\n" + TABLE,
        "Sales\n\nRegion: all\n\n" + TABLE + "TOTAL,,25\n",
        "sep=;\n" + TABLE.replace(",", ";"),
        "| name | city | sold |\n|------|:----:|-----:|\n| Ann | Rome | 5 |\n| Bob | Oslo | 7 |\n"
        "| Cid | Bern | 9 |\n| Dan | Lima | 4 |\n",
        " name | city | sold\n------+------+------\n Ann | Rome | 5\n Bob | Oslo | 7\n"
        " Cid | Bern | 9\n Dan | Lima | 4\n(4 rows)\n",
        "+------+------+------+\n| name | city | sold |\n+------+------+------+\n"
        "| Ann | Rome | 5 |\n| Bob | Oslo | 7 |\n| Cid | Bern | 9 |\n"
        "| Dan | Lima | 4 |\n+------+------+------+\n4 rows in set (0.00 sec)\n",
        "name city sold\n---- ---- ----\nAnn  Rome 5\nBob  Oslo 7\nCid  Bern 9\nDan  Lima 4\n\n"
        "(4 rows affected)\n",
        "name,city,sold\n----,----,----\n" + ROWS,
        "name city sold\nAnn  Rome 5\nBob  Oslo 7\nCid  Bern 9\nDan  Lima 4\n",
    ],
)
def test_what_is_no_row_is_left_out_and_told(write, text):
    table = read_table(write(text))
    frame = table.frame
    assert [name.strip() for name in frame] == ["name", "city", "sold"]
    assert frame["sold"].str.strip().tolist() == SOLD
    if not text.startswith(("sep", "name city")):
        assert any("line" in note or "Line" in note for note in table.notes)


@pytest.mark.parametrize(
    "text",
    [
        TABLE + "Total,Paris,45\n",  # a company
        TABLE + "Eve,,\n" + "Max,Rome,9\n",
        TABLE + "Max,Kyiv,9\n",  # a first name
        "name,n\nAnn,5\nBob,\nCid,\n",
        "text,label\nI like it,1\nNote: so dull,0\n(What?),1\n",
        "word\nsum\ntotal\nnote\n",
        "kind,size\npart,5\ntotal,9\npart,4\ntotal,8\npart,2\ntotal,7\n",
        "a,b\n-,1\n-,-\n2,3\n",
        "team,city\nReds,Rome\nBlues,Oslo\nSource,Bern\n",
        "day,sold,temperature\n2024-01-01,5,7\n2024-01-02,6,8\n2024-01-03,5,9\n2024-01-04,,\n",
        "x,y\nhigh,low\nlow,low\nhigh,high\n",
        "x,y,z\n1,2,a\n3,4,b\n5,6,\n7,,\n",
    ],
)
def test_data_are_not_left_out(write, text):
    rows = [line.split(",") for line in text.splitlines()[1:]]
    assert read_table(write(text)).frame.to_numpy().tolist() == rows


def test_lines_are_named_and_can_be_kept(write):
    path = write("Sales\n" + TABLE + "TOTAL,,25\n")
    notes = read_table(path).notes
    assert any("line 1 ('Sales')" in note for note in notes)
    assert any("line 7 ('TOTAL, 25')" in note for note in notes)
    assert any("--no-trim" in note for note in notes)
    kept = read_table(write(TABLE + "TOTAL,,25\n"), trim=False)
    assert len(kept.frame) == 5
    assert kept.notes == []


def test_totals_of_groups_in_between(write):
    text = "name,city,sold\nAnn,Rome,5\nBob,Oslo,7\nSubtotal,,12\nCid,Bern,9\nDan,Lima,4\n"
    assert read_table(write(text)).frame["sold"].tolist() == SOLD


def test_a_header_of_two_rows_becomes_one(write):
    table = read_table(write("id,a,a,b,b\n,mean,std,mean,std\nx,1,2,3,4\ny,5,6,7,8\nz,5,6,7,9\n"))
    assert list(table.frame) == ["id", "a mean", "a std", "b mean", "b std"]
    assert len(table.frame) == 3
    text = "시도별,2019,2019,2020,2020\n시도별,남자,여자,남자,여자\n"
    text += "서울,1,2,3,4\n부산,5,6,7,8\n대구,5,6,7,9\n"
    assert list(read_table(write(text)).frame) == [
        "시도별", "2019 남자", "2019 여자", "2020 남자", "2020 여자",
    ]  # fmt: skip


def test_a_total_may_stand_first(write):
    table = read_table(write("시도,인구\n계,25\n서울,5\n부산,7\n대구,9\n인천,4\n"))
    assert table.frame["인구"].tolist() == SOLD


def test_facts_above_the_table_and_descriptions_below_its_header(write):
    table = read_table(
        write(
            "Source,World Bank\n\nUpdated,2024-01-01\n\nname,code,1960,1961,1962\n"
            "Country,Code,first,second,third\nAruba,ABW,5.1,6.2,7.3\nAngola,AGO,1,2,3\nChad,TCD,4,4,5\n"
        )
    )
    assert list(table.frame) == ["name", "code", "1960", "1961", "1962"]
    assert table.frame["code"].tolist() == ["ABW", "AGO", "TCD"]


def test_totals_may_have_decimal_commas(write):
    text = "Ort;Menge;Wert\nA;1.644.826;91,12\nB;1.841.179;55,09\nSumme;3.486.005;146,21\n"
    table = read_table(write(text))
    assert table.frame["Ort"].tolist() == ["A", "B"]
    assert any("Summe" in note for note in table.notes)


ANSWERS = "".join(f"{['18-21', '22-24'][i % 2]},{['Man', 'Woman'][i % 3 > 0]},{i}\n"
                  for i in range(30))  # fmt: skip


@pytest.mark.parametrize(
    "explained",
    [
        "How old are you?,What is your gender?,How many children do you have?\n",
        'Age,Sex,N\n"{""ImportId"":""QID1""}","{""ImportId"":""QID2""}","{""ImportId"":""QID3""}"\n',
    ],
)
def test_questions_below_the_header_of_a_survey(write, explained):
    table = read_table(write("Q1,Q2,Q3\n" + explained + ANSWERS))
    assert table.frame["Q1"].tolist() == ["18-21", "22-24"] * 15
    assert any("Explanations below the header" in note for note in table.notes)


def test_rare_levels_in_the_first_row_are_no_questions(write):
    table = read_table(write("Q1,Q2,Q3\n65 or over,not said,0\n" + ANSWERS))
    assert len(table.frame) == 31


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("city,part,men,women\nSeoul,소계,30,40\nSeoul,a,10,15\nSeoul,b,20,25\nBusan,소계,50,50\n"
         "Busan,c,20,30\nBusan,d,30,20\n", "abcd"),
        ("city,part,n\nN,a,10\nN,b,20\nN,Subtotal,30\nS,c,5\nS,d,6\nS,Subtotal,11\n"
         ",Grand total,41\n", "abcd"),
        ("city,part,n\nN,a,10\nN,b,20\nN Total,,30\nS,c,5\nS,d,6\nS Total,,11\n", "abcd"),
        ("city,part,n\nN,a,10\nN,Total,20\nS,c,5\nS,Total,6\nW,e,3\nW,Total,4\nX,a,1\nX,b,1\n"
         "X,c,3\nX,d,4\n", ["a", "Total", "c", "Total", "e", "Total", *"abcd"]),  # a level
    ],
)  # fmt: skip
def test_totals_of_groups(write, text, kept):
    assert read_table(write(text)).frame["part"].tolist() == [*kept]


def test_facts_above_the_table_end_with_a_blank_line(write):
    facts = "Report,Sales\nGenerated,2020-01-01\nUser,admin\n\n"
    table = read_table(write(facts + TABLE))
    assert table.frame["sold"].tolist() == SOLD
