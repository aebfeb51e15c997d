"""Names of charsets as messages give them, to the Python codec that reads what they mean. Decodes nothing."""

import codecs
import re
from functools import lru_cache

# Codec -> what senders write for it that Python's own table does not hold; under "" names that say nothing.
_SAID = {
    "": "x-unknown unknown unknown-8bit x-user-defined default binary 8bit 7bit none auto autodetect text plain",
    "cp1252": "ansi x-ansi ansi_x3.110-1983 iso-8859-12 latin-1 8859_1",
    "cp720": "dos-720",
    "iso8859-8": "iso-8859-8-i iso-8859-8-e logical visual",
    "iso8859-6": "iso-8859-6-i iso-8859-6-e",
    "iso8859-15": "latin-9",
    "koi8-r": "koi8 x-koi8-r",
    "koi8-u": "koi8-ru x-koi8-u",
    "mac-cyrillic": "x-mac-cyrillic x-mac-ukrainian",
    "mac-greek": "x-mac-greek",
    "mac-latin2": "x-mac-ce x-mac-centraleurroman",
    "mac-roman": "x-mac-roman macintosh",
    "mac-romanian": "x-mac-romanian",
    "mac-croatian": "x-mac-croatian",
    "mac-iceland": "x-mac-icelandic",
    "mac-turkish": "x-mac-turkish",
    "mac-arabic": "x-mac-arabic",
    "mac-farsi": "x-mac-farsi",
    "gb18030": "iso-gb2312 csgb2312 gb_2312-80 x-gbk x-gb18030 cn-gb gb18030-2000 x-mac-chinesesimp",
    "hz": "hz-gb-2312",
    "big5hkscs": "x-x-big5 x-big5 cn-big5 x-mac-chinesetrad",
    "cp949": "ks_c_5601 ks-c-5601-1987 ksc5601 x-mac-korean",
    "cp932": "x-sjis windows-31j x-ibm943 cp943 shift-jis x-shift-jis",
    "euc_jp": "x-euc-jp x-eucjp eucjp-ms cp51932",
    "iso2022_jp_ext": "iso-2022-jp-ms csiso2022jp x-windows-iso2022jp cp50220 cp50221 cp50222",
    "utf-7": "unicode-1-1-utf-7 unicode-2-0-utf-7 x-unicode-2-0-utf-7",
    "utf-8": "unicode-1-1-utf-8 unicode-2-0-utf-8 x-utf-8 utf8mb4 utf-8-mac utf8-bom 65001",
    "utf-16": "unicode iso-10646-ucs-2 iso-10646-1 ucs-2",
}
_NAMES = {name: codec for codec, names in _SAID.items() for name in names.split()}
# Python's codec -> the one that also reads what vendors added under the same name.
_WIDER = {
    "ascii": "",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "iso2022_jp": "iso2022_jp_ext",
    "iso2022_jp_1": "iso2022_jp_ext",
}
_NOT_TEXT = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"})
_NUMBERED = re.compile(r"(?:x-)?(?:cp|ibm|ms|dos|win|windows|ansi|ms-cp)[-_ ]?(\d{3,5})")
_ISO_8859 = re.compile(r"(?:x-)?iso[-_ ]?8859[-_ ]?(\d{1,2})")
_END = re.compile(r"[$*;,?\"'()\s]")  # `$ESC`, a language (RFC 2231 §5), another parameter, a comment
_LONGEST = 100


@lru_cache(maxsize=1000)
def codec_of(name: str) -> str:
    """The Python codec for a charset's name in a message; `""` when the name says nothing we can use."""
    name = name[:_LONGEST].strip(" \t\r\n'\"=_").lower().removeprefix("charset=").lstrip("'\" ")
    name = _END.split(name, maxsplit=1)[0]
    name = _NAMES.get(name, name)
    if matched := _NUMBERED.fullmatch(name):
        name = _NAMES.get(f"cp{matched[1]}", f"cp{matched[1]}")
    elif matched := _ISO_8859.fullmatch(name):
        name = f"iso8859-{matched[1]}"
    try:
        info = codecs.lookup(name) if name else None
    except (LookupError, ValueError):
        return ""
    if info is None or not info._is_text_encoding or info.name.replace("-", "_") in _NOT_TEXT:  # noqa: SLF001 no public way
        return ""
    return _WIDER.get(info.name, info.name)
