"""Real messages with damage done to their octets, read whole: `python -m tests.mail.fuzz --minutes N` for hours.

Every find is written to a folder as the `.eml` that shows it, and again whenever the seed is the same.
"""

import argparse
import random
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from time import monotonic, perf_counter

from gateway.mail.envelope import Envelope
from gateway.tickets import reading
from tests.builders import POLICY, RING

HERE = Path(__file__).parent
SLOW = 0.5  # seconds that no message may take
_ENVELOPE = Envelope("author@customer.test", ("support@desk.test",))
_MAGIC = (
    *(
        b"\r\n\r\n",
        b"\n\n",
        b"\r",
        b"\n",
        b"\0",
        b"\x1b$B",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"=?utf-8?B?",
        b"?=",
        b"=?x?Q?",
    ),
    *(
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n",
        b"\n--b\n",
        b"\n--b--\n",
        b'boundary="',
        b"charset=utf-16",
    ),
    *(b"Content-Transfer-Encoding: base64\n", b"Content-Type: message/rfc822\n\n", b"Content-Type: text/html\n\n"),
    *(b"name*0*=utf-8''%", b"begin 644 a\n", b"=ybegin line=128 size=1 name=a\n", b"\n=yend\n", b"\n`\nend\n"),
    *(b"BEGIN:VEVENT\n", b"<div>", b"<blockquote>", b"<table><tr><td>", b"&#", b"<!--", b"> ", b"-- \n", b"From: "),
    *(b"-----Original Message-----\n", b"On Mon, 2 Jun 2025, A <a@b.test> wrote:\n", b"Final-Recipient: rfc822;"),
)


def sources() -> list[bytes]:
    """The messages that damage is done to: the golden ones and the corpus."""
    paths = [*sorted((HERE / "golden").glob("*.eml")), *sorted((HERE.parent / "corpus").rglob("*.eml"))]
    return [raw for raw in (path.read_bytes() for path in paths) if len(raw) < 300_000]


def damaged(raw: bytes, others: Sequence[bytes], choose: random.Random) -> bytes:
    """`raw` after one to four injuries."""
    for _ in range(choose.randint(1, 4)):
        injure = choose.choice(
            (_cut, _removed, _repeated, _flipped, _swapped, _spliced, _nested, _inserted, _multiplied)
        )
        raw = injure(raw, others, choose)[:2_000_000]
    return raw


def _range(raw: bytes, choose: random.Random) -> tuple[int, int]:
    start = choose.randint(0, len(raw))
    return start, min(len(raw), start + choose.choice((1, 2, 8, 40, 300, 3000)))


def _cut(raw: bytes, _: Sequence[bytes], choose: random.Random) -> bytes:
    start, _end = _range(raw, choose)
    return choose.choice((raw[:start], raw[start:]))


def _removed(raw: bytes, _: Sequence[bytes], choose: random.Random) -> bytes:
    start, end = _range(raw, choose)
    return raw[:start] + raw[end:]


def _repeated(raw: bytes, _: Sequence[bytes], choose: random.Random) -> bytes:
    start, end = _range(raw, choose)
    return raw[:start] + raw[start:end] * choose.choice((2, 3, 50)) + raw[end:]


def _flipped(raw: bytes, _: Sequence[bytes], choose: random.Random) -> bytes:
    start, end = _range(raw, choose)
    mask = choose.choice((0x80, 0x20, 0x01, 0xFF))
    return raw[:start] + bytes(octet ^ mask for octet in raw[start:end]) + raw[end:]


def _swapped(raw: bytes, _: Sequence[bytes], choose: random.Random) -> bytes:
    lines = raw.split(b"\n")
    one, other = choose.randrange(len(lines)), choose.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return b"\n".join(lines)


def _spliced(raw: bytes, others: Sequence[bytes], choose: random.Random) -> bytes:
    other = choose.choice(others)
    start, end = _range(other, choose)
    at = choose.randint(0, len(raw))
    return raw[:at] + other[start:end] + raw[at:]


def _nested(raw: bytes, others: Sequence[bytes], choose: random.Random) -> bytes:
    inner = choose.choice(others)
    kind = choose.choice((b"mixed", b"alternative", b"related", b"report; report-type=delivery-status", b"digest"))
    for level in range(choose.choice((1, 2, 30))):
        bounds = b"n%d" % level
        body = b"--" + bounds + b"\n" + raw + b"\n--" + bounds + b"\n" + inner[:2000] + b"\n--" + bounds + b"--\n"
        raw = b"Subject: nested\nContent-Type: multipart/" + kind + b"; boundary=" + bounds + b"\n\n" + body
    return raw


def _inserted(raw: bytes, _: Sequence[bytes], choose: random.Random) -> bytes:
    at = choose.randint(0, len(raw))
    return raw[:at] + choose.choice(_MAGIC) + raw[at:]


def _multiplied(raw: bytes, _: Sequence[bytes], choose: random.Random) -> bytes:
    at = choose.randint(0, len(raw))
    return raw[:at] + choose.choice(_MAGIC) * choose.choice((10, 1000, 20_000)) + raw[at:]


def check(raw: bytes) -> None:
    """Read `raw` as the daemon does; AssertionError where something was not understood or cannot be true."""
    read = reading.read(raw, _ENVELOPE, RING, POLICY)
    message, reply = read.message, read.reply
    assert not [defect for defect in message.defects if defect.startswith("not understood")], message.defects
    assert not [name for name, value in message.headers if set(value) & {"\r", "\n", "\0"}]
    names = [file.name.casefold() for file in message.attachments]
    assert len(names) == len(set(names)), names
    assert reply.full == message.text
    assert reply.text.strip() or not message.text.strip(), "the reply text is lost"
    lines = message.text.count("\n") + 1
    assert all(1 <= fold.first <= fold.last <= lines for fold in reply.folded), reply.folded
    assert all(1 <= mark.first <= mark.last <= lines for mark in message.marks), message.marks
    assert all("\n" not in invitation.line for invitation in message.invitations)


def hunt(seconds: float, seed: int, finds: Path) -> int:
    """How many finds there were; each is in the folder `finds`."""
    choose = random.Random(seed)
    originals = sources()
    found = number = 0
    slowest = 0.0
    until = monotonic() + seconds
    while monotonic() < until:
        number += 1
        raw = damaged(choose.choice(originals), originals, choose)
        start, fault = perf_counter(), ""
        try:
            check(raw)
        except Exception:  # noqa: BLE001 whatever it is, it is the find
            fault = traceback.format_exc()
        took = perf_counter() - start
        slowest = max(slowest, took)
        if took > SLOW and not fault:
            fault = f"took {took:.2f} s\n"
        if fault:
            found += 1
            finds.mkdir(parents=True, exist_ok=True)
            path = finds / f"seed-{seed}-{number}.eml"
            path.write_bytes(raw)
            sys.stdout.write(f"{path}\n{fault}")
    sys.stdout.write(f"{number} messages, {found} finds, slowest {slowest * 1000:.0f} ms\n")
    return found


def main() -> int:
    """0 where nothing was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.mail.fuzz", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--finds", type=Path, default=Path("fuzz-finds"), metavar="FOLDER")
    given = parser.parse_args()
    return min(1, hunt(given.minutes * 60, given.seed, given.finds))


if __name__ == "__main__":
    raise SystemExit(main())
