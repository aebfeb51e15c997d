"""Texts that make a badly written pattern slow: each of its repetitions pumped up behind what leads to it.

Run as a program it is given a size, tries each pattern of ours with texts of that size, and says as JSON which of them
take too long.
"""

import ast
import importlib
import json
import pkgutil
import re
import resource
import signal
import sys
import types
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from re import _constants as ops  # type: ignore[attr-defined] # the library's own parser, which has no public name
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import gateway

_PROBES = "aA0 .-_@<>=:;,/\\\"'()[]\t\r\n\u00e9\u4e00\u00a0!#*+?^|~$%&{}bxyz19"
_DEEPEST = 4


def modules() -> Iterator[types.ModuleType]:
    """Ours that read what strangers wrote; the configuration is its operator's."""
    for info in pkgutil.walk_packages(gateway.__path__, "gateway."):
        if not info.name.startswith(("gateway.__main__", "gateway.cli", "gateway.config")):
            yield importlib.import_module(info.name)


def patterns() -> dict[str, re.Pattern[Any]]:
    """Every pattern of ours that is compiled when its module is loaded, by its place."""
    found: dict[str, re.Pattern[Any]] = {}
    for module in modules():
        for name, value in vars(module).items():
            if not isinstance(value, types.ModuleType):
                for place, pattern in _within(value, f"{module.__name__}:{name}", 0):
                    if pattern not in found.values():
                        found[place] = pattern
    return found


def _within(value: Any, place: str, depth: int) -> Iterator[tuple[str, re.Pattern[Any]]]:
    if isinstance(value, re.Pattern):
        yield place, value
    elif depth >= _DEEPEST or isinstance(value, str | bytes | type):
        return
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from _within(each, f"{place}[{str(key)[:20]}]", depth + 1)
    elif isinstance(value, tuple | list | frozenset | set):
        for number, each in enumerate(value):
            yield from _within(each, f"{place}[{number}]", depth + 1)
    elif hasattr(value, "__dataclass_fields__"):
        for name in value.__dataclass_fields__:
            yield from _within(getattr(value, name, None), f"{place}.{name}", depth + 1)


def uses() -> dict[re.Pattern[Any], set[str]]:
    """By which methods our code asks the patterns that have names."""
    found: defaultdict[re.Pattern[Any], set[str]] = defaultdict(set)
    for module in modules():
        known = vars(module)
        for node in ast.walk(ast.parse(Path(str(module.__file__)).read_text())):
            if isinstance(node, ast.Attribute) and node.attr in _METHODS:
                pattern = _named(node.value, known)
                if isinstance(pattern, re.Pattern):
                    found[pattern].add(node.attr)
    return found


def _named(node: ast.expr, known: Mapping[str, Any]) -> Any:
    if isinstance(node, ast.Name):
        return known.get(node.id)
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return getattr(known.get(node.value.id), node.attr, None)
    return None


_METHODS: dict[str, Callable[[re.Pattern[Any], Any], object]] = {
    "match": lambda pattern, text: pattern.match(text),
    "fullmatch": lambda pattern, text: pattern.fullmatch(text),
    "search": lambda pattern, text: pattern.search(text),
    "finditer": lambda pattern, text: [None for _ in pattern.finditer(text)],
    "findall": lambda pattern, text: pattern.findall(text),
    "sub": lambda pattern, text: pattern.sub(lambda _: "" if isinstance(text, str) else b"", text),
    "split": lambda pattern, text: pattern.split(text),
}


