"""The machine-readable parts of a multipart/report (RFC 6522) as a value. Judges none of them."""

from dataclasses import dataclass, field

from gateway.mail import attached, headers, mime, plain_text
from gateway.mail.delivery import groups as delivery_groups
from gateway.mail.limits import Limits
from gateway.mail.message import ReportPart

MACHINE = {
    "message/delivery-status": "delivery-status",
    "message/global-delivery-status": "delivery-status",
    "message/disposition-notification": "disposition-notification",
    "message/global-disposition-notification": "disposition-notification",
    "message/feedback-report": "feedback-report",
}
ORIGINAL = attached.MESSAGE | {"text/rfc822-headers", "message/global-headers", "message/rfc822-headers"}


@dataclass(slots=True)
class Found:
    """What has been found so far; the first of each kind counts."""

    report_type: str = ""
    groups: tuple[dict[str, str], ...] = ()
    original: dict[str, str] = field(default_factory=dict)

    def take_over(self, other: "Found") -> None:
        """Fill in from another branch of the message what is not here."""
        self.report_type = self.report_type or other.report_type
        self.groups = self.groups or other.groups
        self.original = self.original or other.original

    def value(self) -> ReportPart | None:
        """The report; None where the message is none."""
        return ReportPart(self.report_type, self.groups, self.original) if self.report_type else None


def read(part: mime.Part, found: Found, limits: Limits) -> None:
    """Add what a part of a report says to `found`."""
    content = plain_text.octets(part.octets, part.encoding)
    if part.content_type in MACHINE:
        found.report_type = found.report_type or MACHINE[part.content_type]
        found.groups = found.groups or delivery_groups.parse(content)
        return
    fields, _ = mime.head(content, limits)
    found.original = found.original or {name.lower(): headers.decode(value) for name, value in reversed(fields)}
