"""The script of the demo: six customers, two agents, a stranger, a vacation notice, some weeks that pass quickly."""

from dataclasses import dataclass
from datetime import timedelta

from gateway.cli.demo import letters
from gateway.cli.demo.letters import Letter
from gateway.cli.demo.stage import Actor, Stage
from gateway.tickets.model import Ticket
from gateway.tickets.notices import NoticeKind

SUPPORT, BILLING = "support@desk.example", "billing@desk.example"
_ACK, _REPLY, _REMINDER = "acknowledgement", "reply", "reminder"
_RESOLVED, _CLOSED, _SURVEY, _THANKS = "resolved", "closed", "survey", "thanks"
_PDF = b"%PDF-1.4\n1 0 obj << /Type /Catalog >> endobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"


@dataclass(slots=True)
class Cast:
    """Everybody who writes."""

    emma: Actor
    piotr: Actor
    olga: Actor
    wang: Actor
    eleni: Actor
    janis: Actor
    stranger: Actor
    anna: Actor
    maris: Actor


def play(stage: Stage) -> None:
    """Plays it all; what goes otherwise is noted on the stage."""
    cast = Cast(
        emma=stage.actor("Emma Clarke", "emma.clarke@mail.example"),
        piotr=stage.actor("Piotr Nowak", "piotr.nowak@poczta.example"),
        olga=stage.actor("Ольга Смирнова", "olga@pochta.example"),
        wang=stage.actor("王芳", "wangfang@youxiang.example"),
        eleni=stage.actor("Ελένη Παπαδοπούλου", "eleni@tachydromeio.example"),
        janis=stage.actor("Jānis Bērziņš", "janis.berzins@pasts.example"),
        stranger=stage.actor("Mallory", "mallory@elsewhere.example"),
        anna=stage.actor("Anna Liepa", "anna.liepa@home.example"),
        maris=stage.actor("Māris Ozols", "maris@home.example"),
    )
    eleni = _customers_write(stage, cast)
    _agents_answer(stage, cast)
    _strangers_and_machines(stage, cast)
    _days_pass(stage, cast, eleni)
    _weeks_pass(stage, cast)
    _everybody_got_what_he_should(stage, cast)


def _customers_write(stage: Stage, cast: Cast) -> Ticket | None:
    stage.timeline.scene("Monday morning: six customers write, each in his language, and are acknowledged in it")
    _write(stage, cast.emma, SUPPORT, letters.EMMA)
    _write(stage, cast.piotr, BILLING, letters.PIOTR, ("potwierdzenie przelewu.pdf", _PDF))
    _write(stage, cast.olga, SUPPORT, letters.OLGA)
    _write(stage, cast.wang, SUPPORT, letters.WANG)
    eleni = _write(stage, cast.eleni, SUPPORT, letters.ELENI)
    _write(stage, cast.janis, SUPPORT, letters.JANIS)
    return eleni


def _write(stage: Stage, actor: Actor, to: str, letter: Letter, file: tuple[str, bytes] | None = None) -> Ticket | None:
    return stage.write(actor, to, letter.subject, letter.body, "opened new", charset=letter.charset, file=file)


def _agents_answer(stage: Stage, cast: Cast) -> None:
    stage.timeline.scene("The agents answer from their own mail clients; customers see the desk's address only")
    anna = cast.anna
    hello = "Hello Emma,\n\nplease clear the cookies of our site once and try again. Does it work then?"
    _answer_about(stage, anna, letters.EMMA, hello, "relayed answered")
    stage.answer(cast.emma, "Thank you, the page looks different now, but it still refuses my password.", "joined open")
    hello = "Hello Emma,\n\nI have sent you a link by which you can set a new one."
    _answer_about(stage, anna, letters.EMMA, hello, "relayed answered")
    hello = "#resolve\n\nSzanowny Panie,\n\nnadpłatę zwróciliśmy dziś na Pana konto."
    _answer_about(stage, cast.maris, letters.PIOTR, hello, "relayed resolved")
    hello = "Здравствуйте!\n\nМы отправили письмо ещё раз. Проверьте, пожалуйста, и папку «Спам»."
    _answer_about(stage, anna, letters.OLGA, hello, "relayed answered")
    _answer_about(stage, anna, letters.WANG, "您好：\n\n您的订单将于明天寄出。", "relayed answered")
    tomorrow = stage.today() + timedelta(days=1)
    note = f"#note\n#postpone {tomorrow}\nAsk the warehouse tomorrow."
    _answer_about(stage, anna, letters.ELENI, note, "noted postponed")
    _answer_about(stage, anna, letters.JANIS, "#resolved\n\nLabdien!", "held new")
    _answer_about(stage, anna, letters.JANIS, "Labdien!\n\nLaboto rēķinu nosūtīsim šodien.", "relayed answered")


