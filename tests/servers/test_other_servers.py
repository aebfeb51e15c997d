from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.servers import chromium, machine


@pytest.mark.postgres
def test_each_database_is_new_and_empty(postgres):
    for _ in range(2):
        engine = create_engine(postgres.database())
        with engine.begin() as db:
            assert db.execute(text("select 1")).scalar_one() == 1
            db.execute(text("create table ticket (id int)"))
        engine.dispose()


@pytest.mark.postgres
def test_nothing_outlives_the_server():
    from tests.servers.postgres import PostgresServer

    with PostgresServer() as server:
        pass
    assert not server.folder.exists()


@pytest.mark.chromium
def test_a_page_becomes_a_picture(tmp_path: Path):
    page = tmp_path / "page.html"
    page.write_text("<p id=x>before</p><script>x.textContent = 'after'</script>")
    chromium.screenshot(page.as_uri(), tmp_path / "page.png", width=320, height=240)
    assert (tmp_path / "page.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert '<p id="x">after</p>' in chromium.document(page.as_uri())


class TestAMarkedTestOnAMachineWithoutItsServer:
    """The rule of conftest.py, in a pytest of its own whose machine has no Postfix."""

    @staticmethod
    def outcomes(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, required: str) -> dict[str, int]:
        monkeypatch.setenv("GATEWAY_REQUIRE_SERVERS", required)
        monkeypatch.setitem(machine.PROBES, "postfix", lambda: "no Postfix here")
        machine.missing.cache_clear()
        pytester.makepyfile("import pytest\n\n@pytest.mark.postfix\ndef test_mail(): pass\n\ndef test_rule(): pass\n")
        pytester.makeini("[pytest]\nmarkers = postfix")
        result = pytester.runpytest_inprocess("-p", "tests.conftest", "-p", "no:cacheprovider", "-ra")
        machine.missing.cache_clear()
        assert "no Postfix here" in result.stdout.str()
        return result.parseoutcomes()

    def test_is_skipped_with_the_reason(self, pytester, monkeypatch):
        assert self.outcomes(pytester, monkeypatch, required="0") == {"skipped": 1, "passed": 1}

    def test_fails_with_the_reason_where_servers_are_required(self, pytester, monkeypatch):
        assert self.outcomes(pytester, monkeypatch, required="1") == {"errors": 1, "passed": 1}


SKIPS = """
import pytest

@pytest.fixture
def package():
    pytest.importorskip("no_such_package", reason="it is not installed")

def test_in_a_fixture(package): pass

def test_in_the_middle(): pytest.skip("there is no time")

@pytest.mark.skip(reason="not today")
def test_by_a_mark(): pass

@pytest.mark.xfail(reason="foreseen")
def test_foreseen(): assert False

def test_whole(): pass
"""


class TestASkip:
    """Whatever its cause: nowhere in CI may a test be left out without anybody seeing it."""

    @pytest.mark.parametrize(
        ("required", "outcomes"),
        [
            ("0", {"skipped": 4, "xfailed": 1, "passed": 1}),
            ("1", {"errors": 3, "failed": 1, "xfailed": 1, "passed": 1}),
        ],
    )
    def test_fails_where_all_must_run(self, pytester, monkeypatch, required, outcomes):
        monkeypatch.setenv("GATEWAY_REQUIRE_SERVERS", required)
        pytester.makepyfile(test_some=SKIPS, test_none="import pytest; pytest.importorskip('no_such', reason='absent')")
        result = pytester.runpytest_inprocess(
            "-p", "tests.conftest", "-p", "no:cacheprovider", "-ra", "--continue-on-collection-errors"
        )
        assert result.parseoutcomes() == outcomes
        for reason in ("it is not installed", "there is no time", "not today", "absent"):
            assert reason in result.stdout.str()
