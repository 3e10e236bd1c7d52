#!/usr/bin/env bash
# Starts a server on the simulated cloud and lets grpcurl, knowing nothing but reflection, list, describe and call
# every method of the contract. A call counts as answered when the server gave a reasoned status or a response;
# UNIMPLEMENTED, or an error without a reason, is a failure.
#   usage: grpcurl.sh FERMATA_BINARY GRPCURL_BINARY
set -euo pipefail
fermata=$1 grpcurl=$2
dir=$(mktemp -d)
trap 'kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; rm -rf "$dir"' EXIT
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$fermata" serve --listen "127.0.0.1:$port" --http-listen off --database-url "sqlite://$dir/fermata.db?mode=rwc" \
  --log warn >"$dir/log" 2>&1 &
server=$!
call() { "$grpcurl" -plaintext -max-time 10 "$@"; }
for _ in $(seq 100); do
  call -d '{"service": "fermata.v1.SessionService"}' "127.0.0.1:$port" grpc.health.v1.Health/Check 2>/dev/null \
    | grep -q '"SERVING"' && break
  kill -0 "$server" || { cat "$dir/log"; exit 1; }
  read -rt 0.1 <> <(:) || true
done

passed=0 failed=0
check() { # name, exit code, file
  if [ "$2" = 0 ] || grep -qE '"reason":|Reason:' "$3"; then
    passed=$((passed + 1)); echo "ok      $1"
  else
    failed=$((failed + 1)); echo "FAILED  $1"; sed 's/^/        /' "$3"
  fi
}

services=$(call "127.0.0.1:$port" list)
for service in fermata.v1.SessionService fermata.v1.HostService fermata.v1.NotificationService grpc.health.v1.Health; do
  grep -qx "$service" <<<"$services" || { echo "FAILED  $service is not listed by reflection"; failed=$((failed + 1)); }
done
for method in $(grep '^fermata' <<<"$services" | while read -r service; do call "127.0.0.1:$port" list "$service"; done); do
  call "127.0.0.1:$port" describe "$method" >"$dir/description"
  # An empty request is enough to be answered; a stream is left after its first message.
  data='{}' limit=()
  case $method in
    *.WatchHosts) limit=(-max-time 2) ;;
    *.Subscribe) data='{"project_id": "p"}' limit=(-max-time 2) ;;
  esac
  set +e
  "$grpcurl" -plaintext -max-time 10 "${limit[@]}" -format-error -d "$data" "127.0.0.1:$port" "${method%.*}/${method##*.}" \
    >"$dir/answer" 2>&1
  code=$?
  set -e
  # The client's own deadline ends a stream that goes on for ever; it must have sent something before.
  [ ${#limit[@]} -gt 0 ] && grep -q '"snapshot"' "$dir/answer" && code=0
  check "$method" "$code" "$dir/answer"
done
echo "grpcurl: $passed passed, $failed failed"
[ "$failed" = 0 ]
