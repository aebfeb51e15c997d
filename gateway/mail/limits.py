"""How much of one message is read: the bounds that keep a hostile mail from costing more than an honest one."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What lies beyond a bound is left out and named in `Message.defects`; the stored original keeps everything."""

    fields: int = 1_000  # header fields of one part
    field_octets: int = 100_000  # one header field, unfolded
    head_octets: int = 2_000_000  # the whole header of one part
    depth: int = 20  # multipart within multipart
    parts: int = 500  # leaves of the whole message
    text: int = 1_000_000  # characters of `Message.text`
    html: int = 1_000_000  # characters of one HTML body
    links: int = 5_000  # link targets written out when HTML becomes text
    mailboxes: int = 200  # addresses of one field
    ids: int = 100  # message ids of one field
    files: int = 200  # uuencoded files found within one text
