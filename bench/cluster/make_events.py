"""Writes invented events with points, shaped like GDELT's: one row for each, in order of their days.

make_events.py ROWS TARGET.csv [--places cases/pakistan/places.toml] [--points 20000] [--seed 1]

The same rows, points and seed give the same bytes. Rows are made and written in pieces, so that memory does not grow with
their number. Years get more rows the later they are, from 1985 to 2024, as in GDELT. Every event lies on one of the points
of an invented gazetteer, each within some ten kilometres of a district's centre. Nothing in it ever happened.
"""

import argparse
import datetime
import random
import tomllib

PIECE = 100_000
YEARS = range(1985, 2025)
GROWTH = 1.06
ACTORS = ("GOVERNMENT", "POLICE", "MILITARY", "REBELS", "MILITIA", "PROTESTERS", "CIVILIANS", "STUDENTS")
HEADER = "GLOBALEVENTID,SQLDATE,Type,Deaths,Actor1Name,Actor2Name,ActionGeo_Lat,ActionGeo_Long,NumMentions\n"


def arguments():
    reader = argparse.ArgumentParser()
    reader.add_argument("rows", type=int)
    reader.add_argument("target")
    reader.add_argument("--places", default="cases/pakistan/places.toml")
    reader.add_argument("--points", type=int, default=20_000)
    reader.add_argument("--seed", type=int, default=1)
    return reader.parse_args()


def gazetteer(path, count, draw):
    """Points near the centres of the districts, as the fields that a row has for them."""
    with open(path, "rb") as file:
        places = tomllib.load(file)["place"]
    centres = [
        (place["latitude"], place["longitude"])
        for place in places
        if place["level"] == "adm2" and "latitude" in place and "valid_to" not in place
    ]
    points = []
    for number in range(count):
        north, east = centres[number % len(centres)]
        points.append(f"{north + draw.uniform(-0.1, 0.1):.4f},{east + draw.uniform(-0.1, 0.1):.4f}")
    return points


def days(rows):
    """Each day with its number of rows: later years have more."""
    weights = [GROWTH ** (year - YEARS[0]) for year in YEARS]
    each = []
    for year, weight in zip(YEARS, weights):
        day = datetime.date(year, 1, 1)
        length = (datetime.date(year + 1, 1, 1) - day).days
        each += [(day + datetime.timedelta(at), weight / length) for at in range(length)]
    total, before, so_far = sum(weight for _, weight in each), 0, 0.0
    for day, weight in each:
        so_far += weight
        until = round(rows * so_far / total)
        if until > before:
            yield day.strftime("%Y%m%d"), until - before
        before = until


def main():
    asked = arguments()
    draw = random.Random(asked.seed)
    points = gazetteer(asked.places, asked.points, draw)
    actors = [f"{draw.choice(ACTORS)} {number}" for number in range(400)]
    # A few thousand endings, so that a row is put together of three parts.
    kinds = [
        f",{draw.choices((1, 2, 3), (6, 1, 3))[0]},{draw.choices((0, 1, 2, 7), (80, 12, 6, 2))[0]},"
        f"{draw.choice(actors)},{draw.choice(actors)},"
        for _ in range(4096)
    ]
    ends = [f"{point},{draw.randint(1, 40)}\n" for point in points]
    number = 0
    with open(asked.target, "w", encoding="ascii", newline="") as file:
        file.write(HEADER)
        for day, count in days(asked.rows):
            while count > 0:
                piece = min(count, PIECE)
                middle = draw.choices(kinds, k=piece)
                last = draw.choices(ends, k=piece)
                ids = range(number + 1, number + piece + 1)
                file.write("".join([f"{i},{day}{a}{b}" for i, a, b in zip(ids, middle, last)]))
                number += piece
                count -= piece


main()
