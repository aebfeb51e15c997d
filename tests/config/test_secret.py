import pytest

from gateway.config import secret
from gateway.config.secret import UnusableError

A, B = "0a" * 32, "0B" * 40


@pytest.fixture
def write(tmp_path):
    def write_text(text: str, mode: int = 0o600):
        path = tmp_path / "secret.key"
        path.write_text(text, encoding="utf-8")
        path.chmod(mode)
        return path

    return write_text


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        (A, (A,)),
        (f"2026-11-21:{A}\n", (A,)),
        (f"# first\n\n new:{B} # the current one\nold:{A}\n", (B, A)),
        (f"{A}\n{A}\n", (A,)),
    ],
)
def test_the_keys_stand_in_order_the_current_one_first(write, text, keys):
    assert secret.read(write(text), {}).keys == tuple(bytes.fromhex(key) for key in keys)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds no key"),
        ("# nothing\n", "holds no key"),
        (f"{A}\nshort:abcd\n", "line 2, holds no key"),
        ("x" * 64, "line 1, holds no key"),
        (A + "a", "line 1, holds no key"),
        (f"two words:{A}", "line 1, holds no key"),
        ("ключ", "not plain text"),
    ],
)
def test_what_holds_no_key_is_told(write, text, said):
    with pytest.raises(UnusableError) as caught:
        secret.read(write(text), {})
    assert said in caught.value.what
    assert caught.value.write


@pytest.mark.parametrize(
    ("mode", "is_fine"), [(0o600, True), (0o400, True), (0o640, False), (0o604, False), (0o777, False)]
)
def test_a_file_open_to_others_is_refused_with_the_command_that_mends_it(write, mode, is_fine):
    path = write(A, mode)
    if is_fine:
        assert secret.read(path, {}).keys
        return
    with pytest.raises(UnusableError, match="open to other users") as caught:
        secret.read(path, {})
    assert caught.value.write == f"chmod 600 {path}"


def test_a_systemd_credential_may_show_group_bits(write, tmp_path):
    path = write(A, 0o440)
    assert secret.read(path, {"CREDENTIALS_DIRECTORY": str(tmp_path)}).keys
    with pytest.raises(UnusableError, match="open to other users"):
        secret.read(path, {"CREDENTIALS_DIRECTORY": str(tmp_path / "elsewhere")})


def test_missing_and_unreadable_files_are_told(tmp_path):
    with pytest.raises(UnusableError, match="does not exist"):
        secret.read(tmp_path / "none", {})
    with pytest.raises(UnusableError, match="cannot be read"):
        secret.read(tmp_path, {})


def test_a_new_file_is_read_back(write):
    text = secret.new(bytes(range(32)), "2026-11-21")
    assert secret.read(write(text), {}).keys == (bytes(range(32)),)
    assert "\n2026-11-21:0001" in text


def test_too_little_randomness_is_refused():
    with pytest.raises(ValueError, match="32 octets"):
        secret.new(b"short", "x")


def test_no_fault_shows_a_key(faults, folder, minimal):
    (folder / "secret.key").write_text(f"{A}z\n")
    (folder / "secret.key").chmod(0o600)
    (fault,) = faults(text=minimal)
    assert fault.startswith("1: gateway.secret_file: ")
    assert A not in fault
