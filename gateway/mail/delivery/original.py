"""What a delivery report gives back of the mail that failed, and where it begins: all above it are the report's words.

Decides nothing about what failed.
"""

import re
from dataclasses import dataclass

from gateway.mail import headers, mailboxes, mime
from gateway.mail.address import is_valid, normalise
from gateway.mail.delivery import addresses, texts
from gateway.mail.limits import Limits
from gateway.mail.message import Message

RETURNED = frozenset({"message/rfc822", "text/rfc822-headers", "message/global", "message/rfc822-headers"})
_READ_CHARACTERS = 200_000
_MOST_RECIPIENTS = 100
_READ_LINES = 200
_HEAD_LINES = 200
_HEAD_FIELD = re.compile(
    r"(received|return-path|message-id|mime-version|date|from|to|subject|dkim-signature|x-[a-z\-]+): "
)
_CERTAIN_HEAD = frozenset({"received", "return-path", "message-id", "mime-version"})
_ID_LABELS = frozenset({"message-id", "original-message-id", "message id", "messageid", "internet message id"})
_FOR = re.compile(r"\sfor\s{1,3}<([^\s<>@]{1,64}@[^\s<>@]{1,255})>")


@dataclass(frozen=True, slots=True)
class Original:
    """What is known of the mail that came back: its id and whom it was written to."""

    message_id: str
    recipients: tuple[str, ...]
    received_for: str = ""  # by the last server that had it; whom a list's mail was for


def of(message: Message) -> Original:
    """What came back: from the report's part, a returned file, the text below the report's words, or the answer-to."""
    heads = [message.report.original] if message.report is not None and message.report.original else []
    heads += [_head(file.content) for file in message.attachments[:20] if file.content_type in RETURNED]
    lines = message.text[:_READ_CHARACTERS].split("\n")
    heads.append(_head("\n".join(lines[_end(lines) :][:_HEAD_LINES]).lstrip("\n").encode("utf-8", "replace")))
    ids = [found for head in heads for found in headers.ids(head.get("message-id", ""), 1)]
    ids = ids or _labelled_ids(lines) or list(message.in_reply_to[:1]) or list(message.references[-1:])
    recipients = next((people for head in heads if (people := _people(head))), ())
    received_for = next((address for head in heads if (address := _received_for(head))), "")
    return Original(ids[0] if ids else "", recipients, received_for)


def own_words(text: str) -> list[str]:
    """The lines above the returned mail, quote marks gone."""
    lines = text[:_READ_CHARACTERS].replace("’", "'").split("\n")[:_READ_LINES]
    end = _end(lines)
    return [line[:1000].rstrip() for line in lines[:end]]


def _end(lines: list[str]) -> int:
    """The line with which the returned mail is introduced or begins."""
    for number, line in enumerate(lines):
        low = line[:200].lower()
        if texts.ENDS.search(low) and not _has_address_soon(lines, number):
            return number
        if _begins_head(lines[number : number + 8]):
            return number
    return len(lines)


def _has_address_soon(lines: list[str], number: int) -> bool:
    """Whether the line speaks of a copy but goes on to say for whom: on itself, or below its colon."""
    line = lines[number][:200].lower()
    if "@" in line and not line.startswith("received:"):
        return True
    below = next((later for later in lines[number + 1 : number + 4] if later.strip()), "")
    return line.rstrip().endswith(":") and addresses.stands_alone(below)


def _begins_head(lines: list[str]) -> bool:
    """Whether these lines are fields of a mail's head: three, one of which only a head has; folded lines between."""
    if not _HEAD_FIELD.match(lines[0][:100].lower()):
        return False
    found = [match[1] for line in lines if (match := _HEAD_FIELD.match(line[:100].lower()))]
    return len(found) >= 3 and any(name in _CERTAIN_HEAD for name in found)


def _head(content: bytes) -> dict[str, str]:
    """The fields of a returned mail, also where a line such as `--- copy ---` stands above them."""
    lines = content[:100_000].split(b"\n")
    start = next(
        (at for at, line in enumerate(lines[:40]) if _HEAD_FIELD.match(line[:100].decode("latin-1").lower())), None
    )
    if start is None:
        return {}
    fields, _ = mime.head(b"\n".join(lines[start:]), Limits())
    return {name.lower(): headers.decode(value) for name, value in reversed(fields)}


def _received_for(head: dict[str, str]) -> str:
    """RFC 5321 §4.4: `for <a@b>` in the topmost trace field."""
    found = _FOR.search(head.get("received", "")[:2000])
    return found[1] if found and is_valid(found[1]) else ""


def _people(head: dict[str, str]) -> tuple[str, ...]:
    """Whom it was written to; who is named in a list's mail is the list."""
    if "list-id" in head or "list-post" in head:
        return ()
    fields = (head.get(name, "")[:20_000].encode("utf-8", "replace") for name in ("to", "cc", "bcc", "x-original-to"))
    found = [mailbox.address for field in fields for mailbox in mailboxes.read(field, _MOST_RECIPIENTS)]
    return tuple({normalise(address): address for address in reversed(found)}.values())[::-1]


def _labelled_ids(lines: list[str]) -> list[str]:
    for line in lines:
        label, colon, said = line[:1200].strip("> \t*").partition(":")
        ids = headers.ids(said, 1) if colon and label.lower() in _ID_LABELS else ()
        if ids:
            return list(ids)
    return []
