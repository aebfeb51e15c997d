"""What others may not have stays here: tokens made for one reader, agents' own addresses; over whole conversations."""

import base64
import email
import quopri
import re
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email import policy as email_policy
from email.message import EmailMessage
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from gateway import store
from gateway.mail import tokens
from gateway.mail.tokens import Purpose
from gateway.outbound.render import Templates
from gateway.outbound.writing import Writing
from gateway.store.outbox import Outgoing
from gateway.store.spool import SpoolState
from gateway.tickets.model import ReplyAddressing, State
from gateway.tickets.notices import NoticeKind, Reason
from gateway.tickets.policy import SurveyPage
from tests.builders import ANNA, BEN, KIM, RING, SUPPORT, dsn, mail
from tests.desk.conftest import Office

TEMPLATES = Templates(Path(__file__).parents[2] / "templates", None, "en", ZoneInfo("UTC"))
PRIVATE = ("anna@agents.test", "anna.ozola@agents.test", "ben@agents.test", "carl@agents.test")
ANYWHERE = re.compile(r"(?=([acfmnswyb][a-z2-9]{8}[a-z2-7]{16}))")
DER = b"0\x82\x01\x00 certificate of anna@agents.test \x00\xff"


@dataclass
class Post:
    """All mail that the desk sends, written to its last octet."""

    office: Office
    sent: list[tuple[Outgoing, bytes]] = field(default_factory=list)

    def collect(self) -> list[tuple[Outgoing, bytes]]:
        """What is new since the last time."""
        office = self.office
        writing = Writing(office.database, office.policy, RING, TEMPLATES, 15 * 2**20, lambda: office.clock)
        with office.database.write() as db:
            taken = store.outbox.take(db, office.clock, timedelta(minutes=15), 100)
        new = []
        for ready in writing.ready(taken):
            assert ready.fault is None, ready.fault
            new.append((ready.outgoing, ready.outgoing.raw))
        self.sent += new
        return new

    def last(self, kind: NoticeKind, to: str = "") -> bytes:
        """The newest mail of a kind to somebody."""
        self.collect()
        return [raw for sent, raw in self.sent if sent.notice.kind is kind and to in sent.notice.to[0].address][-1]


@pytest.fixture
def post(office):
    office.change_policy(survey_page=SurveyPage("https://survey.desk.test"))
    return Post(office)


def parsed(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=email_policy.default)
    assert isinstance(message, EmailMessage)
    return message


def everything(raw: bytes) -> str:
    """All that a reader with every tool there is finds in it: fields decoded, parts decoded, mails in it opened."""
    found = [raw.decode("latin-1")]
    for part in parsed(raw).walk():
        found += [f"{name}: {value}" for name, value in part.items()]
        content = part.get_payload(decode=True)
        if isinstance(content, bytes):
            found += [content.decode("latin-1"), content.decode("utf-16-le", "replace")]
            if str(part.get_filename()).endswith(".eml"):
                found.append(everything(content))
    return "\n".join((*found, *(re.sub(r"\r?\n[ \t]", "", each) for each in found))).lower()


def foreign(sent: Outgoing, whole_text: str, policy, codes: set[str]) -> list[str]:
    """The tokens in a mail that are of use to somebody else than him to whom it goes, wherever in a word they stand."""
    is_agents, found = sent.notice.kind.is_for_agents, []
    for start in [each.start() for each in ANYWHERE.finditer(whole_text) if each[1][1:9] in codes]:
        for length in range(25, 36):
            whole = whole_text[start : start + length]
            holders = [each.name for each in policy.agents if tokens.verify(RING, whole, each.name)]
            token = tokens.verify(RING, whole)
            if holders and (not is_agents or holders != [sent.notice.agent]):
                found.append(f"{whole} of {holders}")
            elif token and is_agents and not (token.purpose is Purpose.MESSAGE and token.serial in {"", sent.serial}):
                found.append(f"{whole} {token.purpose.name}")
    return sorted(set(found))


def leaks(post: Post) -> list[tuple[str, str, list[str]]]:
    """Every mail of the conversation with what it should not have."""
    post.collect()
    codes = {ticket.code for ticket in post.office.tickets()}
    found = []
    for sent, raw in post.sent:
        whole = everything(raw)
        words = foreign(sent, whole, post.office.policy, codes)
        if not sent.notice.kind.is_for_agents:
            words += [each for each in PRIVATE if each in whole]
        if words:
            found.append((sent.notice.kind.value, sent.notice.to[0].address, words))
    return found


