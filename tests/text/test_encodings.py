"""Which encoding bytes are in."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maeum.core.errors import ConfigError
from maeum.text.encodings import check_encoding, error_in, recognise

LETTERS = [chr(i) for i in [*range(0x20, 0x7F), *range(0xAC00, 0xD7A4)]]
USUAL = [letter for letter in LETTERS if len(letter.encode("euc-kr")) < 3]  # not composed of jamo


@given(st.text(st.sampled_from(USUAL)))
@settings(max_examples=100)
def test_korean_text_is_recognised(text):
    text = (
        "나의 마음은 바다와 같이 넓고 " + text
    )  # alone, a syllable may pass for a letter of UTF-8
    assert recognise(text.encode()) == "utf-8"
    assert recognise(text.encode("euc-kr")) == "cp949"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_wide_encodings_are_recognised(encoding):
    data = "name,age\n이름,31\n".encode(encoding)
    assert data.decode(recognise(data)).removeprefix("\ufeff") == "name,age\n이름,31\n"


@pytest.mark.parametrize(
    "text", ["un café très fort", "it’s what’s there", "Größe und Straße", "50 €"]
)
def test_western_text_is_not_taken_for_korean(text):
    assert recognise(text.encode("cp1252")) == "cp1252"


@pytest.mark.parametrize("encoding", ["utf-8", "cp949"])
def test_a_letter_that_is_cut_at_the_end_of_a_sample_does_not_matter(encoding):
    data = "나의 마음".encode(encoding)[:-1]
    assert recognise(data, whole=False) == encoding
    assert error_in(data, encoding, whole=False) is None
    assert error_in(data, encoding) is not None


def test_a_few_broken_characters_do_not_spoil_utf8():
    assert recognise("가나다".encode() * 30 + b"\xff") == "utf-8"


@pytest.mark.parametrize("name", ["utf-9", "base64", "rot13", ""])
def test_what_is_not_an_encoding_of_text_is_refused(name):
    with pytest.raises(ConfigError, match="no encoding"):
        check_encoding(name)


def test_a_replacement_character_that_was_written_is_no_broken_one():
    assert recognise("name,n\nfoo\ufffd,1\nbar,2\n".encode()) == "utf-8"
    assert recognise(("\ufffd" * 50).encode()) == "utf-8"


def test_a_korean_text_is_not_lost_to_another_guess():
    assert recognise("name,n\nabc,1\nabc,2\n홍길동,2\n".encode("cp949")) == "cp949"
    assert recognise("a,b\n남,1\n여,2\n".encode("euc-kr")) == "cp949"
    assert recognise("날짜,비고\n2020년 1월,최초\n2020년 2월,確認\n".encode("cp949")) == "cp949"


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("shift_jis", "名前,年齢,都市\n山田太郎,31,東京\n佐藤花子,27,大阪\n"),
        ("shift_jis", "name,city\nTaro,東京\nHanako,大阪\nJiro,さっぽろ\n"),
        ("cp932", "テスト,スコア\nデータ,5\nキー,6\n"),
        ("euc_jp", "商品,価格\nりんご,100\nみかん,80\nコーヒー,300\n"),
        ("gb18030", "姓名,年龄,城市\n张伟,31,北京\n王芳,27,上海\n李娜,45,广州\n"),
        ("gb2312", "类别,评论\n正面,这个产品很好我喜欢\n负面,质量不好不推荐\n"),
        ("big5", "姓名,年齡,城市\n陳大文,31,台北\n林小美,27,高雄\n"),
        ("cp1251", "имя,возраст,город\nИван,31,Москва\nМария,27,Казань\n"),
        ("cp1251", "город,n\nМосква,5\nОмск,7\n"),
        ("cp1251", "name,city\nA,Москва\nB,Казань\n"),
        ("cp1251", "name,status\n" + "x,Да\ny,Нет\n" * 20),
        ("koi8-r", "имя,возраст,город\nИван,31,Москва\nМария,27,Казань\n"),
        ("cp1250", "imię,miasto\nŁukasz,Łódź\nZdzisław,Wrocław\nMałgorzata,Kraków\n"),
        ("cp1253", "όνομα,πόλη\nΓιώργος,Αθήνα\nΜαρία,Πάτρα\n"),
        ("cp1254", "isim,şehir\nAyşe,İstanbul\nMustafa,Muğla\nGökçe,Iğdır\n"),
        ("latin-1", "Straße;Größe\nMüllerstraße;1,5\nBärenweg;2,25\n"),
        ("latin-1", "nom,n\nabc,1\nabc,3\ndéjà vu,2\n"),
        ("cp1252", "it’s what’s there – café €50\nm³,£3\n"),
    ],
)
def test_encodings_of_the_world_are_recognised(encoding, text):
    pytest.importorskip("charset_normalizer")
    data = text.encode(encoding)
    assert data.decode(recognise(data)) == text
