"""Tells when a server gives UIDs a second time under the same UIDVALIDITY. What follows from it, the reading says.

RFC 3501 §2.3.1.1 forbids it, and a server that is restored from a backup of its own does it all the same.
"""

from dataclasses import replace

from gateway.inbound.imap import identity
from gateway.inbound.imap.connection import Connection, RefusedError, View
from gateway.inbound.imap.intake import Intake, place
from gateway.store.mailboxes import Cursor


def believed(connection: Connection, view: View, cursor: Cursor) -> View:
    """The view, without its UIDNEXT where there is mail beyond that: such a server does not mean what it says."""
    if not _goes_back(view, cursor):
        return view
    plain = replace(view, uid_next=0)
    return plain if any(connection.uids(plain, view.uid_next)) else view


def is_rewound(connection: Connection, intake: Intake, view: View, cursor: Cursor, *, is_new_line: bool) -> bool:
    """Whether UIDs up to the cursor stand, or will stand, for other mail than they did.

    A server gives them in order. So if any was given anew, the highest one that we know was, or is yet to come. That
    one is looked at on a new line, for no server is restored while it talks to us.

    Raises:
        TemporaryError: the connection is broken.
    """
    if _goes_back(view, cursor):
        return True
    if not is_new_line or not cursor.last_uid:
        return False
    last = connection.last_uid(view, cursor.last_uid)
    known = intake.identity(place(intake.settings.folder, view, cursor.era), last) if last else ""
    if not known:
        return False
    try:
        said = connection.identities([last])
        # Servers may read a long or odd header otherwise than we do: all of it is read as what is stored was.
        return said.get(last, known) != known and identity.of(connection.header(last)) != known
    except RefusedError:
        return False


def _goes_back(view: View, cursor: Cursor) -> bool:
    return 0 < view.uid_next <= cursor.last_uid
