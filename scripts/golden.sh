#!/usr/bin/env bash
# Writes the golden files anew, in every package whose tests have an -update flag. Read the diff like code.
# e2e/matrix comes first: docs/faults.md shows what it saw. It needs what scripts/install-test-tools.sh installs.
set -euo pipefail

mapfile -t folders < <(grep -rl --include='*_test.go' 'flag.Bool("update"' . | xargs -r -n1 dirname | sort -u | grep -v '^./e2e/')
if [ ${#folders[@]} -eq 0 ]; then
  echo "golden: no package has an -update flag" >&2
  exit 1
fi
go test ./e2e/matrix -run TestMatrix -update
go test "${folders[@]}" -update
git diff --stat
