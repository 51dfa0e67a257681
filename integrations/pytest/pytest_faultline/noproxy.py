"""Which entries of NO_PROXY may stay, as `faultline proxy -- COMMAND` decides it."""

import fnmatch
import ipaddress

# What the proxy refuses anyway, and cloud libraries ask for credentials.
LINK_LOCAL = ["169.254.169.254", "169.254.0.0/16"]


def without_hiding(entries, hosts, gateways=()):
    """The value of NO_PROXY: entries without those that hide one of hosts (globs); link-local and gateways. Without hosts any may be a target."""
    kept = [entry for entry in entries if hosts and not _hides(entry, hosts)]
    return ",".join(dict.fromkeys([*kept, *gateways, *LINK_LOCAL]))


def entries(*values):
    """What the values of NO_PROXY and no_proxy name: some clients read the one, some the other."""
    return [entry.strip() for value in values for entry in value.split(",") if entry.strip()]


def _hides(entry, hosts):
    if entry == "*":
        return True
    network = _parsed(ipaddress.ip_network, entry) if "/" in entry else None
    if network:
        addresses = (_parsed(ipaddress.ip_address, _host(glob)) for glob in hosts)
        return any(address in network for address in addresses if address)
    domain = _host(entry).lstrip("*").lstrip(".")
    return any(host == domain or host.endswith("." + domain) or fnmatch.fnmatchcase(domain, host) for host in map(_host, hosts))


def _parsed(parse, text):
    try:
        return parse(text)
    except ValueError:
        return None


def _host(text):
    """A host in lower case, without port and brackets."""
    text = text.lower()
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text
