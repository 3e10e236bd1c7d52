#!/usr/bin/env bash
# Brings up Keystone, Placement, Glance, Neutron and Nova with fake hypervisors on this machine.
# usage: up.sh [N_HOSTS=4]        (README.md tells the rest)
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib/common.sh
. "$HERE/lib/common.sh"
# shellcheck source=lib/packages.sh
. "$HERE/lib/packages.sh"
# shellcheck source=lib/configure.sh
. "$HERE/lib/configure.sh"
# shellcheck source=lib/services.sh
. "$HERE/lib/services.sh"
exec </dev/null

HOSTS=${1:-4}
[[ $HOSTS =~ ^[1-9][0-9]*$ ]] || fail "usage: up.sh [N_HOSTS]"
mkdir -p "$ETC" "$RUN" "$LOG" "$STATE" "$CACHE" "$CTL"
# down.sh --purge removes a directory only when it finds this mark in it.
touch "$LAB/.openstack-lab"
[[ $LAB != *[[:space:]]* ]] || fail "LAB must not contain spaces: $LAB"
take_lock
trap 'fail "up.sh stopped at line $LINENO: $BASH_COMMAND"' ERR

install_packages
install_python_packages
install_plugins
refuse_other_ports
write_configuration "$HOSTS"

discard_half_made_state
start_rabbitmq
if [ ! -d "$DATA/mysql" ]; then restore_template || create_database; fi
start_mariadb
if [ ! -e "$STATE/seeded" ]; then
  create_schemas
  poll 60 accepts "$RABBIT" || fail "RabbitMQ does not accept connections" "$LOG/rabbitmq.log"
  start_apis
  seed base
  keep_template
  start_mariadb
fi

poll 60 accepts "$RABBIT" || fail "RabbitMQ does not accept connections" "$LOG/rabbitmq.log"
start_apis
if [ "$(<"$STATE/seeded")" != "$(seed_key)" ]; then
  seed base
  seed_key >"$STATE/seeded"
fi
start_nova_daemons "$HOSTS"
seed wait "$HOSTS"
if [ "${LAB_SERVERS:-1}" != 0 ]; then seed servers; fi
say "ready: $HOSTS hosts; clouds in $LAB/clouds.yaml"
