"""Prefixes of the world's mail clients go; what the author wrote stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail import subject

CASES = [
    # written, base, reply, forward
    ("Printer", "Printer", False, False),
    ("Re: Printer", "Printer", True, False),
    ("RE: Printer", "Printer", True, False),
    ("re:Printer", "Printer", True, False),
    ("Re : Printer", "Printer", True, False),
    ("Re[2]: Printer", "Printer", True, False),
    ("Re(3): Printer", "Printer", True, False),
    ("Re^4: Printer", "Printer", True, False),
    ("RE*2: Printer", "Printer", True, False),
    ("Re2: Printer", "Printer", True, False),
    ("AW: Drucker", "Drucker", True, False),
    ("Antw: Printer", "Printer", True, False),
    ("SV: Skrivare", "Skrivare", True, False),
    ("Odp: Drukarka", "Drukarka", True, False),
    ("Odpowiedź: Drukarka", "Drukarka", True, False),
    ("Ответ: Принтер", "Принтер", True, False),
    ("Отв: Принтер", "Принтер", True, False),
    ("Відповідь: Принтер", "Принтер", True, False),
    ("回复: 打印机", "打印机", True, False),
    ("回复：打印机", "打印机", True, False),
    ("回覆：打印機", "打印機", True, False),
    ("答复: 打印机", "打印机", True, False),
    ("ΑΠ: Εκτυπωτής", "Εκτυπωτής", True, False),
    ("Απ: Εκτυπωτής", "Εκτυπωτής", True, False),
    ("ΣΧΕΤ: Εκτυπωτής", "Εκτυπωτής", True, False),
    ("Atb: Printeris", "Printeris", True, False),
    ("Ats: Spausdintuvas", "Spausdintuvas", True, False),
    ("RÉ : Imprimante", "Imprimante", True, False),
    ("R: Stampante", "Stampante", True, False),
    ("RIF: Stampante", "Stampante", True, False),
    ("Res: Impressora", "Impressora", True, False),
    ("Válasz: Nyomtató", "Nyomtató", True, False),
    ("YNT: Yazıcı", "Yazıcı", True, False),
    ("返信: プリンタ", "プリンタ", True, False),
    ("회신: 프린터", "프린터", True, False),
    ("Vá: Nyomtató", "Nyomtató", True, False),
    ("VS: Tulostin", "Tulostin", True, False),
    ("VL: Tulostin", "Tulostin", False, True),
    ("Відп: Принтер", "Принтер", True, False),
    ("Отг: Принтер", "Принтер", True, False),
    ("Răsp: Imprimantă", "Imprimantă", True, False),
    ("Trả lời: Máy in", "Máy in", True, False),
    ("ตอบกลับ: เครื่องพิมพ์", "เครื่องพิมพ์", True, False),
    ("ส่งต่อ: เครื่องพิมพ์", "เครื่องพิมพ์", False, True),
    ("תשובה: מדפסת", "מדפסת", True, False),
    ("رد: طابعة", "طابعة", True, False),
    ("تحويل: طابعة", "طابعة", False, True),
    ("Bls: Pencetak", "Pencetak", True, False),
    ("Trs: Pencetak", "Pencetak", False, True),
    ("İLT: Yazıcı", "Yazıcı", False, True),
    ("Edasi: Printer", "Printer", False, True),
    ("Persiųsta: Spausdintuvas", "Spausdintuvas", False, True),
    ("Fwd: Printer", "Printer", False, True),
    ("FW: Printer", "Printer", False, True),
    ("WG: Drucker", "Drucker", False, True),
    ("TR : Imprimante", "Imprimante", False, True),
    ("RV: Impresora", "Impresora", False, True),
    ("I: Stampante", "Stampante", False, True),
    ("ENC: Impressora", "Impressora", False, True),
    ("PD: Drukarka", "Drukarka", False, True),
    ("ΠΡΘ: Εκτυπωτής", "Εκτυπωτής", False, True),
    ("Πρθ: Εκτυπωτής", "Εκτυπωτής", False, True),
    ("Pārs: Printeris", "Printeris", False, True),
    ("Пересл: Принтер", "Принтер", False, True),
    ("转发：打印机", "打印机", False, True),
    ("轉寄: 打印機", "打印機", False, True),
    ("VB: Skrivare", "Skrivare", False, True),
    ("[Fwd: Printer]", "Printer", False, True),
    ("[Fwd: Re: Printer]", "Printer", False, True),
    ("Re: Fwd: AW: Printer", "Printer", True, False),
    ("Fwd: Re: Printer", "Printer", False, True),
    ("Re: Re: Re: Printer", "Printer", True, False),
    ("Re:Re:Re:Printer", "Printer", True, False),
    ("[users] Re: crash", "[users] crash", True, False),
    ("Re: [users] Re: crash", "[users] crash", True, False),
    ("Re: [users] crash", "[users] crash", True, False),
    ("[a] Re: [a] crash", "[a] crash", True, False),
    ("[EXTERNAL] Re: crash", "[EXTERNAL] crash", True, False),
    ("[users]", "[users]", False, False),
    ("[users] crash", "[users] crash", False, False),
    ("  Re:   two   spaces ", "two spaces", True, False),
    ("Re:", "", True, False),
    ("", "", False, False),
    ("Re", "Re", False, False),
    ("Regarding: my order", "Regarding: my order", False, False),
    ("Issue: printer", "Issue: printer", False, False),
    ("Report: sales", "Report: sales", False, False),
    ("Read: the manual", "Read: the manual", False, False),
    ("Order 12: late", "Order 12: late", False, False),
    ("Question re: order", "Question re: order", False, False),
    ("12:30 meeting", "12:30 meeting", False, False),
    ("http://x.example is down", "http://x.example is down", False, False),
]


@pytest.mark.parametrize(("written", "base", "is_reply", "is_forward"), CASES, ids=[row[0] for row in CASES])
def test_prefixes(written, base, is_reply, is_forward):
    assert (subject.base(written), subject.is_reply(written), subject.is_forward(written)) == (
        base,
        is_reply,
        is_forward,
    )


@given(st.text(max_size=200))
def test_base_is_stable(text):
    once = subject.base(text)
    assert subject.base(once) == once


@given(
    st.sampled_from([row[1] for row in CASES if row[1]]),
    st.lists(st.sampled_from(["Re: ", "AW: ", "Fwd: ", "回复："]), max_size=8),
)
def test_any_pile_of_prefixes_goes(base, prefixes):
    assert subject.base("".join(prefixes) + base) == subject.base(base)


def test_hostile_length_is_bounded():
    assert len(subject.base("Re: " * 100_000)) <= 2_000
    assert len(subject.base("[a] " * 100_000)) <= 2_000
