import shutil
import subprocess
import sys
import types
from pathlib import Path

import pytest

from gateway.config import checks, doors
from gateway.mail import tokens

SECOND_AGENT = '[[agent]]\nname = "bob"\nfull_name = "Bob"\naddress = "bob@example.org"\n'
SECOND_QUEUE = '[[queue]]\nname = "sales"\ntitle = "Sales"\naddress = "sales@example.com"\nagents = ["anna"]\n'

FINE = {
    "a second of everything": SECOND_AGENT + SECOND_QUEUE,
    "two listeners": "[[listener]]\n[[listener]]\nport = 8026\n",
    "two listeners on different hosts": '[[listener]]\n[[listener]]\nhost = "127.0.0.2"\n',
    "a listener on a socket beside one on a port": '[[listener]]\n[[listener]]\nsocket = "lmtp"\n',
    "two listeners whose ports the system chooses": "[[listener]]\nport = 0\n[[listener]]\nport = 0\n",
    "a long local part without subaddresses": SECOND_QUEUE.replace("sales@", "s" * 64 + "@")
    + 'reply_addressing = "none"\n',
    "the longest local part with them": SECOND_QUEUE.replace("sales@", "s" * (63 - tokens.LONGEST) + "@"),
    "an agent named in another case": SECOND_QUEUE.replace('["anna"]', '["Anna"]'),
    "mail in a folder": '[database]\noriginals = "file:///srv/mail"\n',
    "a node with some of the work": '[node]\nname = "mx1"\nroles = ["smtp", "imap"]\n',
    "a file of SQLite": '[database]\nurl = "sqlite:///other.db"\n',
    "no reminders": "[periods]\nreminders = 0\n",
    "a language of one's own": '[[route]]\nname = "r"\nqueue = "support"\nlanguage = "lv"\n',
}

WRONG = {
    'queue.agents: there is no agent "ana"; write "anna"': SECOND_QUEUE.replace("anna", "ana"),
    'queue.agents: there is no agent "zz"; write one of anna': SECOND_QUEUE.replace("anna", "zz"),
    "queue.agents: names nobody: nobody would be told": SECOND_QUEUE.replace('["anna"]', "[]"),
    'queue.name: there is another queue "Support"; give': SECOND_QUEUE.replace('"sales"', '"Support"'),
    'agent.name: there is another agent "anna"; give': SECOND_AGENT.replace('"bob"', '"anna"'),
    'queue.address: support@example.com belongs to queue "support" already': SECOND_QUEUE.replace("sales@", "support@"),
    'queue.other_addresses: Support@Example.com belongs to queue "support" already': SECOND_QUEUE
    + 'other_addresses = ["Support@Example.com"]\n',
    "queue.address: sales+x@example.com has a +": SECOND_QUEUE.replace("sales@", "sales+x@"),
    f"queue.address: has {64 - tokens.LONGEST} octets before the @, too many to add our token to; write an address "
    f"with at most {63 - tokens.LONGEST} octets there, or": SECOND_QUEUE.replace(
        "sales@", "s" * (64 - tokens.LONGEST) + "@"
    ),
    "agent.address: support@example.com is one of our own": SECOND_AGENT.replace(
        "bob@example.org", "support@example.com"
    ),
    "agent.address: support+bob@example.com is one of our own": SECOND_AGENT.replace(
        "bob@example.org", "support+bob@example.com"
    ),
    "agent.other_addresses: SUPPORT@example.com is one of our own": SECOND_AGENT
    + 'other_addresses = ["SUPPORT@example.com"]\n',
    'agent.address: anna@example.org belongs to agent "anna" already': SECOND_AGENT.replace("bob@", "anna@"),
    'route.queue: there is no queue "suport"; write "support"': '[[route]]\nname = "r"\nqueue = "suport"\n',
    'route: "second" never gets a mail: "first" takes them all; move it above "first"': (
        '[[route]]\nname = "first"\nqueue = "support"\n[[route]]\nname = "second"\nqueue = "support"\n'
    ),
    'route.name: there is another route "r"': (
        '[[route]]\nname = "r"\nqueue = "support"\nlanguage = "lv"\nsender_domains = ["a.org"]\n'
        '[[route]]\nname = "r"\nqueue = "support"\n'
    ),
    'route.language: "de" is none of our languages; write one of en, pl': (
        '[[route]]\nname = "r"\nqueue = "support"\nlanguage = "de"\n'
    ),
    'queue.language: "de" is none': SECOND_QUEUE + 'language = "de"\n',
    'agent.language: "de" is none': SECOND_AGENT + 'language = "de"\n',
    "business.closes: is not after 09:00": '[business]\ncloses = "08:00"\n',
    "business.weekdays: is empty": "[business]\nweekdays = []\n",
    "listener.port: another listener is there already": "[[listener]]\n[[listener]]\n",
    "listener.port: another listener is there": '[[listener]]\n[[listener]]\nhost = "0.0.0.0"\n',
    "listener.port: another listener": '[[listener]]\nhost = "::"\n[[listener]]\n',
    "listener.socket: another listener is there already": '[[listener]]\nsocket = "x"\n[[listener]]\nsocket = "x"\n',
    "listener.require_tls: nobody could write to us": "[[listener]]\nrequire_tls = true\n",
    "listener.tls_key: has no certificate beside it": '[[listener]]\ntls_key = "secret.key"\n',
    "listener.tls_certificate: {folder}/secret.key alone": '[[listener]]\ntls_certificate = "secret.key"\n',
    "smarthost.port: cannot be 0": '[smarthost]\nhost = "smtp.example.com"\nport = 0\n',
    "database.url: is no database we know": '[database]\nurl = "mysql://localhost/x"\n',
    'database.url: is no database we know; write "sqlite': '[database]\nurl = "postgresql://[::1"\n',
    "database.url: is no database": '[database]\nurl = "/var/lib/x.db"\n',
    "database.url: would forget everything": '[database]\nurl = "sqlite://"\n',
    "database.url: would forget": '[database]\nurl = "sqlite:///:memory:"\n',
    "database.originals: is no address of a place": '[database]\noriginals = "/srv/mail"\n',
    "database.originals: is no address": '[database]\noriginals = "file://mail"\n',
    'node.roles: cannot be "cook"; write "smtp" or "imap" or': '[node]\nroles = ["smtp", "cook"]\n',
    "database.url: passwords do not belong": '[database]\nurl = "postgresql://u:hunter2@localhost/x"\n',
}


