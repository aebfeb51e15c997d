"""The likeliest charset of bytes that nobody labelled. Only for bytes that are not UTF-8; knows no MIME.

Short strings are weighed by whether the letters they give look like words of the languages our customers write; long
ones may be left to charset-normalizer, which needs some length to be right.
"""

import re
import unicodedata
from itertools import pairwise
from operator import itemgetter

from charset_normalizer import from_bytes

_CANDIDATES = (
    ("cp1252", "LATIN", "äöüßéèêëçñáàâíìîóòôúùûãõåæøœÄÖÜÉ€–’“”„«»"),
    ("cp1250", "LATIN", "ąćęłńóśźżĄĆĘŁŃÓŚŹŻčěřšťůýž–’“”„«»"),
    ("iso8859_2", "LATIN", "ąćęłńóśźżĄĆĘŁŃÓŚŹŻčěřšťůýž"),
    ("cp1257", "LATIN", "āčēģīķļņšūžĀČĒĢĪĶĻŅŠŪŽėįųū–’“”„«»"),
    ("cp1251", "CYRILLIC", "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфёъіїє–’“”„«»№"),
    ("koi8_r", "CYRILLIC", "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфёъ"),
    ("cp866", "CYRILLIC", "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфёъ№"),
    ("cp1253", "GREEK", "αοιετσνηυρπκμλωςγδθχφβξζψάέίόύήώ–’“”«»"),
    ("iso8859_7", "GREEK", "αοιετσνηυρπκμλωςγδθχφβξζψάέίόύήώ«»"),
    ("cp1254", "LATIN", "çğıöşüÇĞİÖŞÜâîû–’“”"),
    ("cp1256", "ARABIC", "ابتثجحخدذرزسشصضطظعغفقكلمنهويةىأإآؤئءپچژگ،؛؟"),
    ("cp874", "THAI", "กขคฆงจฉชซญฎฏฐฑฒณดตถทธนบปผฝพฟภมยรฤลวศษสหฬอฮะัาำิีึืุูเแโใไๅๆ็่้๊๋์"),
)
_WIDE = ("gb18030", "big5hkscs", "cp932", "cp949", "euc_jp")
_KANA = re.compile("[\u3041-\u30ff]")
_HANGUL = re.compile("[\uac00-\ud7a3]")
_USUAL_HANGUL = frozenset("이다는에의을를가고하지은도로니사기시요어한해나서그인아자리습대수안있일제주정보부전여문세")
_SELDOM = frozenset({"ARABIC", "THAI"})  # believed where others fit worse
# Hebrew and Greek stand where Cyrillic does; read as that they have hardly a vowel.
_HEBREW = re.compile(r"(?:[אבגדהוזחטיכלמנסעפצקרשתךםןףץ\x00-\x7f–’“”„]+)\Z")
_CYRILLIC_VOWELS = frozenset("аеиоу")
_GREEK = re.compile(r"(?:[αοιετσνηυρπκμλωςγδθχφβξζψάέίόύήώΑ-Ω\x00-\x7f–’“”«»]+)\Z")
_GREEK_VOWELS = frozenset("αεηιουωάέήίόύώ")
_FEWEST_VOWELS, _USUAL_VOWELS, _FEWEST_LETTERS = 0.3, 0.42, 4
_MIXED = re.compile("[A-Za-z][\u0370-\u1fff]|[\u0370-\u1fff][A-Za-z]")  # letters of two scripts side by side
_TORN = re.compile("[a-z][\u2e80-\uffff][a-z]?")
_SAMPLE = 4_000
_LONG = 200


def guess(data: bytes) -> str:
    """A Python codec that reads `data`; `"cp1252"` when nothing speaks for another."""
    sample = _sample(data)
    if codec := _without_vowels(sample):
        return codec
    score, codec = max(((_fitness(sample, *row), row[0]) for row in _CANDIDATES), key=itemgetter(0))
    wide_score, wide = max(((_wide_fitness(sample, codec), codec) for codec in _WIDE), key=itemgetter(0))
    if wide_score > score:
        return wide
    if score < 0.5 and len(sample) >= _LONG:
        return _by_statistics(sample) or codec
    return codec if score > 0 else "cp1252"


