"""The shape of a language's table: one string a field, its phrases parted by ` | `. Knows no language."""

from dataclasses import dataclass, fields

FROM, DATE, TO, SUBJECT, OTHER = "from", "date", "to", "subject", "other"


@dataclass(frozen=True, slots=True)
class Words:
    """What mail programs of one language write around answers; lower case, compared case-folded.

    A new language gives what is known of it and leaves the rest. Phrases of people are not here: a closing line written
    by hand belongs to the letter.
    """

    verbs: str = ""  # of "On ..., ... wrote:"
    openers: str = ""  # how such a line begins where neither date nor name leads
    days: str = ""  # weekdays by their first letters
    senders: str = ""  # labels of a header block above a quoted mail
    dates: str = ""
    recipients: str = ""
    subjects: str = ""
    others: str = ""
    separators: str = ""  # a line of dashes around one of these begins the copy of an earlier mail
    devices: str = ""  # whole beginnings of "Sent from my ..." lines
    sent: str = ""  # "sent", before or after the name of a device or program
    disclaimers: str = ""  # a paragraph at the end that begins so is legal or automatic text
    legal: str = ""  # three of these in a paragraph below a disclaimer go on with it
    list_footers: str = ""  # in a paragraph that a list or group service adds
    inline: str = ""  # in a short answer above: the answers stand in the copy below
    reply_above: str = ""  # between signs: parts an answer from a desk's mail below it


def phrases(field: str) -> tuple[str, ...]:
    """The phrases of one field."""
    return tuple(part for part in (each.strip() for each in field.split(" | ")) if part)


FIELDS = tuple(field.name for field in fields(Words))
