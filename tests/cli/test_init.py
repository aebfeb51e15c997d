import os

from gateway import config
from gateway.cli import exits
from gateway.config import example


def test_what_it_writes_is_a_configuration_without_a_fault(run, tmp_path):
    folder = tmp_path / "not" / "there yet"
    ran = run("init", folder)
    assert (ran.code, ran.err) == (exits.OK, "")
    assert config.load(folder / "gateway.toml", {}).policy.default_queue == "support"
    written, shipped = (path.read_text().splitlines() for path in (folder / "gateway.toml", example.path()))
    assert [line for line in shipped if line not in written] == ['name = "helpdesk"']
    assert [path.name for path in (folder / "templates").iterdir()] == ["README"]


def test_the_secret_is_for_its_owner_alone_and_new_each_time(run, tmp_path):
    mask = os.umask(0)
    try:
        run("init", tmp_path / "a")
        run("init", tmp_path / "b")
    finally:
        os.umask(mask)
    keys = [tmp_path / name / "secret.key" for name in ("a", "b")]
    assert [key.stat().st_mode & 0o777 for key in keys] == [0o600, 0o600]
    rings = [config.load(key.with_name("gateway.toml"), {}).keyring for key in keys]
    assert rings[0] != rings[1]
    assert all(len(ring.keys[0]) == 32 for ring in rings)


def test_each_installation_has_a_name_of_its_own(run, tmp_path):
    for folder in ("a", "b"):
        run("init", tmp_path / folder)
    names = [config.load(tmp_path / folder / "gateway.toml", {}).policy.name for folder in ("a", "b")]
    assert names[0] != names[1]


def test_it_overwrites_nothing(run, tmp_path):
    (tmp_path / "secret.key").write_text("mine")
    ran = run("init", tmp_path)
    assert ran.code == exits.BAD_DATA
    assert ran.err == f"gateway: {tmp_path}/secret.key is there already and is not overwritten; name another folder\n"
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("secret.key", "mine")]


def test_a_lost_key_is_told_and_what_is_advised_mends_it(run, installed):
    before = installed.read_bytes()
    installed.with_name("secret.key").unlink()
    told = run("check", "--config", installed)
    assert told.code == exits.BAD_CONFIG
    assert "copy it back from a backup" in told.err
    advised = f"gateway init {installed.parent}"
    assert f"`{advised}`" in told.err

    ran = run(*advised.split()[1:])

    assert ran.code == exits.OK
    assert "recognised no more" in ran.out
    assert installed.read_bytes() == before
    assert run("check", "--config", installed).code == exits.OK


def test_a_link_to_nowhere_is_not_written_through(run, tmp_path):
    (tmp_path / "secret.key").symlink_to(tmp_path / "elsewhere")
    assert run("init", tmp_path).code == exits.BAD_DATA
    assert not (tmp_path / "elsewhere").exists()


def test_own_templates_stay_as_they_are(run, tmp_path):
    (tmp_path / "templates" / "en").mkdir(parents=True)
    assert run("init", tmp_path).code == exits.OK
    assert [path.name for path in (tmp_path / "templates").iterdir()] == ["en"]


def test_a_folder_that_cannot_be_made_is_told(run, tmp_path):
    (tmp_path / "file").write_text("")
    ran = run("init", tmp_path / "file" / "desk")
    assert ran.code == exits.BAD_DATA
    assert "cannot be written (Not a directory); name another folder" in ran.err


def test_it_tells_the_next_steps_with_the_paths_in_them(run, tmp_path):
    out = run("init", tmp_path).out
    config_file = tmp_path / "gateway.toml"
    for step in (
        f"Edit {config_file}",
        f"gateway check --config {config_file} --online",
        f"gateway run --config {config_file}",
    ):
        assert step in out
