#!/usr/bin/env bash
# Installs from Debian the proxies that the benchmarks compare with, and only what is missing: `have: …`, `installing: …`.
# As root, or with sudo. What cannot be had is said (`not to be had: …`) and is no error: its row in the table says so, too.
# No service is started: the benchmarks start their own processes and stop them.
set -euo pipefail

packages=(squid haproxy mitmproxy)

installed() {
  [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
  echo "not to be had: no apt-get here; what is on the PATH of ${packages[*]} is used"
  exit 0
fi

have=() missing=()
for package in "${packages[@]}"; do
  if installed "$package"; then have+=("$package"); else missing+=("$package"); fi
done

echo "have: ${have[*]:-nothing}"
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "not to be had: ${missing[*]}: neither root nor sudo; run as root: apt-get install ${missing[*]}"
    exit 0
  fi
  as_root=(sudo)
fi
echo "installing: ${missing[*]}"

# squid and haproxy would start services of their own: 101 forbids it. A policy that the machine has is left alone.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap '"${as_root[@]}" rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
  "${as_root[@]}" chmod 755 "$policy"
fi

apt() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 --quiet --yes "$@"
}
apt update || echo "apt-get update failed: going on with the lists that are here"
for package in "${missing[@]}"; do
  apt install --no-install-recommends "$package" || true
  installed "$package" || echo "not to be had: $package"
done
