import pytest

ADVICE = 'write password_file = "…", or password_env or password_credential, and put the password there'
SMARTHOST = '[smarthost]\nhost = "smtp.example.com"\nuser = "u"\n'


@pytest.fixture
def credentials(tmp_path):
    folder = tmp_path / "credentials"
    folder.mkdir()
    (folder / "mail").write_text("from systemd\n")
    return {"CREDENTIALS_DIRECTORY": str(folder), "MAIL_PASSWORD": "from environment"}


@pytest.mark.parametrize(
    ("line", "password"),
    [
        ('password_file = "pw"', " from file "),
        ('password_env = "MAIL_PASSWORD"', "from environment"),
        ('password_credential = "mail"', "from systemd"),
        ('password_file = ""\npassword_env = "MAIL_PASSWORD"', "from environment"),
    ],
)
def test_a_password_comes_from_outside_without_its_line_end(load, mailbox, folder, credentials, line, password):
    (folder / "pw").write_text(" from file \r\n")
    config = load(f"{mailbox}{line}\n{SMARTHOST}{line}\n", environ=credentials)
    assert config.mailboxes[0].password == password
    assert config.smarthost is not None
    assert config.smarthost.password == password
    assert password not in repr(config)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", f"1: mailbox.password_file: missing, as there is a user; {ADVICE}"),
        ('password = "hunter2"', f"6: mailbox.password: passwords do not belong into this file; {ADVICE}"),
        (
            'password_file = "none"',
            "6: mailbox.password_file: {folder}/none cannot be read (No such file or directory); ",
        ),
        ('password_file = "empty"', "6: mailbox.password_file: {folder}/empty holds no single line; "),
        ('password_file = "two"', "6: mailbox.password_file: {folder}/two holds no single line; "),
        ('password_file = "latin"', "6: mailbox.password_file: {folder}/latin cannot be read (it is not UTF-8 text); "),
        ("password_file = 7", "6: mailbox.password_file: is not text; write password_file = "),
        ('password_env = "NONE"', "6: mailbox.password_env: the environment has no NONE; set NONE, or write "),
        ('password_credential = "x"', "6: mailbox.password_credential: there are no systemd credentials for this "),
        (
            'password_file = "two"\npassword_env = "A"',
            "7: mailbox.password_env: is one too many beside password_file; keep one of them",
        ),
    ],
)
def test_a_password_that_cannot_be_had_is_one_fault(faults, mailbox, folder, line, expected):
    for name, raw in (("empty", b"\n"), ("two", b"a\nb\n"), ("latin", b"\xe9\n")):
        (folder / name).write_bytes(raw)
    (fault,) = faults(f"{mailbox}{line}\n")
    assert fault.startswith(expected.format(folder=folder))
    assert "hunter2" not in fault


def test_a_missing_credential_names_the_folder_it_was_looked_for_in(faults, mailbox, credentials):
    (fault,) = faults(f'{mailbox}password_credential = "other"\n', environ=credentials)
    assert f"{credentials['CREDENTIALS_DIRECTORY']}/other cannot be read" in fault


def test_a_smarthost_needs_no_password_without_a_user_and_wants_no_idle_one(load, faults, folder):
    (folder / "pw").write_text("secret")
    assert load('[smarthost]\nhost = "smtp.example.com"\n').smarthost.password == ""
    assert faults(SMARTHOST) == [f"1: smarthost.password_file: missing, as there is a user; {ADVICE}"]
    assert faults('[smarthost]\nhost = "smtp.example.com"\npassword_file = "pw"\n') == [
        '3: smarthost.password_file: has no user to log in with; write user = "…" or take the password out'
    ]
