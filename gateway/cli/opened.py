"""Opens what a command works on: the configuration it was given and that configuration's database."""

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager

from gateway import config
from gateway.cli import options
from gateway.config import Config
from gateway.store.engine import Database, open_database
from gateway.store.place import Access


@contextmanager
def opened(arguments: argparse.Namespace, access: Access = Access.CHANGE) -> Iterator[tuple[Config, Database]]:
    """The command's Config and Database, closed when the block ends.

    Raises:
        MissingError: there is no database, and `access` does not say to make one.
    """
    loaded = config.load(options.config_path(arguments), os.environ)
    if access is Access.CREATE:
        loaded.data_dir.mkdir(parents=True, exist_ok=True)
    database = open_database(loaded.database_url, access=access, originals=loaded.originals)
    try:
        yield loaded, database
    finally:
        database.close()
