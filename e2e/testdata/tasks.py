"""Three webhook senders as teams write them, for a real Celery worker, and a task that does other HTTP.

Each notes in a journal what it saw of every attempt; the test compares that with faultline's log and with the target's own list.
"""

import json
import os
import time

import requests
from celery import Celery, signals
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

app = Celery("tasks", broker=os.environ["E2E_BROKER"])

CONNECT_TIMEOUT, READ_TIMEOUT = 5, 2


def note(**entry):
    """Appends a line to the journal; one write, so that the worker's processes do not mix theirs."""
    journal = os.open(os.environ["E2E_JOURNAL"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(journal, (json.dumps(entry) + "\n").encode())
    finally:
        os.close(journal)


def post(task, url, event):
    """Makes one attempt."""
    attempt = {
        "what": "attempt",
        "task": task.name,
        "event": event,
        "url": url,
        "try": task.request.retries,
        "start": time.time(),
    }
    headers = {"Webhook-Id": event, "X-Webhook-Attempt": str(task.request.retries)}
    try:
        response = requests.post(
            url, json={"event": event}, headers=headers, timeout=(CONNECT_TIMEOUT, READ_TIMEOUT)
        )
    except requests.RequestException as error:
        note(**attempt, error=type(error).__name__)
        raise
    note(**attempt, status=response.status_code)
    return response


@app.task(bind=True, name="ignoring")
def ignoring(self, url, event):
    """The bug: nobody looks at the status."""
    post(self, url, event)


@app.task(
    bind=True, name="retrying", autoretry_for=(requests.RequestException,), retry_backoff=1, max_retries=3
)
def retrying(self, url, event):
    """The mend: what Celery's documentation shows."""
    post(self, url, event).raise_for_status()


def session():
    """Sends again by itself what fails, twice: urllib3's Retry, as many clients wrap their requests in it."""
    again = Retry(total=2, backoff_factor=0.2, status_forcelist=[500, 502, 503, 504], allowed_methods=None)
    made = requests.Session()
    made.mount("http://", HTTPAdapter(max_retries=again))
    return made


@app.task(
    bind=True, name="nested", autoretry_for=(requests.RequestException,), retry_backoff=1, max_retries=3
)
def nested(self, url, event):
    """Retries within retries: a session's in each of Celery's."""
    headers = {"Webhook-Id": event, "X-Webhook-Attempt": str(self.request.retries)}
    session().post(
        url, json={"event": event}, headers=headers, timeout=(CONNECT_TIMEOUT, READ_TIMEOUT)
    ).raise_for_status()


@app.task(bind=True, name="obedient", max_retries=3)
def obedient(self, url, event):
    """Waits as long as it is told to, and stops when the endpoint is gone."""
    response = post(self, url, event)
    if response.status_code == 410:
        return
    if not response.ok:
        raise self.retry(countdown=int(response.headers.get("Retry-After", "1")))


@app.task(bind=True, name="stuck")
def stuck(self, url, event):
    """Never comes to its attempt: somebody kills its process before."""
    note(what="stuck", task=self.name, event=event, url=url, pid=os.getpid())
    time.sleep(600)
    post(self, url, event)


@app.task(bind=True, name="slow", soft_time_limit=1)
def slow(self, url, event):
    """Takes longer than it may, before its attempt."""
    time.sleep(600)
    post(self, url, event)


@app.task(bind=True, name="other")
def other(self, url, event):
    """What else a worker does: it fetches something."""
    response = requests.get(url, headers={"Webhook-Id": event}, timeout=READ_TIMEOUT)
    note(what="other", task=self.name, event=event, url=url, status=response.status_code)


@signals.task_success.connect
def succeeded(sender=None, **_):
    note(what="end", task=sender.name, event=sender.request.args[1], url=sender.request.args[0], state="success")


@signals.task_failure.connect
def failed(sender=None, args=None, **_):
    note(what="end", task=sender.name, event=args[1], url=args[0], state="failure")
