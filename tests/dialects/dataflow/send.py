"""Drives google-api-python-client against the server whose address is the first argument; prints what it sent and
read, one JSON object a line."""

import http.server
import json
import sys
import threading
import urllib.parse
import urllib.request

from google.api_core.client_options import ClientOptions
from google.auth.credentials import AnonymousCredentials
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError


def service(address):
    return build(
        "dataflow", "v1b3", credentials=AnonymousCredentials(),
        client_options=ClientOptions(api_endpoint=address), static_discovery=True, cache_discovery=False,
    )


def told(name, sent, request, **how):
    try:
        read = {"status": 200, "body": request.execute(**how)}
    except HttpError as error:
        read = {"status": error.status_code, "reason": error.reason, "details": error.error_details,
                "body": json.loads(error.content)}
    print(json.dumps({"name": name, "uri": request.uri, "sent": sent, "read": read}), flush=True)


def message(second, **content):
    labels = {"JOB_ID": "python-job", "WORKER_ID": "vm-1"}
    return {"time": f"2026-11-21T00:00:{second:02}.5Z", "labels": labels, **content}


class Shaky(http.server.BaseHTTPRequestHandler):
    """Answers 503 to every first attempt of a body after the server has taken it, as a broken gateway does."""

    seen = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        forward = urllib.request.Request(target + self.path, data=body, headers={"content-type": "application/json"})
        with urllib.request.urlopen(forward) as answer:
            read = answer.read()
        status = 200 if body in self.seen else 503
        self.seen.append(body)
        content = read if status == 200 else b'{"error": {"code": 503, "message": "gone", "status": "UNAVAILABLE"}}'
        self.send_response(status)
        self.send_header("content-type", "application/json; charset=UTF-8")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


target = sys.argv[1]
client = service(target)
projects, locations = client.projects(), client.projects().locations()

everything = json.load(open(sys.argv[2]))
told("every kind", everything, projects.workerMessages(projectId="my-proj", body=everything))

health = {"workerMessages": [message(second, workerHealthReport={"vmIsHealthy": True}) for second in (0, 10, 20)]}
told("health, by location", health, locations.workerMessages(projectId="my-proj", location="us-central1", body=health))
told("the same again", health, locations.workerMessages(projectId="my-proj", location="us-central1", body=health))
odd = {"workerMessages": [message(30, workerMessageCode={"code": "HARNESS_STARTED", "parameters": {"n": 1}})]}
told("odd names", odd, locations.workerMessages(
    projectId="example.com:my proj", location="eu west/1 ü?#%2F", body=odd, x__xgafv="2"))
told("empty", {}, projects.workerMessages(projectId="my-proj", body={}))
told("without a body", None, projects.workerMessages(projectId="my-proj"))

wrong = {"workerMessages": [{**message(0), "time": "yesterday", "foo": 1}]}
for format in ("1", "2"):
    told(f"wrong, format {format}", wrong, projects.workerMessages(projectId="p", body=wrong, x__xgafv=format))
told("wrong, no format", wrong, projects.workerMessages(projectId="p", body=wrong))
narrow = projects.workerMessages(projectId="p", body=health, alt="json", prettyPrint=False, quotaUser="q", key="k",
                                 fields="*", callback="c", uploadType="u", upload_protocol="v",
                                 access_token="t", oauth_token="o")
part = "workerMessageResponses(workerMetricsResponse)"
told("a part", health, projects.workerMessages(projectId="p", body=health, fields=part))
told("every parameter", health, narrow)

gateway = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Shaky)
threading.Thread(target=gateway.serve_forever, daemon=True).start()
through = service(f"http://127.0.0.1:{gateway.server_port}")
once = {"workerMessages": [message(40, workerHealthReport={"vmIsHealthy": False, "msg": "retried"}),
                           message(41, workerLifecycleEvent={"event": "NETWORK_UP"})]}
told("retried", once, through.projects().workerMessages(projectId="my-proj", body=once), num_retries=3)
print(json.dumps({"name": "attempts", "read": len(Shaky.seen)}), flush=True)
