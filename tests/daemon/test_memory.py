"""Memory of large mail goes back to the system."""

import subprocess
import sys
import textwrap

CHECK = textwrap.dedent("""
    import re, sys
    from pathlib import Path
    from gateway.daemon import memory
    memory.give_back_large_blocks()
    def resident():
        return int(re.search(r"VmRSS:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024
    before = resident()
    for _ in range(3):
        large = [bytes(b"x" * 8_000_000) for _ in range(4)]
        small = [bytearray(100_000) for _ in range(50)]
        large.clear()
    print(resident() - before)
""")


def test_what_is_freed_is_given_back():
    said = subprocess.run([sys.executable, "-c", CHECK], capture_output=True, text=True, check=True).stdout
    assert int(said) < 12, "MiB more than before, with 5 of them still in use"
