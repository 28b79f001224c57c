#!/usr/bin/env python3
"""Checks the public ledger of a desk, and proofs against it. Needs Python 3 and nothing else.

usage: desk-verify.py LEDGER [PROOF ...] [--head HEX] [--reaches YYYY-MM-DD]

It was written from docs/desk.md, not from the Rust verifier, so that one mistake is not made twice.
--head is a head that you noted earlier, --reaches a day that has to be in the ledger: without them
nobody can tell a ledger that was cut off from one that ends there.
Exit code 0: all is well. 1: something is wrong, and the message says what. 2: wrong use.
"""

import datetime
import hashlib
import re
import sys

FEWEST_LEAVES, MOST_LEAVES = 256, 16384
HEX = re.compile(r"[0-9a-f]{64}\Z")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)


class Wrong(Exception):
    """What is wrong with a ledger or a proof."""


def digest(name, *parts):
    """SHA-256 over a name and parts, each after its length in eight bytes."""
    hasher = hashlib.sha256()
    for part in (name.encode(), *parts):
        hasher.update(len(part).to_bytes(8, "big"))
        hasher.update(part)
    return hasher.digest()


def hexadecimal(text, place):
    if not HEX.match(text):
        raise Wrong(f"{place}: not 64 hexadecimal digits")
    return bytes.fromhex(text)


def day_of(text, place):
    try:
        if not DAY.match(text):
            raise ValueError
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise Wrong(f"{place}: not a day") from None


def lines_of(text, what):
    if not text.endswith("\n"):
        raise Wrong(f"{what}: the last line has no end")
    return text[:-1].split("\n")


def read_ledger(text):
    """The leaves of every day, the days as {day: root}, the heads in order, the last day."""
    lines = lines_of(text, "ledger")
    if lines[0] != "sanad-desk ledger 1" or len(lines) < 3 or not lines[1].startswith("desk "):
        raise Wrong("ledger: not a ledger of a desk")
    leaves = re.match(r"leaves ([1-9]\d{2,4})\Z", lines[2], re.ASCII)
    leaves = int(leaves[1]) if leaves else 0
    if not FEWEST_LEAVES <= leaves <= MOST_LEAVES or leaves & (leaves - 1):
        raise Wrong("ledger: unexpected number of leaves")
    header = "".join(line + "\n" for line in lines[:3]).encode()
    heads, roots, last = [digest("sanad-desk header 1", header)], {}, None
    for number, line in enumerate(lines[3:], start=4):
        place, fields = f"ledger, line {number}", line.split(" ")
        if len(fields) != 3:
            raise Wrong(f"{place}: not a day's line")
        day = day_of(fields[0], place)
        root, head = hexadecimal(fields[1], place), hexadecimal(fields[2], place)
        if last is not None and day != last + datetime.timedelta(days=1):
            raise Wrong(f"{place}: {day} does not follow {last}")
        if digest("sanad-desk day 1", heads[-1], fields[0].encode(), root) != head:
            raise Wrong(f"{place}: the hash does not follow")
        heads.append(head)
        roots[day], last = root, day
    return leaves, roots, heads, last


def check_proof(text, leaves, roots):
    height = leaves.bit_length() - 1
    lines = lines_of(text, "proof")
    words = ["kind", "stage", "deed", "day", "content", "salt", "ledger"] + ["hash"] * height
    if len(lines) != 1 + len(words) or lines[0] != "sanad-desk proof 1":
        raise Wrong("proof: not a proof")
    for number, (line, word) in enumerate(zip(lines[1:], words), start=2):
        if not line.startswith(word + " "):
            raise Wrong(f"proof, line {number}: expected {word}")
    statement = "".join(line + "\n" for line in lines[1:6]).encode()
    salt = hexadecimal(lines[6][5:], "proof, line 7")
    fields = lines[7].split(" ")
    if len(fields) != 3 or not re.match(r"(0|[1-9]\d{0,4})\Z", fields[2], re.ASCII):
        raise Wrong("proof, line 8: not a day and a place")
    day, place = day_of(fields[1], "proof, line 8"), int(fields[2])
    if place >= leaves:
        raise Wrong("proof, line 8: no such place")
    value = digest("sanad-desk leaf 1", digest("sanad-desk commitment 1", salt, statement))
    for number, line in enumerate(lines[8:], start=9):
        other = hexadecimal(line[5:], f"proof, line {number}")
        pair = (other, value) if place % 2 else (value, other)
        value, place = digest("sanad-desk node 1", *pair), place // 2
    if day not in roots:
        raise Wrong(f"proof: the ledger has no line for {day}")
    if roots[day] != value:
        raise Wrong("proof: it does not lead to the root of its day")


def read_text(path):
    with open(path, encoding="utf-8", newline="") as file:
        return file.read()


def verify(paths, head, reaches):
    leaves, roots, heads, last = read_ledger(read_text(paths[0]))
    if head is not None and hexadecimal(head, "--head") not in heads:
        raise Wrong("ledger: the head that you know is not in it: it was cut off or written anew")
    if reaches is not None and (last is None or last < day_of(reaches, "--reaches")):
        raise Wrong(f"ledger: it ends on {last}, before {reaches}")
    for path in paths[1:]:
        check_proof(read_text(path), leaves, roots)
    print(f"{len(roots)} days, {len(paths) - 1} proofs, head {heads[-1].hex()}")


def main(arguments):
    options = {"--head": None, "--reaches": None}
    paths = []
    while arguments:
        argument = arguments.pop(0)
        if argument in options and arguments:
            options[argument] = arguments.pop(0)
        elif argument.startswith("-"):
            print(__doc__, file=sys.stderr)
            return 2
        else:
            paths.append(argument)
    if not paths:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        verify(paths, options["--head"], options["--reaches"])
    except (Wrong, OSError, UnicodeDecodeError) as wrong:
        print(f"error: {wrong}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
