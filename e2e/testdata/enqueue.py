"""Enqueues the tasks that standard input names: a JSON list of {"task": …, "url": …, "event": …}. Notes their events in the file E2E_EMITTED, where there is one."""

import json
import os
import sys

from tasks import app

with open(os.environ.get("E2E_EMITTED", os.devnull), "a") as emitted:
    for job in json.load(sys.stdin):
        app.send_task(job["task"], args=[job["url"], job["event"]])
        print(job["event"], file=emitted)
