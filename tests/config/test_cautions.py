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


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("", None),
        ('host = "0.0.0.0"', "web: 0.0.0.0 is reached without encryption"),
        ('metrics_host = "0.0.0.0"\nmetrics_port = 9464', "web: whoever reaches 0.0.0.0 reads the metrics"),
        ('metrics_host = "0.0.0.0"', None),
    ],
)
def test_a_page_that_others_reach(load, settings, said):
    found = [each for each in cautions(load(f'[web]\nurl = "https://d.test"\n{settings}\n')) if "web:" in each]
    assert [each.partition(";")[0].rstrip(".") for each in found] == ([said] if said else [])


@pytest.mark.parametrize(("mode", "count"), [(0o644, 1), (0o604, 1), (0o640, 0), (0o600, 0)])
def test_a_password_that_every_user_may_read(load, tmp_path, mode, count):
    file = tmp_path / "relay.password"
    file.write_text("secret")
    file.chmod(mode)
    said = cautions(load(f'{SMARTHOST}user = "u"\npassword_file = "{file}"\n'))
    assert sum(f"{file} is open to other users: chmod 600 {file}" in each for each in said) == count


def test_a_name_left_over_from_the_example(load, minimal):
    assert not any("gateway.name" in each for each in cautions(load()))
    example = minimal.replace('name = "desk"', 'name = "helpdesk"')
    assert sum("gateway.name helpdesk is the example's" in each for each in cautions(load(text=example))) == 1


@pytest.mark.parametrize(
    ("listener", "is_said"),
    [('host = "0.0.0.0"', True), ("", False), ('socket = "/tmp/x.sock"\nhost = "0.0.0.0"', False)],
)
def test_whose_word_is_believed_at_a_door_that_others_reach(load, minimal, listener, is_said):
    believing = minimal.replace("[gateway]\n", '[gateway]\nauthserv_id = "mx.test"\nown_servers = ["192.0.2.7"]\n', 1)
    said = [each for each in cautions(load(text=f"{believing}[[listener]]\n{listener}\n")) if "authserv_id" in each]
    assert len(said) == is_said
    assert all("brought from 192.0.2.7. See to it" in each for each in said)
