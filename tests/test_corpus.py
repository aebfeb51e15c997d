"""Whole messages against what is right about them, which was written down before anybody read them with our code."""

import gc
import json
import os
import re
import subprocess
import sys
import time
import tomllib
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest

from gateway.tickets.policy import LANGUAGES
from tests.corpus import yardstick
from tests.corpus.make import replies
from tests.corpus.make.letter import LANGUAGES as WRITTEN_LANGUAGES
from tests.corpus.yardstick import CORPUS, Case

CASES = yardstick.cases()
GAPS = yardstick.known_gaps()
SHAPES = {"top", "bottom", "interleaved", "html"}
CLIENTS = {
    *("gmail", "gmail-mobile", "outlook-desktop", "outlook-web", "outlook-mobile", "outlook-mac", "apple-mac", "ios"),
    *("thunderbird", "yahoo", "proton", "qq", "netease", "mailru", "yandex", "onet", "wp", "samsung"),
}
SLOWEST = 0.5  # seconds a message


def gaps(case: Case) -> set[str]:
    """The measures known to be wrong; `explain` among them where only `gateway explain` is wrong."""
    return set(GAPS.get(case.name, ()))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_message_is_read_as_expected(case: Case):
    wrong = yardstick.wrong(case.expected, yardstick.seen(case.raw))
    assert set(wrong) == gaps(case) - {"explain"}, f"{wrong}; what is no longer wrong leaves known_gaps.toml"


@pytest.mark.parametrize("code", WRITTEN_LANGUAGES)
def test_every_program_is_understood_in_every_language(code: str):
    made = {name: (raw, tomllib.loads(said)) for name, raw, said in replies.every_program(code)}
    wrong = {name: yardstick.wrong(said, yardstick.seen(raw)) for name, (raw, said) in made.items()}
    assert len(made) > 20
    assert {name for name, found in wrong.items() if found} == set(GAPS.get(f"programs/{code}", ())), f"{wrong}"