def quoting(raw: bytes) -> str:
    """A mail as Outlook quotes it: the addresses of its header in full, then its words and where its links lead."""
    message = parsed(raw)
    body, html = message.get_body(("plain",)), message.get_body(("html",))
    links = re.findall(r'href="([^"]+)"', html.get_content() if html else "")
    reply_to = message["Reply-To"] or message["From"]
    head = (
        f"From: Example Support [mailto:{reply_to}]\nSent: Monday\nTo: {message['To']}\nSubject: {message['Subject']}"
    )
    return "\n".join((head, "", body.get_content() if body else "", *links, f"<{message['Message-ID']}>"))


def written(text: str, sender: str, to: str, date: str, *files, html: str = "", references: str = "") -> bytes:
    """A mail of many parts: plain text in quoted-printable, HTML in base64, files."""
    message = EmailMessage(policy=email_policy.SMTP)
    message["From"], message["To"], message["Subject"], message["Date"] = sender, to, "Re: Printer", date
    message["Message-ID"] = f"<{abs(hash((text, date))):x}@{sender.rpartition('@')[2].strip('>')}>"
    if references:
        message["In-Reply-To"] = message["References"] = references
    message.set_content(text, cte="quoted-printable")
    if html:
        message.add_alternative(html, subtype="html", cte="base64")
    for name, kind, content in files:
        if kind == "message/rfc822":
            message.add_attachment(email.message_from_bytes(content, policy=email_policy.SMTP), filename=name)
        else:
            message.add_attachment(content, *kind.split("/"), filename=name, cid="<part1@laptop.agents.test>")
    return message.as_bytes()


def reply(post: Post, agent, text: str, *files) -> None:
    """An agent answers his newest notice from Outlook, quoting it in plain text and HTML."""
    office, notice = post.office, post.last(NoticeKind.AGENT_NOTICE, agent.address)
    message, quoted = parsed(notice), quoting(notice)
    to = str(message["Reply-To"] or message["From"])
    raw = written(
        f"{text}\n\n{quoted}\n\n-- \n{agent.full_name}\n{agent.address}\n",
        f"{agent.full_name} <{agent.address}>",
        to,
        office.date(),
        *files,
        html=f"<p>{text}</p><blockquote>{quoted}</blockquote>",
        references=str(message["Message-ID"]),
    )
    address = email.utils.parseaddr(to)[1]
    spooled = office.receive(raw, address, mail_from=agent.address)
    assert spooled.state is SpoolState.DONE, spooled
    post.collect()
    office.clock += timedelta(minutes=10)


def customer_answers(post: Post, kind: NoticeKind, text: str, *files) -> None:
    """Kim answers our newest mail of a kind, quoting it with all its links, so that some of it is folded away."""
    office, ours = post.office, post.last(kind, KIM.address)
    message, quoted = parsed(ours), quoting(ours)
    to = str(message["Reply-To"] or message["From"])
    shown = f"{text}\n\nOn Monday, Example Support <{to}> wrote:\n" + re.sub("(?m)^", "> ", quoted)
    html = f"<p>{text}</p><blockquote>{quoted}</blockquote>"
    raw = written(shown, str(KIM), to, office.date(), *files, html=html, references=str(message["Message-ID"]))
    spooled = office.receive(raw, email.utils.parseaddr(to)[1])
    assert spooled.state is SpoolState.DONE, spooled
    post.collect()
    office.clock += timedelta(minutes=10)


def vcard(address: str) -> bytes:
    return (
        f"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Anna Ozola\r\nEMAIL:{address}\r\n"
        f"EMAIL;TYPE=work:{address[:6]}\r\n {address[6:]}\r\nEND:VCARD\r\n"
    ).encode()


