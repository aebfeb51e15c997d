from email import message_from_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.inbound import trace
from gateway.mail.address import is_valid

OWN = "help@example.test"


@pytest.mark.parametrize(
    ("header", "mail_from"),
    [
        (b"", None),
        (b"Return-Path: <anna@example.net>", "anna@example.net"),
        (b"return-path:anna@example.net", "anna@example.net"),
        (b"Return-Path: <>", ""),
        (b"Return-Path:\r\n <anna@example.net>", "anna@example.net"),
        (b"Return-Path: <>\r\nReturn-Path: <anna@example.net>", ""),
        (b"Return-Path: <anna@>\r\nReturn-Path: <otto@example.net>", None),
        (b"Return-Path: <\xff@example.net>", None),
        (b"Return-Path:", None),
        (b"Subject: x\r\n\r\nReturn-Path: <anna@example.net>", None),
        (b"Subject: x\n\nReturn-Path: <anna@example.net>", None),
    ],
)
def test_the_reverse_path_is_the_topmost_return_path(header, mail_from):
    assert trace.envelope_of(header + b"\r\n\r\nbody", OWN).mail_from == mail_from


@pytest.mark.parametrize(
    ("header", "others"),
    [
        (b"", ()),
        (b"Delivered-To: help+abc@example.test", ("help+abc@example.test",)),
        (b"X-Original-To: sales@example.test\r\nEnvelope-To: <x@y.example>", ("sales@example.test", "x@y.example")),
        (b"Delivered-To: HELP@example.test", ()),
        (b"Delivered-To: a@b.example\r\nDelivered-To: A@b.example", ("a@b.example",)),
        (b"Delivered-To: no address\r\nTo: sales@example.test", ()),
    ],
)
def test_the_own_address_comes_first_then_whomever_delivery_was_noted_for(header, others):
    assert trace.envelope_of(header + b"\r\n\r\n", OWN).rcpt_to == (OWN, *others)


def test_recipients_are_bounded():
    header = b"".join(b"Delivered-To: a%d@b.example\r\n" % number for number in range(1000))
    assert len(trace.envelope_of(header, OWN).rcpt_to) == 50


@given(st.binary(max_size=200), st.binary(max_size=40))
def test_nothing_raises_and_addresses_are_sane(junk, value):
    for raw in (junk, b"Return-Path: " + value + b"\nDelivered-To: " + value + b"\n\n" + junk):
        envelope = trace.envelope_of(raw, OWN)
        assert all(is_valid(address) for address in envelope.rcpt_to)
        assert not envelope.mail_from or is_valid(envelope.mail_from)
        trace.stand_in(raw, "sentence")


def test_a_stand_in_keeps_the_header_and_says_its_sentence():
    header = (
        b"From: anna@example.net\r\nSubject: a long\r\n story\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: multipart/mixed;\r\n boundary=x\r\nContent-Transfer-Encoding: base64\r\nX-Last: \xff\r\n\r\n"
    )
    raw = trace.stand_in(header, "It was left there.")
    assert raw.startswith(
        b"From: anna@example.net\r\nSubject: a long\r\n story\r\nX-Last: \xff\r\nMIME-Version: 1.0\r\n"
    )
    message = message_from_bytes(raw)
    assert message.get_content_type() == "text/plain"
    assert message.get_payload() == "It was left there.\r\n"
    assert message.defects == []


def test_a_stand_in_without_header_is_a_mail_too():
    assert message_from_bytes(trace.stand_in(b"", "Gone.")).get_payload() == "Gone.\r\n"
