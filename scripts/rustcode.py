"""What a Rust file is made of, line by line, for the scripts beside this file.

A small lexer, not a parser: it tells code from comments, docs and literals, finds the regions that
only tests see, and finds where a function begins and ends. The standard library of Python is all
that it needs.
"""

import bisect
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# Folders of a crate that hold no code of the crate itself.
TEST_FOLDERS = {"tests", "benches", "examples", "fuzz"}

_TOKEN = re.compile(
    r"""
      (?P<doc>///(?!/)[^\n]*|//![^\n]*)
    | (?P<comment>//[^\n]*)
    | (?P<block>/\*)
    | (?P<raw>(?:br|cr|r)(?P<hashes>\#*)")
    | (?P<string>(?:b|c)?"(?:\\.|[^"\\])*")
    | (?P<char>b?'(?:\\(?:u\{[^}]*\}|x[0-9a-fA-F]{2}|.)|[^'\\\n])')
    | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass
class Source:
    """A file, with one entry per line in each list."""

    path: Path
    text: str
    # The text with comments, docs and literals turned into spaces.
    bare: str
    # The text with comments and docs turned into spaces.
    uncommented: str
    # "blank", "doc", "comment" or "code".
    kinds: list[str]
    # Whether only tests see the line.
    is_test: list[bool]
    # Starts of lines, as offsets into the text.
    starts: list[int] = field(default_factory=list)

    def line_of(self, offset):
        """The line, from 0, that holds an offset of the text."""
        return bisect.bisect_right(self.starts, offset) - 1

    def shown(self):
        """The path from the root of the repository."""
        return self.path.relative_to(ROOT).as_posix()


def _block_end(text, start):
    """The end of a block comment, which may hold others."""
    depth = 0
    for found in re.compile(r"/\*|\*/").finditer(text, start):
        depth += 1 if found.group() == "/*" else -1
        if depth == 0:
            return found.end()
    return len(text)


def _tokens(text):
    """Start, end and kind of every comment, doc and literal."""
    position = 0
    while found := _TOKEN.search(text, position):
        kind, start, position = found.lastgroup, found.start(), found.end()
        if found.group("raw"):
            kind, closing = "string", '"' + found.group("hashes")
            end = text.find(closing, position)
            position = len(text) if end < 0 else end + len(closing)
        elif kind == "block":
            position = _block_end(text, start)
            kind = "doc" if text[start : start + 3] in ("/**", "/*!") and position - start > 4 else "comment"
        if kind != "word":
            yield start, position, kind


def _blanked(piece):
    return "".join("\n" if character == "\n" else " " for character in piece)


def _lexed(text):
    """The text without comments, docs and literals; without comments and docs; the spans of docs."""
    bare, kept, doc_spans, position = [], [], [], 0
    for start, end, kind in _tokens(text):
        plain = text[position:start]
        bare.append(plain)
        kept.append(plain)
        bare.append(_blanked(text[start:end]))
        kept.append(text[start:end] if kind in ("string", "char") else _blanked(text[start:end]))
        if kind == "doc":
            doc_spans.append((start, end))
        position = end
    bare.append(text[position:])
    kept.append(text[position:])
    return "".join(bare), "".join(kept), doc_spans


def _line_kinds(source_lines, kept_lines, doc_lines):
    kinds = []
    for number, line in enumerate(source_lines):
        if not line.strip():
            kinds.append("blank")
        elif kept_lines[number].strip():
            kinds.append("code")
        else:
            kinds.append("doc" if number in doc_lines else "comment")
    return kinds


def item_end(bare, start):
    """The offset after the item that begins at `start`: its closing brace or its semicolon."""
    depth, square = 0, 0
    for offset in range(start, len(bare)):
        character = bare[offset]
        if character in "([":
            square += 1
        elif character in ")]":
            square -= 1
        elif character == "{":
            depth += 1
        elif character == "}":
            depth -= 1
            if depth == 0:
                return offset + 1
        elif character == ";" and depth == 0 and square == 0:
            return offset + 1
    return len(bare)


_CFG_TEST = re.compile(r"#\[cfg\((?:test|all\(test\b[^\]]*)\)?\]")
_TEST_MODULE_FILE = re.compile(r"\s*(?:#\[[^\]]*\]\s*)*(?:pub(?:\([^)]*\))?\s+)?mod\s+(\w+)\s*;")


def read(path):
    """Reads a file. Regions under `#[cfg(test)]` are marked; whole files are not, see `crate_files`."""
    text = path.read_text(encoding="utf-8")
    bare, uncommented, doc_spans = _lexed(text)
    lines = text.split("\n")
    if lines and lines[-1] == "":
        lines.pop()
    starts, offset = [], 0
    for line in lines:
        starts.append(offset)
        offset += len(line) + 1
    source = Source(path, text, bare, uncommented, [], [False] * len(lines), starts or [0])
    doc_lines = set()
    for start, end in doc_spans:
        doc_lines.update(range(source.line_of(start), source.line_of(max(start, end - 1)) + 1))
    source.kinds = _line_kinds(lines, uncommented.split("\n"), doc_lines)
    for found in _CFG_TEST.finditer(bare):
        last = source.line_of(item_end(bare, found.end()) - 1)
        for line in range(source.line_of(found.start()), last + 1):
            source.is_test[line] = True
    return source


def _test_modules(source):
    """Paths without extension of modules that `#[cfg(test)] mod name;` declares in other files."""
    folder = source.path.parent
    if source.path.stem not in ("lib", "main", "mod"):
        folder = folder / source.path.stem
    for found in _CFG_TEST.finditer(source.bare):
        declared = _TEST_MODULE_FILE.match(source.bare, found.end())
        if declared:
            yield folder / declared.group(1)


def crates():
    """Folders of the workspace's crates, by name."""
    return sorted(path.parent for path in (ROOT / "crates").glob("*/Cargo.toml"))


def crate_files(crate):
    """Every Rust file of a crate; files that only tests see are marked as such throughout."""
    sources = [read(path) for path in sorted(crate.rglob("*.rs")) if "target" not in path.parts[len(crate.parts) :]]
    test_modules = [module for source in sources for module in _test_modules(source)]
    for source in sources:
        within = source.path.relative_to(crate).parts
        path = source.path.with_suffix("")
        if within[0] in TEST_FOLDERS or any(path == module or module in path.parents for module in test_modules):
            source.is_test = [True] * len(source.kinds)
    return sources


_FUNCTION = re.compile(r"\bfn\s+(\w+)")


@dataclass
class Function:
    """A function with a body; lines counted from 0."""

    name: str
    first: int
    last: int

    def length(self):
        return self.last - self.first + 1


def functions(source):
    """The functions of a file that have a body, those within others too, without those of tests."""
    for found in _FUNCTION.finditer(source.bare):
        first = source.line_of(found.start())
        end = item_end(source.bare, found.start())
        if source.is_test[first] or source.bare[end - 1] != "}":
            continue
        yield Function(found.group(1), first, source.line_of(end - 1))


_TYPE = re.compile(
    r"^(?P<indent>[ \t]*)(?:pub(?:\([^)]*\))?\s+)?(?:unsafe\s+)?(?P<kind>struct|enum|trait|type)\s+(?P<name>\w+)",
    re.MULTILINE,
)
_PUB = re.compile(
    r"^[ \t]*pub\s+(?:(?:const|async|unsafe)\s+)*(?:fn|struct|enum|trait|type|const|static|mod)\b", re.MULTILINE
)
_TEST = re.compile(r"#\[(?:\w+::)?test\]")


def type_names(source):
    """Structs, enums, traits and type aliases that a file defines outside tests, with their lines.

    An alias that stands inside a trait or an implementation belongs to it and is left out.
    """
    for found in _TYPE.finditer(source.bare):
        line = source.line_of(found.start("name"))
        if not source.is_test[line] and not (found.group("kind") == "type" and found.group("indent")):
            yield found.group("name"), line


def public_items(source):
    """The number of `pub` items that a file declares outside tests; fields and re-exports are none."""
    return sum(not source.is_test[source.line_of(found.end())] for found in _PUB.finditer(source.bare))


def tests(source):
    """The number of `#[test]` functions."""
    return len(_TEST.findall(source.bare))


def limits(name):
    """The section of `limits.toml` that belongs to a script."""
    with open(ROOT / "scripts" / "limits.toml", "rb") as file:
        return tomllib.load(file)[name]
