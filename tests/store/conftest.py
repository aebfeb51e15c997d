"""A database of its own on disk for every test, and a ticket in it where one is asked for."""

import sqlite3
import uuid
from contextlib import closing, contextmanager

import pytest

from gateway import store
from gateway.store.engine import open_database
from gateway.store.schema import metadata
from gateway.store.tickets import NewTicket
from tests.builders import KIM, NOW


@pytest.fixture
def file(tmp_path):
    return tmp_path / "gateway.db"


@pytest.fixture
def database(file):
    database = open_database(f"sqlite:///{file}")
    yield database
    database.close()


@pytest.fixture(scope="session")
def lasting(postgres):
    """A database of PostgreSQL that lasts as long as the tests."""
    with closing(open_database(postgres.database())) as database:
        yield database


@pytest.fixture
def kept(lasting):
    """The same, empty for each test."""
    yield lasting
    with lasting.write() as db:
        names = ", ".join(table.name for table in metadata.sorted_tables if table.name != "meta")
        db.exec_driver_sql(f"TRUNCATE {names} RESTART IDENTITY")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def either(request):
    """An empty database, of each kind in turn."""
    return request.getfixturevalue("database" if request.param == "sqlite" else "kept")


@pytest.fixture
def db(either):
    """One transaction that lasts as long as the test."""
    with either.write() as db:
        yield db


@pytest.fixture
def ticket(db):
    """Kim's new ticket."""
    return store.tickets.open_ticket(db, NewTicket("SUP-7K2M-9XQ4", "support", "Printer", KIM, "en"), NOW)


@pytest.fixture(scope="session")
def s3():
    """The port of a server that speaks S3; without moto and s3fs there is none."""
    pytest.importorskip("s3fs")
    server = pytest.importorskip("moto.server").ThreadedMotoServer(port=0)
    server.start()
    yield server.get_host_and_port()[1]
    server.stop()


@pytest.fixture(params=["file", "memory", "s3"])
def place(request, tmp_path, monkeypatch):
    """The URL of an empty place: a folder, the store that fsspec has in memory, and a bucket."""
    if request.param == "file":
        return f"file://{tmp_path}/mail"
    fsspec = pytest.importorskip("fsspec")
    if request.param == "memory":
        fsspec.filesystem("memory").store.clear()
        return "memory://mail"
    port = request.getfixturevalue("s3")
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    bucket = f"mail-{uuid.uuid4().hex}"
    fsspec.filesystem("s3", skip_instance_cache=True).mkdir(bucket)
    return f"s3://{bucket}/folder"


@pytest.fixture
def apart(file, place):
    """A database whose mail lies elsewhere."""
    with closing(open_database(f"sqlite:///{file}", originals=place)) as database:
        yield database


@pytest.fixture
def locked(file):
    """Context: another process writes to the database."""

    @contextmanager
    def lock():
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield

    return lock
