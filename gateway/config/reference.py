"""docs/configuration.md, made from the settings' own types and defaults and the example's words. Only read by people.

`python -m gateway.config.reference > docs/configuration.md`
"""

import re
import sys
from collections.abc import Iterator
from typing import Any

from gateway.config import example, kinds, passwords
from gateway.config.sections import SECTIONS, Section, Setting, settings_of

_SPECIAL = re.compile(r"[|<]")
_ESCAPED = r"\\\g<0>"
_HEAD = """\
# Configuration

<!-- Made by `python -m gateway.config.reference`; to change it, change the settings or config/gateway.toml. -->

One TOML file, found as `--config FILE`, else `$GATEWAY_CONFIG`, else `gateway.toml` in the current folder, else
`/etc/gateway/gateway.toml`. `gateway init DIR` writes one to start from, `gateway check` names every fault in it with
file, line and what to write instead, and exits with 78. The complete example is `config/gateway.toml`.

Relative paths count from the folder of the file. Sizes are numbers of octets or texts like `"25 MiB"` and `"500 kB"`;
durations are numbers whose unit is in the name. Settings whose default is `""` may
be left empty.
"""


def written() -> str:
    """The whole page, as Markdown."""
    meanings = {(e.section, e.key): e.meaning for e in example.entries(example.path().read_text(encoding="utf-8"))}
    return "\n".join([_HEAD, *(line for section in SECTIONS for line in _section(section, meanings))])


def _section(section: Section[Any], meanings: dict[tuple[str, str], str]) -> Iterator[str]:
    yield f"## `{'[[' if section.is_many else '['}{section.name}{']]' if section.is_many else ']'}`\n"
    yield f"{meanings[section.name, '']}\n"
    yield "| key | type | default | meaning |"
    yield "| --- | --- | --- | --- |"
    for setting in settings_of(section):
        yield _row(setting, meanings[section.name, setting.key])
    yield ""


def _row(setting: Setting, meaning: str) -> str:
    kind = f"{setting.kind.described}, {setting.kind.unit}" if setting.kind.unit else setting.kind.described
    cells = (f"`{setting.key}`", kind, _default(setting), meaning)
    return f"| {' | '.join(_SPECIAL.sub(_ESCAPED, cell) for cell in cells)} |"


def _default(setting: Setting) -> str:
    if setting.field == passwords.FIELD:
        return "one of the three where there is a user"
    return "**required**" if setting.is_required else f"`{kinds.toml(setting.default, setting.kind)}`"


if __name__ == "__main__":
    sys.stdout.write(written())
