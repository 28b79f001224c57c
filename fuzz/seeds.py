#!/usr/bin/env python3
"""Make the first inputs of the fuzz targets from the cases that are shipped and, where it is given, a folder of public data.

    python3 fuzz/seeds.py CORPUS [DATA]

Files are taken whole where they are small and as their first lines, in pieces of three sizes, where they are not. A target
that is told by its first bytes which reader to call gets one input for each reader. Files that exist stay as they are.
"""

import gzip
import hashlib
import struct
import sys
import zlib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LONGEST = 32768

# Readers of the target `series`, by their number, with words that their files' names have.
SERIES = {
    0: ["wdi_extract", "wdi.csv"], 1: ["wgidataset.csv"], 2: ["vdem_"], 3: ["keepiton", "accessnow-stop"],
    4: ["pak_district_indicators.csv"], 5: ["idmc.csv"], 6: ["unhcr"], 7: ["gdelt_country_month"], 8: ["ucdp-dyadic"],
    9: ["API_XX"], 10: ["wgidataset_2024"], 11: ["wgi.csv"], 12: ["idmc"], 13: ["unhcr_population"],
}


def content(path):
    data = path.read_bytes()
    return gzip.decompress(data) if path.suffix == ".gz" else data


def pieces(data):
    """A file whole where it is small, else its first lines, in three sizes."""
    if len(data) <= LONGEST // 2:
        return [data]
    cut = lambda size: data[: data.rfind(b"\n", 0, size) + 1 or size]
    return [cut(size) for size in (1024, 4096, LONGEST // 2)]


class Corpus:
    def __init__(self, folder):
        self.folder = folder

    def add(self, target, data):
        folder = self.folder / target
        folder.mkdir(parents=True, exist_ok=True)
        (folder / hashlib.sha256(data).hexdigest()[:24]).write_bytes(data[:LONGEST])

    def add_pieces(self, target, path, head=b""):
        for piece in pieces(content(path)):
            self.add(target, head + piece)


def png(width, height, chunks=()):
    """A grey picture with further chunks, as a camera or a chat writes them."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = b"".join(b"\0" + bytes((x * y) % 256 for x in range(width)) for y in range(height))
    parts = [chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))]
    parts += [chunk(kind, data) for kind, data in chunks]
    parts += [chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def jpeg():
    """The smallest grey picture of 8 × 8 pixels, baseline (ITU T.81), with a block of EXIF."""
    def segment(marker, data):
        return b"\xff" + bytes([marker]) + struct.pack(">H", len(data) + 2) + data
    # One code of one bit each: a difference of zero, and the end of the block.
    codes = lambda table: segment(0xC4, bytes([table, 1, *[0] * 15, 0]))
    parts = [segment(0xE1, b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0"), segment(0xDB, bytes([0, *[1] * 64]))]
    parts += [segment(0xC0, bytes([8, 0, 8, 0, 8, 1, 1, 0x11, 0])), codes(0x00), codes(0x10)]
    parts += [segment(0xDA, bytes([1, 1, 0, 0, 63, 0])), b"\x3f"]
    return b"\xff\xd8" + b"".join(parts) + b"\xff\xd9"


def ledger(corpus):
    """A proof and a ledger in form; their hashes are none."""
    some = "ab" * 32
    statement = f"kind grievance\nstage filed\ndeed 1\nday 2026-01-02\ncontent {some}\n"
    for height in (8, 14):
        path = f"hash {some}\n" * height
        corpus.add("desk_form", f"sanad-desk proof 1\n{statement}salt {some}\nledger 2026-01-02 3\n{path}".encode())
    corpus.add("desk_form", f"sanad-desk ledger 1\ndesk desk\nleaves 256\n2026-01-02 {some} {some}\n".encode())


def desk(corpus, pictures):
    ledger(corpus)
    forms = [b"receipt=1234+5678+9012+3456+7890&year=2024&text=Water+has+not+come", b"text=%D9%BE%D8%A7%D9%86%DB%8C%0A2",
             b"receipt=&year=%DB%B2%DB%B0%DB%B2%DB%B4&text=", b"year=9999&year=1", "۱۲۳۴ ۵۶۷۸".encode()]
    for form in forms:
        corpus.add("desk_form", form)
    for path in sorted((ROOT / "crates/sanad-desk/demo/export").rglob("*")):
        if path.is_file():
            corpus.add_pieces("desk_form", path)
    for row in [b"police,PK-KP-16,yes,\"No answer, since March\"\n", b"channel,district,consent,text\na,b,no,c\n", b"\xef\xbb\xbfa;b;c;d\n"]:
        corpus.add("desk_paper", row)
    corpus.add_pieces("desk_paper", ROOT / "crates/sanad-desk/demo/desk.toml")
    head = b"--edge\r\nContent-Disposition: form-data; name=\"picture\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n"
    line = b"--edge\r\nContent-Disposition: form-data; name=\"receipt\"\r\n\r\n1234 5678 9012 3456 7890\r\n"
    exif = b"MM\0*\0\0\0\x08\0\x01\x88\x25\0\x04\0\0\0\x01\0\0\0\x1a\0\0\0\0\0\0\0\0"
    drawn = [jpeg(), png(1, 1), png(16, 9), png(40, 30, [(b"tEXt", b"Comment\0here"), (b"eXIf", exif)])]
    for picture in drawn + [content(path) for path in pictures]:
        corpus.add("desk_picture", picture)
        corpus.add("desk_upload", line + head + picture[:4096] + b"\r\n--edge--\r\n")
    corpus.add("desk_upload", b"JBSWY3DPEHPK3PXP")


def cases(corpus):
    for path in sorted((ROOT / "cases").rglob("*.toml")):
        is_card = path.with_suffix(".csv").exists() or path.with_suffix(".parquet").exists()
        corpus.add_pieces("card" if is_card else "case", path)
    for path in sorted((ROOT / "maps").glob("*.toml")):
        corpus.add_pieces("case", path)
        corpus.add("table", content(path) + b"\n---\na,b,c,d,e\n1,2,3,4,5\n")
        corpus.add("survey", content(path) + b"\n---\nw,s,c,p,t,a,b\n1,1,1,1,2020,1,2\n")
    for path in sorted((ROOT / "docs/examples").glob("*vary.toml")):
        corpus.add_pieces("vary", path)
    for path in sorted((ROOT / "cases").rglob("ablation.csv")):
        corpus.add_pieces("ablation", path)
    for path in sorted((ROOT / "crates").rglob("tests/**/*.parquet")) + sorted((ROOT / "cases").rglob("*.parquet")):
        if path.stat().st_size <= LONGEST:
            for target in ("external", "draws", "shipped"):
                corpus.add_pieces(target, path)


def models(corpus, paths):
    """Models whole: half of one is no XML."""
    own = [path for folder in ("cases", "docs", "bench", "crates") for path in (ROOT / folder).rglob("*.xmile")]
    for path in sorted(own) + paths:
        if path.stat().st_size <= LONGEST:
            corpus.add("xmile", content(path))


def tables(corpus, paths):
    for path in paths:
        corpus.add_pieces("table", path)
        corpus.add_pieces("external", path)
        for number, words in SERIES.items():
            if any(word in path.name for word in words):
                corpus.add_pieces("series", path, bytes([number, 0]))
    rows = ["1,1,0,4\n2,1,1,0\n1,2,0,1\n1,2,1,9\n", "457,1,0,0\n457,2,0,2\n458,1,0,30\n457,1,1,1\n457,2,1,1\n458,1,1,7\n"]
    for row in rows:
        corpus.add("draws", row.encode())
    for day in range(1, 4):
        respondents = "".join(f"1.{n},s{n % 3},c{n % 7},{n % 3 + 1},2020-0{day},{n % 3 + 1},{n % 2 + 1}\n" for n in range(90))
        corpus.add("survey", respondents.encode())
        corpus.add("table", f"1,0{day}.02.2020,2,3,gone\n2,7 March 2021,1,0,PAK\n".encode())
    statement = "s1,2020-02-0{},a,one,x,en;ur,public,video,gov,justice;order,1,2020-01-01,2020-02-01,https://www.dawn.com/news/1\n"
    for day in range(1, 6):
        corpus.add("statements", statement.format(day).encode())
    line = '{"id": "s1", "date": "2020-02-01", "organisation": "a", "coder": "one", "languages": ["en"], "frames": ["justice"]}\n'
    corpus.add("statements", line.encode())
    corpus.add("statements", line.encode() * 3)


def main():
    corpus = Corpus(Path(sys.argv[1]))
    data = Path(sys.argv[2]) if len(sys.argv) > 2 else None
    others = sorted(path for path in data.rglob("*") if path.is_file()) if data else []
    suffixes = lambda *ends: [path for path in others if path.name.lower().endswith(ends)]
    cases(corpus)
    models(corpus, suffixes(".xmile", ".stmx"))
    tables(corpus, sorted((ROOT / "cases").rglob("*.csv")) + suffixes(".csv", ".tsv", ".csv.gz"))
    for path in [ROOT / "crates/sanad-fetch/catalogue.toml", *suffixes(".json", ".html", ".txt")]:
        if path.exists() and path.stat().st_size < 1 << 20:
            corpus.add_pieces("fetch", path)
    desk(corpus, suffixes(".jpg", ".jpeg", ".png"))


if __name__ == "__main__":
    main()
