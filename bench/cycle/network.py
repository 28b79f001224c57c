"""Opens the crate's GEXF and GraphML with networkx and checks the measures against it.

Needs:  Python 3.11; pip install networkx
Run:    cargo run -p sanad-evidence --example network > /tmp/network.txt
        python bench/cycle/network.py /tmp/network.txt
The example prints the GEXF, the GraphML and the measures, each after a line "== name".
"""

import io
import sys

import networkx as nx

parts = {}
for block in open(sys.argv[1], encoding="utf-8").read().split("== ")[1:]:
    name, text = block.split("\n", 1)
    parts[name.strip()] = text

dynamic = nx.read_gexf(io.BytesIO(parts["gexf"].encode()), version="1.3" if "1.3" in getattr(nx.readwrite.gexf.GEXF, "versions", {}) else None)
month = nx.read_graphml(io.BytesIO(parts["graphml"].encode()))
print("gexf:", dynamic.number_of_nodes(), "nodes", dynamic.number_of_edges(), "edges")
print("graphml:", month.number_of_nodes(), "nodes", month.number_of_edges(), "edges")

binding = nx.Graph()
binding.add_nodes_from(month.nodes)
binding.add_edges_from((a, b) for a, b, d in month.edges(data=True) if d["tie"] in ("alliance", "merger"))
expected = nx.betweenness_centrality(binding)
worst = 0.0
for line in parts["betweenness"].strip().splitlines():
    node, value = line.split(",")
    worst = max(worst, abs(float(value) - expected["n" + node]))
components = sorted((len(c) for c in nx.connected_components(binding)), reverse=True)
found = [int(v) for v in parts["components"].split(",") if v.strip()]
print("largest gap in betweenness:", worst)
print("components:", found, components)
assert worst < 1e-9 and found == components