def conversation(post: Post) -> None:
    """From the first mail to the survey, everybody quoting everything."""
    office = post.office
    raw = mail("It burns.", to="support@desk.test, Lee <lee@customer.test>", message_id="first@customer.test")
    ticket = office.ticket(office.receive(raw).ticket_id)
    post.collect()
    office.clock += timedelta(minutes=10)
    notice = post.last(NoticeKind.AGENT_NOTICE, ANNA.address)
    files = (
        ("smime.p7s", "application/pkcs7-signature", DER),
        ("signature.asc", "application/pgp-signature", b"-----BEGIN PGP SIGNATURE-----\nanna@agents.test\n"),
        ("OpenPGP_0x1.asc", "application/pgp-keys", b"uid anna@agents.test"),
        ("anna@agents.test.vcf", "text/vcard", vcard("anna@agents.test")),
        ("table.csv", "text/csv", f"{quoting(notice)};anna@agents.test".encode("utf-16")),
        ("notice.eml", "message/rfc822", notice),
        ("bytes.eml", "application/octet-stream", notice),
        ("photo.jpg", "image/jpeg", b"\xff\xd8 photo"),
    )
    reply(post, ANNA, "Turn it off. My address is anna@agents.test or anna+x@agents.test.", *files)
    customer_answers(post, NoticeKind.REPLY, "It still burns.", ("ours.eml", "message/rfc822", post.sent[0][1]))
    reply(post, ANNA, "#assign ben\n\n#note see below")
    reply(post, BEN, f"Some water may help. I was told:\n{quoting(post.last(NoticeKind.AGENT_NOTICE, BEN.address))}")
    bounced = office.last(NoticeKind.REPLY)
    office.receive(dsn("failed", "5.1.1"), office.bounce_address(bounced), mail_from="")
    office.receive(mail("I, too!", sender="x@elsewhere.test", date="x"), office.reply_address(ticket, "anna"))
    stolen = mail(f"Let me in: {quoting(notice)}", sender="x@elsewhere.test", subject=f"[{ticket.reference}]")
    office.receive(stolen, mail_from="x@elsewhere.test")
    office.receive(mail("No token.", sender=BEN.address, subject=f"[{ticket.reference}] x"), mail_from=BEN.address)
    post.collect()
    customer_answers(post, NoticeKind.REPLY, "Thank you.")
    reply(post, BEN, "#close")
    office.pass_days(2)
    customer_answers(post, NoticeKind.SURVEY, "5\n\nAll well, thank you very much for everything.")


def test_no_mail_has_a_token_or_an_address_that_is_not_its_readers(post):
    conversation(post)
    kinds = {sent.notice.kind for sent, _ in post.sent}
    assert kinds >= {NoticeKind.REPLY, NoticeKind.AGENT_NOTICE, NoticeKind.SURVEY, NoticeKind.AGENT_ERROR}
    reasons = {sent.notice.reason for sent, _ in post.sent}
    assert reasons >= {Reason.ASSIGNED, Reason.CUSTOMER_REPLY, Reason.STRANGER_HELD, Reason.WRONG_SENDER, Reason.RATED}
    assert any(b"original.eml" in raw for _, raw in post.sent)
    assert leaks(post) == []


def test_neither_has_any_where_there_are_no_subaddresses(post):
    """There the Message-ID of a notice is what proves that an agent has it."""
    queue = replace(SUPPORT, reply_addressing=ReplyAddressing.NONE)
    post.office.change_policy(queues=(queue, *post.office.policy.queues[1:]))
    raw = mail("It burns.", message_id="first@customer.test")
    ticket = post.office.ticket(post.office.receive(raw).ticket_id)
    post.collect()
    reply(post, ANNA, "#assign ben\n\n#note see below")
    ours = [(sent, raw) for sent, raw in post.sent if sent.notice.reason is Reason.ASSIGNED]
    assert [sent.notice.agent for sent, _ in ours] == ["ben"]
    assert post.office.ticket(ticket.id).assignee == "ben"
    customer_answers(post, NoticeKind.ACKNOWLEDGEMENT, "And?")
    assert leaks(post) == []


