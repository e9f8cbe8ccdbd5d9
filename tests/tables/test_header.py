"""Whether the first line names the columns."""

import pytest

from maeum.tables.header import header_votes
from maeum.tables.reading import read_table

DATA = [
    "1,2\n3,4\n",
    "5.1,setosa\n4.9,setosa\n6.0,virginica\n",
    "5.1,3.5,1.4,0.2,Iris-setosa\n4.9,3.0,1.4,0.2,Iris-setosa\n6.0,3.1,4.4,1.2,Iris-virginica\n",
    "5,3.5,1.4\n4.9,3.0,1.4\n5.7,2.5,5.0\n",
    "p,x\ne,x\np,b\ne,x\n",  # letters that recur below
    "0,1,2\n3,4,5\n6,7,8\n",  # all rows count on
    "1,2,3,yes\n4,5,9,no\n7,7,2,yes\n8,8,8,no\n",  # a word that recurs
    "2019,5\n2020,7\n2021,9\n",
    "2019,2020\n2020,2021\n2021,2022\n",
    "2024-01-01,5\n2024-01-02,7\n2024-01-03,4\n",
    "a1,b1\na2,b2\na3,b3\na4,b4\n",  # as all others are built
    "pos,great film\nneg,dull\npos,I liked it\nneg,never again\n",
]
HEADERS = [
    "a,b\n1,x\n",
    "kind,size\np,x\ne,x\np,b\ne,x\n",
    ",0,1,2\n0,5,6,7\n1,8,9,5\n",
    ",0,1,2\n0,0,1,2\n1,3,4,5\n2,6,7,8\n",  # counting rows of an index
    "name,2019,2020\nAnn,5,6\n",
    "0,1,2,3,target\n5.1,3.5,1.4,0.2,setosa\n4.9,3.0,1.4,0.2,setosa\n6.0,3.1,4.4,1.2,virginica\n",
    "0,1,2,3,target\n5,3,1,2,0\n4,3,1,7,1\n6,3,4,2,0\n",
    "0,1,label\n5,3,a\n4,2,b\n7,1,a\n3,3,b\n",
    "name,1990,1995,2001\nKorea,5,6,7\nFrance,9,2,4\n",
    "1,2,3,class\n5.1,3.5,1.4,a\n4.9,3.0,1.4,b\n4.7,3.2,1.3,a\n4.6,3.2,1.3,b\n",
    "0,1,2\n5,6,9\n7,7,2\n8,1,5\n",
    "1,2,3,4\n5.5,6,9,1\n7,7.5,2,3\n8,1,5,9\n",
    "3,17,42,target\n5.1,3.5,1.4,a\n4.9,3.0,1.4,b\n4.7,3.2,1.3,a\n4.6,3.2,1.3,b\n",
    "2019,2020,2021\n5,6,7\n9,2,4\n1,8,3\n",
    "2021,2020,2019\n5.5,6.1,7\n9.1,2,4\n1,8,3\n",
    "country,1990,2000,2010\nKorea,5,6,7\nFrance,9,2,4\n",
    "400.0,400.5,401.0,401.5,402.0\n0.1,0.2,0.1,0.4,0.3\n0.2,0.1,0.5,0.4,0.2\n0.5,0.1,0.2,0.4,0.7\n",
    "a,a,b,y\n1,2,3,4\n5,6,7,8\n",
    "x,y\n1,2\nx,y\n3,4\nx,y\n",  # repeated inside
    "10,20\nred,round\nblue,square\ngreen,flat\n",  # numbers over words
    "name,city\nAnn,Rome\nBob,Oslo\n",  # words only
    "text,label\nI like it,pos\nso dull,neg\n",
    "mail,day\na@b.org,2024-01-01\nc@d.org,2024-01-02\nx@y.org,2024-01-03\n",
]


@pytest.mark.parametrize(("text", "header"), [*((t, 0) for t in DATA), *((t, 1) for t in HEADERS)])
def test_header_is_told_from_data(text, header):
    rows = [line.split(",") for line in text.splitlines()]
    assert (header_votes(rows) >= 0) == bool(header)


def test_what_nothing_tells_is_said(write):
    table = read_table(write("name,city\nAnn,Rome\nBob,Oslo\n"))
    assert list(table.frame) == ["name", "city"]
    assert "Nothing tells the first line" in table.notes[0]
    assert "--no-header" in table.notes[0]
    assert len(read_table(write("name,city\nAnn,Rome\nBob,Oslo\n"), header=False).frame) == 3