def _strangers_and_machines(stage: Stage, cast: Cast) -> None:
    stage.timeline.scene("A vacation notice starts no loop; a stranger with somebody else's reference learns nothing")
    reply = cast.wang.inbox[-1][1] if cast.wang.inbox else None
    if reply and reply.reply_to:
        stage.write(
            cast.wang,
            reply.reply_to[0].address,
            "自动回复：休假",
            "您好，我正在休假，下周一回来。",
            "recorded answered",
            headers=(("Auto-Submitted", "auto-replied"), ("Precedence", "bulk")),
            mail_from="",
            answering=reply,
        )
    reference = cast.janis.inbox[-1][1].subject if cast.janis.inbox else ""
    stage.write(
        cast.stranger, SUPPORT, f"Re: {reference}", "Please send the corrected invoice to me instead.", "held answered"
    )
    stage.expect("what the stranger got", cast.stranger.kinds, [])
    stage.press(cast.piotr, NoticeKind.REPLY, "Tak, sprawa rozwiązana", "joined closed")


def _days_pass(stage: Stage, cast: Cast, eleni: Ticket | None) -> None:
    stage.timeline.scene("Days pass: a survey, a postponed ticket comes back, reminders in each language")
    stage.lapse("Piotr is asked for a rating", lambda: _SURVEY in cast.piotr.kinds)
    stage.answer(cast.piotr, "5\nSzybko i sprawnie, dziękuję!", "rated closed", kind=NoticeKind.SURVEY)
    stage.lapse("Eleni's ticket comes back", lambda: (now := stage.ticket(eleni)) is not None and now.state == "open")
    hello = "#close\nΚαλησπέρα σας,\n\nη διεύθυνση άλλαξε. Καλή μετακόμιση!"
    _answer_about(stage, cast.anna, letters.ELENI, hello, "relayed closed")
    waiting = (cast.emma, cast.olga, cast.wang, cast.janis)
    stage.lapse("reminders are sent", lambda: all(_REMINDER in actor.kinds for actor in waiting))
    stage.answer(cast.emma, "Sorry for the delay. The link worked, I am in again.", "joined open")
    _answer_about(stage, cast.anna, letters.EMMA, "#resolve", "obeyed resolved")
    stage.answer(cast.emma, "Yes", "joined closed", kind=NoticeKind.RESOLVED)


def _weeks_pass(stage: Stage, cast: Cast) -> None:
    stage.timeline.scene("Weeks pass: a second reminder, resolved with notice, closed by silence, surveys")
    silent = (cast.emma, cast.olga, cast.wang, cast.janis, cast.eleni)
    stage.lapse("everybody is asked for a rating", lambda: all(_SURVEY in actor.kinds for actor in silent))
    stage.press(cast.emma, NoticeKind.SURVEY, "4", "rated closed")
    stage.answer(cast.janis, "3 - rēķins atnāca vēlu", "rated closed", kind=NoticeKind.SURVEY)


def _everybody_got_what_he_should(stage: Stage, cast: Cast) -> None:
    till_the_end = [_ACK, _REPLY, _REMINDER, _REMINDER, _RESOLVED, _CLOSED, _SURVEY]
    wanted: tuple[tuple[Actor, list[str]], ...] = (
        (cast.emma, [_ACK, _REPLY, _REPLY, _REMINDER, _RESOLVED, _SURVEY, _THANKS]),
        (cast.piotr, [_ACK, _REPLY, _SURVEY, _THANKS]),
        (cast.olga, till_the_end),
        (cast.wang, till_the_end),
        (cast.eleni, [_ACK, _REPLY, _SURVEY]),
        (cast.janis, [*till_the_end, _THANKS]),
        (cast.stranger, []),
    )
    for actor, kinds in wanted:
        stage.expect(f"the mails to {actor.who.name}", actor.kinds, kinds)
        for _, mail in actor.inbox:
            leaked = [word for word in f"{mail.headers} {mail.text} {mail.html}".split() if "home.example" in word]
            stage.expect(f"agents' addresses in {mail.subject}", leaked, [])
    stage.expect("the captured mails", stage.captured(), stage.sent())


def _answer_about(stage: Stage, agent: Actor, letter: Letter, body: str, expect: str) -> None:
    """Answers the agent's newest notice about one matter."""
    stage.answer(agent, body, expect, kind=NoticeKind.AGENT_NOTICE, about=letter.subject)
