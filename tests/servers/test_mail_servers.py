import smtplib
import time

import pytest

from tests.servers.sink import Sink

MAIL = b"From: help@example.test\r\nTo: anna@example.net\r\nSubject: hello\r\n\r\nIt works again.\r\n"


def test_sink_keeps_envelope_and_octets(sink: Sink):
    with smtplib.SMTP("127.0.0.1", sink.port) as smtp:
        smtp.sendmail("", ["anna@example.net", "ben@example.net"], MAIL)
    (mail,) = sink.mails
    assert (mail.mail_from, mail.rcpt_to) == ("<>", ("anna@example.net", "ben@example.net"))
    assert mail.raw == MAIL
    assert mail.message["Subject"] == "hello"


def test_sink_refuses_whom_it_is_told_to(sink: Sink):
    sink.answers["gone@example.net"] = "550 5.1.1 no such user"
    with smtplib.SMTP("127.0.0.1", sink.port) as smtp, pytest.raises(smtplib.SMTPRecipientsRefused):
        smtp.sendmail("help@example.test", ["gone@example.net"], MAIL)
    assert sink.mails == ()


def test_waiting_for_mail_that_never_comes_ends(sink: Sink):
    with pytest.raises(TimeoutError, match="0 of 1"):
        sink.wait_for(1, seconds=0.01)


@pytest.mark.postfix
class TestPostfix:
    def test_mail_is_parted_between_gateway_and_world(self, postfix_factory, sink):
        with Sink() as gateway:
            postfix = postfix_factory(f"smtp:[127.0.0.1]:{gateway.port}", f"smtp:[127.0.0.1]:{sink.port}")
            with smtplib.SMTP("127.0.0.1", postfix.port) as smtp:
                smtp.sendmail("help@example.test", ["anna@example.net", "sales@example.test"], MAIL)
            (outside,), (inside,) = sink.wait_for(1), gateway.wait_for(1)
        assert outside.rcpt_to == ("anna@example.net",)
        assert inside.rcpt_to == ("sales@example.test",)
        assert inside.message["Subject"] == "hello"
        assert not postfix.queue()

    def test_a_refusal_comes_back_as_a_delivery_report(self, postfix_factory, sink):
        sink.answers["gone@example.net"] = "550 5.1.1 no such user"
        with Sink() as gateway:
            postfix = postfix_factory(f"smtp:[127.0.0.1]:{gateway.port}", f"smtp:[127.0.0.1]:{sink.port}")
            with smtplib.SMTP("127.0.0.1", postfix.port) as smtp:
                smtp.sendmail("help@example.test", ["gone@example.net"], MAIL)
            (report,) = gateway.wait_for(1)
        assert (report.mail_from, report.message.get_content_type()) == ("<>", "multipart/report")

    def test_mail_waits_for_a_closed_port(self, postfix_factory, sink):
        gateway = Sink()
        postfix = postfix_factory(f"smtp:[127.0.0.1]:{gateway.port}", f"smtp:[127.0.0.1]:{sink.port}")
        with smtplib.SMTP("127.0.0.1", postfix.port) as smtp:
            smtp.sendmail("anna@example.net", ["help@example.test"], MAIL)
        give_up = time.monotonic() + 10
        while [mail["queue_name"] for mail in postfix.queue()] != ["deferred"]:
            assert time.monotonic() < give_up, postfix.log()
            time.sleep(0.05)
        with gateway:
            postfix.flush()
            assert gateway.wait_for(1)[0].rcpt_to == ("help@example.test",)

    def test_nothing_outlives_the_server(self, sink):
        from tests.servers.postfix import PostfixServer

        transport = f"smtp:[127.0.0.1]:{sink.port}"
        with (
            PostfixServer(transport, transport, "message_size_limit = 1000") as postfix,
            smtplib.SMTP("127.0.0.1", postfix.port) as smtp,
        ):
            smtp.ehlo()
            assert smtp.esmtp_features["size"] == "1000"
        assert not postfix.folder.exists()
        with pytest.raises(ConnectionRefusedError):
            smtplib.SMTP("127.0.0.1", postfix.port)
