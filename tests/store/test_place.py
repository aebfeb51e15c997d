"""A database whose files are moved, deleted, emptied or replaced while it is open, and one that is not there."""

import shutil
import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import event

from gateway.errors import DamagedError, MissingError, TemporaryError
from gateway.store.engine import open_database, version_of
from gateway.store.place import Access
from gateway.store.watch import Watch
from tests.store.test_engine import languages, remember


@pytest.fixture
def file(tmp_path):
    (tmp_path / "data").mkdir()
    return tmp_path / "data" / "gateway.db"


@pytest.fixture
def told():
    return []


@pytest.fixture
def database(file, told):
    """As a daemon has it open, with a customer in it."""
    database = open_database(f"sqlite:///{file}", when_damaged=told.append)
    with database.write() as db:
        remember(db, "a@x")
    yield database
    database.close()


def looked_up(file, *addresses):
    with closing(open_database(f"sqlite:///{file}", access=Access.CHANGE)) as database:
        return languages(database, *addresses)


def write(database, address="b@x"):
    with database.write() as db:
        remember(db, address)


def beside(file, suffix):
    return file.with_name(f"{file.name}{suffix}")


def move(file):
    file.rename(file.with_name("old.db"))


def replace_by_another(file):
    move(file)
    shutil.copy(file.with_name("old.db"), file)


def empty(file):
    file.write_bytes(b"")


def remove_folder(file):
    shutil.rmtree(file.parent)


def remove_wal(file):
    beside(file, "-wal").unlink()


def replace_wal(file):
    shutil.copy(beside(file, "-wal"), beside(file, "-copy"))
    beside(file, "-copy").rename(beside(file, "-wal"))


LOST = {
    move: "no file any more",
    remove_folder: "no file any more",
    replace_by_another: "another file has taken its place",
    empty: "was emptied",
    remove_wal: "-wal file is there no more",
    replace_wal: "another -wal file",
}


@pytest.mark.parametrize("lose", LOST)
def test_nothing_is_confirmed_once_the_files_are_not_the_ones_that_are_open(database, file, told, lose):
    lose(file)
    with pytest.raises(DamagedError, match=LOST[lose]) as met:
        write(database)
    assert told == [met.value]
    with pytest.raises(DamagedError, match=LOST[lose]):
        languages(database, "a@x")


def test_what_is_written_when_the_file_goes_is_undone(database, file):
    def begin_and_move():
        with database.write() as db:
            remember(db, "b@x")
            move(file)

    with pytest.raises(DamagedError):
        begin_and_move()
    database.close()
    file.with_name("old.db").rename(file)
    assert looked_up(file, "a@x", "b@x") == ["en", ""]


def test_a_file_that_goes_in_the_middle_of_a_commit_is_found_before_anything_is_confirmed(database, file):
    event.listen(database._writing, "commit", lambda _: move(file))
    with pytest.raises(DamagedError):
        write(database)


def test_a_moved_file_is_named_and_put_back_has_all_that_was_confirmed(database, file, told):
    move(file)
    with pytest.raises(DamagedError, match=r"is now .*/old\.db: put it back"):
        database.confirm()
    assert len(told) == 1
    database.close()
    assert not file.exists()
    file.with_name("old.db").rename(file)
    assert looked_up(file, "a@x") == ["en"]


def test_what_was_deleted_is_saved_and_its_wal_spoils_no_backup(database, file):
    file.unlink()
    with pytest.raises(DamagedError, match=r"what was in it is saved as .*gateway\.db\.saved"):
        write(database)
    database.close()
    assert not beside(file, "-wal").exists()
    assert looked_up(beside(file, ".saved"), "a@x") == ["en"]


def test_what_was_deleted_with_its_folder_is_saved_too(database, file):
    remove_folder(file)
    database.close()
    assert looked_up(beside(file, ".saved"), "a@x") == ["en"]


def test_the_wal_goes_with_its_file_when_another_lies_there(database, file):
    replace_by_another(file)
    with pytest.raises(DamagedError, match=r"is now .*/old\.db, and its -wal is put beside it"):
        database.confirm()
    database.close()
    assert not beside(file, "-wal").exists()
    assert looked_up(file.with_name("old.db"), "a@x") == ["en"]


