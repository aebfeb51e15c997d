"""Calendar parts as what, when and who."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail import invitations
from gateway.mail.address import Mailbox
from gateway.mail.message import Invitation
from gateway.mail.parse import parse

EVENT = """BEGIN:VCALENDAR
METHOD:REQUEST
BEGIN:VTIMEZONE
TZID:Europe/Riga
BEGIN:STANDARD
DTSTART:16010101T040000
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
ORGANIZER;CN="Ozola, Anna":mailto:anna@customer.example
ATTENDEE;PARTSTAT=NEEDS-ACTION;CN=Support:mailto:support@desk.example
ATTENDEE;PARTSTAT=ACCEPTED:mailto:b@customer.example
SUMMARY;LANGUAGE=lv:Printer visit\\, floor
  two\\; bring toner
LOCATION:Room 5
DTSTART;TZID=Europe/Riga:20250603T100000
DTEND;TZID=Europe/Riga:20250603T113000
BEGIN:VALARM
TRIGGER:-PT15M
SUMMARY:not this
END:VALARM
END:VEVENT
END:VCALENDAR
"""


def test_an_invitation():
    found = invitations.read(EVENT.replace("\n", "\r\n"))
    assert found == Invitation(
        method="REQUEST",
        summary="Printer visit, floor two; bring toner",
        start="2025-06-03 10:00",
        end="2025-06-03 11:30",
        zone="Europe/Riga",
        location="Room 5",
        organiser=Mailbox("Ozola, Anna", "anna@customer.example"),
        attendees=2,
    )
    assert found.line == (
        "REQUEST: Printer visit, floor two; bring toner, 2025-06-03 10:00 - 11:30 Europe/Riga, Room 5, Ozola, Anna +2"
    )


def _event(*lines, method="METHOD:REPLY"):
    return "\n".join(["BEGIN:VCALENDAR", method, "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR"])


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            _event("DTSTART:20250603T100000Z", "DTEND:20250604T080000Z"),
            "REPLY: 2025-06-03 10:00 - 2025-06-04 08:00 UTC",
        ),
        (_event("DTSTART;VALUE=DATE:20250603", "SUMMARY:Off"), "REPLY: Off, 2025-06-03"),
        (_event("DTSTART:20250603T100000", "DTEND:20250603T100000"), "REPLY: 2025-06-03 10:00"),
        (_event("SUMMARY:Visit", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:a@b.example"), "ACCEPTED: Visit, +1"),
        (_event("SUMMARY:Visit", "ATTENDEE;PARTSTAT=declined:x", method="METHOD:cancel"), "CANCEL: Visit, +1"),
        (_event("SUMMARY:Visit", "DTSTART:soon", "ORGANIZER:nobody", method=""), "Visit"),
        (_event("ORGANIZER:MAILTO:a@b.example", method=""), "a@b.example"),
        (_event("SUMMARY:two\\nlines\\N here \\\\ ", method=""), "two lines here \\"),
        (_event("just junk", ";;;", "SUMMARY", "SUMMARY:Visit", "SUMMARY:Second", method=""), "Visit"),
        ("begin:vcalendar\nbegin:vevent\nsummary:Visit\n", "Visit"),
    ],
)
def test_lines(text, line):
    found = invitations.read(text)
    assert found is not None
    assert found.line == line


@pytest.mark.parametrize("text", ["", "BEGIN:VCALENDAR\nEND:VCALENDAR", "words", "SUMMARY:x"])
def test_no_event(text):
    assert invitations.read(text) is None


def test_the_method_of_the_media_type_serves_where_the_calendar_names_none():
    found = invitations.read(_event("SUMMARY:Visit", method=""), "request")
    assert found is not None
    assert found.method == "REQUEST"


@pytest.mark.parametrize("kind", ["alternative", "mixed"])
def test_a_mail_keeps_the_calendar_as_a_file_and_tells_of_it_once(kind):
    calendar = f"Content-Type: text/calendar; method=REQUEST; charset=utf-8\n\n{EVENT}"
    file = f'Content-Type: application/ics; name="invite.ics"\nContent-Disposition: attachment\n\n{EVENT}'
    raw = (
        f"Content-Type: multipart/{kind}; boundary=b\n\n--b\nContent-Type: text/plain\n\nCome!\n"
        f"--b\n{calendar}\n--b\n{file}\n--b--\n"
    )
    message = parse(raw.encode())
    assert message.text == "Come!"
    assert [file.name for file in message.attachments] == ["invitation.ics", "invite.ics"]
    assert [invitation.start for invitation in message.invitations] == ["2025-06-03 10:00"]


@given(st.lists(st.sampled_from([*EVENT.split("\n"), ":", ";", "\r", " ", 'X;A="b', "DTSTART:20259999T999999"])))
def test_never_raises(lines):
    found = invitations.read("\n".join(lines))
    assert found is None or "\n" not in found.line
