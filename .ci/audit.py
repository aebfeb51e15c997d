"""Reads what pip-audit found, as JSON, and says what is known: 0 sound, 1 vulnerable, 75 nobody could say."""
# ruff: noqa: INP001 - a program, part of no package

import json
import sys
from typing import Any

_SOUND, _VULNERABLE, _UNKNOWN = 0, 1, 75


def verdict(said: str) -> tuple[int, list[str]]:
    """The exit code and the lines to print; no answer, or none on some package, is no good news."""
    try:
        packages: list[dict[str, Any]] = json.loads(said)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return _UNKNOWN, ["NOT AUDITED: the service for known vulnerabilities gave no answer"]
    found = [
        f"{each['name']} {each.get('version', '')}: {flaw['id']}, mended in {', '.join(flaw['fix_versions']) or 'none'}"
        for each in packages
        for flaw in each.get("vulns", ())
    ]
    unknown = [each["name"] for each in packages if "skip_reason" in each]
    lines = found + (
        [f"NOT AUDITED: nothing could be learnt of {', '.join(unknown)}"] if unknown or not packages else []
    )
    if found:
        return _VULNERABLE, lines
    return (_UNKNOWN, lines) if lines else (_SOUND, [f"{len(packages)} packages, no known vulnerability"])


if __name__ == "__main__":
    code, lines = verdict(sys.stdin.read())
    sys.stdout.write("\n".join(lines) + "\n")
    raise SystemExit(code)
