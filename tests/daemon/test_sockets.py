"""Sockets that listen: the same while their place stays, closed with it, and nobody is turned away in between."""

import asyncio
import contextlib
import socket
import stat
from collections.abc import Iterator

import pytest

from gateway.daemon.sockets import Place, Sockets
from gateway.errors import TemporaryError

ANY = Place("127.0.0.1", 0)


@pytest.fixture
def sockets() -> Iterator[Sockets]:
    with Sockets() as opened:
        yield opened


def at(sockets: Sockets, place: Place) -> tuple[socket.socket, ...]:
    return asyncio.run(sockets.at(place, "listener"))


def port_of(opened: tuple[socket.socket, ...]) -> int:
    port: int = opened[0].getsockname()[1]
    return port


def knock(where: int | str) -> socket.socket:
    peer = socket.socket(socket.AF_UNIX if isinstance(where, str) else socket.AF_INET)
    peer.settimeout(10)
    try:
        peer.connect(where if isinstance(where, str) else ("127.0.0.1", where))
    except OSError:
        peer.close()
        raise
    return peer


def is_refused(where: int | str) -> bool:
    with contextlib.suppress(ConnectionRefusedError, FileNotFoundError), knock(where):
        return False
    return True


def test_who_knocks_while_nobody_listens_is_let_in_by_the_next(sockets):
    async def listening(said: bytes) -> asyncio.Server:
        async def greet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(said)
            writer.close()

        (opened,) = await sockets.at(ANY, "listener")
        return await asyncio.start_server(greet, sock=opened.dup())

    async def lives() -> bytes:
        first = await listening(b"first")
        port = first.sockets[0].getsockname()[1]
        first.close()
        with await asyncio.to_thread(knock, port) as peer:
            sockets.keep([ANY])
            second = await listening(b"second")
            try:
                return await asyncio.to_thread(peer.recv, 100)
            finally:
                second.close()

    assert asyncio.run(lives()) == b"second"


def test_a_place_that_stays_keeps_its_sockets_and_others_are_closed(sockets, tmp_path):
    path = Place(path=str(tmp_path / "lmtp"))
    kept, gone = port_of(at(sockets, ANY)), port_of(at(sockets, Place("localhost", 0)))
    at(sockets, path)
    sockets.keep([ANY])
    assert port_of(at(sockets, ANY)) == kept
    assert (is_refused(kept), is_refused(gone), is_refused(path.path)) == (False, True, True)
    assert not (tmp_path / "lmtp").exists()


def test_a_place_that_moves_from_one_address_to_all_of_them_is_free_for_it(sockets):
    port = port_of(at(sockets, ANY))
    taken = Place("127.0.0.1", port)
    sockets.keep([])
    at(sockets, taken)
    everywhere = Place("0.0.0.0", port)
    sockets.keep([everywhere])
    assert port_of(at(sockets, everywhere)) == port


def test_a_port_of_the_kernel_s_choice_may_be_wanted_twice(sockets):
    wanted = [ANY, ANY]
    sockets.keep(wanted)
    first = [port_of(at(sockets, each)) for each in wanted]
    sockets.keep(wanted)
    assert [port_of(at(sockets, each)) for each in wanted] == first
    assert len(set(first)) == 2
    sockets.keep([ANY])
    assert [is_refused(port) for port in first] == [False, True]


def test_what_is_taken_is_told_with_its_name(sockets, tmp_path):
    port = port_of(at(sockets, ANY))
    with pytest.raises(TemporaryError, match=f"web 127.0.0.1:{port}: cannot be opened"):
        asyncio.run(sockets.at(Place("127.0.0.1", port), "web"))
    with pytest.raises(TemporaryError, match=r"listener /.*/no/lmtp: cannot be opened"):
        at(sockets, Place(path=str(tmp_path / "no" / "lmtp")))


class TestUnix:
    @pytest.fixture
    def path(self, tmp_path):
        return tmp_path / "lmtp"

    def test_any_local_user_may_connect_and_a_stale_one_is_no_hindrance(self, sockets, path):
        with socket.socket(socket.AF_UNIX) as stale:
            stale.bind(str(path))
        at(sockets, Place(path=str(path)))
        assert stat.S_IMODE(path.stat().st_mode) == 0o666
        assert not is_refused(str(path))
        sockets.close()
        assert not path.exists()

    def test_another_file_in_its_place_is_left_alone(self, sockets, path):
        at(sockets, Place(path=str(path)))
        path.unlink()
        path.write_text("somebody's")
        sockets.close()
        assert path.read_text() == "somebody's"

    def test_one_that_was_removed_is_there_again_after_a_reload(self, sockets, path):
        place = Place(path=str(path))
        at(sockets, place)
        path.unlink()
        sockets.keep([place])
        at(sockets, place)
        assert not is_refused(str(path))
