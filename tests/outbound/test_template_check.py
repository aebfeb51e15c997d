from zoneinfo import ZoneInfo

import pytest

from gateway.outbound import template_check
from gateway.outbound.render import Templates
from gateway.tickets.notices import NoticeKind
from tests.outbound.conftest import SHIPPED


@pytest.fixture
def faults(tmp_path):
    def check(**files):
        for name, text in files.items():
            language, _, kind = name.partition("__")
            (tmp_path / language).mkdir(exist_ok=True)
            data = text if isinstance(text, bytes) else text.encode()
            (tmp_path / language / f"{kind}.txt").write_bytes(data)
        return template_check.faults(Templates(SHIPPED, tmp_path, "en", ZoneInfo("UTC")))

    return check


def test_an_empty_folder_of_ones_own_is_fine(faults):
    assert faults() == ()


def test_all_faults_of_all_files_are_told_at_once(faults, tmp_path):
    found = faults(
        en__closed="Subject: x\n\n{{ nobody }}\n",
        pl__survey="Subject: x\n\n{% if %}\n",
        pl__thanks="Dear customer,\n",
        de__reminder="Subject: x\nno empty line\n",
        en__remainder="Subject: x\n\nmisspelt\n",
        english__reply="Subject: x\n\n{{ text }}\n",
        en__resolved=b"Subject: x\n\n\xff\n",
    )
    told = "\n".join(found)
    for expected in (
        "en/closed.txt, line 3: 'nobody' is undefined",
        "pl/survey.txt, line 3: ",
        "pl/thanks.txt, line 1: must be 'Subject: …', then an empty line",
        "de/reminder.txt, line 1: must be",
        "en/remainder.txt: no mail is of this kind; the kinds are acknowledgement, reply,",
        "english/reply.txt: 'english' is no language",
        "en/resolved.txt: cannot be read as UTF-8 text",
    ):
        assert f"{tmp_path}/{expected}" in told
    assert len(found) == 7


@pytest.mark.parametrize(
    ("kind", "body", "missing"),
    [
        ("reply", "Hello {{ not_attached[0].name if not_attached else '' }}", "text"),
        ("reply", "{{ said(text) }}", "not_attached"),
        ("survey", "{% for n in [1,2,3,4] %}{{ button('r', links.rate[n]) }}{% endfor %}", "links.rate[5]"),
        ("resolved", "{{ button('yes', links.confirm) }}", "links.refuse"),
        ("agent_error", "{{ text }}", "detail"),
        ("acknowledgement", "We have your message.", "ticket.reference"),
    ],
)
def test_a_template_that_leaves_out_what_people_need_is_a_fault(faults, tmp_path, kind, body, missing):
    assert faults(**{f"en__{kind}": f"Subject: x\n\n{body}\n"}) == (
        f"{tmp_path}/en/{kind}.txt: never shows {missing}, which people need in this mail",
    )


def test_a_fault_in_any_branch_is_found(faults):
    either = "{% if due %}fine{% else %}{{ nobody }}{% endif %}"
    one_reason = "{{ text }}{{ detail }}{% if reason == 'nothing_to_send' %}{{ nobody }}{% endif %}"
    found = faults(en__closed=f"Subject: x\n\n{either}\n", en__agent_error=f"Subject: x\n\n{one_reason}\n")
    assert [fault.rpartition("/")[2] for fault in found] == [
        "agent_error.txt, line 3: 'nobody' is undefined",
        "closed.txt, line 3: 'nobody' is undefined",
    ]


def test_a_name_that_may_be_missing_must_be_asked_for(faults):
    assert faults(en__closed="Subject: x\n\n{{ agent.name }}\n") != ()


def test_a_broken_layout_is_a_fault(faults, tmp_path):
    (tmp_path / "layout.html").write_text("{{ body }}\n{{ nobody }}")
    assert all(f"{tmp_path}/layout.html, line 2: 'nobody' is undefined" in fault for fault in faults())


def test_missing_shipped_files_are_faults(tmp_path):
    found = template_check.faults(Templates(tmp_path, None, "en", ZoneInfo("UTC")))
    assert len(found) == len(NoticeKind)
