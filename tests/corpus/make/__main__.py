"""Writes the generated replies of the corpus: `python -m tests.corpus.make`."""

from tests.corpus.make import replies

if __name__ == "__main__":
    replies.write()
