"""One mail's transaction on an open line (RFC 5321 §3.3): its envelope, then its content. It retries nothing."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from gateway.mail.address import is_valid
from gateway.outbound.line import Line
from gateway.outbound.relay import MayGo, Reply, WithdrawnError


@dataclass(frozen=True, slots=True)
class Envelope:
    """The commands before the content, none where there is nothing to ask.

    `recipients` are those who are asked about; why the server need not be asked about the others is in `refused`.
    """

    commands: tuple[str, ...]
    recipients: tuple[str, ...]
    refused: Mapping[str, Reply]


@dataclass(frozen=True, slots=True)
class Transaction:
    """A mail that the line has been told of: its reply to MAIL, if anybody is to be asked about, and those to come."""

    line: Line
    envelope: Envelope
    mail: Reply | None
    replies: Iterator[Reply]

    def carried_out(self, raw: bytes, may_go: MayGo) -> Mapping[str, Reply]:
        """What each recipient is told: by MAIL or RCPT where it was refused, else by the answer to the content.

        Raises:
            OSError: the line broke.
            WithdrawnError: `may_go` said no. The line is good for nothing any more: it waits for content.
        """
        if self.mail is None:
            return self.envelope.refused
        if not self.mail.is_accepted:
            refused = replace(self.mail, is_about_sender=True)
            return {**self.envelope.refused, **dict.fromkeys(self.envelope.recipients, refused)}
        replies = {address: self._rcpt() for address in self.envelope.recipients}
        accepted = [address for address, reply in replies.items() if reply.is_accepted]
        said = dict.fromkeys(accepted, self._data(raw, may_go)) if accepted else {}
        return {**self.envelope.refused, **replies, **said}

    def forget(self) -> None:
        """Lets nothing of a refused mail reach into the next (RFC 5321 §4.1.1.5).

        Raises:
            OSError: that cannot be had but by ending the line.
        """
        if self.mail is None:
            return
        unheard = list(self.replies) if self.line.is_pipelining else []
        if unheard and not 400 <= unheard[-1].code < 600:
            # It waits for content. The lone dot of RFC 2920 §3.1 might hand over an empty mail.
            raise self.line.lost(f"DATA for nobody was answered by {unheard[-1]}")
        self.line.rset()

    def _rcpt(self) -> Reply:
        reply = next(self.replies)
        if reply.code == 421:
            raise self.line.lost(str(reply))
        return reply

    def _data(self, raw: bytes, may_go: MayGo) -> Reply:
        reply = next(self.replies)
        if 400 <= reply.code < 600:
            return reply
        if reply.code != 354:  # neither go ahead nor a refusal: it answers something else
            raise self.line.lost(f"DATA was answered by {reply}")
        content = _content(raw)
        if not may_go():
            raise WithdrawnError("the mail was called back")
        self.line.send(content)
        return Reply.of(self.line.getreply())


def begun(
    line: Line, mail_from: str, recipients: Sequence[str], raw: bytes, meanwhile: Callable[[], object]
) -> Transaction:
    """The transaction of a mail, its first reply heard. `meanwhile` is called while the server reads the envelope.

    Raises:
        OSError: the line broke, or the server is closing it.
    """
    offered = envelope(mail_from, recipients, raw, line.esmtp_features)
    replies = (Reply.of(said) for said in line.ask(offered.commands, meanwhile))
    mail = next(replies, None)
    if mail is not None and mail.code == 421:  # RFC 5321 §3.8
        raise line.lost(str(mail))
    return Transaction(line, offered, mail, replies)


def envelope(mail_from: str, recipients: Sequence[str], raw: bytes, features: Mapping[str, str]) -> Envelope:
    """How a mail is offered to a server whose EHLO announced `features`: keywords in small letters, parameters."""
    most = features.get("size", "").strip()
    if most.isdigit() and 0 < int(most) < len(raw):  # RFC 1870 §6
        said = f"5.3.4 the smarthost takes no mail of more than {most} octets"
        return Envelope((), (), dict.fromkeys(recipients, Reply(552, said, is_about_sender=True)))
    takes_all_letters = "smtputf8" in features
    foreign = Reply(553, "5.6.7 the smarthost takes no internationalised addresses")  # RFC 6531 §3.5
    if not takes_all_letters and not mail_from.isascii():
        return Envelope((), (), dict.fromkeys(recipients, replace(foreign, is_about_sender=True)))
    refused = {
        address: foreign if is_valid(address) else Reply(553, "5.1.3 not an address")
        for address in recipients
        if not is_valid(address) or not (takes_all_letters or address.isascii())
    }
    asked = tuple(address for address in recipients if address not in refused)
    mail = " ".join((f"MAIL FROM:<{mail_from}>", *_parameters(mail_from, asked, raw, features)))
    commands = (mail, *(f"RCPT TO:<{address}>" for address in asked), "DATA")
    return Envelope(commands if asked else (), asked, refused)


def _parameters(mail_from: str, asked: Sequence[str], raw: bytes, features: Mapping[str, str]) -> Iterator[str]:
    if "size" in features:
        yield f"SIZE={len(raw)}"  # RFC 1870
    if "8bitmime" in features and not raw.isascii():
        yield "BODY=8BITMIME"  # RFC 6152
    if not all(address.isascii() for address in (mail_from, *asked)):
        yield "SMTPUTF8"  # RFC 6531 §3.4


def _content(raw: bytes) -> bytes:
    """The mail with its leading dots doubled, and the line that ends it (RFC 5321 §4.5.2)."""
    dotted = raw.replace(b"\r\n.", b"\r\n..")
    first = b"." if raw.startswith(b".") else b""
    last = b"" if raw.endswith(b"\r\n") else b"\r\n"
    return b"".join((first, dotted, last, b".\r\n"))