@pytest.fixture(scope="module")
def explained() -> dict[str, dict[str, Any]]:
    """What one call of `gateway explain` prints of each message of the corpus."""
    root = CORPUS.parents[1]
    run = subprocess.run(
        [sys.executable, "-m", "gateway", "explain", str(CORPUS), "--json"],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    told = (json.loads(line) for line in run.stdout.splitlines())
    paths = ((Path(each["path"].removesuffix("#1")), each) for each in told)  # a line "From " makes it an mbox
    return {path.relative_to(CORPUS).as_posix(): each for path, each in paths if path.suffix == ".eml"}


def test_explain_agrees(explained):
    assert explained.keys() == {case.name for case in CASES}
    differs = {}
    for case in CASES:
        told = explained[case.name]
        assert "error" not in told, case.name
        wrong = set(yardstick.wrong(case.expected, told))
        if (wrong != gaps(case) - {"explain"}) != ("explain" in gaps(case)):
            differs[case.name] = wrong
    assert differs == {}


def test_explain_names_languages_that_we_do_not_write_in(explained):
    assert {told["language"] for told in explained.values()} > {None, *LANGUAGES}


def test_mails_of_a_thread_meet_in_one_ticket_in_any_order(explained):
    tickets = defaultdict(set)
    for case in CASES:
        if "thread" in case.expected:
            tickets[case.expected["thread"]].add(explained[case.name]["ticket"])
    assert len(tickets) >= 3
    assert {thread: len(found) for thread, found in tickets.items()} == dict.fromkeys(tickets, 1)
    assert len(set.union(*tickets.values())) == len(tickets)


def test_the_corpus_is_large_enough():
    assert len(CASES) >= 250
    assert sum(case.path.stat().st_size for case in CASES) < 4_000_000


def test_no_message_is_there_twice():
    bodies = Counter(case.expected.get("reply_text") for case in CASES if "shape" in case.expected)
    assert [body for body, times in bodies.items() if times > 1] == []
    assert len({case.raw for case in CASES}) == len(CASES)


def test_every_language_has_every_shape():
    shapes = defaultdict(set)
    for case in CASES:
        if "shape" in case.expected:
            shapes[case.path.parent.name].add(case.expected["shape"])
    assert set(shapes) == set(WRITTEN_LANGUAGES)
    assert {language: SHAPES - found for language, found in shapes.items() if not found >= SHAPES} == {}


def test_every_program_writes():
    languages = defaultdict(set)
    for case in CASES:
        if "client" in case.expected:
            languages[case.expected["client"]].add(case.path.parent.name)
    assert set(languages) >= CLIENTS


@pytest.mark.parametrize("number", [number for number in range(1, 23) if number != 20])
def test_every_case_has_three_messages(number: int):
    assert sum(str(number) in case.cases for case in CASES) >= 3


def test_sidecars_say_only_what_is_measured():
    for case in CASES:
        assert case.expected.keys() <= yardstick.KNOWN_KEYS, case.name
        assert case.expected.keys() & yardstick.MEASURES.keys(), case.name


def test_every_sidecar_has_its_message():
    sidecars = {
        path.with_suffix(".eml") for path in CORPUS.rglob("*.toml") if path.parent.name not in {"make", "words"}
    }
    assert sidecars - {case.path for case in CASES} == {CORPUS / "known_gaps.eml"}


def test_known_gaps_name_messages_and_measures():
    names = {case.name: case for case in CASES}
    written = {name: wrong for name, wrong in GAPS.items() if not name.startswith("programs/")}
    assert written.keys() <= names.keys()
    unknown = {name for name, wrong in written.items() if not set(wrong) - {"explain"} <= names[name].expected.keys()}
    assert unknown == set()


@pytest.mark.parametrize(
    ("expected", "told"),
    [
        ({"kind": "request"}, {"kind": "automatic"}),
        ({"subject": "Grüße"}, {"subject": "Gr??e"}),
        ({"from": "A <a@b.example>"}, {"from": {"name": "", "address": "a@b.example"}}),
        ({"from": "A <a@b.example>"}, {"from": None}),
        ({"text": "one"}, {"text": "one two"}),
        ({"text_contains": ["two"]}, {"text": "one"}),
        ({"text_lacks": ["<b>"]}, {"text": "<b>one"}),
        ({"reply_text": "a\n\nb"}, {"reply_text": "a\nb"}),
        ({"keeps": ["b"]}, {"reply_text": "a"}),
        ({"hides": ["b"]}, {"reply_text": "a b"}),
        ({"language": "nb"}, {"language": "da", "reply_text": "Hei"}),
        ({"language": "ko"}, {"language": None, "reply_text": "네"}),
        ({"attachments": []}, {"attachments": [{"name": "a", "content_type": "x/y", "size": 1}]}),
        ({"attachments": [{"name": "b"}]}, {"attachments": [{"name": "a", "content_type": "x/y", "size": 1}]}),
        ({"attachments": [{"size": 2}]}, {"attachments": [{"name": "a", "content_type": "x/y", "size": 1}]}),
        ({"delivery_report": {"permanent": True}}, {"delivery_report": None}),
        ({"delivery_report": {}}, {"delivery_report": {"permanent": True}}),
        ({"delivery_report": {"permanent": True}}, {"delivery_report": {"permanent": False}}),
        ({"defects_contains": ["boundary"]}, {"defects": []}),
        ({"has_defects": True}, {"defects": []}),
        ({"has_defects": False}, {"defects": ["a line too many"]}),
        ({"folded": []}, {"folded": [{"kind": "quote"}]}),
        ({"message_id": "a@b"}, {"message_id": ""}),
    ],
    ids=lambda value: next(iter(value)),
)
def test_the_yardstick_can_find_fault(expected, told):
    assert yardstick.wrong(expected, told).keys() == expected.keys()


@pytest.mark.parametrize(
    ("right", "shown", "kept", "wanted"),
    [
        ("Ja, gerne.", "ja gerne", 1.0, 1.0),
        ("a b c d", "a b", 0.5, 1.0),
        ("a b", "a b\n\n> c d", 1.0, 0.5),
        ("a b", "b a", 0.5, 0.5),
        ("a b c", "", 0.0, 1.0),
        ("", "a b", 1.0, 0.0),
        ("", "", 1.0, 1.0),
        ("网络不通", "网络通", 0.75, 1.0),
    ],
)
def test_shares_of_the_authors_words(right, shown, kept, wanted):
    found = yardstick.shares({"reply_text": right}, {"reply_text": shown})
    assert (found.kept, found.wanted) == (kept, wanted)


def test_the_nearest_right_text_counts():
    expected = {"reply_text": "a b c", "or_reply_text": ["a b c d"]}
    assert yardstick.shares(expected, {"reply_text": "a b c d"}).reaches_both


def test_replies_keep_the_authors_words_and_little_else():
    replied = [case for case in CASES if "reply_text" in case.expected]
    found = [yardstick.shares(case.expected, yardstick.seen(case.raw)) for case in replied]
    assert len(found) > 300
    assert sum(each.kept >= yardstick.KEPT for each in found) >= 0.98 * len(found)
    assert sum(each.reaches_both for each in found) >= 0.90 * len(found)


def _headed(body: bytes, content_type: bytes = b"text/plain; charset=utf-8") -> bytes:
    return (
        b"From: Ann Post <ann@post.example>\r\nTo: support@desk.example\r\nSubject: Re: size\r\n"
        b"Message-ID: <size@post.example>\r\nContent-Type: " + content_type + b"\r\n\r\n" + body
    )


def _nested(depth: int) -> bytes:
    head = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(depth))
    return b"From: ann@post.example\r\n" + head + b"Content-Type: text/plain\r\n\r\ninnermost\r\n"


