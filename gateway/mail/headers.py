"""Header fields from bytes to values: encoded words, parameters, ids and dates, as tolerant as real mail needs.

Address lists are `mailboxes`' duty. Everything here takes the raw octets of one unfolded field and never raises.
"""

import binascii
import email.utils
import itertools
import re
from collections.abc import Iterable
from datetime import UTC, datetime

from gateway.mail import charset

# RFC 2047 §2. Bounded, so that openers without an end cost no more than a constant each.
ENCODED_WORD = re.compile(
    rb"=\? {0,2}([^?\s]{1,60}) {0,2}\? {0,2}([bBqQ])\?([^\r\n]{0,2000}?)\?=(?!=?[0-9A-Fa-f]{2}[^?]{0,80}\?=)"
)
# A field cut short within its last word: base64 nobody can read as it stands.
_CUT_WORD = re.compile(rb"=\?([^?\s]{1,60})\?[bB]\?([A-Za-z0-9+/]{4,2000}={0,2})\??$")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f\x80-\x9f\u2028\u2029]+")
_ID = re.compile(r"<([^<>]{1,998})>")
_BETWEEN_IDS = re.compile(r"[\s<>,;()\"]+")
_LONGEST_ID = 1_100
_PARAMETER = re.compile(
    rb";[ \t]*([!#$&+\-.^_`|~0-9A-Za-z]{1,60})(\*\d{1,3})?(\*)?[ \t]*=[ \t]*(\"(?:[^\"\\]|\\.){0,5000}\"?|[^;]{0,5000})"
)
_UNPARTED = re.compile(rb"(?<![\s,])[\s,]+[A-Za-z0-9*-]{1,60}\s{0,20}=")
_COMMENT = re.compile(rb"\([^()]{0,1000}\)")
_EXTENDED = re.compile(rb"[A-Za-z0-9_-]{2,40}'[A-Za-z-]{0,20}'(?:[^%]{0,300}%[0-9A-Fa-f]{2})+")
_QUOTED_PAIR = re.compile(rb"\\([\"\\])")
_PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")
_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="))
_MOST_RUNS = 10_000
_MOST_WORDS = 500
_MOST_PARAMETER_OCTETS = 16_000


def clean(text: str) -> str:
    """`text` on one line: every run of control characters, NUL and line separators becomes one space."""
    return (text if text.isprintable() else _CONTROLS.sub(" ", text)).strip()


def decode(raw: bytes, hint: str = "") -> str:
    """A field's value as a person reads it (RFC 2047): words joined before decoding, raw octets beside them kept."""
    if b"=?" not in raw:
        is_plain = raw.isascii() and b"\x1b" not in raw
        return clean(raw.decode("ascii") if is_plain else charset.decode(raw, "", hint))
    if _is_cut(raw):
        raw += b"?="
    words = list(itertools.islice(ENCODED_WORD.finditer(raw), _MOST_WORDS))
    if not words:
        return clean(charset.decode(raw, "", hint))
    said = hint or words[0][1].decode("latin-1")
    pieces, end, pending = [], 0, (b"", b"")
    for word in words:
        between = raw[end : word.start()]
        if between.strip() or not _is_same(word[1], pending[0]):
            pieces.append(_decode_word(*pending))
            pieces.append(charset.decode(between, "", said) if between.strip() or not pending[0] else "")
            pending = (word[1], b"")
        pending = (pending[0], pending[1] + _word_octets(word[2], word[3]))
        end = word.end()
    pieces.extend((_decode_word(*pending), charset.decode(raw[end:], "", said)))
    return clean("".join(pieces))


def _is_cut(raw: bytes) -> bool:
    if raw.endswith((b"?=", b">")):  # as nearly all do
        return False
    word = _CUT_WORD.search(raw)
    return word is not None and bool(charset.codec_of(word[1].decode("latin-1")))


def plainly(raw: bytes) -> str:
    """A field's value without any care for its encoding: for what stands behind more than anybody reads."""
    return clean(raw.decode("utf-8", "replace"))


def _is_same(name: bytes, other: bytes) -> bool:
    return name == other or charset.codec_of(name.decode("latin-1")) == charset.codec_of(other.decode("latin-1"))


def _decode_word(name: bytes, octets: bytes) -> str:
    # RFC 2231 §5: a language may follow the charset after `*`; codec_of drops it.
    return charset.decode(octets, name.decode("latin-1")) if octets else ""


def _word_octets(encoding: bytes, content: bytes) -> bytes:
    if encoding in b"bB":
        return base64_octets(content)
    return binascii.a2b_qp(content.replace(b" ", b"_"), header=True)


def base64_octets(content: bytes) -> bytes:
    """What base64 says, foreign characters skipped and missing padding supplied; a lone last character is dropped.

    Padding within it ends a run of its own: some senders encode in blocks.
    """
    content = content.translate(None, _NOT_BASE64)
    return b"".join(_base64_run(run) for run in content.rstrip(b"=").split(b"=", _MOST_RUNS))