@pytest.mark.parametrize("more", FINE.values(), ids=FINE)
def test_what_fits_together_is_fine(faults, more):
    assert faults(more) == []


@pytest.mark.parametrize("expected", WRONG)
def test_what_does_not_is_one_fault(faults, folder, expected):
    (fault,) = faults(WRONG[expected])
    assert fault.partition(" ")[2].startswith(expected.format(folder=folder))
    assert "; " in fault
    assert "hunter2" not in fault


@pytest.mark.parametrize(("module", "is_fine"), [(types, True), (None, False)])
def test_postgresql_is_fine_where_its_package_is_installed(faults, monkeypatch, module, is_fine):
    monkeypatch.setitem(sys.modules, "psycopg", module)
    found = faults('[database]\nurl = "postgresql://gateway@localhost/gateway"\n')
    assert found == [] if is_fine else found[0].startswith("2: database.url: PostgreSQL needs the package psycopg")


@pytest.mark.parametrize(("module", "asked"), [(checks, checks._RULES), (doors, doors.RULES)])
def test_every_rule_is_asked(module, asked):
    rules = {
        name
        for name, value in vars(module).items()
        if getattr(value, "__annotations__", {}).keys() == {"draft", "faults", "return"}
    }
    assert rules - {"note"} == {rule.__name__ for rule in asked}


@pytest.mark.parametrize(
    ("gateway_lines", "more", "is_fine"),
    [
        ("", "", True),
        ("", 'other_addresses = ["info@example.com"]\n', True),
        ("", '[[route]]\nname = "r"\nqueue = "support"\nrecipients = ["*@example.com"]\n', True),
        ('default_queue = "support"\n', "", True),
        ("", None, False),
    ],
)
def test_a_mailbox_needs_a_queue_behind_its_address(load, faults, minimal, mailbox, gateway_lines, more, is_fine):
    address = "support" if more == "" and not gateway_lines else "info"
    text = minimal.replace("[[agent]]", f"{gateway_lines}[[agent]]") + (more or "")
    text += mailbox.replace("support@", f"{address}@") + 'password_env = "P"\n'
    found = faults(text=text, environ={"P": "x"})
    assert found == [] if is_fine else "mailbox.address: no queue has info@example.com; write it as address" in found[0]


def test_a_mailboxs_port_cannot_be_chosen_by_the_system(faults, mailbox):
    assert faults(f'{mailbox}port = 0\npassword_env = "P"\n', environ={"P": "x"}) == [
        "6: mailbox.port: cannot be 0; write 993 for implicit TLS, 143 for STARTTLS"
    ]


def test_mail_is_not_moved_to_where_it_is_fetched_from(faults, mailbox):
    moved = f'{mailbox}password_env = "P"\nafter = "move"\nprocessed_folder = "INBOX"\n'
    assert [each.split(":")[1] for each in faults(moved, environ={"P": "x"})] == [" mailbox.processed_folder"]
    assert faults(moved.replace('"INBOX"', '"Done"'), environ={"P": "x"}) == []


def test_an_agent_may_not_have_a_mailboxs_address(faults, mailbox):
    more = (
        'other_addresses = ["x@example.com"]\n[[agent]]\nname = "bob"\nfull_name = "Bob"\naddress = "x@example.com"\n'
    )
    (fault,) = faults(f'{more}{mailbox.replace("support@", "x@")}password_env = "P"\n', environ={"P": "x"})
    assert fault.startswith("5: agent.address: x@example.com is one of our own")