def test_what_is_left_of_an_agents_reply_is_what_he_wanted_to_send(post):
    conversation(post)
    raw = next(raw for sent, raw in post.sent if sent.notice.kind is NoticeKind.REPLY)
    message = parsed(raw)
    assert [part.get_filename() for part in message.iter_attachments()] == [
        *("support@desk.test.vcf", "table.csv", "notice.eml", "bytes.eml", "photo.jpg"),
    ]
    assert "laptop.agents.test" not in everything(raw), "Content-IDs name the machine they were made on"
    files = {part.get_filename(): part for part in message.iter_attachments()}
    card = files["support@desk.test.vcf"].get_content()
    assert re.sub(r"\r?\n ", "", card).count("support@desk.test\r\n") == 2
    assert files["photo.jpg"].get_payload(decode=True) == b"\xff\xd8 photo"
    inner = files["notice.eml"].get_content()
    assert inner["Reply-To"] == "support@desk.test"
    assert "it burns." in everything(inner.as_bytes())
    assert "my address is support@desk.test or support@desk.test." in everything(raw)
    events = [event for event in post.office.history(post.office.tickets()[0]) if event.what == "not passed on"]
    assert [event.why.partition(":")[0] for event in events] == ["smime.p7s, signature.asc, OpenPGP_0x1.asc"]
    spool_id = events[0].spool_id
    assert "not passed on: smime.p7s" in post.office.mail(spool_id).trace[-1]


def test_those_in_copy_get_the_agents_replies_and_nothing_else(post):
    conversation(post)
    got = {sent.notice.kind for sent, _ in post.sent if "lee@customer.test" in [to.address for to in sent.recipients]}
    assert got == {NoticeKind.REPLY}
    raw = next(raw for sent, raw in post.sent if sent.notice.kind is NoticeKind.REPLY)
    assert parsed(raw)["Cc"] == "Lee <lee@customer.test>"


@pytest.mark.parametrize("words", ["#resolve", "#close"])
def test_a_signed_command_sends_nobody_an_empty_reply(post, words):
    ticket = post.office.opened()
    reply(post, ANNA, words, ("smime.p7s", "application/pkcs7-signature", DER))
    assert NoticeKind.REPLY not in {sent.notice.kind for sent, _ in post.sent}
    expected = {"#resolve": State.RESOLVED, "#close": State.CLOSED}
    assert post.office.ticket(ticket.id).state is expected[words]


def test_a_signature_alone_is_nothing_to_send(office):
    ticket = office.opened()
    address = office.reply_address(ticket, "anna")
    signature = ("smime.p7s", "application/pkcs7-signature", DER)
    spooled = office.receive(written("", ANNA.address, address, office.date(), signature), address)
    assert (spooled.state, spooled.verdict) == (SpoolState.HELD, "held")
    assert office.told() == [(ANNA.address, "agent_error", "nothing_to_send")]


TWO_AUTHORS = [
    "anna@agents.test, x@elsewhere.test",
    "Anna <anna@agents.test>\r\nFrom: Mallory <x@elsewhere.test>",
    "anna@agents.test\r\nFrom: x@elsewhere.test",
    "Anna <anna@agents.test> <x@elsewhere.test>",
]


@pytest.mark.parametrize("sender", TWO_AUTHORS)
def test_a_mail_of_two_authors_is_nobodys_order(office, sender):
    ticket = office.opened()
    raw = mail("#close", sender=sender, date=office.date())
    spooled = office.receive(raw, office.reply_address(ticket, "anna"), mail_from="x@elsewhere.test")
    assert (spooled.state, office.ticket(ticket.id).state) == (SpoolState.HELD, State.NEW)
    assert office.told() == [(ANNA.address, "agent_error", "not_authenticated")]
    assert "x@elsewhere.test" in office.outbox()[-1].notice.detail


def test_one_author_named_twice_is_one(office):
    ticket = office.opened()
    sender = "Anna <anna@agents.test>\r\nFrom: Anna <Anna@agents.test>"
    raw = mail("#close", sender=sender, date=office.date())
    assert office.receive(raw, office.reply_address(ticket, "anna")).state is SpoolState.DONE


def test_the_yardstick_sees_what_is_hidden():
    token = tokens.sign(RING, tokens.Token(Purpose.AGENT, "7k2m9xq4"), bearer="anna")
    inner = written(f"x {token}", "a@b.test", "c@d.test", "x", html=f"<p>{token}</p>")
    for content in (token.encode(), base64.b64encode(token.encode()), quopri.encodestring(b"x" * 60 + token.encode())):
        assert (
            token in everything(b"Content-Transfer-Encoding: 7bit\r\n\r\n" + content) or token.encode() not in content
        )
    assert token in everything(written("x", "a@b.test", "c@d.test", "x", ("a.eml", "message/rfc822", inner)))
