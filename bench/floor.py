"""The physical floor of intake: one process that takes mail by SMTP, parses and decodes it once, commits it.

`python -m bench.floor FOLDER PORT`; it says "ready" and serves until its standard input ends.
"""

import asyncio
import email
import sqlite3
import sys
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP


class _Handler:
    def __init__(self, database: Path) -> None:
        self._db = sqlite3.connect(database, isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.execute("CREATE TABLE mail (id INTEGER PRIMARY KEY, subject TEXT, raw BLOB)")

    async def handle_DATA(self, _server: SMTP, _session: Any, envelope: Any) -> str:  # noqa: N802 the library's name
        message = email.message_from_bytes(envelope.content)
        for part in message.walk():
            part.get_payload(decode=True)
        self._db.execute("INSERT INTO mail (subject, raw) VALUES (?, ?)", (str(message["Subject"]), envelope.content))
        return "250 2.0.0 stored"


class _Session(SMTP):
    line_length_limit = 1_000_000  # real mail has lines over 1,000 octets


async def _serve(folder: Path, port: int) -> None:
    loop = asyncio.get_running_loop()
    handler = _Handler(folder / "floor.db")
    server = await loop.create_server(lambda: _Session(handler, hostname="floor.example", loop=loop), "127.0.0.1", port)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1]), int(sys.argv[2])))
