#!/usr/bin/env bash
# Runs the README's first command and checks that it shows a whole session, from announcement to report, in under a
# minute.   usage: demo.sh FERMATA_BINARY
set -euo pipefail
output=$(mktemp)
trap 'rm -f "$output"' EXIT
from=$SECONDS
timeout 60 "$1" demo --color never >"$output" 2>&1 </dev/null || { cat "$output"; echo "the demo failed"; exit 1; }
for wanted in PLANNED RUNNING DRAINING 'empty and held' MAINTAINED COMPLETED LIVE_MIGRATE KEEP; do
  grep -q -- "$wanted" "$output" || { cat "$output"; echo "the demo does not show $wanted"; exit 1; }
done
echo "the demo showed a whole session in $((SECONDS - from)) s"
