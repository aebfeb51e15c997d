import json

import pytest

from gateway.cli import exits
from tests.servers import process

BAD = '[gateway]\nname = "x"\n[[queue]]\nprot = 1\n'


def smarthost(port: int) -> str:
    return f'[smarthost]\nhost = "127.0.0.1"\nport = {port}\ntls = "none"\n'


def mailbox(port: int) -> str:
    return (
        f'[[mailbox]]\nname = "box"\nhost = "127.0.0.1"\nport = {port}\ntls = "none"\nuser = "help"\n'
        'password_file = "pw"\naddress = "support@example.com"\n'
    )


@pytest.fixture
def write(installed):
    def append(more: str):
        installed.write_text(installed.read_text() + more)
        (installed.parent / "pw").write_text("secret\n")
        return installed

    return append


def test_the_words_of_a_page_are_tried_where_there_is_one(run, write):
    path = write("")
    own = path.parent / "templates"
    (own / "en").mkdir(parents=True, exist_ok=True)
    (own / "en" / "survey_page.toml").write_text("thank = 'x'")
    assert run("check", "--config", path).code == exits.OK
    write('[web]\nurl = "https://desk.example.com"\n')
    ran = run("check", "--config", path)
    assert ran.code == exits.BAD_CONFIG
    assert "survey_page.toml: thank is unknown" in ran.out + ran.err


def test_a_fine_configuration_is_summed_up(run, write):
    path = write('[[route]]\nname = "bills"\nqueue = "support"\nrecipients = ["bills@example.com"]\n' + mailbox(143))
    path = write('[[route]]\nname = "rest"\nqueue = "support"\n' + smarthost(25))
    ran = run("check", "--config", path)
    assert (ran.code, ran.err) == (exits.OK, "")
    assert ran.out.startswith(f"{path} is fine.\n")
    told = [" ".join(line.split()) for line in ran.out.splitlines()]
    assert {
        "support support@example.com anna as detected",
        "anna Anna Ozola anna@example.org",
        "bills to bills@example.com support",
        "rest any support",
        "(default) that nothing else takes support",
        "smarthost 127.0.0.1:25 none",
        "smtp 127.0.0.1:8025 our addresses",
        "imap box help at 127.0.0.1, INBOX support@example.com",
        "note: queue support: support@example.com is the example's address, not yours.",
    } < set(told)


def test_all_faults_are_told_on_the_error_channel(run, installed):
    installed.write_text(BAD)
    ran = run("check", "--config", installed)
    assert (ran.code, ran.out) == (exits.BAD_CONFIG, "")
    *faults, last = ran.err.splitlines()
    assert all(fault.startswith(f"{installed}:") for fault in faults)
    assert f"{installed}:4: queue.prot: unknown key; " in ran.err
    assert f'{installed}:1: gateway.hostname: missing; write hostname = "desk.example.com"' in faults
    assert last == f"gateway: {len(faults)} faults in the configuration; nothing was done"


def test_programs_get_the_same_as_json(run, installed, write):
    ran = run("check", "--json", "--config", write(smarthost(25)))
    told = json.loads(ran.out)
    assert (ran.code, told["ok"], told["faults"], told["smarthost"]) == (exits.OK, True, [], "127.0.0.1:25")
    assert told["queues"] == [{"name": "support", "address": "support@example.com", "agents": ["anna"]}]
    installed.write_text(BAD)
    ran = run("check", "--json", "--config", installed)
    told = json.loads(ran.out)
    assert (ran.code, told["ok"], ran.err) == (exits.BAD_CONFIG, False, "")
    assert any("queue.prot: unknown key" in fault for fault in told["faults"])


def test_a_broken_template_of_the_operator_is_a_fault(run, installed):
    own = installed.parent / "templates" / "en"
    own.mkdir()
    (own / "acknowledgement.txt").write_text("Subject: x\n\n{{ nonsense }}\n")
    ran = run("check", "--config", installed)
    assert ran.code == exits.BAD_CONFIG
    assert str(own / "acknowledgement.txt") in ran.err
    assert "nonsense" in ran.err


def test_online_logs_in_everywhere(run, write, sink, pymap):
    ran = run("check", "--online", "--config", write(mailbox(pymap.port) + smarthost(sink.port)))
    assert ran.code == exits.OK
    assert ran.out.count("\nok: ") == 2
    assert sink.mails == ()


def test_online_tells_each_that_is_not_reached_and_tries_the_others(run, write, sink):
    path = write(mailbox(process.free_port()) + smarthost(sink.port))
    ran = run("check", "--online", "--config", path)
    assert ran.code == exits.TRY_AGAIN
    assert ran.out.count("\nNOT REACHED: ") == 1
    assert ran.out.count("\nok: ") == 1
    told = json.loads(run("check", "--online", "--json", "--config", path).out)
    assert told["ok"] is False
    assert [(each["name"], each["is_fine"]) for each in told["online"]] == [("mailbox box", False), ("smarthost", True)]
    assert "secret" not in ran.out


def test_a_wrong_password_is_told_without_showing_it(run, write, pymap):
    path = write(mailbox(pymap.port))
    (path.parent / "pw").write_text("wrong-password-7\n")
    ran = run("check", "--online", "--config", path)
    assert ran.code == exits.TRY_AGAIN
    assert "\nNOT REACHED: " in ran.out
    assert "wrong-password-7" not in ran.out
