#!/usr/bin/env bash
# Writes the golden files anew, in every package whose tests have an -update flag. Read the diff like code.
set -euo pipefail

mapfile -t folders < <(grep -rl --include='*_test.go' 'flag.Bool("update"' . | xargs -r -n1 dirname | sort -u)
if [ ${#folders[@]} -eq 0 ]; then
  echo "golden: no package has an -update flag" >&2
  exit 1
fi
go test "${folders[@]}" -update
git diff --stat
