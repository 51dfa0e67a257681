"""A target to deliver to, and senders that deliver to it with requests."""

import http.server
import json
import subprocess
import threading
import time

import pytest

pytest_plugins = ["pytest_faultline", "pytester"]


@pytest.fixture
def target():
    """The URL of a webhook endpoint that answers 200 to every POST; received holds the ids that came."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Endpoint) as server:
        server.received = []
        serving = threading.Thread(target=server.serve_forever, args=(0.01,))
        serving.start()
        server.url = f"http://127.0.0.1:{server.server_port}/hook"
        yield server
        server.shutdown()
        serving.join()


@pytest.fixture
def https_target(tmp_path):
    """The URL of an https endpoint that answers 200, and the file of the CA that its certificate is from."""
    from pytest_faultline.proxy import binary  # the plugin itself is to be imported by pytest

    folder = tmp_path / "https_target"
    folder.mkdir()
    ready = folder / "ready.json"
    command = [binary(), "receive", "--tls", "--ca-dir", "ca", "--port", "0", "--response-code", "200", "--ready-file", str(ready), "--quiet"]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL) as receiver:
        while not ready.exists():
            assert receiver.poll() is None
            time.sleep(0.01)
        yield json.loads(ready.read_text())["url"].replace("127.0.0.1", "localhost") + "/hook", folder / "ca" / "ca.pem"
        receiver.terminate()


class _Endpoint(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append(self.headers["Webhook-Id"])
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        """Says nothing."""
