"""Plays scenario.json against a server, and compares what it answers with what is written there.

    scenario.py <url of the API> original|dagtrail

Where the two servers differ, the step says why; the marked differences are listed, any other ends with code 1.
"""

import datetime
import json
import pathlib
import re
import sys
import time
import uuid

import httpx
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

BASE, WHO = sys.argv[1], sys.argv[2]
RUN = uuid.uuid4()
NOW = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) - datetime.timedelta(seconds=60)
PATIENCE = 15
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z")
kept = {}


def point(text):
    time = NOW + datetime.timedelta(seconds=float(text.lstrip("@")))
    if text.startswith("@+"):
        return time.isoformat()
    return time.isoformat().replace("+00:00", "Z")


def filled(value):
    """A value with its placeholders filled in."""
    if isinstance(value, dict):
        if "$long" in value:
            return "x" * value["$long"]
        if "$labels" in value:
            return {"prefect.resource.id": "r", **{f"l{at}": "v" for at in range(value["$labels"])}}
        if "$related" in value:
            return [{"prefect.resource.id": "u", "prefect.resource.role": "r"}] * value["$related"]
        return {key: filled(part) for key, part in value.items()}
    if isinstance(value, list):
        return [filled(part) for part in value]
    if isinstance(value, str) and re.fullmatch(r"@[-+]?[\d.]+", value):
        return point(value)
    if isinstance(value, str) and re.fullmatch(r"#\d+", value):
        return str(uuid.uuid5(RUN, value))
    return value


def same(wanted, found):
    if wanted == "$any":
        return True
    if wanted == "$time":
        return isinstance(found, str) and TIME.fullmatch(found) is not None
    if isinstance(wanted, dict):
        return isinstance(found, dict) and wanted.keys() == found.keys() and all(same(wanted[key], found[key]) for key in wanted)
    if isinstance(wanted, list):
        return isinstance(found, list) and len(wanted) == len(found) and all(map(same, wanted, found))
    return type(wanted) is type(found) and wanted == found


def problem(wanted, status, body):
    statuses = wanted.get("status", status)
    if status not in (statuses if isinstance(statuses, list) else [statuses]):
        return f"status {status}: {json.dumps(body)[:600]}"
    if "body" in wanted and not same(filled(wanted["body"]), body):
        return f"body {json.dumps(body, ensure_ascii=False)[:1500]}"
    if wanted.get("names") is not None:
        names = [event["event"] for event in body.get("events", [])]
        order = sorted if wanted.get("any_order") else list
        if order(names) != order(wanted["names"]):
            return f"names {names}"
    if "details" in wanted:
        details = [[detail["type"], detail["loc"]] for detail in body["exception_detail"]]
        if details != wanted["details"]:
            return f"details {json.dumps(body['exception_detail'])[:1500]}"
    return None


def asked(client, step, wanted):
    method = "GET" if "get" in step else "POST"
    path = step.get("get") or step.get("post")
    url = kept[path[1:]] if path.startswith("$") else BASE + path
    content = None
    if "json" in step:
        content = json.dumps(filled(step["json"]))
    elif "raw" in step:
        content = step["raw"]
    headers = {"content-type": "application/json", **step.get("headers", {})}
    answer = client.request(method, url, content=content, headers=headers)
    body = answer.json() if answer.content else None
    if "keep" in step:
        kept[step["keep"]] = body[step["keep"]]
    return problem(wanted, answer.status_code, body)


def spoken(client, step, wanted):
    """Talks on a socket; says what went otherwise."""
    protocols = None if "protocol" in step else ["prefect"]
    url = BASE.replace("http", "ws", 1) + step["ws"]
    said = None
    try:
        with connect(url, subprotocols=protocols, proxy=None, close_timeout=2) as socket:
            for line in step["say"]:
                if "send" in line:
                    socket.send(json.dumps(filled(line["send"])))
                elif "text" in line:
                    socket.send(line["text"])
                elif "ping" in line:
                    if not socket.ping().wait(PATIENCE):
                        return "no PONG"
                elif "wait" in line:
                    time.sleep(line["wait"])
                elif "post" in line:
                    client.post(BASE + line["post"], content=json.dumps(filled(line["json"])))
                elif "read_name" in line:
                    said = json.loads(socket.recv(PATIENCE))["event"]["event"]
                else:
                    found = json.loads(socket.recv(PATIENCE))
                    if not same(filled(line["read"]), found):
                        return f"read {json.dumps(found)[:600]}"
            if said != wanted.get("read_name"):
                return f"read {said}"
            if "close" in wanted:
                socket.recv(PATIENCE)
                return "was not closed"
    except TimeoutError:
        return f"nothing more came after {said}"
    except InvalidStatus as refused:
        if wanted.get("refused") != refused.response.status_code:
            return f"refused {refused.response.status_code}"
    except ConnectionClosed as closed:
        frame = closed.rcvd
        code, reason = (frame.code, frame.reason) if frame else (1006, "")
        if "close" not in wanted or code != wanted["close"] or reason != wanted.get("reason", ""):
            return f"closed {code} {reason!r}"
    return None


def play(client, step):
    wanted = {**step, **step.get(WHO, {})}
    do = spoken if "ws" in step else asked
    until = time.monotonic() + (PATIENCE if step.get("eventually") else 0)
    while True:
        try:
            wrong = do(client, step, wanted)
        except httpx.TransportError as error:
            wrong = repr(error)
        if wrong is None or time.monotonic() > until:
            return wrong
        time.sleep(0.3)


steps = json.loads(pathlib.Path(__file__).with_name("scenario.json").read_text())
failed = []
# A connection each: the original drops one after it has failed.
alone = httpx.Limits(max_keepalive_connections=0)
with httpx.Client(timeout=30, trust_env=False, limits=alone) as client:
    for step in steps:
        wrong = play(client, step)
        if wrong is not None:
            failed.append(step["name"])
            print(f"UNMARKED {step['name']}: {wrong}")
        elif "why" in step:
            print(f"marked   {step['name']}: {step['why']}")
print(f"{WHO}: {len(steps)} steps, {sum('why' in step for step in steps)} marked differences, {len(failed)} others")
sys.exit(bool(failed))
