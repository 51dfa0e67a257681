"""What a test has in its hands."""

import copy
import os
import pathlib
import socket

from . import noproxy, scenario
from .proxy import Proxy, ProxyError
from .verdict import Verdict, attempts, records

_PROXY_VARIABLES = ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy")
# Those that name the roots that a client trusts in place of its own: requests reads the first, httpx, aiohttp, urllib, Go and curl the second, curl the third too.
_CA_VARIABLES = ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE")


class Faultline:
    """A running proxy and the scenario that is in force. Rules, expectations and gateways may be added at any time before it has stopped."""

    def __init__(self, name, folder, monkeypatch, settings):
        # A seed of its own, as a drawn one would let a test pass today and fail tomorrow.
        self._scenario = {"name": name, "seed": 1, "log": {"bodies": "full"}, "tls": {"ca_dir": str(folder / "ca")},
                          "delivery": {}, "rule": [], "gateway": [], "expect": {}}
        for table, value in copy.deepcopy(settings).items():
            self._scenario[table] = {**self._scenario[table], **value} if isinstance(self._scenario.get(table), dict) else value
        self._verdict = None
        self._proxy = Proxy(folder, scenario.text(self._scenario))
        self._monkeypatch = monkeypatch
        self._no_proxy = noproxy.entries(os.environ.get("NO_PROXY", ""), os.environ.get("no_proxy", ""))
        monkeypatch.delenv("REQUEST_METHOD", raising=False)  # with it, clients take HTTP_PROXY for a CGI header and ignore it
        for variable in _PROXY_VARIABLES:
            monkeypatch.setenv(variable, self._proxy.url)
        self._show_targets()

    @property
    def url(self):
        """Of the proxy, as HTTP_PROXY has it."""
        return self._proxy.url

    @property
    def log(self):
        """The folder of the delivery log."""
        return self._proxy.log

    def rule(self, **keys):
        """Adds a rule behind those that are there. Keys of match and when are found by their names, all else is the rule's own (a fault).

        rule(attempt="1-2", status=503); a trailing underscore is dropped (for_, from_, pass_). Raises ScenarioError.
        """
        table = {"name": f"rule {len(self._scenario['rule']) + 1}"}
        table.update(scenario.sorted_into_tables(keys, {"match": scenario.MATCH, "when": scenario.WHEN}))
        self._change(lambda text: text["rule"].append(table))

    def delivery(self, **keys):
        """Says what a webhook is: delivery(host="hooks.test", key=["header:X-Event"]). Keys of match are found by their names."""
        self._change(lambda text: text["delivery"].update(scenario.sorted_into_tables(keys, {"match": scenario.MATCH})))

    def expect(self, **keys):
        """Adds expectations: expect(delivered="100%", max_attempts=4)."""
        self._change(lambda text: text["expect"].update(keys))

    def scenario(self, **keys):
        """Sets what else a scenario's file may say: scenario(seed=7, phase=[{"name": "outage", "for": "2s"}])."""
        self._change(lambda text: text.update(keys))

    def gateway(self, target):
        """The URL of a listener that stands for target (http://host:port): for senders that cannot be given a proxy.

        It is left out of the proxy, so that what one process sends to it by the variables is not broken twice.
        """
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self._change(lambda text: text["gateway"].append({"listen": f"127.0.0.1:{port}", "target": target}))
        return f"http://localhost:{port}"

    def intercept(self, *hosts):
        """Opens the https connections to hosts (globs; without one, those that a rule needs to look into), so that all of an attempt is seen and broken as over http.

        It is done with a CA of this test's own, which the CA variables name from here on, beside the system's roots.
        """
        opened = [*self._scenario["tls"].get("intercept", []), *(hosts or ["auto"])]
        self._change(lambda text: text["tls"].update(intercept=opened))
        folder = pathlib.Path(self._scenario["tls"]["ca_dir"])
        for variable in _CA_VARIABLES:
            self._monkeypatch.setenv(variable, str(folder / "bundle.pem"))
        self._monkeypatch.setenv("NODE_EXTRA_CA_CERTS", str(folder / "ca.pem"))  # Node adds it to its own roots

    @property
    def attempts(self):
        """The attempts so far, with the fields of the log: attempt.outcome, attempt.answer.status."""
        return attempts(self._proxy.lines())

    @property
    def deliveries(self):
        """The deliveries so far, as `faultline deliveries --json` lists them. Once stopped, what was not acknowledged is lost."""
        return records(self._proxy.run("deliveries", "--json", *([] if self._proxy.running else ["--settle", "0s"])))

    @property
    def verdict(self):
        """Stops the proxy and judges the log: the sender has ended, what it has not delivered by now is lost."""
        if self._verdict is None:
            self.stop()
            judge = ("check", "--settle", "0s")
            told = self._proxy.run(*judge, "--json", codes=(0, 1, 3))
            self._verdict = Verdict(told, self._proxy.run(*judge, codes=(0, 1, 3)))
        return self._verdict

    def stop(self):
        """Stops the proxy; the variables go on naming it, so that nothing slips past it. Raises ProxyError when it did not end well."""
        self._proxy.stop()

    def account(self):
        """What the proxy has written, and the verdict where there is one."""
        return self._proxy.output() + (self._verdict.text if self._verdict else "")

    def _change(self, change):
        if not self._proxy.running:
            raise ProxyError("faultline has stopped, as for its verdict: nothing can be added to the scenario")
        changed = copy.deepcopy(self._scenario)
        change(changed)
        late = self._proxy.put(scenario.text(changed))
        if late:
            self._proxy.put(scenario.text(self._scenario))
            raise scenario.ScenarioError(f"{', '.join(late)}: needs a restart, and the proxy of this test runs already")
        self._scenario = changed
        self._show_targets()

    def _show_targets(self):
        gateways = [gateway["listen"].replace("127.0.0.1", "localhost") for gateway in self._scenario["gateway"]]
        value = noproxy.without_hiding(self._no_proxy, self._hosts(), gateways)
        self._monkeypatch.setenv("NO_PROXY", value)
        self._monkeypatch.setenv("no_proxy", value)

    def _hosts(self):
        """Where webhooks go, as far as the scenario names it."""
        for tables in ([self._scenario["delivery"]], self._scenario["rule"]):
            named = [table.get("match", {}).get("host", []) for table in tables]
            hosts = [host for some in named for host in ([some] if isinstance(some, str) else some)]
            if hosts:
                return [host for host in hosts if host != "*"]
        return []

    def __repr__(self):
        return f"<faultline {self.url}>"
