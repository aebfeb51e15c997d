"""What the receiving server found out about a message's origin (RFC 8601). Verifies no signature, asks no DNS.

Anybody can write such a field; only what stands above the trust line counts: the topmost fields that carry the name of
the receiving server, above the field with which the message came in from outside. Some servers write below it, where a
stranger's own fields begin: that is believed of those only which delete foreign fields in their name (RFC 8601 §5).
"""

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from gateway.mail.address import domain_of
from gateway.mail.message import Message

_LONGEST = 20_000
_MOST_HOPS = 10
_MOST_RESULTS = 50
_MOST_ADDRESSES = 10
_FIELD = "authentication-results"
_ARC_FIELD = "arc-authentication-results"  # RFC 8617 §4.1.1: the same, behind its number
_ARC_NUMBER = re.compile(r"\s*i\s*=\s*\d{1,3}\s*;")
_PAIR = re.compile(
    r'([A-Za-z0-9_.\-]{1,60})[ \t]{0,20}(?:/[ \t]{0,5}\d{1,4}[ \t]{0,20})?=[ \t]{0,20}("[^"]*"|[^\s";]+)'
)
_ID = re.compile(r'[ \t]*(?:"([^"]*)"|([^\s;="]+))(?:[ \t]+\d{1,4})?[ \t]*(?:;|\Z)')
_ADDRESS = re.compile(r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F:]{2,39}:[0-9a-fA-F:.]{1,39})(?![\w:])")
_BY = re.compile(r"(?:^|\s)by\s+([^\s;()]{1,255})")
_NAMELESS = ("outlook.com", "outlook.cn", "office365.us")  # Exchange Online writes the field without its name
_EXCHANGE_INSIDE = ipaddress.ip_network("2603:1000::/24")  # between the servers of Exchange Online
_INSIDE = tuple(
    ipaddress.ip_network(network)
    for network in (
        *("10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"),
        *("::1/128", "fc00::/7", "fe80::/10"),
    )
)


class Result(StrEnum):
    """RFC 8601 §2.7; `none` also where nobody looked or nothing known was said."""

    NONE = "none"
    PASS = "pass"  # noqa: S105 no password
    FAIL = "fail"
    SOFTFAIL = "softfail"
    NEUTRAL = "neutral"
    POLICY = "policy"
    TEMPERROR = "temperror"
    PERMERROR = "permerror"


_RESULTS = {result.value: result for result in Result}
_OLDER_NAMES = {
    "hardfail": Result.FAIL,
    "error": Result.TEMPERROR,
    "unknown": Result.NEUTRAL,
    "invalid": Result.PERMERROR,
}


@dataclass(frozen=True, slots=True)
class Authentication:
    """The results and the domains they were found for (`""` where unnamed).

    `aligned` says that the domain of From is proven: DMARC passed, or SPF and DKIM both did for a domain of its own.
    """

    spf: Result = Result.NONE
    dkim: Result = Result.NONE
    dmarc: Result = Result.NONE
    aligned: bool = False
    spf_domain: str = ""
    dkim_domain: str = ""
    dmarc_domain: str = ""


@dataclass(frozen=True, slots=True)
class _Finding:
    method: str
    result: Result
    domain: str


def read(message: Message, authserv_id: str, *, is_below: bool = False) -> Authentication:
    """What the server called `authserv_id` says of `message`; nothing at all for an empty id. Never raises.

    `is_below`: it writes right below its Received field, and lets nobody else's word in its name stand there.
    """
    wanted = authserv_id.strip().strip(".").casefold()
    if not wanted:
        return Authentication()
    found = [finding for value in _trusted(message, wanted, is_below=is_below) for finding in _findings(value)]
    author = _author_domain(message)
    spf = _best(found, "spf", "")
    dkim = _best(found, "dkim", author)
    dmarc = _best(found, "dmarc", "")
    return Authentication(
        spf=spf.result,
        dkim=dkim.result,
        dmarc=dmarc.result,
        aligned=bool(author) and _is_aligned(author, spf, dkim, dmarc),
        spf_domain=spf.domain,
        dkim_domain=dkim.domain,
        dmarc_domain=dmarc.domain,
    )


def _is_aligned(author: str, spf: _Finding, dkim: _Finding, dmarc: _Finding) -> bool:
    if dmarc.result is not Result.NONE:
        is_same = not dmarc.domain or are_related(dmarc.domain, author)
        return dmarc.result is Result.PASS and is_same
    return all(finding.result is Result.PASS and are_related(finding.domain, author) for finding in (spf, dkim))


def are_related(domain: str, other: str) -> bool:
    """Relaxed alignment (RFC 7489 §3.1) without a list of public suffixes: the same, or one above the other."""
    short, long = sorted((domain, other), key=len)
    return "." in short.strip(".") and (short == long or long.endswith(f".{short}"))


def _author_domain(message: Message) -> str:
    """The domain of the one author; empty where From is doubled or names several: then nobody is proven.

    Of `<a@x> <b@y>` one server takes the first, another the last: what it says may be about somebody else.
    """
    given = message.header_all("from")
    if len(given) != 1 or given[0].count("<") > 1 or len(message.from_) != 1:
        return ""
    return domain_of(message.from_[0].address)