def _sample(data: bytes) -> bytes:
    """Lines that hold something beyond ASCII, cut at a length that a guess needs."""
    if len(data) <= _SAMPLE:
        return data
    taken = b"\n".join(line for line in data[: 100 * _SAMPLE].split(b"\n") if not line.isascii())
    return taken[:_SAMPLE] or data[:_SAMPLE]


def _fitness(data: bytes, codec: str, script: str, usual: str) -> float:
    """Share of the non-ASCII letters that a writer of this charset would use, less what he would not (-1 .. 1)."""
    try:
        text = data.decode(codec)
    except UnicodeDecodeError:
        return -1.0
    odd = [letter for letter in text if letter > "\x7f"]
    if not odd:
        return 0.0
    good = sum(1.0 for letter in odd if letter in usual)
    if script != "LATIN":
        good += sum(0.6 for letter in odd if letter not in usual and letter.lower() in usual)
    good -= sum(1.0 for letter in odd if unicodedata.category(letter) in {"Cc", "Cn", "Co", "So", "Sk"})
    good -= _case_breaks(text)
    if script != "LATIN":
        good -= 1.5 * len(_MIXED.findall(text))
    if script in _SELDOM:
        good *= 0.9
    return good / len(odd)


def _without_vowels(data: bytes) -> str:
    """`cp1255` or `cp1253` where all words are Hebrew or Greek and have hardly a vowel as Cyrillic; else `""`."""
    cyrillic, greek = data.decode("cp1251", "replace"), data.decode("cp1253", "replace")
    if _MIXED.search(cyrillic) or len(_letters(data, "cp1251")) < _FEWEST_LETTERS:
        return ""
    if _share(data, "cp1251", _CYRILLIC_VOWELS) >= _FEWEST_VOWELS:
        return ""
    if _GREEK.match(greek) and not _case_breaks(greek) and _share(data, "cp1253", _GREEK_VOWELS) >= _USUAL_VOWELS:
        return "cp1253"
    return "cp1255" if _HEBREW.match(data.decode("cp1255", "replace")) else ""


def _letters(data: bytes, codec: str) -> list[str]:
    return [letter for letter in data.decode(codec, "replace").lower() if letter > "\x7f" and letter.isalpha()]


def _share(data: bytes, codec: str, wanted: frozenset[str]) -> float:
    letters = _letters(data, codec)
    return sum(letter in wanted for letter in letters) / max(1, len(letters))


def _case_breaks(text: str) -> float:
    """How often a small letter is followed by a capital: KOI8 read as windows-1251 has the cases reversed."""
    return sum(1.0 for first, second in pairwise(text) if first.islower() and second.isupper())


def _wide_fitness(data: bytes, codec: str) -> float:
    """How much text of two-byte letters looks like what its writers use: kana, hangul, the commonest ideographs."""
    try:
        text = data.decode(codec)
    except UnicodeDecodeError:
        return -1.0
    letters = [letter for letter in text if letter > "\x7f"]
    if not letters:
        return -1.0
    if len(_TORN.findall(text)) > len(letters) / 2:
        return -1.0  # single letters within Latin words
    kana, hangul = len(_KANA.findall(text)) / len(letters), len(_HANGUL.findall(text)) / len(letters)
    if codec in {"cp932", "euc_jp"} and kana >= 0.25:
        return 1.1 + kana / 10
    if codec == "cp949" and hangul >= 0.9 and sum(letter in _USUAL_HANGUL for letter in letters) > len(letters) / 4:
        return 1.15
    return min(1.2, 4 * sum(letter in _USUAL_WIDE for letter in letters) / len(letters))


_USUAL_WIDE = frozenset(
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方"
    "多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明"
    "與從經學現當沒動樣麼機關訂單發寄送收到帳號回覆聯絡電話費用產貨請幫換壞還給讓應該"
    "请您谢邮件客服务密码账户问题無法電請謝郵件客戶服務這個們來時說會國對發後裡過還進開實長機民間題，。？！：；、（）“”"
)


def _by_statistics(sample: bytes) -> str | None:
    found = from_bytes(sample).best()
    return found.encoding if found is not None else None
