"""Checks a GEXF file that `sanad network` wrote, and opens it with networkx.

What:   1. the structure of GEXF 1.3, written here from the specification (gexf.net): which elements
           and attributes there are, which must be there, and what their values may be;
        2. with --grammar, also a RELAX NG grammar in XML syntax, such as the published gexf.rnc and
           dynamics.rnc of version 1.3 turned into one file with rnc2rng;
        3. networkx reads it, with as many nodes and edges;
        4. no node has more than a label and a family: nodes are organisations.
Needs:  Python 3.11; pip install networkx lxml
Run:    sanad network cases/pakistan --out ties.gexf
        python bench/cycle/gexf.py ties.gexf [--grammar gexf.rng]
"""

import re
import sys

import networkx as nx
from lxml import etree

SPACE = "{http://gexf.net/1.3}"
DATE = r"\d{4}-\d{2}-\d{2}"
# Element: (attributes that must be there, attributes that may, elements inside in order).
RULES = {
    "gexf": ({"version": "1\\.3"}, {}, ["meta", "graph"]),
    "graph": ({}, {"mode": "static|dynamic|slice", "defaultedgetype": "directed|undirected|mutual",
                   "timeformat": "integer|double|date|dateTime"}, ["attributes", "nodes", "edges"]),
    "attributes": ({"class": "node|edge"}, {}, ["attribute"]),
    "attribute": ({"id": ".+", "title": ".+", "type": "string|integer|long|double|float|boolean"}, {}, []),
    "nodes": ({}, {"count": r"\d+"}, ["node"]),
    "node": ({"id": ".+"}, {"label": ".*", "start": DATE, "end": DATE}, ["attvalues"]),
    "edges": ({}, {"count": r"\d+"}, ["edge"]),
    "edge": ({"source": ".+", "target": ".+"}, {"id": ".+", "start": DATE, "end": DATE}, ["attvalues"]),
    "attvalues": ({}, {}, ["attvalue"]),
    "attvalue": ({"for": ".+", "value": ".*"}, {}, []),
}


def check(element, faults):
    name = element.tag.removeprefix(SPACE)
    if name not in RULES:
        faults.append(f"line {element.sourceline}: element {element.tag}")
        return
    must, may, inside = RULES[name]
    faults += [f"line {element.sourceline}: {name} lacks {one}" for one in must if one not in element.attrib]
    for one, value in element.attrib.items():
        form = must.get(one) or may.get(one)
        if form is None or not re.fullmatch(form, value):
            faults.append(f"line {element.sourceline}: {name} has {one}={value!r}")
    order = [child.tag.removeprefix(SPACE) for child in element]
    if any(one not in inside for one in order) or order != sorted(order, key=inside.index):
        faults.append(f"line {element.sourceline}: {name} holds {sorted(set(order))}")
    for child in element:
        check(child, faults)


path = sys.argv[1]
tree = etree.parse(path)
faults = []
check(tree.getroot(), faults)
ids = [node.get("id") for node in tree.iter(SPACE + "node")]
known = set(ids)
for edge in tree.iter(SPACE + "edge"):
    if edge.get("source") not in known or edge.get("target") not in known:
        faults.append(f"line {edge.sourceline}: an edge to an unknown node")
    if edge.get("start") and edge.get("end") and edge.get("end") < edge.get("start"):
        faults.append(f"line {edge.sourceline}: an edge that ends before it begins")
if len(known) != len(ids):
    faults.append("two nodes have one id")
print("structure of GEXF 1.3:", "as specified" if not faults else "\n".join(faults))
if "--grammar" in sys.argv:
    grammar = etree.RelaxNG(etree.parse(sys.argv[sys.argv.index("--grammar") + 1]))
    valid = grammar.validate(tree)
    print("grammar:", "valid" if valid else grammar.error_log)
    assert valid
opened = nx.read_gexf(path)
print("networkx:", opened.number_of_nodes(), "nodes,", opened.number_of_edges(), "edges")
assert not faults
assert opened.number_of_nodes() == len(ids)
assert opened.number_of_edges() == len(tree.findall(f".//{SPACE}edge"))
for node, data in opened.nodes(data=True):
    assert set(data) <= {"label", "family", "start", "end"}, (node, data)