def _base64_run(run: bytes) -> bytes:
    run = run.replace(b"=", b"")
    run = run[:-1] if len(run) % 4 == 1 else run
    return binascii.a2b_base64(run + b"=" * (-len(run) % 4))


def value_and_parameters(raw: bytes, hint: str = "") -> tuple[str, dict[str, str]]:
    """`text/plain; charset=x` -> (`text/plain`, {`charset`: `x`}), both lower-cased but for the values (RFC 2045 §5.1).

    Continuations and extended values (RFC 2231) are joined; where both forms are given the extended one wins unless it
    cannot be decoded.
    """
    if not raw:
        return "", {}
    value, parameters = _parted(raw[:_MOST_PARAMETER_OCTETS])
    pieces: dict[str, list[tuple[int, bool, bytes]]] = {}
    for name, number, star, content in _PARAMETER.findall(parameters):
        position = int(number[1:]) if number else -1
        pieces.setdefault(name.decode("ascii").lower(), []).append((position, bool(star), _unquoted(content)))
    found = {name: _joined(parts, hint) for name, parts in pieces.items()}
    return clean(value.decode("latin-1")).lower().replace(" ", ""), found


def _parted(raw: bytes) -> tuple[bytes, bytes]:
    """The value without its comments, and the parameters from their `;` on, which some senders forget."""
    value, semicolon, rest = raw.partition(b";")
    if b"=" in value:
        begin = _UNPARTED.search(value)
        at = begin.start() if begin else 0
        value, rest = value[:at], value[at:].lstrip(b", \t\r\n") + semicolon + rest
    return _COMMENT.sub(b"", value) if b"(" in value else value, b";" + rest


def _unquoted(content: bytes) -> bytes:
    content = content.strip()
    if content.startswith(b'"'):
        content = content[1:].removesuffix(b'"')
        # Only these two: Windows programs write whole paths here, their `\` unescaped.
        return _QUOTED_PAIR.sub(rb"\1", content) if b"\\" in content else content
    return content


def _joined(parts: list[tuple[int, bool, bytes]], hint: str) -> str:
    if len(parts) == 1 and parts[0][0] < 0 and not parts[0][1] and b"'" not in parts[0][2]:
        return decode(parts[0][2], hint)  # as nearly all are
    extended = sorted(part for part in parts if part[0] >= 0 or part[1])
    plain = [content for position, star, content in parts if position < 0 and not star]
    name, octets = _extended(extended)
    if plain and not (octets and charset.fits(octets, name)):
        if _EXTENDED.match(plain[0]):  # the form that wants `name*`, under `name`
            said, octets = _extended([(0, True, plain[0])])
            return clean(charset.decode(octets, said))
        return decode(plain[0], hint)
    return decode(octets) if not name and ENCODED_WORD.search(octets) else clean(charset.decode(octets, name))


def _extended(parts: list[tuple[int, bool, bytes]]) -> tuple[str, bytes]:
    """RFC 2231 §4: `charset'language'percent-encoded`, the prefix on the first piece only."""
    name, octets = "", b""
    for index, (_, star, piece) in enumerate(parts):
        content = piece
        if index == 0 and star and content.count(b"'") >= 2:
            prefix, _, content = content.split(b"'", 2)
            name = prefix.decode("latin-1")
        octets += _PERCENT.sub(lambda hexed: bytes((int(hexed[1], 16),)), content) if star else content
    return name, octets


def ids(value: str, most: int) -> tuple[str, ...]:
    """The message ids of a field without brackets, once each, in order (RFC 5322 §3.6.4).

    Folding white space inside an id goes. Without any brackets, words with an `@` count. Beyond `most` the middle goes.
    """
    if not value:
        return ()
    found: Iterable[str] = ("".join(each.split()) for each in _ID.findall(value))
    kept = list(dict.fromkeys(each for each in found if each)) or list(dict.fromkeys(_bare_ids(value)))
    return tuple(kept if len(kept) <= most else kept[: most // 5] + kept[len(kept) - most + most // 5 :])


def _bare_ids(value: str) -> list[str]:
    words = _BETWEEN_IDS.split(value) if "@" in value else []
    return [word for word in words if len(word) <= _LONGEST_ID and "@" in word.strip("@")]


def date(value: str) -> datetime | None:
    """The moment in UTC, or None; a date without zone (RFC 5322 §3.3: `-0000`) is taken as UTC."""
    try:
        found = email.utils.parsedate_to_datetime(value[:200])
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def moment(value: object) -> datetime | None:
    """`value`, a datetime or ISO 8601 text, in UTC; None where it is neither; without zone it is taken as UTC."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value[:40])
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)
