import asyncio
from dataclasses import dataclass, field

import pytest

from gateway.inbound.settings import ListenerSettings
from gateway.inbound.smtp.places import Places

MIB = 2**20


@dataclass(eq=False)
class Guest:
    since: float = 0.0
    octets: int = 0
    octets_in_flight: int = 0
    is_committing: bool = False
    is_gone: bool = False

    @property
    def waiting(self) -> tuple[float, int]:
        return self.since, self.octets

    def give_way(self) -> None:
        self.is_gone = True


@dataclass
class House:
    places: Places[Guest]
    time: list[float] = field(default_factory=lambda: [1000.0])


@pytest.fixture
def house():
    """Four places, three for one peer; the clock is the test's."""
    time = [1000.0]
    settings = ListenerSettings(connections=4, connections_per_peer=3, message_size=10 * MIB)
    return House(Places(settings, lambda: time[0]), time)


def come(house: House, *peers: str) -> list[Guest]:
    guests = [Guest(since=house.time[0]) for _ in peers]
    assert all(house.places.admit(guest, peer) for guest, peer in zip(guests, peers, strict=True))
    return guests


def test_one_peer_has_some_places_and_all_peers_have_all(house):
    come(house, "192.0.2.1", "192.0.2.1", "192.0.2.1")
    assert not house.places.admit(Guest(), "192.0.2.1")
    come(house, "192.0.2.2")
    assert not house.places.admit(Guest(since=house.time[0]), "192.0.2.3")


def test_who_has_one_network_of_ipv6_is_one_peer(house):
    come(house, "2001:db8::1", "2001:db8::2", "2001:db8::ffff")
    assert not house.places.admit(Guest(), "2001:db8::3")
    come(house, "2001:db8:0:1::1")


def test_unix_sockets_are_counted_in_all_only(house):
    come(house, "unix", "unix", "unix", "unix")


def test_a_place_left_is_free(house):
    first, *_ = come(house, "a", "b", "c", "d")
    house.places.forget(first)
    come(house, "e")
    assert not house.places.is_empty.is_set()
    for guest in house.places.taken:
        house.places.forget(guest)
    assert house.places.is_empty.is_set()


def test_in_a_full_house_the_one_who_waits_longest_gives_way(house):
    guests = come(house, "a", "b", "c", "d")
    house.time[0] += 4
    assert not house.places.admit(Guest(since=house.time[0]), "e")
    guests[0].since = house.time[0]  # has brought a mail
    guests[1].octets = 6000  # is bringing one
    guests[2].is_committing = True
    house.time[0] += 1
    come(house, "e")
    assert [guest.is_gone for guest in guests] == [False, False, False, True]
    assert not house.places.admit(Guest(), "f")


def test_whose_friends_crowd_gives_way_before_others(house):
    alone, *crowd = come(house, "a", "b", "b", "b")
    house.time[0] += 10
    come(house, "c")
    assert not alone.is_gone
    assert sum(guest.is_gone for guest in crowd) == 1


def test_the_more_of_them_the_less_patience(house):
    alone, *crowd = come(house, "a", "b", "b", "b")
    house.time[0] += 1.6
    assert not house.places.admit(Guest(), "c")
    house.time[0] += 0.1
    come(house, "c")
    assert not alone.is_gone
    assert sum(guest.is_gone for guest in crowd) == 1
    house.time[0] += 0.7
    assert not house.places.admit(Guest(), "d"), "now there are two of them"
    house.time[0] += 0.1
    come(house, "d")
    assert not alone.is_gone


def test_nobody_gives_way_within_a_second():
    time = [1000.0]
    house = House(Places(ListenerSettings(connections=20), lambda: time[0]), time)
    come(house, *["b"] * 20)
    house.time[0] += 0.9
    assert not house.places.admit(Guest(), "c")
    house.time[0] += 0.1
    come(house, "c")


def test_our_own_server_gives_way_last(house):
    *own, stranger = come(house, "unix", "unix", "unix", "a")
    house.time[0] += 4.9
    assert not house.places.admit(Guest(), "b"), "and is no crowd"
    house.time[0] += 0.1
    come(house, "b")
    assert stranger.is_gone
    assert not any(guest.is_gone for guest in own)


def test_a_closed_house_admits_nobody(house):
    house.places.is_closed = True
    assert not house.places.admit(Guest(), "a")


def test_four_large_mails_lie_in_memory_and_any_number_of_small_ones(house):
    a, b, c, d = come(house, "a", "b", "c", "d")
    a.octets_in_flight = b.octets_in_flight = c.octets_in_flight = 21 * MIB
    assert house.places.has_room_for(MIB, d)
    a.octets_in_flight += 3 * MIB
    assert house.places.has_room_for(MIB // 4, d)
    assert not house.places.has_room_for(MIB // 4 + 5 * MIB, d)


class TestBarring:
    @staticmethod
    def blame(house: House, peer: str, times: int) -> None:
        for _ in range(times):
            house.places.blame(peer)

    def test_five_sessions_of_errors_keep_a_stranger_out_for_ten_minutes(self, house):
        self.blame(house, "8.8.8.8", 4)
        come(house, "8.8.8.8")
        self.blame(house, "8.8.8.8", 1)
        assert not house.places.admit(Guest(), "8.8.8.8")
        come(house, "8.8.4.4")
        house.time[0] += 601
        come(house, "8.8.8.8")

    def test_a_mail_forgives(self, house):
        self.blame(house, "8.8.8.8", 4)
        house.places.praise("8.8.8.8")
        self.blame(house, "8.8.8.8", 4)
        come(house, "8.8.8.8")

    @pytest.mark.parametrize("own", ["unix", "127.0.0.1", "10.1.2.3", "::1", "fd00::1", "fe80::1%eth0"])
    def test_our_own_servers_only_hand_on_what_strangers_said(self, house, own):
        self.blame(house, own, 50)
        come(house, own)

    def test_so_many_strangers_are_remembered_and_no_more(self, house):
        self.blame(house, "8.8.8.8", 5)
        for number in range(10_000):
            house.places.blame(f"9.{number // 250}.{number % 250}.1")
        come(house, "8.8.8.8")


def test_places_need_no_running_loop():
    with pytest.raises(RuntimeError):
        asyncio.get_running_loop()
    Places(ListenerSettings(), lambda: 0.0)
