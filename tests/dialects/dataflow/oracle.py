"""What real protobuf reads of each line of standard input, a request's body each; first the schema itself.

The descriptor is built from the discovery document, so that nothing here is written from memory.
"""

import json
import sys

from google.protobuf import (
    descriptor_pb2, descriptor_pool, duration_pb2, json_format, message_factory, struct_pb2, timestamp_pb2,
)

import discovery

PACKAGE = "google.dataflow.v1beta3"
TYPE = descriptor_pb2.FieldDescriptorProto
SCALARS = {
    "string": TYPE.TYPE_STRING, "int64": TYPE.TYPE_INT64, "uint64": TYPE.TYPE_UINT64, "int32": TYPE.TYPE_INT32,
    "double": TYPE.TYPE_DOUBLE, "bool": TYPE.TYPE_BOOL,
}
KNOWN = {
    "timestamp": ".google.protobuf.Timestamp", "duration": ".google.protobuf.Duration",
    "struct": ".google.protobuf.Struct",
}


def snake(name):
    return "".join("_" + c.lower() if c.isupper() else c for c in name)


def set_type(field, of, owner):
    if of in SCALARS:
        field.type = SCALARS[of]
    elif of == "enum":
        field.type, field.type_name = TYPE.TYPE_ENUM, f".{PACKAGE}.{owner}.Event"
    else:
        field.type = TYPE.TYPE_MESSAGE
        field.type_name = KNOWN.get(of) or f".{PACKAGE}.{of[1:]}"


def file():
    made = descriptor_pb2.FileDescriptorProto(name="dataflow.proto", package=PACKAGE, syntax="proto3")
    made.dependency.extend(
        f"google/protobuf/{name}.proto" for name in ("struct", "timestamp", "duration")
    )
    for name, fields in discovery.messages().items():
        message = made.message_type.add(name=name)
        groups = discovery.ONEOFS.get(name, {})
        for group in groups:
            message.oneof_decl.add(name=group)
        for number, (json_name, (shape, of, names)) in enumerate(sorted(fields.items()), 1):
            field = message.field.add(
                name=snake(json_name), json_name=json_name, number=number, label=TYPE.LABEL_OPTIONAL
            )
            for at, members in enumerate(groups.values()):
                if json_name in members:
                    field.oneof_index = at
            if names:
                values = message.enum_type.add(name="Event").value
                for value, text in enumerate(names):
                    values.add(name=text, number=value)
            if shape == "map":
                entry = message.nested_type.add(name=json_name[0].upper() + json_name[1:] + "Entry")
                entry.options.map_entry = True
                entry.field.add(name="key", number=1, label=TYPE.LABEL_OPTIONAL, type=TYPE.TYPE_STRING)
                set_type(entry.field.add(name="value", number=2, label=TYPE.LABEL_OPTIONAL), of, name)
                field.label, field.type = TYPE.LABEL_REPEATED, TYPE.TYPE_MESSAGE
                field.type_name = f".{PACKAGE}.{name}.{entry.name}"
                continue
            if shape == "many":
                field.label = TYPE.LABEL_REPEATED
            set_type(field, of, name)
    return made


pool = descriptor_pool.DescriptorPool()
for known in (struct_pb2, timestamp_pb2, duration_pb2):
    pool.AddSerializedFile(known.DESCRIPTOR.serialized_pb)
pool.Add(file())
Request = message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{PACKAGE}.{discovery.REQUEST}"))

print(json.dumps({"revision": discovery.document()["revision"], "messages": discovery.messages()}), flush=True)
for line in sys.stdin:
    body = json.loads(line)
    try:
        read = json_format.Parse(body, Request())
    except json_format.ParseError as error:
        print(json.dumps({"body": body, "accepts": False, "why": str(error).encode(errors="replace").decode()}))
        continue
    try:
        value = json_format.MessageToDict(read)
        json.dumps(value, ensure_ascii=False).encode()
    except (json_format.SerializeToJsonError, UnicodeEncodeError):
        # It has read what it would not write: Infinity in a Struct, half a character.
        value = None
    print(json.dumps({"body": body, "accepts": True, "value": value}))
