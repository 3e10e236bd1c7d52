#!/usr/bin/env bash
# Stops what up.sh started, by recorded process ids.
# usage: down.sh                stop everything, keep the databases
#        down.sh --wipe         also forget databases, state and logs (keeps the Python packages and the template)
#        down.sh --purge        also remove the Python packages and the template: nothing is left of the lab
#        down.sh only NAME...   stop these only, named as in $LAB/run/NAME.pid
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib/common.sh
. "$HERE/lib/common.sh"
exec </dev/null

[ -e "$LAB/.openstack-lab" ] || { say "nothing at $LAB"; exit 0; }
take_lock
case ${1:-} in
  "")
    stop_everything
    ;;
  only)
    shift
    [ $# -gt 0 ] || fail "usage: down.sh only NAME... (of: $(recorded | xargs))"
    stop 15 "$@"
    ;;
  --wipe)
    stop_everything
    rm -rf "$DATA" "$STATE" "$ETC" "$LOG" "$CTL" "$RUN" \
      "$LAB/clouds.yaml" "$LAB/application-credentials.json" "$LAB/lab.env" "$LAB/hosts"
    ;;
  --purge)
    stop_everything
    rm -rf "$LAB"
    ;;
  *)
    fail "usage: down.sh [--wipe | --purge | only NAME...]"
    ;;
esac
say "down"