def attacks(pattern: re.Pattern[Any], size: int) -> list[str]:
    """Texts of about `size` characters, no two the same."""
    tree = parser.parse(pattern.pattern, pattern.flags)
    found = {text: None for lead, body in _repetitions(tree, "") for text in _pumped(lead, body, size)}
    whole = _sample(tree)
    found |= {(whole + " ") * (size // (len(whole) + 1)): None}
    return list(found)


def _pumped(lead: str, body: str, size: int) -> Iterator[str]:
    body = body or "a"
    pump = body * (size // len(body))
    yield f"{lead}{pump}\x00"
    yield f"{lead}{pump}\n!"
    yield (lead + body * 3) * (size // (len(lead) + 3 * len(body)))  # every one of them a beginning


def _repetitions(tree: Any, lead: str) -> Iterator[tuple[str, str]]:
    """(what leads there, one round) of each repetition in a parsed pattern."""
    for operator, argument in tree:
        if operator in _REPEATS:
            yield lead, _sample(argument[2])
            yield from _repetitions(argument[2], lead)
        else:
            for inner in _inside(operator, argument):
                yield from _repetitions(inner, lead)
        lead += _sample([(operator, argument)])


_REPEATS = {getattr(ops, name) for name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT") if hasattr(ops, name)}


def _inside(operator: Any, argument: Any) -> list[Any]:
    if operator is ops.SUBPATTERN:
        return [argument[3]]
    if operator is ops.BRANCH:
        return list(argument[1])
    if operator in {ops.ASSERT, ops.ASSERT_NOT}:
        return [argument[1]]
    if operator is getattr(ops, "ATOMIC_GROUP", None):
        return [argument]
    return []


def _sample(tree: Iterable[tuple[Any, Any]]) -> str:
    """A text that the parsed pattern may match, as short as may be."""
    said = ""
    for operator, argument in tree:
        if operator is ops.LITERAL:
            said += chr(argument)
        elif operator in {ops.NOT_LITERAL, ops.IN, ops.ANY}:
            said += _member(operator, argument)
        elif operator in _REPEATS:
            said += _sample(argument[2]) * min(max(argument[0], 1 if argument[0] else 0), 50)
        elif operator not in {ops.ASSERT, ops.ASSERT_NOT, ops.AT, ops.GROUPREF}:
            said += next((_sample(inner) for inner in _inside(operator, argument)), "")
    return said


def _member(operator: Any, argument: Any) -> str:
    if operator is ops.ANY:
        return "a"
    if operator is ops.NOT_LITERAL:
        return next(each for each in _PROBES if ord(each) != argument)
    tests = [_test(*each) for each in argument if each[0] is not ops.NEGATE]
    is_negated = argument[0][0] is ops.NEGATE
    candidates = [
        *_PROBES,
        *(
            chr(each[1] if each[0] is ops.LITERAL else each[1][0])
            for each in argument
            if each[0] in {ops.LITERAL, ops.RANGE}
        ),
    ]
    return next((each for each in candidates if any(test(each) for test in tests) is not is_negated), "a")


def _test(operator: Any, argument: Any) -> Any:
    if operator is ops.LITERAL:
        return lambda letter: ord(letter) == argument
    if operator is ops.RANGE:
        return lambda letter: argument[0] <= ord(letter) <= argument[1]
    known = {
        ops.CATEGORY_DIGIT: str.isdigit,
        ops.CATEGORY_NOT_DIGIT: lambda letter: not letter.isdigit(),
        ops.CATEGORY_SPACE: str.isspace,
        ops.CATEGORY_NOT_SPACE: lambda letter: not letter.isspace(),
        ops.CATEGORY_WORD: lambda letter: letter.isalnum() or letter == "_",
        ops.CATEGORY_NOT_WORD: lambda letter: not (letter.isalnum() or letter == "_"),
    }
    return known[argument]


# What whoever asks a pattern cuts the text to before.
BOUNDS = {
    "gateway.mail.automatic.signs:MACHINE_SENDERS": 64,
    "gateway.mail.automatic.wording:_QUOTE_BEGINS": 300,
    "gateway.mail.delivery.addresses:_LINES": 1_000,
    "gateway.mail.delivery.status:_REASONS": 4_000,
    "gateway.mail.delivery.texts:ENDS": 200,
    "gateway.mail.language:_PATTERNS": 4_000,
    "gateway.mail.subject:_ENGLISH_FORWARD": 2_000,
    "gateway.tickets.loops:_CHANGING": 5_000,
}
SECONDS = 1.0  # of the processor; what is in order takes a tenth of it at most


class TooSlowError(Exception):
    """The processor's time is up."""


@contextmanager
def bounded(seconds: float = SECONDS) -> Iterator[None]:
    """Ends the block with TooSlowError when it has used so much of the processor. The engine of `re` listens."""

    def end(*_: object) -> None:
        raise TooSlowError

    before = signal.signal(signal.SIGPROF, end)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def slow(size: int) -> dict[str, str]:
    """The patterns that do not come to an end with a text of theirs, and how it begins."""
    asked = uses()
    found: dict[str, str] = {}
    for place, pattern in patterns().items():
        longest = next((bound for name, bound in BOUNDS.items() if place.startswith(name)), size)
        for text in attacks(pattern, longest):
            said = text.encode("latin-1", "replace") if isinstance(pattern.pattern, bytes) else text
            try:
                with bounded():
                    for method in asked.get(pattern, _METHODS):
                        _METHODS[method](pattern, said)
            except TooSlowError:
                found[place] = text[:50]
                break
    return found


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CPU, (120, 120))
    sys.stdout.write(json.dumps(slow(int(sys.argv[1]))))
