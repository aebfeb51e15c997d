"""What people's mail programs write around answers, by language, as data: the next language is one more `Words`.

Used by `reply_text.lines`. Decides nothing.
"""

from gateway.mail.reply_text.marks.asian import ID, JA, KO, TH, VI, ZH_HANS, ZH_HANT
from gateway.mail.reply_text.marks.eastern import AR, EL, HE, TR
from gateway.mail.reply_text.marks.germanic import DA, DE, EN, NB, NL, SV
from gateway.mail.reply_text.marks.northern import ET, FI, HU, LT, LV
from gateway.mail.reply_text.marks.romance import CA, ES, FR, IT, PT, RO
from gateway.mail.reply_text.marks.slavic import BG, CS, HR, PL, RU, SK, UK
from gateway.mail.reply_text.marks.words import DATE, FROM, OTHER, SUBJECT, TO, phrases

__all__ = ["DATE", "EVERYDAY", "FROM", "LABELS", "LANGUAGES", "OTHER", "SUBJECT", "THINGS", "TO", "all_of"]

LANGUAGES = {
    "en": EN,
    "de": DE,
    "fr": FR,
    "es": ES,
    "it": IT,
    "pt": PT,
    "nl": NL,
    "da": DA,
    "sv": SV,
    "nb": NB,
    "fi": FI,
    "pl": PL,
    "cs": CS,
    "sk": SK,
    "hu": HU,
    "ro": RO,
    "bg": BG,
    "ru": RU,
    "uk": UK,
    "el": EL,
    "lv": LV,
    "lt": LT,
    "et": ET,
    "tr": TR,
    "he": HE,
    "ar": AR,
    "zh-Hans": ZH_HANS,
    "zh-Hant": ZH_HANT,
    "ja": JA,
    "ko": KO,
    "vi": VI,
    "th": TH,
    "id": ID,
    "ca": CA,
    "hr": HR,
}
# What a "Sent from ..." line names: without one of these it may be the author's.
THINGS = phrases(
    "windows | iphone | ipad | ipod | imac | macbook | galaxy | samsung | huawei | xiaomi | redmi | honor | oppo | vivo | realme | pixel"
    " | oneplus | motorola | moto g | nokia | sony | xperia | htc | lg | lumia | zenfone | poco | blackberry | surface | apple"
    " | android | ios | outlook | gmail | yahoo | aol | proton | tutanota | tuta | thunderbird"
    " | gmx | web.de | t-online | mail.ru | mail.com | яндекс | yandex | icloud | spark | airmail | fairemail | bluemail"
    " | mailbird | k-9 | hotmail | hushmail | zoho | nine | edison | mail for | courrier | correo | correio | mail app"
    " | mobile | mobil | phone | telefon | telefoon | telefono | teléfono | téléphone | telemóvel | celular | móvil"
    " | cellulare | handy | smartphone | smartfon | tablet | телефон | мобильн | мобілн | мобил | смартфон | планшет"
    " | почт | пошт | поща | айфон | puhelim | telefoni | telefonu | iphonesta | mobilní | komórk | telefonból"
    " | κινητό | τηλέφωνο | ponsel | hp | điện thoại | มือถือ | โทรศัพท์ | อุปกรณ์ | طابلت | هاتف | جوال | آيفون"
    " | הנייד | טלפון | אייפון | 手机 | 手機 | 邮箱 | 郵箱 | 华为 | 小米 | 携帯 | スマートフォン | スマホ | 휴대폰 | 아이폰"
    " | 갤럭시 | 스마트폰 | 네이버 | naver | 메일 앱 | device | appareil | dispositivo | dispozitiv | urządzen | gerät"
    " | enhet | laite | seadme | ierīc | įrengin | készülék | cihaz | zařízení | zariaden | устройств | пристро | συσκευή"
    " | onet | poczt | seznam | libero | orange mail | posta per | webmail | laposte"
    " | superhuman | shortwave | mailspring | missive | polymail | newton mail | canary | infomaniak | em client"
)
# Labels of dates, and those that say two things, that people also write in forms of their own.
EVERYDAY = frozenset(
    word.casefold()
    for word in phrases(
        "date | data | datum | dato | dátum | fecha | дата | датум | tarih | tanggal | ngày | ημερομηνία | datums | kuupäev"
        " | aeg | päivämäärä | pvm | päiväys | 日期 | 날짜 | 日時 | 日付 | 일시 | วันที่ | เวลา | תאריך | تاريخ | التاريخ | 时间"
        " | 時間 | waktu | thời gian | время | дата и время | дата отправки | data i godzina | gửi | ส่ง | 发送 | ngày giờ | tarikh"
    )
)


def all_of(field: str) -> tuple[str, ...]:
    """Every language's phrases of a field of `Words`, case-folded, each once."""
    found = (
        phrase.replace("：", ":").casefold()
        for words in LANGUAGES.values()
        for phrase in phrases(getattr(words, field))
    )
    return tuple(dict.fromkeys(found))


def _labels() -> dict[str, frozenset[str]]:
    kinds = {"senders": FROM, "dates": DATE, "recipients": TO, "subjects": SUBJECT, "others": OTHER}
    found: dict[str, set[str]] = {}
    for words in LANGUAGES.values():
        for field, kind in kinds.items():
            for label in phrases(getattr(words, field)):
                found.setdefault(label.casefold(), set()).add(kind)
    return {label: frozenset(said) for label, said in found.items()}


# What a label says; one word may say different things in two languages (`do`, `от`, `de`).
LABELS = _labels()
