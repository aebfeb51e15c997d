import pytest

from gateway.config import sections
from gateway.config.sections import SECTIONS, settings_of
from gateway.inbound.settings import After, ListenerSettings, Protocol, Tls
from gateway.outbound.settings import DeliverySettings
from gateway.tickets.policy import BusinessCalendar, Periods


def test_every_setting_of_every_room_has_a_kind():
    for section in SECTIONS:
        assert settings_of(section)


def test_a_section_that_is_not_there_has_its_defaults(load):
    config = load()
    assert config.policy.periods == Periods()
    assert config.policy.calendar == BusinessCalendar()
    assert config.delivery == DeliverySettings(capture=str(config.data_dir / "captured"))
    assert (config.listeners, config.mailboxes, config.smarthost) == ((), (), None)


def test_what_is_written_takes_the_place_of_the_default_and_nothing_else(load):
    config = load('[periods]\nreminders = 5\n[[listener]]\nprotocol = "lmtp"\nport = 24\nmessage_size = "1 MiB"\n')
    assert config.policy.periods == Periods(reminders=5)
    expected = ListenerSettings(protocol=Protocol.LMTP, port=24, message_size=1024 * 1024, hostname="desk.example.com")
    assert config.listeners == (expected,)


def test_enumerations_become_members(load, mailbox, folder):
    (folder / "pw").write_text("secret\n")
    (read,) = load(f'{mailbox}after = "move"\ntls = "none"\npassword_file = "pw"\n').mailboxes
    assert (read.after, read.tls) == (After.MOVE, Tls.NONE)


FAULTS = [
    ("[periods]\nremindres = 1\n", "2: periods.remindres: unknown key; write reminders"),
    ("[periods]\nprefix = 1\n", "2: periods.prefix: unknown key; it belongs under [reference]"),
    ("[reference]\nqwert = 1\n", "2: reference.qwert: unknown key; known here are prefix, older_prefixes"),
    ("[perods]\n", "1: perods: unknown section; write [periods]"),
    ("[xyzzy]\n", "1: xyzzy: unknown section; known are gateway, database"),
    ("[listener]\n", "1: listener: can be there several times; write [[listener]], in double brackets"),
    ("[[periods]]\n", "1: periods: can be there only once; write [periods], in single brackets"),
    ('[[agent]]\nname = "bob"\n', "1: agent.full_name: missing; write full_name = "),
    ('[[agent]]\nname = "bob"\n', '1: agent.address: missing; write address = "support@example.com"'),
    ('[smarthost]\nport = "587"\n', '2: smarthost.port: is "587", not a whole number'),
    ('[smarthost]\nport = "587"\n', '1: smarthost.host: missing; write host = "mail.example.com"'),
]


@pytest.mark.parametrize(("more", "expected"), FAULTS)
def test_a_fault_names_line_key_and_what_to_write(faults, more, expected):
    assert any(fault.startswith(expected) for fault in faults(more)), faults(more)


def test_a_key_before_the_first_section_is_told_where_it_belongs(faults, minimal):
    assert faults(text=f"prefix = 1\nstray = 2\n{minimal}") == [
        "1: prefix: stands in no section; it belongs under [reference]",
        "2: stray: stands in no section; move it below the section it belongs to",
    ]


def test_an_empty_file_is_told_what_it_lacks(faults):
    assert faults(text="") == [
        "1: gateway: missing; write a section [gateway] with name and hostname",
        "1: queue: there is none; write at least one [[queue]] with name, title, address and agents",
    ]


def test_an_empty_text_is_taken_for_a_setting_left_out_only_where_that_is_its_default(load, faults):
    assert load('[database]\nurl = ""\n').database_url.startswith("sqlite:///")
    assert faults('[reference]\nprefix = ""\n') == ['2: reference.prefix: is empty; write something like "SUP"']


def test_words_of_the_operator_reach_the_fields_they_are_called_by(load):
    calendar = load('[business]\ntimezone = "Europe/Riga"\nweekdays = ["sat"]\n').policy.calendar
    assert calendar.zone.key == "Europe/Riga"
    assert calendar.weekdays == {5}
    assert "timezone" in {setting.key for setting in settings_of(sections.BUSINESS)}
