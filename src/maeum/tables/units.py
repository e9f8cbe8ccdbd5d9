"""What may stand beside a number: units of one dimension, currencies, words for thousands.

A `Dimension` says what its units are worth in each other. Which dimension a column has is decided
by all of its cells (`maeum.tables.quantities`): an ``m`` among ``h`` is a minute, among ``cm`` a
metre, among ``k`` a million.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, field

SCALES = {
    "": 1.0, "k": 1e3, "K": 1e3, "thousand": 1e3, "tsd": 1e3, "hundred": 1e2,
    "m": 1e6, "M": 1e6, "mn": 1e6, "mm": 1e6, "mio": 1e6, "mil": 1e6, "million": 1e6,
    "millions": 1e6, "b": 1e9, "B": 1e9, "bn": 1e9, "bil": 1e9, "mrd": 1e9, "billion": 1e9,
    "billions": 1e9, "G": 1e9, "T": 1e12, "tn": 1e12, "trillion": 1e12, "lakh": 1e5, "lakhs": 1e5,
    "lac": 1e5, "crore": 1e7, "crores": 1e7, "cr": 1e7,
    "백": 1e2, "천": 1e3, "만": 1e4, "백만": 1e6, "천만": 1e7, "억": 1e8, "조": 1e12,
    "千": 1e3, "万": 1e4, "萬": 1e4, "亿": 1e8, "億": 1e8, "兆": 1e12,
}  # fmt: skip

_CURRENCIES = {
    "USD": "$ us$ usd dollar dollars 달러", "EUR": "€ eur euro euros 유로", "GBP": "£ gbp",
    "KRW": "₩ krw won 원", "JPY": "jpy yen 円 엔", "CNY": "cny rmb 元", "INR": "₹ inr rs rs. 루피",
    "CHF": "chf fr. sfr", "AUD": "a$ au$ aud", "CAD": "c$ ca$ cad", "NZD": "nz$ nzd",
    "HKD": "hk$ hkd", "SGD": "s$ sgd", "TWD": "nt$ twd", "BRL": "r$ brl", "MXN": "mx$ mxn",
    "RUB": "₽ rub", "TRY": "₺ try", "PLN": "zł pln", "CZK": "kč czk", "HUF": "huf ft.",
    "SEK": "sek", "NOK": "nok", "DKK": "dkk", "kr": "kr kr.", "ILS": "₪ ils", "THB": "฿ thb baht",
    "VND": "₫ vnd", "IDR": "rp rp. idr", "MYR": "rm myr", "PHP": "₱ php", "ZAR": "zar",
    "SAR": "sar", "AED": "aed", "UAH": "₴ uah", "NGN": "₦ ngn", "BTC": "₿ btc", "¥": "¥",
}  # fmt: skip
CURRENCIES = {word: code for code, words in _CURRENCIES.items() for word in words.split()}


@dataclass(frozen=True)
class Dimension:
    """Units that can be turned into each other.

    Attributes:
        name: what tells it from others; of a currency, its code.
        units: what each unit is worth; the first one is what mixed cells are brought to.
        scaled: whether words for thousands and millions may stand before the unit.
        currency: whether the unit may stand before the number.
        rate: what an amount of money is for, such as ``/year``.
    """

    name: str
    units: dict[str, float] = field(default_factory=dict, hash=False)
    scaled: bool = False
    currency: bool = False
    rate: str = ""

    @property
    def base(self) -> str:
        """The unit of which the others are multiples."""
        return next(iter(self.units), "")

    def factor(self, word: str) -> float | None:
        """Return what one ``word`` is worth, None where it is not of this dimension.

        >>> mass = next(d for d in DIMENSIONS if d.base == "kg")
        >>> mass.factor("g"), mass.factor("h"), currency("KRW").factor("만원")
        (0.001, None, 10000.0)
        """
        if self.currency:
            word, rate = _split_rate(word)
            if rate and (rate != self.rate or not word):
                return 1.0 if rate == self.rate else None
        unit = self._unit(word)
        if unit is not None:
            return unit
        if not self.scaled:
            return None
        for end in range(len(word), 0, -1):
            head, tail = word[:end].strip(), word[end:].strip()
            scale = SCALES.get(head, SCALES.get(head.lower().rstrip(".")))
            unit = 1.0 if not tail else self._unit(tail)
            if scale is not None and unit is not None:
                return scale * unit
        return None

    def _unit(self, word: str) -> float | None:
        found = self.units.get(word)
        if found is None and len(word) > 1:  # an M is no metre
            return self.units.get(word.lower())
        return found


def _units(**worth: float | tuple[float, str]) -> dict[str, float]:
    """Return units with their other names: ``kg=(1, "kgs kilogram")``."""
    found: dict[str, float] = {}
    for name, said in worth.items():
        value, others = said if isinstance(said, tuple) else (said, "")
        found |= dict.fromkeys([name, *others.split()], float(value))
    return found


COUNT = Dimension("", {"": 1.0}, scaled=True)
# In the order in which they are preferred where a column allows several.
DIMENSIONS = [
    Dimension("length", _units(
        m=(1, "meter meters metre metres 미터"), km=(1000, "kilometer kilometers 킬로미터"),
        cm=(0.01, "센티"), mm=(0.001, "밀리"), dm=0.1, mi=(1609.344, "mile miles"),
        yd=(0.9144, "yds yard yards"), ft=(0.3048, "feet foot '"), inch=(0.0254, 'in inches in. "'),
    )),
    Dimension("time", _units(
        s=(1, "sec secs sec. second seconds 초 秒"),
        min=(60, "m mins min. minute minutes 분 分 分钟"),
        h=(3600, "hr hrs hr. hour hours std 시간 時間 小时"), d=(86400, "day days 일 日間"),
        week=(604800, "w wk wks weeks 주"), ms=(0.001, "msec millisecond milliseconds"), us=1e-6,
    )),
    Dimension("months", _units(
        month=(1, "mo mos mo. months mth mths 개월 달"), year=(12, "y yr yrs yr. years 년"),
    )),
    Dimension("mass", _units(
        kg=(1, "kgs kilo kilos kilogram kilograms"), g=(0.001, "gr gram grams 그램"), mg=1e-6,
        mcg=(1e-9, "µg μg ug"), t=(1000, "ton tons tonne tonnes 톤"),
        lb=(0.45359237, "lbs lbs. pound pounds"), oz=(0.028349523125, "ounce ounces"),
    )),
    Dimension("volume", _units(
        l=(1, "L liter liters litre litres 리터"), dl=0.1, cl=0.01,
        ml=(0.001, "mL cc ccm cm³"),
    ) | {"m³": 1000.0}),
    Dimension("area", {
        "m²": 1.0, "sqm": 1.0, "sq m": 1.0, "qm": 1.0, "km²": 1e6, "cm²": 1e-4, "ha": 1e4,
        "hectare": 1e4, "hectares": 1e4, "acre": 4046.8564224, "acres": 4046.8564224,
        "ft²": 0.09290304, "sqft": 0.09290304, "sq ft": 0.09290304, "sq. ft.": 0.09290304,
        "sq.ft.": 0.09290304, "평": 400 / 121,
    }),
    COUNT,
    Dimension("data", {
        "bytes": 1.0, "byte": 1.0, "B": 1.0, "KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12,
        "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12, "KiB": 2.0**10, "MiB": 2.0**20,
        "GiB": 2.0**30,
    }),
    Dimension("power", {"W": 1.0, "kW": 1e3, "MW": 1e6}),
    Dimension("energy", {"Wh": 1.0, "kWh": 1e3, "MWh": 1e6, "GWh": 1e9}),
    Dimension("frequency", {"Hz": 1.0, "kHz": 1e3, "MHz": 1e6, "GHz": 1e9}),
    Dimension("speed", {"km/h": 1.0, "kmh": 1.0, "kph": 1.0, "kmph": 1.0, "mph": 1.609344,
                        "m/s": 3.6}),
    Dimension("%", {"%": 1.0, "percent": 1.0, "pct": 1.0, "퍼센트": 1.0, "프로": 1.0}),
    Dimension("persons", dict.fromkeys(["명", "인", "人", "名", "people", "persons", "person"],
                                       1.0), scaled=True),
    Dimension("pieces", dict.fromkeys(["개", "個", "个", "件", "pcs", "pieces", "건", "ea"], 1.0),
              scaled=True),
    Dimension("age", {"세": 1.0, "살": 1.0, "歳": 1.0, "才": 1.0, "岁": 1.0}),
]  # fmt: skip
# Units of their own, nothing of which is turned into anything.
_ALONE = """
    hp bhp ps nm rpm kcal cal kj bpm mmhg hpa mbar bar psi °c °f ° ‰ mg/dl mmol/l g/dl kmpl km/l
    km/kg mpg px dpi db v kv mv ma mah lm lux ppm ppb pts p 회 대 번 층 점 권 병 잔 장 마리 가구
    回 台 枚 本 匹 階 世帯 戸 畳 views followers likes reviews ratings votes
