"""Calendar parts as one line of what, when and who: a tolerant reader of RFC 5545. Computes with no time zones."""

import re

from gateway.mail import headers
from gateway.mail.address import Mailbox, is_valid
from gateway.mail.message import Invitation

_FOLD = re.compile(r"\r?\n[ \t]")
_LINE = re.compile(r"([A-Za-z0-9-]{1,60})((?:;[A-Za-z0-9-]{1,60}=(?:\"[^\"]{0,1000}\"|[^\";:]{0,1000}))*):(.*)")
_PARAMETER = re.compile(r";([A-Za-z0-9-]{1,60})=(?:\"([^\"]*)\"|([^\";:]*))")
_MOMENT = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:T(\d\d):?(\d\d)(?::?\d\d)?(Z?))?")
_ESCAPED = re.compile(r"\\([\\;,nN])")
_EVENTS = frozenset({"VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY"})
_MOST = 500_000  # characters; pictures within descriptions make them long
_LONGEST = 300


def read(text: str, method: str = "") -> Invitation | None:
    """What the calendar in `text` says, None where there is no event in it; never raises.

    `method` is what the part's media type says, for calendars that do not say it themselves (RFC 6047 §2.4).
    """
    event: dict[str, tuple[dict[str, str], str]] = {}
    attendees: list[dict[str, str]] = []
    is_in_event = False
    for line in _FOLD.sub("", text[:_MOST]).splitlines():
        matched = _LINE.match(line)
        if not matched:
            continue
        name, value = matched[1].upper(), matched[3].strip()
        if name == "BEGIN" and value.upper() in _EVENTS:
            is_in_event = True
        elif name == "END" and is_in_event and value.upper() in _EVENTS:
            break
        elif name == "METHOD" and not is_in_event:
            method = value
        elif is_in_event and name == "ATTENDEE":
            attendees.append(_parameters(matched[2]))
        elif is_in_event:
            event.setdefault(name, (_parameters(matched[2]), value))
    return _invitation(method, event, attendees) if is_in_event else None


def _parameters(written: str) -> dict[str, str]:
    return {name.upper(): quoted or plain for name, quoted, plain in _PARAMETER.findall(written)}


def _invitation(
    method: str, event: dict[str, tuple[dict[str, str], str]], attendees: list[dict[str, str]]
) -> Invitation:
    nothing: tuple[dict[str, str], str] = ({}, "")
    start, zone = _moment(*event.get("DTSTART", nothing))
    end, _ = _moment(*event.get("DTEND", event.get("DUE", nothing)))
    answer = attendees[0].get("PARTSTAT", "") if attendees and method.upper() == "REPLY" else ""
    return Invitation(
        method=headers.clean(method).upper()[:30],
        summary=_text(event.get("SUMMARY", nothing)[1]),
        start=start,
        end=end,
        zone=zone,
        location=_text(event.get("LOCATION", nothing)[1]),
        organiser=_mailbox(*event.get("ORGANIZER", nothing)),
        attendees=len(attendees),
        answer=headers.clean(answer).upper()[:30],
    )


def _moment(parameters: dict[str, str], value: str) -> tuple[str, str]:
    """`20250603T100000` -> (`2025-06-03 10:00`, its zone), RFC 5545 §3.3.5."""
    found = _MOMENT.match(value)
    if not found:
        return "", ""
    day = f"{found[1]}-{found[2]}-{found[3]}"
    if found[4] is None:
        return day, ""
    return f"{day} {found[4]}:{found[5]}", "UTC" if found[6] else headers.clean(parameters.get("TZID", ""))[:80]


def _text(value: str) -> str:
    """RFC 5545 §3.3.11 undone, on one line."""
    said = _ESCAPED.sub(lambda found: " " if found[1] in "nN" else found[1], value[: 4 * _LONGEST])
    return " ".join(headers.clean(said).split())[:_LONGEST]


def _mailbox(parameters: dict[str, str], value: str) -> Mailbox | None:
    address = re.sub(r"(?i)^mailto:", "", value.strip()).strip("<> ")
    return Mailbox(_text(parameters.get("CN", "")).strip("'\""), address) if is_valid(address) else None
