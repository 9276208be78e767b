"""The messages of Dataflow's discovery document, as the client library packs it."""

import json
import pathlib

import googleapiclient

REQUEST = "SendWorkerMessagesRequest"
# Which fields exclude each other; the document does not say.
ONEOFS = {
    "WorkerMessage": {
        "data": [
            "workerHealthReport", "workerMessageCode", "workerMetrics", "workerShutdownNotice",
            "workerLifecycleEvent", "workerThreadScalingReport", "streamingScalingReport",
            "perWorkerMetrics", "dataSamplingReport",
        ]
    },
    "MetricValue": {"value": ["valueInt64", "valueHistogram", "valueGauge64"]},
    "BucketOptions": {"bucket_type": ["linear", "exponential"]},
}


def document():
    folder = pathlib.Path(googleapiclient.__file__).parent
    return json.loads((folder / "discovery_cache/documents/dataflow.v1b3.json").read_text())


def kind(field):
    """A field's type and shape: `one`, `many` or `map`, `$Name` of a message."""
    if field.get("type") == "array":
        items = field["items"]
        if items.get("type") == "object":
            return "many", "struct"
        return "many", kind(items)[1]
    if "$ref" in field:
        return "one", "$" + field["$ref"]
    if field.get("type") == "object":
        values = field["additionalProperties"]
        if values.get("type") == "any":
            return "one", "struct"
        return "map", kind(values)[1]
    if "enum" in field:
        return "one", "enum"
    return "one", {
        ("string", None): "string",
        ("string", "int64"): "int64",
        ("string", "uint64"): "uint64",
        ("string", "google-datetime"): "timestamp",
        ("string", "google-duration"): "duration",
        ("integer", "int32"): "int32",
        ("number", "double"): "double",
        ("boolean", None): "bool",
    }[field["type"], field.get("format")]


def messages():
    """Every message that a request can hold: {name: {field: (shape, type, names of an enumeration)}}."""
    schemas, found, waiting = document()["schemas"], {}, [REQUEST]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found[name] = {}
        for field, described in schemas[name].get("properties", {}).items():
            shape, of = kind(described)
            found[name][field] = (shape, of, described.get("enum", []))
            if of.startswith("$"):
                waiting.append(of[1:])
    return found
