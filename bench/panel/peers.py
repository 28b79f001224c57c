"""The question of the benchmark in three engines: peers.py ENGINE EVENTS.csv ADM2.geojson OUT.csv

Every answer has the columns district, month, events, low, best, high, sorted, integers.
"""

import sys

COLUMNS = ["where_prec", "latitude", "longitude", "date_end", "low", "best", "high"]


def polygons(path):
    import json

    import shapely
    from shapely.geometry import shape

    with open(path, encoding="utf-8") as file:
        features = json.load(file)["features"]
    codes = [feature["properties"]["ADM2_PCODE"] for feature in features]
    return codes, shapely.STRtree([shape(feature["geometry"]) for feature in features])


def districts(longitudes, latitudes, path):
    """The code of the district of each point, or None."""
    import numpy
    import shapely

    codes, tree = polygons(path)
    points = shapely.points(numpy.asarray(longitudes), numpy.asarray(latitudes))
    found = [None] * len(points)
    for point, polygon in zip(*tree.query(points, predicate="intersects")):
        if found[point] is None:
            found[point] = codes[polygon]
    return found


def pandas_geopandas(events, boundaries, out):
    import geopandas
    from pyarrow import csv

    # pandas' own pyarrow engine cannot be told that quoted cells span lines; its C engine takes
    # several times as long.
    frame = csv.read_csv(
        events,
        parse_options=csv.ParseOptions(newlines_in_values=True),
        convert_options=csv.ConvertOptions(include_columns=COLUMNS),
    ).to_pandas()
    frame = frame[frame["where_prec"] <= 3]
    points = frame[["longitude", "latitude"]].drop_duplicates()
    points = geopandas.GeoDataFrame(
        points, geometry=geopandas.points_from_xy(points["longitude"], points["latitude"]), crs=4326
    )
    areas = geopandas.read_file(boundaries)[["ADM2_PCODE", "geometry"]]
    placed = geopandas.sjoin(points, areas, predicate="intersects")
    placed = placed.drop_duplicates(["longitude", "latitude"])
    frame = frame.merge(placed[["longitude", "latitude", "ADM2_PCODE"]])
    frame["month"] = frame["date_end"].astype(str).str[:7]
    panel = frame.groupby(["ADM2_PCODE", "month"])[["low", "best", "high"]].sum()
    panel.insert(0, "events", frame.groupby(["ADM2_PCODE", "month"]).size())
    panel.reset_index().rename(columns={"ADM2_PCODE": "district"}).to_csv(out, index=False)


def polars_shapely(events, boundaries, out):
    import polars

    frame = polars.scan_csv(
        events, schema_overrides={"latitude": polars.Float64, "longitude": polars.Float64}
    )
    frame = frame.select(COLUMNS).filter(polars.col("where_prec") <= 3)
    frame = frame.with_columns(polars.col("date_end").str.slice(0, 7).alias("month"))
    sums = frame.group_by(["longitude", "latitude", "month"]).agg(
        polars.len().alias("events"), polars.col("low", "best", "high").sum()
    )
    sums = sums.collect()
    points = sums.select("longitude", "latitude").unique()
    codes = districts(points["longitude"], points["latitude"], boundaries)
    points = points.with_columns(polars.Series("district", codes, dtype=polars.String))
    panel = sums.join(points, on=["longitude", "latitude"]).drop_nulls("district")
    panel = panel.group_by(["district", "month"]).agg(
        polars.col("events", "low", "best", "high").sum()
    )
    panel.sort(["district", "month"]).write_csv(out)


def duckdb_shapely(events, boundaries, out):
    import duckdb
    import pyarrow

    base = duckdb.connect()
    base.execute(
        """CREATE TABLE sums AS SELECT longitude, latitude, left(date_end::VARCHAR, 7) AS month,
           count(*) AS events, sum(low) AS low, sum(best) AS best, sum(high) AS high
           FROM read_csv(?, header = true, parallel = true) WHERE where_prec <= 3
           GROUP BY ALL""",
        [events],
    )
    points = base.sql("SELECT DISTINCT longitude, latitude FROM sums").to_arrow_table()
    codes = districts(points["longitude"], points["latitude"], boundaries)
    placed = points.append_column("district", pyarrow.array(codes, pyarrow.string()))
    base.register("placed", placed)
    base.execute(
        f"""COPY (SELECT district, month, sum(events)::BIGINT AS events, sum(low)::BIGINT AS low,
            sum(best)::BIGINT AS best, sum(high)::BIGINT AS high
            FROM sums JOIN placed USING (longitude, latitude) WHERE district IS NOT NULL
            GROUP BY ALL ORDER BY ALL) TO '{out}' (HEADER)"""
    )


if __name__ == "__main__":
    engine, events, boundaries, out = sys.argv[1:]
    {
        "pandas": pandas_geopandas,
        "polars": polars_shapely,
        "duckdb": duckdb_shapely,
    }[engine](events, boundaries, out)
