"""Sends POSTs with HTTP clients, as a line of standard input each, or else an argument each, says, and prints what that client then has.

In: {"id": 1, "client": "requests", "urls": [URL, …], "ca": FILE or "", "connect": seconds, "read": seconds, "whole": false}.
Out: {"id": 1, "status": 503, "error": ""}; with "whole" also "body" and "retry_after".
The posts of a line go out one after the other, over one session; what the last of them came to is printed. All lines run at once.
The proxy comes from the environment, as it does for a worker; so do the certificates to trust without a FILE.
"""

import asyncio
import http.client
import json
import ssl
import sys
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import aiohttp
import httpx
import requests

BODY = json.dumps({"event": "e2e", "padding": "x" * 1000}).encode()
HEADERS = {"Content-Type": "application/json"}
TRUST = httpx.create_ssl_context()  # what httpx has by default, made once: it takes longer than a request


def with_requests(job):
    timeout = (job["connect"], job["read"])
    with requests.Session() as session:
        for url in job["urls"]:
            answer = session.post(url, data=BODY, headers=HEADERS, timeout=timeout, verify=job["ca"] or True)
        return answer.status_code, answer.content, answer.headers


def with_httpx(job):
    timeout = httpx.Timeout(job["read"], connect=job["connect"])
    with httpx.Client(timeout=timeout, verify=job["ca"] or TRUST) as client:
        for url in job["urls"]:
            answer = client.post(url, content=BODY, headers=HEADERS)
        return answer.status_code, answer.content, answer.headers


def with_aiohttp(job):
    timeout = aiohttp.ClientTimeout(sock_connect=job["connect"], sock_read=job["read"])
    context = ssl.create_default_context(cafile=job["ca"]) if job["ca"] else None

    async def post():
        async with aiohttp.ClientSession(timeout=timeout, trust_env=True) as session:
            for url in job["urls"]:
                async with session.post(url, data=BODY, headers=HEADERS, ssl=context) as answer:
                    body = await answer.read()
            return answer.status, body, answer.headers

    return asyncio.run(post())


def with_urllib(job):
    context = ssl.create_default_context(cafile=job["ca"]) if job["ca"] else None
    for url in job["urls"]:
        request = urllib.request.Request(url, data=BODY, headers=HEADERS, method="POST")
        with urllib.request.urlopen(request, timeout=job["read"], context=context) as answer:
            body = answer.read()
    return answer.status, body, answer.headers


CLIENTS = {"requests": with_requests, "httpx": with_httpx, "aiohttp": with_aiohttp, "urllib": with_urllib}


def rest_of(answer):
    """The body of an answer that was raised, whose connection is closed. One that breaks off has been raised all the same."""
    try:
        with answer:
            return answer.read()
    except (http.client.HTTPException, OSError):
        return b""


def send(job):
    status, error, body, headers = 0, "", b"", {}
    try:
        status, body, headers = CLIENTS[job["client"]](job)
    except urllib.error.HTTPError as raised:
        status, error, body, headers = raised.code, type(raised).__name__, rest_of(raised), raised.headers
    except Exception as raised:  # what it is, is the answer
        error = type(raised).__name__
    result = {"id": job["id"], "status": status, "error": error}
    if job["whole"]:
        result |= {"body": body.decode("latin-1"), "retry_after": headers.get("Retry-After", "")}
    return result


with ThreadPoolExecutor(max_workers=64) as pool:
    for result in pool.map(send, [json.loads(line) for line in sys.argv[1:] or sys.stdin]):
        print(json.dumps(result))
