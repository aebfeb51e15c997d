"""Exit codes of the `gateway` command, as sysexits.h has them: MTAs and systemd act on them."""

OK = 0
DIFFERED = 1  # the demo went otherwise than its script
USAGE = 64  # the command line is wrong
BAD_DATA = 65  # will fail again the same way: a person must look
MISSING = 66  # what was to be looked at is not there
TRY_AGAIN = 75  # may succeed later without anybody's help
BAD_CONFIG = 78  # the configuration cannot be used
INTERRUPTED = 130  # Ctrl-C
READER_GONE = 141  # the reader of our output has left, as with `| head`
