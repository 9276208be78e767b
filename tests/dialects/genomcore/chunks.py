"""Chunks, and answers that are lost: who sends a chunk again adds nothing."""

import http.client
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from program import event, say

from genomcore.client import GenomcoreApiClient
from genomcore.transport import GenomcoreError

upstream = urlsplit(os.environ["GENOMCORE_API"])


class LosesAnswers(BaseHTTPRequestHandler):
    """Hands every request on, and of those to come loses so many answers."""

    to_lose = 0
    lost = 0

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        connection = http.client.HTTPConnection(upstream.hostname, upstream.port)
        headers = {name: self.headers[name] for name in ("Content-Type", "Authorization")}
        connection.request("POST", self.path, body, headers)
        answer = connection.getresponse()
        text = answer.read()
        if LosesAnswers.to_lose > 0:
            LosesAnswers.to_lose -= 1
            LosesAnswers.lost += 1
            self.close_connection = True
            return
        self.send_response(answer.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        pass


between = ThreadingHTTPServer(("127.0.0.1", 0), LosesAnswers)
threading.Thread(target=between.serve_forever, daemon=True).start()
api = GenomcoreApiClient("A_VALID_TOKEN", url=f"http://127.0.0.1:{between.server_port}{upstream.path}")

sent = [event(collection="chunks", externalId=str(number)) for number in range(25)]
say("chunks", read=api.events.create_events(sent, chunksize=10))

LosesAnswers.to_lose = 2
lossy = [event(collection="lossy", externalId=str(number // 2)) for number in range(20)]
say("retries", read=api.events.create_events(lossy, chunksize=10, retries=3), lost=LosesAnswers.lost)
total = api.events.query_events(pageSize=1, body={"filter": {"collection": "lossy"}})["total"]
say("total", read=total, sent=len(lossy))

LosesAnswers.to_lose = 1
try:
    api.events.create_events(lossy)
    say("no retry", read="an answer")
except (http.client.HTTPException, ConnectionError, OSError) as error:
    say("no retry", read=type(error).__name__)

bad = [event(collection="bad", externalId=str(number)) for number in range(6)]
bad[4]["end"] = "2020-01-01T00:00:00Z"
LosesAnswers.to_lose, LosesAnswers.lost = 0, 0
try:
    api.events.create_events(bad, chunksize=3, retries=3)
except GenomcoreError as error:
    say("a bad chunk", status=error.status, read=error.body)
total = api.events.query_events(body={"filter": {"collection": "bad"}})["total"]
say("what was before it", read=total)

for batch in (None, ""):
    try:
        api.events.create_events([event(batch=batch)])
    except ValueError as error:
        say("batch", read=str(error))
between.shutdown()