def test_default_queue_and_default_language_must_be_there(faults, minimal):
    text = minimal.replace(
        "[[agent]]", 'default_queue = "suport"\ndefault_language = "lv"\nlanguages = ["en"]\n[[agent]]'
    )
    assert faults(text=text) == [
        '4: gateway.default_queue: there is no queue "suport"; write "support"',
        '5: gateway.default_language: "lv" is none of our languages; write one of en',
    ]


def test_a_language_may_come_with_the_operators_templates(faults, minimal, folder):
    text = minimal.replace("[[agent]]", 'languages = ["en", "de"]\ntemplates = "own"\n[[agent]]')
    (folder / "own").mkdir()
    (fault,) = faults(text=text)
    assert fault.startswith(
        '4: gateway.languages: there are no templates in "de"; write any of en, pl, ru, zh, el, lv, '
    )
    (folder / "own" / "de").mkdir()
    assert faults(text=text) == []


def test_no_language_at_all_is_a_fault(faults, minimal):
    assert faults(text=minimal.replace("[[agent]]", "languages = []\n[[agent]]")) == [
        '4: gateway.languages: is empty; write at least one, like ["en"]'
    ]


def test_what_follows_from_a_fault_is_not_told(faults, minimal):
    text = minimal.replace('name = "anna"', "name = 7").replace('"support@example.com"', '"nobody"')
    assert [fault.split(" ")[1] for fault in faults(text=text)] == ["agent.name:", "queue.address:"]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl to make a certificate")
    folder = tmp_path_factory.mktemp("tls")
    for name in ("ours", "other"):
        files: list[str | Path] = ["-keyout", folder / f"{name}.key", "-out", folder / f"{name}.crt"]
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=x", *files]
        subprocess.run(command, check=True, capture_output=True)
    (folder / "both.pem").write_text((folder / "ours.crt").read_text() + (folder / "ours.key").read_text())
    return folder


@pytest.mark.parametrize(
    ("crt", "key", "is_fine"),
    [("ours.crt", "ours.key", True), ("both.pem", "", True), ("ours.crt", "other.key", False), ("ours.crt", "", False)],
)
def test_certificate_and_key_must_belong_together(faults, certificate, crt, key, is_fine):
    key_line = f'tls_key = "{certificate / key}"\n' if key else ""
    found = faults(f'[[listener]]\nrequire_tls = true\ntls_certificate = "{certificate / crt}"\n{key_line}')
    assert found == [] if is_fine else found[0].startswith("3: listener.tls_certificate: ")


@pytest.mark.parametrize(
    "url", ["https://desk.example.com", "https://desk.example.com/", "https://Desk.example.com:8443"]
)
def test_the_address_of_a_page_is_kept_as_browsers_write_it(load, url):
    loaded = load(f'[web]\nurl = "{url}"\nlink_days = 7\nchange_hours = 0\n')
    assert loaded.web.url == loaded.policy.survey_page.url == url.lower().rstrip("/")
    assert (loaded.policy.survey_page.link_days, loaded.policy.survey_page.change_hours) == (7, 0)


def test_without_a_section_there_is_no_page(load):
    assert (load().web, load().policy.survey_page.url) == (None, "")


@pytest.mark.parametrize(
    "url",
    [
        *(
            "http://desk.example.com",
            "desk.example.com",
            "https://",
            "https://desk.example.com/help",
            "ftp://desk.test",
        ),
        *("https://desk.example.com?x", "https://kim@desk.example.com", "https://desk.example.com:0", "https://[::1]"),
        *("https://desk.example.com#x", "https://müller.example", "https://a b", "https://desk..example.com"),
    ],
)
def test_no_other_address_is_one_of_a_page(faults, url):
    (fault,) = faults(f'[web]\nurl = "{url}"\n')
    assert fault.startswith("2: web.url: is no address of a site, which is https")


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        ("port = 8025", "port"),
        ('port = 8025\nhost = "0.0.0.0"', "port"),
        ("metrics_port = 8080", "metrics_port"),
        ('metrics_port = 8080\nmetrics_host = "::"', "metrics_port"),
        ('port = 8025\nhost = "10.0.0.1"', ""),
        ("metrics_port = 8081", ""),
        ("port = 0", ""),
    ],
)
def test_each_door_has_its_own_port(faults, settings, key):
    found = faults(f'[[listener]]\nport = 8025\n\n[web]\nurl = "https://desk.example.com"\n{settings}\n')
    assert [fault.split(": ")[1] for fault in found] == ([f"web.{key}"] if key else [])


def test_a_page_needs_its_address(faults):
    (fault,) = faults("[web]\nport = 8080\n")
    assert "web.url: missing" in fault