HOSTILE = {
    "a megabyte of quote marks": lambda: _headed(b"Fine.\r\n\r\n" + b">" * 1_000_000),
    "a megabyte of quote marks on lines": lambda: _headed(b"Fine.\r\n\r\n" + b"> > > >\r\n" * 110_000),
    "three megabytes of nested parts": lambda: _nested(50_000),
    "thousands of nested tags": lambda: _headed(b"<div>" * 50_000 + b"Fine.", b"text/html; charset=utf-8"),
    "nested quotes in HTML": lambda: _headed(b"Fine." + b"<blockquote type=cite>" * 20_000, b"text/html"),
    "a table within tables": lambda: _headed(b"<table><tr><td>" * 20_000 + b"Fine.", b"text/html"),
    "a hundred thousand fields": lambda: b"X-Long: words\r\n" * 100_000 + _headed(b"Fine.\r\n"),
    "a field of three megabytes": lambda: b"X-Long: " + b"word " * 600_000 + b"\r\n" + _headed(b"Fine.\r\n"),
    "a line of ten megabytes": lambda: _headed(b"Fine.\r\n\r\n" + b"word " * 2_000_000),
    "a line of ten megabytes without a space": lambda: _headed(b"Fine.\r\n\r\n" + b"a" * 10_000_000),
    "a hundred thousand addresses": lambda: (
        b"Cc: " + b"a@b.example,\r\n " * 100_000 + b"c@d.example\r\n" + _headed(b"Fine.")
    ),
    "brackets without end in From": lambda: b"From: " + b'<("' * 100_000 + b"\r\nSubject: x\r\n\r\nFine.\r\n",
    "encoded words without end": lambda: b"Subject: " + b"=?utf-8?Q?a?= " * 50_000 + b"\r\n\r\nFine.\r\n",
    "a hundred thousand attribution lines": lambda: _headed(
        b"On Mon, 11 Mar 2024 at 10:00, A <a@b.example> wrote:\r\n" * 50_000
    ),
    "header blocks without end": lambda: _headed(
        b"From: a@b.example\r\nSent: Monday\r\nTo: c@d.example\r\n\r\n" * 20_000
    ),
    "spaces before a mark": lambda: _headed(b"Fine.\r\n" + b" " * 1_000_000 + b"--\r\n"),
    "colons": lambda: _headed(b"Fine.\r\n" + b":" * 1_000_000),
    "parts without end": lambda: _headed(b"--b\r\n\r\nFine.\r\n" * 100_000, b'multipart/mixed; boundary="b"'),
    "uuencode without end": lambda: _headed(b"begin 644 a\r\n" * 50_000),
    "every octet": lambda: bytes(range(256)) * 10_000,
    "nothing": lambda: b"",
}


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE.keys())
def test_size_and_nesting_cost_little(make):
    raw = make()
    told = yardstick.seen(raw)
    assert any(_seconds(raw) < SLOWEST * _slowness() for _ in range(5)), "slow each of five times"
    if b"Fine." in raw[-2_000_000:] and not re.search(rb"boundary|<table|<div>|<blockquote|^From: <\(", raw[:300]):
        assert "Fine." in told["text"]


def _seconds(raw: bytes) -> float:
    """Of the processor, not of the wall: what else the machine does counts little."""
    gc.collect()
    start = time.process_time()
    yardstick.seen(raw)
    return time.process_time() - start


def _slowness() -> float:
    """How much slower this machine is than the one the limit was set for; a busy or small one is given more."""
    start = time.process_time()
    sum(number * number % 7 for number in range(300_000))
    return max(1.0, (time.process_time() - start) / 0.03)
