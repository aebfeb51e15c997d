"""How fast ordinary mail is read, where the time goes, and what the standard library alone would take, in one run.

`python -m bench.mail [--plain] [--messages N] [--seed N] [--profile] [PATH ...]`: the mixed corpus and the plain one,
or the plain one alone; with PATHs their messages are read instead.
Seconds are the processor's, so that what else the machine does counts little.
"""

import argparse
import cProfile
import email
import gc
import pstats
import statistics
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import process_time

import mailparser

from bench import corpus
from gateway.mail import automatic, delivery_report, language, parse, reply_text
from gateway.mail.envelope import Envelope
from gateway.mail.tokens import Keyring
from gateway.tickets import evidence, reading, routing
from gateway.tickets.model import Queue
from gateway.tickets.policy import Policy

_WANTED = 400  # messages a second on one core, mixed
_WANTED_PLAIN = 900
_SLOWEST = 0.5  # seconds for one message of any kind
_ENVELOPE = Envelope("author@customer.example", ("support@desk.example",))
_RING = Keyring((b"a key that signs nothing but this",))
_QUEUE = Queue("support", "Example Support", "support@desk.example", ())
_POLICY = Policy("bench", "desk.example", queues=(_QUEUE,), agents=(), routes=(), default_queue="support")


@dataclass(frozen=True, slots=True)
class Figures:
    """Processor seconds that each message took."""

    seconds: tuple[float, ...]

    @property
    def rate(self) -> float:
        """Messages a second."""
        return len(self.seconds) / max(sum(self.seconds), 1e-9)

    def percentile(self, share: float) -> float:
        """The time within which `share` (0-1) of the messages were read."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def measure(work: Callable[[bytes], object], messages: Sequence[bytes]) -> Figures:
    """`work` done once for each message, after a warm-up on the first fifty."""
    for raw in messages[:50]:
        work(raw)
    gc.collect()
    seconds = []
    for raw in messages:
        start = process_time()
        work(raw)
        seconds.append(process_time() - start)
    return Figures(tuple(seconds))


def whole(raw: bytes) -> reading.Reading:
    """What the daemon does with a message before it asks the database."""
    return reading.read(raw, _ENVELOPE, _RING, _POLICY)


def by_station(messages: Sequence[bytes]) -> Counter[str]:
    """Seconds spent at each station of reading, over all messages."""
    spent: Counter[str] = Counter()
    for raw in messages:
        marks = [process_time()]
        message = parse.parse(raw)
        marks.append(process_time())
        reply = reply_text.extract(message)
        marks.append(process_time())
        seen = automatic.read(message, _ENVELOPE)
        marks.append(process_time())
        delivery_report.read(message, seen, raw)
        marks.append(process_time())
        language.detect(reply.text)
        marks.append(process_time())
        evidence.gather(message, reply.text, _ENVELOPE, _RING, _POLICY)
        routing.route(message, _ENVELOPE, _POLICY)
        marks.append(process_time())
        reading.digest(message)
        marks.append(process_time())
        stations = ("parse", "reply text", "automatic", "delivery report", "language", "clues and route", "digest")
        spent.update({name: marks[at + 1] - marks[at] for at, name in enumerate(stations)})
    return spent


def _messages(paths: Iterable[Path]) -> list[bytes]:
    files = (file for path in paths for file in ([path] if path.is_file() else sorted(path.rglob("*.eml"))))
    return [file.read_bytes() for file in files]


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _report(messages: Sequence[bytes]) -> Figures:
    sizes = [len(raw) for raw in messages]
    _say(f"{len(messages)} messages, mean {statistics.mean(sizes) / 1000:.1f} kB, largest {max(sizes) / 1000:.0f} kB")
    floor = measure(email.message_from_bytes, messages)
    library = measure(mailparser.parse_from_bytes, messages)
    ours = measure(whole, messages)
    _say(f"{'':34}{'messages/s':>12}{'median ms':>12}{'95 % ms':>10}{'99 % ms':>10}{'slowest ms':>12}")
    rows = (
        ("floor: email.message_from_bytes", floor),
        ("mail-parser alone", library),
        ("parse, classify, reply text, route", ours),
    )
    for name, figures in rows:
        times = (figures.percentile(share) * 1000 for share in (0.5, 0.95, 0.99, 1.0))
        median, most, nearly_all, slowest = times
        _say(f"{name:34}{figures.rate:12.0f}{median:12.2f}{most:10.2f}{nearly_all:10.2f}{slowest:12.2f}")
    _say("where the time goes")
    spent = by_station(messages)
    for name, seconds in spent.most_common():
        _say(f"  {name:20}{seconds / len(messages) * 1000:8.3f} ms {seconds / spent.total():6.0%}")
    _say("slowest messages")
    for at in sorted(range(len(messages)), key=lambda at: -ours.seconds[at])[:5]:
        _say(f"  number {at}: {ours.seconds[at] * 1000:.1f} ms, {len(messages[at]) / 1000:.0f} kB")
    return ours


def _profile(messages: Sequence[bytes]) -> None:
    with cProfile.Profile() as profile:
        for raw in messages:
            whole(raw)
    pstats.Stats(profile, stream=sys.stdout).sort_stats("tottime").print_stats(40)


def main(arguments: Sequence[str] | None = None) -> int:
    """0 where the aims are met (400 mixed messages/s, 900 plain ones, none slower than 0.5 s), else 1."""
    parser = argparse.ArgumentParser(prog="python -m bench.mail", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="messages (*.eml) or folders of them")
    parser.add_argument("--messages", type=int, default=1000, metavar="N", help="how many are made up (default 1000)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="another seed makes other messages")
    parser.add_argument("--plain", action="store_true", help="only the plain corpus: text alone, 7 kB on average")
    parser.add_argument("--profile", action="store_true", help="also print the forty dearest functions")
    given = parser.parse_args(arguments)
    if given.paths:
        sets = [(_WANTED, _messages(given.paths))]
    else:
        kinds = ((_WANTED_PLAIN, True),) if given.plain else ((_WANTED, False), (_WANTED_PLAIN, True))
        sets = [(most, list(corpus.messages(given.messages, given.seed, is_plain=plain))) for most, plain in kinds]
    if not all(messages for _, messages in sets):
        parser.error("no message in the paths given")
    met = [_is_met(wanted, messages, with_profile=given.profile) for wanted, messages in sets]
    return 0 if all(met) else 1


def _is_met(wanted: int, messages: Sequence[bytes], *, with_profile: bool) -> bool:
    figures = _report(messages)
    if with_profile:
        _profile(messages)
    met = figures.rate >= wanted and max(figures.seconds) <= _SLOWEST
    _say(f"{'met' if met else 'MISSED'}: {wanted} messages/s, none slower than {_SLOWEST} s")
    return met


if __name__ == "__main__":
    raise SystemExit(main())