def test_who_only_visits_saves_and_moves_nothing(database, file):
    with closing(open_database(f"sqlite:///{file}", access=Access.CHANGE)) as visitor:
        file.unlink()
        with pytest.raises(DamagedError, match=r"has been deleted$"):
            visitor.confirm()
    assert not beside(file, ".saved").exists()
    assert beside(file, "-wal").exists()


def test_a_new_connection_makes_no_new_file(database, file):
    move(file)
    database._reading.dispose()
    with pytest.raises(DamagedError, match="no file any more"):
        languages(database, "a@x")
    with Watch(database.url, lambda: None, every=0.01) as watch:
        watch._thread.join(0.1)
    assert not file.exists()


def test_a_place_that_cannot_be_looked_at_is_trouble_that_may_pass(database, file, told):
    database.disconnect()
    there = file.parent.rename(file.parent.with_name("there"))
    file.parent.symlink_to("x" * 300)  # no system has so long a name
    with pytest.raises(TemporaryError, match="cannot be looked at"):
        languages(database, "a@x")
    file.parent.unlink()
    there.rename(file.parent)
    assert (languages(database, "a@x"), told) == (["en"], [])


@pytest.mark.parametrize("access", [Access.CHANGE, Access.READ])
def test_a_database_that_is_not_there_is_missing_and_is_not_made(file, access):
    url = f"sqlite:///{file}"
    with pytest.raises(MissingError, match=f"^{file}: there is no database. Was it moved"):
        open_database(url, access=access)
    with pytest.raises(MissingError):
        version_of(url)
    assert not list(file.parent.iterdir())


@pytest.mark.parametrize("access", [Access.CHANGE, Access.READ])
def test_an_empty_file_is_no_database(file, access):
    file.touch()
    with pytest.raises(MissingError, match="there is no database"):
        open_database(f"sqlite:///{file}", access=access)
    assert file.stat().st_size == 0


def test_no_new_one_is_made_over_the_wal_of_one_that_was_taken_away(database, file):
    move(file)
    octets = beside(file, "-wal").read_bytes()
    for access, error in ((Access.CREATE, DamagedError), (Access.CHANGE, MissingError), (Access.READ, MissingError)):
        with pytest.raises(error, match="-wal, which holds what was written last"):
            open_database(f"sqlite:///{file}", access=access)
    assert beside(file, "-wal").read_bytes() == octets != b""
    assert not file.exists()


def test_who_reads_sees_the_latest_and_changes_nothing(database, file):
    with closing(open_database(f"sqlite:///{file}", access=Access.READ)) as reader:
        write(database)
        assert languages(reader, "b@x") == ["en"]
        with pytest.raises(TemporaryError, match="readonly"):
            write(reader, "c@x")


def test_an_older_database_is_left_as_it_is_by_who_reads(database, file):
    database.close()
    with closing(sqlite3.connect(file)) as db:
        db.execute("UPDATE meta SET value = '1' WHERE key IN ('schema', 'oldest')")
        db.commit()
    with pytest.raises(MissingError, match=r"has schema 1, this program needs schema \d+: `gateway db upgrade`"):
        open_database(f"sqlite:///{file}", access=Access.READ)
    found = version_of(f"sqlite:///{file}")
    assert found is not None
    assert found.number == 1


@pytest.mark.parametrize("name", ["a b.db", "100% #1.db", "100%41.db", "höhe.db"])
def test_a_name_may_have_any_letters(tmp_path, name):
    file, said = tmp_path / name, str(tmp_path / name).replace("%", "%25")  # a URL, after all
    with closing(open_database(f"sqlite:///{said}")) as database:
        write(database)
        assert file.exists()
    assert looked_up(said, "b@x") == ["en"]


def test_a_link_that_leads_elsewhere_now_is_found(tmp_path):
    file, link = tmp_path / "first.db", tmp_path / "gateway.db"
    link.symlink_to(file)
    with closing(open_database(f"sqlite:///{link}")) as database:
        write(database)
        remove_wal(file)
        with pytest.raises(DamagedError, match="-wal file is there no more"):
            write(database)
        link.unlink()
        link.symlink_to(tmp_path / "second.db")
        with pytest.raises(DamagedError, match="no file any more"):
            write(database)
