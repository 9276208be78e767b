"""Reads a JSON list of PromQL queries; prints one JSON list of [metric, {label: [operator, value]}, [labels of `by`]] a query."""

import json
import sys

import promql_parser as promql


def selectors(query):
    found, grouped = [], []

    def visit(node):
        if isinstance(node, promql.VectorSelector):
            matchers = {m.name: [str(m.op), m.value] for m in node.matchers.matchers}
            found.append([node.name, matchers])
        if isinstance(node, promql.AggregateExpr) and node.modifier is not None:
            grouped.extend(node.modifier.labels)

    promql.walk(promql.parse(query), visit)
    return {"query": query, "selectors": found, "grouped": grouped}


print(json.dumps([selectors(query) for query in json.load(sys.stdin)]))
