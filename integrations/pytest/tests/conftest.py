"""A target to deliver to, and senders that deliver to it with requests."""

import http.server
import threading

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


class _Endpoint(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append(self.headers["Webhook-Id"])
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        """Says nothing."""
