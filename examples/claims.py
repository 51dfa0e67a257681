"""A service as teams write them: POST /claims books a claim and, where the call names a webhook_url, tells it.

    python3 claims.py             sends the webhook by itself, in the background
    python3 claims.py --queue     leaves that to a Celery worker: celery -A claims worker
    MENDED=1                      sends it as it should be sent

Each key that is published is noted in the file that EMITTED names.
"""

import http.server
import json
import os
import sys
import threading
import uuid

import requests
from celery import Celery

app = Celery("claims", broker=os.environ.get("BROKER", "redis://127.0.0.1:6379/0"))


def post(url, claim):
    return requests.post(url, json=claim, headers={"Webhook-Id": claim["id"]}, timeout=10)


@app.task
def send_webhook_notification(url, claim):
    """The bug: nobody looks at the answer."""
    post(url, claim)


@app.task(autoretry_for=(requests.RequestException,), retry_backoff=1, max_retries=8)
def send_webhook_notification_mended(url, claim):
    post(url, claim).raise_for_status()


class Claims(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        claim = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        url = claim.pop("webhook_url", None)
        claim["id"] = str(uuid.uuid4())
        if url:
            publish(url, claim)
        answer = json.dumps(claim).encode()
        self.send_response(201)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)


def publish(url, claim):
    task = send_webhook_notification_mended if os.environ.get("MENDED") else send_webhook_notification
    if "--queue" in sys.argv:
        task.delay(url, claim)
    else:
        threading.Thread(target=task, args=(url, claim)).start()
    with open(os.environ.get("EMITTED", os.devnull), "a") as emitted:
        print(claim["id"], file=emitted)


if __name__ == "__main__":
    http.server.ThreadingHTTPServer(("127.0.0.1", 8000), Claims).serve_forever()
