"""Sums files up as Atlas does: atlas_sum.py SUM FILE..., the files in their order."""
import base64
import hashlib
import sys


def encoded(digest):
    return "h1:" + base64.b64encode(digest.digest()).decode()


running, lines, entries = hashlib.sha256(), hashlib.sha256(), ""
for name in sys.argv[2:]:
    with open(name, "rb") as file:
        running.update(name.encode() + file.read())
    lines.update((name + encoded(running)[3:]).encode())
    entries += f"{name} {encoded(running)}\n"
with open(sys.argv[1], "w") as file:
    file.write(encoded(lines) + "\n" + entries)
