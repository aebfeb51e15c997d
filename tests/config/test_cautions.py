import pytest

from gateway.config.cautions import cautions

SMARTHOST = '[smarthost]\nhost = "smtp.example.com"\n'


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("[[listener]]\n", "No [smarthost]: nothing leaves this machine, outgoing mail is put into a Maildir."),
        (SMARTHOST, "No [[listener]] and no [[mailbox]]: mail comes in by `gateway ingest` only."),
        (
            f'[[listener]]\n{SMARTHOST}tls = "none"\n',
            "smarthost smtp.example.com: mail and password travel unencrypted",
        ),
    ],
)
def test_what_deserves_a_word_gets_one(load, more, expected):
    said = [each for each in cautions(load(more)) if "the example's address" not in each]
    assert len(said) == 1
    assert said[0].startswith(expected)


@pytest.mark.parametrize(("host", "count"), [("imap.example.com", 1), ("localhost", 0), ("127.0.0.1", 0), ("::1", 0)])
def test_an_unencrypted_mailbox_does_unless_it_is_on_this_machine(load, mailbox, host, count):
    more = mailbox.replace("imap.example.com", host) + 'tls = "none"\npassword_env = "P"\n'
    said = cautions(load(more, environ={"P": "x"}))
    assert sum(each.startswith("mailbox m: mail and password travel unencrypted") for each in said) == count


def test_an_address_left_over_from_the_example_does(load, minimal):
    assert "queue support: support@example.com is the example's address, not yours." in cautions(load())
    assert not any(
        "example's" in each for each in cautions(load(text=minimal.replace("support@example.com", "a@b.lv")))
    )