def _best(found: list[_Finding], method: str, author: str) -> _Finding:
    """The finding that counts: the first; of several signatures the aligned one that passed, else one that passed."""
    all_of = [finding for finding in found if finding.method == method]
    passed = [finding for finding in all_of if finding.result is Result.PASS] if method == "dkim" else []
    aligned = [finding for finding in passed if author and are_related(finding.domain, author)]
    return next(iter((*aligned, *passed, *all_of)), _Finding(method, Result.NONE, ""))


def _trusted(message: Message, wanted: str, *, is_below: bool) -> Iterator[str]:
    """The values without id that count: the topmost run of fields in the server's name.

    Above the field with which a message came in nobody outside can write; right below it (milters) he can, so only the
    first field counts there, if any does. Gmail writes there, too, but says the same above in an ARC field.
    """
    run: list[str] = []
    entered, hops = "", 0
    fields = _trace(message)
    entry_at = next((at for at, (name, value) in enumerate(fields) if name == "received" and _is_outside(value)), -1)
    for at, (name, value) in enumerate(fields):
        if name == "received":
            hops += 1
            if run or entered or hops > _MOST_HOPS or (at == entry_at and not is_below):
                break
            entered = value if at == entry_at else ""
            continue
        if name == _ARC_FIELD and at > entry_at:
            continue  # whoever sealed it was not behind the line
        nameless = wanted.endswith(_NAMELESS) and not entered and entry_at > at and _is_by(fields[entry_at][1], wanted)
        plain = _ARC_NUMBER.sub("", value, count=1) if name == _ARC_FIELD else value
        said = _said(plain, wanted, nameless=nameless)
        if said is not None:
            run.append(said)
            if entered:
                break
    return iter(run)


def _trace(message: Message) -> list[tuple[str, str]]:
    return [
        (name.lower(), value[:_LONGEST])
        for name, value in message.headers
        if len(name) <= len(_ARC_FIELD) and name.lower() in {"received", _FIELD, _ARC_FIELD}
    ][:100]


def _is_outside(received: str) -> bool:
    """Whether a hop came from elsewhere: LMTP and hops without `from` do not, nor those from private addresses."""
    received = received.lower().replace("ipv6:", " ")
    by = _by(received)
    from_, taken = (received[: by.start()], received[by.start() :]) if by else (received, "")
    if not from_.lstrip().startswith("from ") or " with lmtp" in taken:  # before it the client may have said so itself
        return False
    said = _ADDRESS.findall(from_)
    if len(said) > _MOST_ADDRESSES:
        return True  # no server names so many: the client did, and its own comes behind them
    found = [address for text in said if (address := _address(text))]
    is_exchange = by is not None and by[1].endswith(".outlook.com")
    networks = (*_INSIDE, _EXCHANGE_INSIDE) if is_exchange else _INSIDE
    return not found or any(not any(address in network for network in networks) for address in found)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _by(received: str) -> re.Match[str] | None:
    """The last `by`: one before it may be a part of what the client said of itself."""
    return next(iter(list(_BY.finditer(received))[-1:]), None)


def _is_by(received: str, wanted: str) -> bool:
    by = _by(received.lower())
    return by is not None and (by[1] == wanted or by[1].endswith(f".{wanted}"))


def _said(value: str, wanted: str, *, nameless: bool) -> str | None:
    """What follows the id if it is the wanted one; all of it where Exchange Online gives none and that is believed."""
    value = _without_comments(value)
    named = _ID.match(value)
    if named is None:
        return value if nameless and _PAIR.match(value.lstrip()) else None
    authserv_id = (named[1] or named[2] or "").strip().strip(".").casefold()
    return value[named.end() :] if authserv_id == wanted else None


def _without_comments(value: str) -> str:
    """The value with each comment (RFC 5322 §3.2.2, nested) made a space and escapes in quotes made harmless."""
    kept: list[str] = []
    depth, quoted = 0, False
    characters = iter(value)
    for character in characters:
        if character == "\\":
            following = next(characters, "")
            kept.append("" if depth else following if following not in '"\\' else "_")
        elif depth:
            depth += (character == "(") - (character == ")")
        elif character == '"':
            quoted = not quoted
            kept.append(character)
        elif character == "(" and not quoted:
            depth = 1
            kept.append(" ")
        else:
            kept.append(" " if character in "\t\r\n" else character)
    return "".join(kept)


def _findings(value: str) -> Iterator[_Finding]:
    for statement in _statements(value)[:_MOST_RESULTS]:
        pairs = [(name.lower(), said.strip('"')) for name, said in _PAIR.findall(statement)]
        if pairs and statement.lstrip()[:1].isalpha():
            (method, said), properties = pairs[0], dict(reversed(pairs[1:]))
            yield _Finding(method, _result(said), _domain(method, properties))


def _statements(value: str) -> list[str]:
    """The value cut at the semicolons outside quotes."""
    pieces = value.split('"')
    for at in range(1, len(pieces), 2):
        pieces[at] = pieces[at].replace(";", "_").replace("=", "_")
    return '"'.join(pieces).split(";")


def _result(said: str) -> Result:
    said = said.lower()
    return _RESULTS.get(said) or _OLDER_NAMES.get(said, Result.NONE)


def _domain(method: str, properties: dict[str, str]) -> str:
    names = {
        "spf": ("smtp.mailfrom", "smtp.mail", "smtp.envelope-from", "smtp.helo"),
        "dkim": ("header.d", "header.i"),
        "dmarc": ("header.from",),
    }.get(method, ())
    given = next((properties[name] for name in names if properties.get(name)), "")
    return given.strip("<> .").casefold().rpartition("@")[2]
