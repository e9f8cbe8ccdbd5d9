import pytest

from maeum.core.korean import with_particles


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("표은(는) 행은(는)", "표는 행은"),
        ("'나이'이(가) '지역'이(가)", "'나이'가 '지역'이"),
        ("80%을(를) 3을(를) 2을(를)", "80%를 3을 2를"),
        ("서울(으)로 부산(으)로 제주(으)로 8(으)로", "서울로 부산으로 제주로 8로"),
        ("“예”(이)라고 “아니요”(이)라고 “없음”(이)라고", "“예”라고 “아니요”라고 “없음”이라고"),
        ("Churn와(과) (으)로", "Churn와(과) (으)로"),
    ],
)
def test_particles_follow_the_sound_before_them(written, read):
    assert with_particles(written) == read
