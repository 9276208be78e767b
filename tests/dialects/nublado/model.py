"""The seed's model, read by pydantic: for each line (a JSON body) a line with what it says is wrong, or null."""

import json
import sys
from enum import Enum
from typing import Annotated

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

EventType = Enum("EventType", {name: name for name in ("complete", "error", "failed", "info")}, type=str)


class Event(BaseModel):
    type: EventType
    message: str
    progress: Annotated[int, Field(gt=0, le=100)] | None = None


read = TypeAdapter(Event)
for line in sys.stdin:
    try:
        # As FastAPI does.
        read.validate_python(json.loads(line), from_attributes=True)
        print("null")
    except ValidationError as error:
        print(json.dumps(error.errors(include_url=False), default=str))
