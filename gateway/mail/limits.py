"""How much of one message is read: the bounds that keep a hostile mail from costing more than an honest one."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What lies beyond a bound is left out and named in `Message.defects`; the stored original keeps everything."""

    fields: int = 1_000  # header fields of one part
    field_octets: int = 100_000  # one header field, unfolded
    head_octets: int = 2_000_000  # the whole header of one part
    careful_octets: int = 100_000  # of the header, whose charsets are cared for; the rest is taken for UTF-8
    searched_octets: int = 120_000_000  # looked through for boundaries, counted once for each level of parts
    near_boundaries: int = 100_000  # lines that begin like a boundary and are none
    depth: int = 20  # multipart within multipart
    parts: int = 500  # leaves of the whole message
    text: int = 1_000_000  # characters of `Message.text`
    html: int = 750_000  # characters of one HTML body
    links: int = 5_000  # link targets written out when HTML becomes text
    mailboxes: int = 200  # addresses of one field
    ids: int = 100  # message ids of one field
    files: int = 200  # uuencoded files found within one text, files within one winmail.dat
    line: int = 100_000  # characters of one line of text
    opened: int = 5  # signed or compressed S/MIME parts that are opened
    unpacked: int = 20_000_000  # octets of what was within them, together
    rtf: int = 400_000  # octets of a text that Outlook packed as RTF
    decoration: int = 8_000  # octets of a picture within HTML that nobody would miss as a file
    invitations: int = 10  # calendar parts that are read
    hops: int = 100  # `Received` fields that are read
