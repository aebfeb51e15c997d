"""Which of many phrases a text holds, all looked for at once. Says nothing about what a phrase means."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_BEGINNING = 7  # letters that are compiled; the rest of a phrase is compared where they are found
_Tree = dict[str, "_Tree"]  # a letter, and what may follow it


@dataclass(frozen=True, slots=True)
class Phrases:
    """Tables made for searching: phrases in ASCII by how they begin, others by their highest letter, which is rare."""

    beginning: re.Pattern[str]
    by_beginning: dict[str, tuple[str, ...]]
    by_letter: dict[str, tuple[str, ...]]

    @classmethod
    def of(cls, *tables: Iterable[str]) -> "Phrases":
        """The phrases of all tables; none may be empty."""
        every = sorted({phrase for table in tables for phrase in table})
        plain = [phrase for phrase in every if phrase.isascii()]
        beginnings = sorted({phrase[:_BEGINNING] for phrase in plain})
        by_letter: dict[str, list[str]] = {}
        for phrase in every:
            if not phrase.isascii():
                by_letter.setdefault(max(phrase), []).append(phrase)
        return cls(
            re.compile(_pattern(_tree(beginnings)) if beginnings else r"(?!)"),
            {each: tuple(phrase for phrase in plain if phrase.startswith(each)) for each in beginnings},
            {letter: tuple(phrases) for letter, phrases in by_letter.items()},
        )

    def said_in(self, text: str) -> frozenset[str]:
        """The phrases that `text` holds."""
        found: list[str] = []
        at = self.beginning.search(text)
        while at:
            found.extend(phrase for phrase in self.by_beginning[at[0]] if text.startswith(phrase, at.start()))
            at = self.beginning.search(text, at.start() + 1)
        if not text.isascii():
            # Of a short text each letter is looked up among ours, in a long one each of ours is looked for.
            letters = self.by_letter.keys() & text if len(text) < len(self.by_letter) else self.by_letter
            for letter in letters:
                if letter in text:
                    found.extend(phrase for phrase in self.by_letter[letter] if phrase in text)
        return frozenset(found)


def _tree(words: Iterable[str]) -> _Tree:
    root: _Tree = {}
    for word in words:
        branch = root
        for letter in word:
            branch = branch.setdefault(letter, {})
        branch[""] = {}
    return root


def _pattern(tree: _Tree) -> str:
    """An expression that tries each letter once, unlike one with all words side by side; the shortest word counts."""
    if "" in tree:
        return ""
    branches = [re.escape(letter) + _pattern(rest) for letter, rest in tree.items()]
    return branches[0] if len(branches) == 1 else f"(?:{'|'.join(branches)})"
