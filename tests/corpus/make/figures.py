"""Prints shares right by measure, language and program, and of the authors' words; with `--write` the known gaps.

Run it as `python -m tests.corpus.make.figures`; with `--show WORD` it prints what is wrong in files that are so called.
"""

import json
import sys
import tomllib
from collections import defaultdict

from tests.corpus import yardstick
from tests.corpus.make import replies
from tests.corpus.make.letter import LANGUAGES


def main(arguments: list[str]) -> None:
    found = {case.name: (case, yardstick.wrong(case.expected, yardstick.seen(case.raw))) for case in yardstick.cases()}
    if "--show" in arguments:
        _show(found, arguments[arguments.index("--show") + 1 :])
        return
    _shares("measure", found, lambda _: ("all",))
    _shares("language", found, lambda case: (case.expected.get("language", ""),) if "shape" in case.expected else ())
    _shares("shape", found, lambda case: (case.expected["shape"],) if "shape" in case.expected else ())
    _shares("client", found, lambda case: (case.expected["client"],) if "client" in case.expected else ())
    _shares("folder", found, lambda case: (case.name.split("/")[0],))
    _authors_words()
    if "--write" in arguments:
        _write(found)


def _show(found, words):
    for name, (case, wrong) in found.items():
        if wrong and all(word in name or word in wrong for word in words):
            _say(f"== {name}")
            for measure, got in wrong.items():
                _say(f"-- {measure}: wanted {json.dumps(case.expected[measure], ensure_ascii=False)[:600]}")
                _say(f"   got {got[:600]!r}")


def _shares(title, found, groups_of):
    measures = (
        "reply_text",
        "keeps",
        "hides",
        "kind",
        "language",
        "attachments",
        "subject",
        "from",
        "delivery_report",
        "text_contains",
    )
    right: dict[str, dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    for case, wrong in found.values():
        for group in groups_of(case):
            for measure in measures:
                if measure in case.expected:
                    right[group][measure].append(measure not in wrong)
    _say(f"\n{title:18}" + "".join(f"{measure[:13]:>14}" for measure in measures))
    for group, told in sorted(right.items()):
        cells = (f"{sum(told[each])}/{len(told[each])}" if told[each] else "-" for each in measures)
        _say(f"{group:18}" + "".join(f"{cell:>14}" for cell in cells))


def _authors_words():
    """How many replies keep the author's words, how many show little else, how many do both (`yardstick.shares`)."""
    replied = [case for case in yardstick.cases() if "reply_text" in case.expected]
    written = [(case.expected, case.raw) for case in replied]
    unseen = [(case.expected, case.raw) for case in replied if case.name.startswith("unseen/")]
    made = [(tomllib.loads(said), raw) for code in LANGUAGES for _, raw, said in replies.every_program(code)]
    kept = f"keeps {yardstick.KEPT:.0%} of the words"
    wanted = f"{yardstick.WANTED:.0%} of it wanted"
    _say(f"\n{'replies':18}{'number':>10}{kept:>26}{wanted:>20}{'both':>10}{'words kept':>14}{'words wanted':>14}")
    for name, found in (("corpus", written), ("unseen", unseen), ("made in memory", made)):
        got = [yardstick.shares(expected, yardstick.seen(raw)) for expected, raw in found]
        number = len(got)
        cells = (
            f"{sum(each.kept >= yardstick.KEPT for each in got) / number:>26.1%}",
            f"{sum(each.wanted >= yardstick.WANTED for each in got) / number:>20.1%}",
            f"{sum(each.reaches_both for each in got) / number:>10.1%}",
            f"{sum(each.kept for each in got) / number:>14.1%}{sum(each.wanted for each in got) / number:>14.1%}",
        )
        _say(f"{name:18}{number:>10}{''.join(cells)}")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _write(found):
    lines = [
        "# Files that the code does not read right yet, and in which measures. A closed gap must leave the list:",
        "# the test fails until it does. Rewritten by `python -m tests.corpus.make.figures --write`.",
        "",
    ]
    old = yardstick.known_gaps()
    for name, (_, wrong) in found.items():
        # Whether `gateway explain` differs from the rest is not measured here; that gap is written by hand.
        gaps = sorted(wrong) + [gap for gap in old.get(name, ()) if gap == "explain"]
        if gaps:
            lines.append(f"{json.dumps(name)} = {json.dumps(gaps)}")
    lines.extend(_programs())
    (yardstick.CORPUS / "known_gaps.toml").write_text("\n".join(lines) + "\n", "utf-8")


def _programs():
    """The programs that are misunderstood, a line a language."""
    lines = ["", "# Replies that only the test makes, by every program in every language."]
    right = total = 0
    for code in LANGUAGES:
        made = [
            (name, yardstick.wrong(tomllib.loads(said), yardstick.seen(raw)))
            for name, raw, said in replies.every_program(code)
        ]
        gaps = sorted(name for name, wrong in made if wrong)
        total += len(made)
        right += len(made) - len(gaps)
        if gaps:
            lines.append(f"{json.dumps(f'programs/{code}')} = {json.dumps(gaps)}")
    _say(f"\nevery program in every language: {right}/{total}")
    return lines


if __name__ == "__main__":
    main(sys.argv[1:])
