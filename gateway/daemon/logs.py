"""How log lines look: a constant sentence, then facts as `name=value`. Decides nothing about what is logged."""

import json
import logging
import sys
from collections.abc import Mapping

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_LOUD_LIBRARIES = ("mail.log", "imapclient", "apscheduler", "asyncio", "mailparser", "charset_normalizer")


class FactsFormatter(logging.Formatter):
    """`2026-11-21T09:00:00+0000 INFO mail settled action=opened spool_id=7`; control characters never get through."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, and below it a traceback where there is one."""
        facts = {name: value for name, value in vars(record).items() if name not in _STANDARD and value is not None}
        written = " ".join(f"{name}={_safe(value)}" for name, value in facts.items())
        return (
            f"{super().format(record)} {written}" if written and not record.exc_info else _with(self, record, written)
        )


def configure(level: str, environ: Mapping[str, str]) -> None:
    """Logs go to standard error; under systemd's journal without the time, which the journal adds."""
    time = "" if "JOURNAL_STREAM" in environ else "%(asctime)s "
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(FactsFormatter(f"{time}%(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%S%z"))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for library in _LOUD_LIBRARIES:
        logging.getLogger(library).setLevel(logging.WARNING)


def _with(formatter: logging.Formatter, record: logging.LogRecord, facts: str) -> str:
    plain = logging.Formatter.format(formatter, record)
    first, _, rest = plain.partition("\n")
    return f"{first} {facts}\n{rest}" if facts else plain


def _safe(value: object) -> str:
    text = str(value)
    return text if text.isprintable() and " " not in text and text else json.dumps(text)