"""
_ORDINALS = "st nd rd th er re e ème eme ste te ter º ª 번째 호 호선 동 월 시 등 위 급 반"


_RATE = re.compile(
    r"(.*?)\s*(?:/\s*|\bper |\ban? )(hour|hr|h|day|week|wk|month|mo|year|yr|annum|night|person)s?",
    re.IGNORECASE,
)
_RATES = {"hr": "hour", "h": "hour", "wk": "week", "mo": "month", "yr": "year", "annum": "year"}


def _split_rate(word: str) -> tuple[str, str]:
    """Return what stands before a rate, and the rate: ``("usd", "/year")`` of ``usd per yr``."""
    found = _RATE.fullmatch(word)
    if found is None:
        return word, ""
    of = found[2].lower()
    return found[1], f"/{_RATES.get(of, of)}"


def rate_of(word: str) -> str:
    """Return the rate that a word behind an amount of money is, empty if it is none.

    >>> rate_of("/yr"), rate_of("per month"), rate_of("kg")
    ('/year', '/month', '')
    """
    head, rate = _split_rate(word)
    return "" if head else rate


@functools.cache
def currency(code: str, rate: str = "") -> Dimension:
    """Return the dimension of a currency, or of a rate in it; it is turned into no other one."""
    words = {word: 1.0 for word, other in CURRENCIES.items() if other == code}
    return Dimension(code + rate, {code: 1.0} | words, scaled=True, currency=True, rate=rate)


@functools.cache
def single(word: str) -> Dimension:
    """Return the dimension of a unit that is turned into no other one."""
    return Dimension(word, {word: 1.0, plural(word): 1.0})


@functools.cache
def dimensions_of(word: str) -> tuple[Dimension, ...]:
    """Return the dimensions that know a word behind a number, the preferred one first.

    >>> [d.name for d in dimensions_of("m")][:3]
    ['length', 'time', '']
    """
    head, rate = _split_rate(word)
    ends = (head.lower()[i:] for i in range(len(head)))
    codes = {CURRENCIES[end] for end in ends if end in CURRENCIES}
    known = [*DIMENSIONS, *(currency(code, rate) for code in sorted(codes))]
    known += map(single, _ALONE.split())
    return tuple(d for d in known if d.factor(word) is not None)


def ordinal(word: str) -> bool:
    """Tell whether a word behind a number makes it a place or a name: ``3rd``, ``2호선``."""
    return word.lower().rstrip(".") in _ORDINALS.split()


def plural(word: str) -> str:
    """Return the other of singular and plural, as far as an ``s`` makes it."""
    return word[:-1] if word.endswith("s") and len(word) > 2 else word + "s"
