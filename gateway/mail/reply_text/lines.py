"""What single lines and paragraphs of an answer are: quoted, a rule, a device's signature, a legal or list footer.

Decides nothing about folding; that is `reply_text`'s. Every line is cut before any expression sees it.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from gateway.mail.phrases import Phrases
from gateway.mail.reply_text import marks

_LONGEST_LINE = 400
_LONGEST_DEVICE = 80
_MOST_DEVICE_WORDS = 10
_SHORT_ANSWER = 6  # lines


_RULE = re.compile(r"\s*(?:[-_=*~–—#+]\s?){3,}\s*$|\s*__\._,_\.___\s*$")
_SIGNATURE_MARK = re.compile(r"(?:--|-- |—|––|- -|__|\*--\*)\s{0,2}$")
_DEVICES = marks.all_of("devices")
_SENT = marks.all_of("sent")
_DISCLAIMERS = marks.all_of("disclaimers")
_LIST_SENTENCES = Phrases.of(marks.all_of("list_footers"))
_HEADINGS = frozenset(words.strip(":") for words in _DISCLAIMERS)
_INLINE = Phrases.of(marks.all_of("inline"))
_LEGAL_WORDS = Phrases.of(marks.all_of("legal"))
_LIST_RULE = re.compile(r"_{20,}$|__\._,_\.___$")  # Mailman, Yahoo Groups
_ZEROS = "\u0660\u06f0\u0966\u09e6\u0e50\uff10"  # Arabic, Persian, Devanagari, Bengali, Thai, full width
DIRECTIONS = "\u200b\u200c\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
COLONS = "：﹕︰"
_PLAIN = {
    **{ord(zero) + value: str(value) for zero in _ZEROS for value in range(10)},
    **dict.fromkeys(map(ord, DIRECTIONS), ""),
    **dict.fromkeys(map(ord, "\u00a0\u202f\u2007\u2009\u3000"), " "),
    **dict.fromkeys(map(ord, COLONS), ":"),
}
_UNPLAIN = re.compile(f"[{re.escape(''.join(map(chr, _PLAIN)))}]")
_LINK = re.compile(r"[<\[(]?https?://[^\s<>]{3,300}[>\])]?$")
_QUOTED = re.compile(r"\s{0,3}(?:>|&gt;|\|\s?>)")


def cut(line: str) -> str:
    """The line as the tables have it: bounded, case-folded, ASCII digits and colons, plain spaces, no bidi marks."""
    return _cut(line[:_LONGEST_LINE])


@lru_cache(maxsize=256)  # the lines of one mail: each is looked at from several sides
def _cut(line: str) -> str:
    if not line.isascii() and _UNPLAIN.search(line):
        line = line.translate(_PLAIN)
    return line.casefold().strip()


def is_quoted(line: str) -> bool:
    """Whether the line carries a quote mark."""
    return line.startswith(">") or bool(_QUOTED.match(line[:10]))


def is_rule(line: str) -> bool:
    """Whether the line is only dashes, underscores or the like."""
    return len(line) <= 200 and bool(_RULE.match(line))


def is_signature_mark(line: str) -> bool:
    """Whether the line parts a signature off (`-- `, RFC 3676 §4.3, and what people's programs make of it)."""
    return bool(_SIGNATURE_MARK.match(line[:8])) and len(line) <= 6


def is_device(line: str) -> bool:
    """Whether the line is what a phone or a service adds below every mail."""
    line = cut(line).strip("*_-–— ")
    if not line or len(line) > 120:
        return False
    if line.startswith(_DEVICES):
        return True
    is_sent = line.startswith(_SENT) or line.rstrip(".!。").endswith(_SENT)
    is_short = len(line) <= _LONGEST_DEVICE and line.count(" ") < _MOST_DEVICE_WORDS
    return is_sent and is_short and any(thing in line for thing in marks.THINGS)


def says_inline(lines: Sequence[str]) -> bool:
    """Whether a short answer says that more of it stands in the copy below."""
    written = [cut(line) for line in lines if line.strip()]
    return len(written) <= _SHORT_ANSWER and any(_INLINE.said_in(line) for line in written)


def is_list_rule(line: str) -> bool:
    """Whether the line is the underscores that list software puts above its footer."""
    return len(line) <= 100 and bool(_LIST_RULE.match(line.strip()))


def is_list_footer(lines: Sequence[str]) -> bool:
    """Whether a paragraph is a list's: below a rule of underscores or with a sentence of group services."""
    head = " ".join(cut(line) for line in lines[:6])
    if lines and is_list_rule(lines[0]):
        return len(lines) <= 12 and ("http" in head or "@" in head)
    return len(lines) <= 12 and bool(_LIST_SENTENCES.said_in(head))


def is_disclaimer(lines: Sequence[str]) -> bool:
    """Whether a paragraph begins as legal text does and has one of its words, or is only its heading."""
    words = " ".join(cut(line) for line in lines[:20]).lstrip("*_#!-=<[( ")
    if not words.startswith(_DISCLAIMERS):
        return False
    return words.strip(":*_. ") in _HEADINGS or bool(_LEGAL_WORDS.said_in(words))


def is_legal(lines: Sequence[str]) -> bool:
    """Whether a paragraph below a disclaimer goes on with it: three of the words that lawyers like."""
    words = " ".join(cut(line) for line in lines[:20])
    return len(_LEGAL_WORDS.said_in(words)) >= 3


def is_link(line: str) -> bool:
    """Whether the line is an address on the web and nothing else."""
    return bool(_LINK.match(line[:_LONGEST_LINE].strip()))
