#!/usr/bin/env bash
# Runs every fuzz target for the time given: scripts/fuzz.sh 30s
set -euo pipefail
fuzztime=${1:?how long each target is fuzzed, as in 30s}

found=0
for package in $(go list ./...); do
  for target in $(go test -list '^Fuzz' "$package" | grep '^Fuzz' || true); do
    found=$((found + 1))
    echo "== $package $target"
    go test -run '^$' -fuzz "^$target\$" -fuzztime "$fuzztime" "$package"
  done
done
if [ "$found" -eq 0 ]; then
  echo "fuzz: no fuzz target found" >&2
  exit 1
fi
echo "fuzzed $found targets for $fuzztime each"
