"""Enqueues the tasks that standard input names: a JSON list of {"task": …, "url": …, "event": …}."""

import json
import sys

from tasks import app

for job in json.load(sys.stdin):
    app.send_task(job["task"], args=[job["url"], job["event"]])
