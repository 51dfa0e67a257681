"""Sends one POST per line of standard input, or else per argument, with the HTTP client that it names, and prints what that client then has.

In: {"id": 1, "client": "requests", "url": …, "ca": FILE or ""}. Out: {"id": 1, "status": 503, "error": ""}.
The proxy comes from the environment, as it does for a worker; so do the certificates to trust without a FILE. All lines run at once.
"""

import asyncio
import json
import ssl
import sys
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import aiohttp
import httpx
import requests

CONNECT_TIMEOUT, READ_TIMEOUT = 5, 3
BODY = json.dumps({"event": "e2e", "padding": "x" * 1000}).encode()
HEADERS = {"Content-Type": "application/json"}


def with_requests(url, ca):
    timeout = (CONNECT_TIMEOUT, READ_TIMEOUT)
    return requests.post(url, data=BODY, headers=HEADERS, timeout=timeout, verify=ca or True).status_code


def with_httpx(url, ca):
    timeout = httpx.Timeout(READ_TIMEOUT, connect=CONNECT_TIMEOUT)
    with httpx.Client(timeout=timeout, verify=ca or True) as client:
        return client.post(url, content=BODY, headers=HEADERS).status_code


def with_aiohttp(url, ca):
    timeout = aiohttp.ClientTimeout(sock_connect=CONNECT_TIMEOUT, sock_read=READ_TIMEOUT)
    context = ssl.create_default_context(cafile=ca) if ca else None

    async def post():
        async with aiohttp.ClientSession(timeout=timeout, trust_env=True) as session:
            async with session.post(url, data=BODY, headers=HEADERS, ssl=context) as response:
                await response.read()
                return response.status

    return asyncio.run(post())


def with_urllib(url, ca):
    context = ssl.create_default_context(cafile=ca) if ca else None
    request = urllib.request.Request(url, data=BODY, headers=HEADERS, method="POST")
    with urllib.request.urlopen(request, timeout=READ_TIMEOUT, context=context) as response:
        response.read()
        return response.status


CLIENTS = {"requests": with_requests, "httpx": with_httpx, "aiohttp": with_aiohttp, "urllib": with_urllib}


def send(job):
    status, error = 0, ""
    try:
        status = CLIENTS[job["client"]](job["url"], job["ca"])
    except urllib.error.HTTPError as raised:
        status, error = raised.code, type(raised).__name__
    except Exception as raised:  # what it is, is the answer
        error = type(raised).__name__
    return {"id": job["id"], "status": status, "error": error}


with ThreadPoolExecutor(max_workers=64) as pool:
    for result in pool.map(send, [json.loads(line) for line in sys.argv[1:] or sys.stdin]):
        print(json.dumps(result))
