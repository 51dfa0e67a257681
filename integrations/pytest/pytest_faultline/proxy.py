"""The process `faultline proxy`, and the binary's other commands."""

import json
import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request

from .scenario import ScenarioError

_START, _STOP = 30, 30  # seconds; the proxy itself gives open attempts 10 s to end


class ProxyError(RuntimeError):
    """faultline could not be started, or did not end as it should."""


def binary():
    """The program: what FAULTLINE_BINARY names, or `faultline` on PATH."""
    named = os.environ.get("FAULTLINE_BINARY") or "faultline"
    found = shutil.which(named)
    if not found:
        raise ProxyError(f"no program {named}: put faultline on PATH, or have FAULTLINE_BINARY name it (go install ./cmd/faultline makes it)")
    return os.path.abspath(found)


class Proxy:
    """One running `faultline proxy`. Its log, its output and its scenario's file are in folder, which must not exist."""

    def __init__(self, folder, text):
        self.log = folder / "log"
        self._stdout, self._stderr = folder / "stdout", folder / "stderr"
        self._binary = binary()
        self._stopped = False
        folder.mkdir()
        (folder / "scenario.toml").write_text(text, encoding="utf-8")
        ready = folder / "ready.json"
        command = [self._binary, "proxy", "scenario.toml", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0",
                   "--ready-file", str(ready), "--log", str(self.log)]
        with open(self._stdout, "wb") as stdout, open(self._stderr, "wb") as stderr:
            # A session of its own: an interrupt at the terminal is pytest's, which ends us in order.
            self._process = subprocess.Popen(command, cwd=folder, stdout=stdout, stderr=stderr, stdin=subprocess.DEVNULL, start_new_session=True)
        try:
            addresses = self._wait_for(ready)
        except BaseException:
            self._process.kill()
            self._process.wait()
            raise
        self.url, self._admin = "http://" + addresses["listen"], "http://" + addresses["admin"]

    def _wait_for(self, ready):
        deadline = time.monotonic() + _START
        while time.monotonic() < deadline:
            ended = self._process.poll()  # asked first: the file is gone when it has ended
            if ready.exists():  # renamed into its place, so it is whole
                return json.loads(ready.read_text())
            if ended is not None:
                raise ProxyError(f"faultline proxy ended before it was ready, exit code {ended}:\n{self.output()}")
            time.sleep(0.01)
        raise ProxyError(f"faultline proxy was not ready after {_START} s:\n{self.output()}")

    @property
    def running(self):
        """Whether it was not stopped yet, and has not ended by itself."""
        return self._process.poll() is None

    def put(self, text):
        """Puts a scenario's text into force, all of it or, with a ScenarioError, nothing. Returns the tables that only a restart would bring in."""
        request = urllib.request.Request(self._admin + "/api/v1/scenario", text.encode(), {"Content-Type": "application/toml"}, method="PUT")
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with direct.open(request, timeout=_START) as answer:
                return json.load(answer)["restart_needed"]
        except urllib.error.HTTPError as refusal:
            told = json.load(refusal)
            raise ScenarioError("\n".join(told.get("problems") or [told["detail"]])) from None

    def stop(self):
        """Ends it by SIGTERM. Raises ProxyError when it ends with another exit code than 0, or not at all; a second stop is none."""
        if self._stopped:
            return
        self._stopped = True
        ended = self._process.poll()
        if ended is None:
            self._process.terminate()
            try:
                ended = self._process.wait(_STOP)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
                raise ProxyError(f"faultline proxy did not end {_STOP} s after SIGTERM:\n{self.output()}") from None
        if ended != 0:
            raise ProxyError(f"faultline proxy ended with exit code {ended}:\n{self.output()}")

    def run(self, command, *flags, codes=(0,)):
        """What another command of the binary writes about the log. An exit code that is none of codes raises ProxyError."""
        done = subprocess.run([self._binary, command, str(self.log), *flags], capture_output=True, text=True, encoding="utf-8")
        if done.returncode not in codes:
            raise ProxyError(f"faultline {command} ended with exit code {done.returncode}:\n{done.stderr}")
        return done.stdout

    def lines(self):
        """The log's lines so far. An attempt is among them before its sender can see how it ended."""
        if any(self.log.glob("*.zst")):
            raise ProxyError(f"{self.log} has compressed segments: read it with zstdcat, or by `faultline deliveries`")
        return "".join(segment.read_text(encoding="utf-8") for segment in sorted(self.log.glob("*.jsonl")))

    def output(self):
        """What it has written so far: a line per attempt, and what it complains of."""
        return self._stdout.read_text(encoding="utf-8") + self._stderr.read_text(encoding="utf-8")
