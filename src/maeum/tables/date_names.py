"""The names of months, weekdays and time zones, as they stand in dates.

The names are those of the Unicode CLDR, without accents and in the form that stands behind a day.
"""

from __future__ import annotations

import functools
import unicodedata

_MONTHS = {
    "en": "january february march april may june july august september october november december",
    "de": "januar februar marz april mai juni juli august september oktober november dezember",
    "fr": "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre "
    "diciembre",
    "pt": "janeiro fevereiro marco abril maio junho julho agosto setembro outubro novembro "
    "dezembro",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre "
    "dicembre",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "sv": "januari februari mars april maj juni juli augusti september oktober november december",
    "da": "januar februar marts april maj juni juli august september oktober november december",
    "nb": "januar februar mars april mai juni juli august september oktober november desember",
    "fi": "tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesakuuta heinakuuta elokuuta "
    "syyskuuta lokakuuta marraskuuta joulukuuta",
    "pl": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia wrzesnia pazdziernika "
    "listopada grudnia",
    "cs": "ledna unora brezna dubna kvetna cervna cervence srpna zari rijna listopadu prosince",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "uk": "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
    "tr": "ocak subat mart nisan mayıs haziran temmuz agustos eylul ekim kasım aralık",
    "id": "januari februari maret april mei juni juli agustus september oktober november desember",
    "ro": "ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie "
    "decembrie",
    "hu": "januar februar marcius aprilis majus junius julius augusztus szeptember oktober "
    "november december",
    "el": "ιανουαριου φεβρουαριου μαρτιου απριλιου μαιου ιουνιου ιουλιου αυγουστου σεπτεμβριου "
    "οκτωβριου νοεμβριου δεκεμβριου",
}
# What stands alone, and what is shortened otherwise than by cutting.
_FURTHER = (
    "mrz 3 maerz 3 mrt 3 styczen 1 luty 2 marzec 3 kwiecien 4 czerwiec 6 lipiec 7 sierpien 8 "
    "wrzesien 9 pazdziernik 10 listopad 11 grudzien 12 leden 1 unor 2 brezen 3 duben 4 kveten 5 "
    "cerven 6 cvn 6 cervenec 7 cvc 7 srpen 8 rijen 10 listopad 11 prosinec 12 январь 1 февраль 2 "
    "март 3 апрель 4 маи 5 июнь 6 июль 7 август 8 сентябрь 9 октябрь 10 ноябрь 11 декабрь 12 "
    "січень 1 лютии 2 березень 3 квітень 4 травень 5 червень 6 липень 7 серпень 8 вересень 9 "
    "жовтень 10 листопад 11 грудень 12 ιανουαριος 1 φεβρουαριος 2 μαρτιος 3 απριλιος 4 μαιος 5 "
    "ιουνιος 6 ιουλιος 7 αυγουστος 8 σεπτεμβριος 9 οκτωβριος 10 νοεμβριος 11 δεκεμβριος 12"
)
_WEEKDAYS = (
    "monday tuesday wednesday thursday friday saturday sunday montag dienstag mittwoch donnerstag "
    "freitag samstag sonnabend sonntag lundi mardi mercredi jeudi vendredi samedi dimanche lunes "
    "martes miercoles jueves viernes sabado domingo segunda terca quarta quinta sexta feira lunedi "
    "martedi mercoledi giovedi venerdi sabato domenica maandag dinsdag woensdag donderdag vrijdag "
    "zaterdag zondag mandag tisdag tirsdag onsdag torsdag fredag lordag lørdag sondag søndag "
    "maanantaina tiistaina keskiviikkona torstaina perjantaina lauantaina sunnuntaina "
    "poniedziałek wtorek sroda czwartek piatek sobota niedziela pondeli utery streda ctvrtek patek "
    "nedele понедельник вторник среда четверг пятница суббота воскресенье понеділок вівторок "
    "середа субота неділя pazartesi salı carsamba persembe cuma cumartesi pazar senin selasa rabu "
    "kamis jumat sabtu minggu luni marti miercuri joi vineri sambata duminica hetfo kedd szerda "
    "csutortok pentek szombat vasarnap δευτερα τριτη τεταρτη πεμπτη παρασκευη σαββατο κυριακη"
)
_SHORT_WEEKDAYS = (
    "mo di mi do fr sa so ma wo vr za zo ti ke to pe la su wt sr pt po ut st ct pa ne пн вт ср чт "
    "пт сб вс нд pzt cmt h k cs p v 월요일 화요일 수요일 목요일 금요일 토요일 일요일 星期一 星期二 "
    "星期三 星期四 星期五 星期六 星期日 星期天 月曜日 火曜日 水曜日 木曜日 金曜日 土曜日 日曜日"
)
# Minutes east of Greenwich; names that stand for several zones are not here (such as IST).
ZONES = {
    "z": 0, "utc": 0, "gmt": 0, "ut": 0, "wet": 0, "west": 60, "bst": 60, "cet": 60, "cest": 120,
    "met": 60, "mest": 120, "mez": 60, "mesz": 120, "eet": 120, "eest": 180, "msk": 180,
    "hkt": 480, "sgt": 480, "awst": 480, "kst": 540, "jst": 540, "acst": 570, "aest": 600,
    "aedt": 660, "nzst": 720, "nzdt": 780, "hst": -600, "akst": -540, "akdt": -480, "pst": -480,
    "pdt": -420, "mst": -420, "mdt": -360, "cst": -360, "cdt": -300, "est": -300, "edt": -240,
}  # fmt: skip


def plain(word: str) -> str:
    """Return a word in lower case and without accents.

    >>> plain("Février"), plain("3월")
    ('fevrier', '3월')
    """
    if word.isascii() or "가" <= word[-1:] <= "힣":
        return word.lower()
    apart = unicodedata.normalize("NFKD", word.lower())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _beginnings(word: str, shortest: int = 3) -> list[str]:
    return [word[:length] for length in range(shortest, len(word) + 1)]


@functools.cache
def months() -> dict[str, int]:
    """Return the number of each month by its names, and by their beginnings of three letters on.

    Beginnings of two months of one language (``jui``) are not there.

    >>> months()["marz"], months()["avr"], "jui" in months()
    (3, 4, False)
    """
    found: dict[str, int] = {}
    for names in _MONTHS.values():
        own: dict[str, set[int]] = {}
        for number, name in enumerate(names.split(), start=1):
            for beginning in _beginnings(name):
                own.setdefault(beginning, set()).add(number)
        for beginning, numbers in own.items():
            if len(numbers) == 1:
                found.setdefault(beginning, *numbers)
    for names in _MONTHS.values():  # a whole name is surer than the beginning of another
        found |= {name: number for number, name in enumerate(names.split(), start=1)}
    further = _FURTHER.split()
    return found | {name: int(number) for name, number in zip(further[::2], further[1::2])}


@functools.cache
def weekdays() -> frozenset[str]:
    """Return the names of weekdays, and their beginnings of three letters on."""
    names = _WEEKDAYS.split()
    return frozenset(
        [*(part for name in names for part in _beginnings(name)), *_SHORT_WEEKDAYS.split()]
    )
