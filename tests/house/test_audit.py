"""What pip-audit says is understood; above all, that no answer is no good news."""

import importlib.util
import json
from pathlib import Path

import pytest

FILE = Path(__file__).parents[2] / ".ci" / "audit.py"
SOUND = {"name": "jinja2", "version": "3.1.6", "vulns": []}
FLAW = {"id": "GHSA-1", "fix_versions": ["3.1.7"], "aliases": [], "description": "x"}
VULNERABLE = {"name": "jinja2", "version": "3.1.6", "vulns": [FLAW]}
SKIPPED = {"name": "aiosmtpd", "skip_reason": "not found"}


@pytest.fixture(scope="module")
def audit():
    spec = importlib.util.spec_from_file_location("audit", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("packages", "code", "says"),
    [
        ([SOUND], 0, "1 packages, no known"),
        ([SOUND, VULNERABLE], 1, "jinja2 3.1.6: GHSA-1, mended in 3.1.7"),
        ([SOUND, SKIPPED], 75, "NOT AUDITED: nothing could be learnt of aiosmtpd"),
        ([VULNERABLE, SKIPPED], 1, "GHSA-1"),
        ([], 75, "NOT AUDITED"),
    ],
)
def test_the_verdict(audit, packages, code, says):
    said = audit.verdict(json.dumps({"dependencies": packages, "fixes": []}))
    assert said[0] == code
    assert says in "".join(said[1])


@pytest.mark.parametrize("said", ["", "Traceback", "[]", "null", "{}"])
def test_no_answer_is_no_good_news(audit, said):
    assert audit.verdict(said)[0] == 75
