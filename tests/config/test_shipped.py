from pathlib import Path

import pytest

import gateway
from gateway.config import shipped


@pytest.mark.parametrize("name", ["templates", "config"])
def test_in_a_checkout_it_is_the_folder_beside_the_package(name):
    package = Path(gateway.__file__).parent
    assert shipped.folder(name) in {package.parent / name, package / "shipped" / name}
    assert shipped.folder(name).is_dir()
