"""The likeliest charset of bytes that nobody labelled. Only for bytes that are not UTF-8; knows no MIME.

Short strings are weighed by whether the letters they give look like words of the languages our customers write; long
ones may be left to charset-normalizer, which needs some length to be right.
"""

import unicodedata
from itertools import pairwise

from charset_normalizer import from_bytes

_CANDIDATES = (
    ("cp1252", "LATIN", "äöüßéèêëçñáàâíìîóòôúùûãõåæøœÄÖÜÉ€–’“”„«»"),
    ("cp1250", "LATIN", "ąćęłńóśźżĄĆĘŁŃÓŚŹŻčěřšťůýž–’“”„«»"),
    ("iso8859_2", "LATIN", "ąćęłńóśźżĄĆĘŁŃÓŚŹŻčěřšťůýž"),
    ("cp1257", "LATIN", "āčēģīķļņšūžĀČĒĢĪĶĻŅŠŪŽėįųū–’“”„«»"),
    ("cp1251", "CYRILLIC", "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфёъ–’“”„«»№"),
    ("koi8_r", "CYRILLIC", "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфёъ"),
    ("cp866", "CYRILLIC", "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфёъ№"),
    ("cp1253", "GREEK", "αοιετσνηυρπκμλωςγδθχφβξζψάέίόύήώ–’“”«»"),
    ("iso8859_7", "GREEK", "αοιετσνηυρπκμλωςγδθχφβξζψάέίόύήώ«»"),
)
_WIDE = ("gb18030", "big5hkscs", "cp932", "cp949", "euc_jp")
_SAMPLE = 4_000
_LONG = 200


def guess(data: bytes) -> str:
    """A Python codec that reads `data`; `"cp1252"` when nothing speaks for another."""
    sample = _sample(data)
    best = max(_CANDIDATES, key=lambda row: _fitness(sample, *row))
    codec, score = best[0], _fitness(sample, *best)
    wide = _wide_codec(sample)
    if wide and _wide_fitness(sample, wide) > score:
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
    return good / len(odd)


def _case_breaks(text: str) -> float:
    """How often a small letter is followed by a capital: KOI8 read as windows-1251 has the cases reversed."""
    return sum(1.0 for first, second in pairwise(text) if first.islower() and second.isupper())


def _wide_codec(data: bytes) -> str | None:
    for codec in _WIDE:
        try:
            data.decode(codec)
        except UnicodeDecodeError:
            continue
        return codec
    return None


def _wide_fitness(data: bytes, codec: str) -> float:
    """Share of two-byte characters among all beyond ASCII, halved where they are rare ideographs."""
    letters = [letter for letter in data.decode(codec, "replace") if letter > "\x7f"]
    usual = sum(1 for letter in letters if letter in _USUAL_WIDE or "\u3040" <= letter <= "\u30ff")
    hangul = sum(1 for letter in letters if "\uac00" <= letter <= "\ud7a3") if codec == "cp949" else 0
    return min(1.2, 4 * (usual + hangul / 2) / max(1, len(letters)))


_USUAL_WIDE = frozenset(
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方"
    "多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明"
    "请您谢邮件客服务密码账户问题無法電請謝郵件客戶服務這個們來時說會國對發後裡過還進開實長機民間題，。？！：；、（）“”"
)


def _by_statistics(sample: bytes) -> str | None:
    found = from_bytes(sample).best()
    return found.encoding if found is not None else None
