"""A real browser: what it sends from another site's page is refused, though everything in it is right."""

from pathlib import Path

import pytest

from gateway.web.site import Site
from tests.servers import chromium
from tests.web.conftest import Visitor, door, everything
from tests.web.test_site import key

pytestmark = pytest.mark.chromium

ATTACK = """<!DOCTYPE html><body onload="document.forms[0].submit()"><form method="post" action="{}">
<input name="form" value="{}"><input name="rating" value="1"><input name="comment" value="forged"></form>"""


@pytest.fixture
def at_its_address(office, site: Site):
    """The site's door, which takes the name by which the browser can reach it."""
    with door(lambda request: site.answer(in_its_name(request)), site.headers) as listener:
        yield Visitor(listener.port)


def in_its_name(request):
    assert request.headers["host"].startswith("127.0.0.1:")
    request.headers["host"] = "desk.test"
    return request


def test_a_form_sent_by_another_sites_page_is_refused(office, at_its_address, path, tmp_path: Path):
    here = f"http://127.0.0.1:{at_its_address.port}{path}"
    stolen = key(at_its_address.get(path, host="127.0.0.1:1").body)
    page = tmp_path / "attack.html"
    page.write_text(ATTACK.format(here, stolen))
    before = everything(office.database)
    assert "We could not take your answer" in chromium.document(page.as_uri(), milliseconds=5000)
    assert everything(office.database) == before
