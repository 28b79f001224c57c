"""Repeats a GED file to 350,000 rows with new ids and without names of provinces and districts."""

import csv
import sys

source, target, rows = sys.argv[1], sys.argv[2], int(sys.argv[3])
with open(source, newline="", encoding="utf-8") as file:
    reader = csv.reader(file)
    header = next(reader)
    events = list(reader)
ident, adm1, adm2 = (header.index(name) for name in ("id", "adm_1", "adm_2"))
with open(target, "w", newline="", encoding="utf-8") as file:
    writer = csv.writer(file)
    writer.writerow(header)
    for number in range(rows):
        event = list(events[number % len(events)])
        event[ident], event[adm1], event[adm2] = str(number + 1), "", ""
        writer.writerow(event)
