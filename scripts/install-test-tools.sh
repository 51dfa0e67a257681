#!/usr/bin/env bash
# Installs from Debian what the tests run against, and only what is missing: `have: …`, `installing: …`.
# As root, or with sudo. No service is started: the tests start their own redis-server and stop it.
set -euo pipefail

packages=(python3-celery python3-redis redis-server python3-requests python3-httpx python3-aiohttp python3-pytest curl jq prometheus chromium)

installed() {
  [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
  echo "install-test-tools: no apt-get here: install by hand what the tests need of Debian: ${packages[*]}" >&2
  exit 1
fi

have=() missing=()
for package in "${packages[@]}"; do
  if installed "$package"; then have+=("$package"); else missing+=("$package"); fi
done

echo "have: ${have[*]:-nothing}"
[ ${#missing[@]} -gt 0 ] || exit 0
echo "installing: ${missing[*]}"

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "install-test-tools: neither root nor sudo: run as root: apt-get install ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi

# redis-server and prometheus would start services of their own: 101 forbids it. A policy that the machine has is left alone.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap '"${as_root[@]}" rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
  "${as_root[@]}" chmod 755 "$policy"
fi

apt() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 --quiet --yes "$@"
}
apt update
apt install --no-install-recommends "${missing[@]}"

for package in "${missing[@]}"; do
  if ! installed "$package"; then
    echo "install-test-tools: $package is still missing after apt-get install" >&2
    exit 1
  fi
done
