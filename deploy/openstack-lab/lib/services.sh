# shellcheck shell=bash
# Database, broker and OpenStack services, in the order in which up.sh needs them.

BIN=$VENV/bin
DATABASES=(keystone placement glance neutron nova_api nova_cell0 nova_cell1)
APIS=(keystone nova-api neutron placement glance)

# The catalogue in the database names the addresses, so they cannot change under it.
refuse_other_ports() {
  [ -e "$STATE/seeded" ] && [ -e "$LAB/lab.env" ] || return 0
  grep -qx "export LAB_PORT_OFFSET=$LAB_PORT_OFFSET" "$LAB/lab.env" ||
    fail "this lab was made with another LAB_PORT_OFFSET; run down.sh --wipe first"
}

# A first start that did not finish cannot be taken up again in the middle.
discard_half_made_state() {
  if [ ! -e "$STATE/seeded" ] && [ -e "$DATA" ]; then
    say "an earlier start did not finish; starting over"
    stop_everything
    rm -rf "$DATA" "$STATE"
    write_configuration "$HOSTS"
  fi
}

start_rabbitmq() {
  local env=(
    HOME="$STATE/home"
    RABBITMQ_CONF_ENV_FILE="$ETC/rabbitmq-env.conf"
    RABBITMQ_CONFIG_FILE="$ETC/rabbitmq.conf"
    RABBITMQ_ENABLED_PLUGINS_FILE="$ETC/rabbitmq-plugins"
    RABBITMQ_NODENAME=lab@localhost
    RABBITMQ_MNESIA_BASE="$STATE/rabbit"
    RABBITMQ_LOG_BASE="$LOG"
    RABBITMQ_DIST_PORT="$RABBIT_DIST_PORT"
    ERL_EPMD_PORT="$EPMD_PORT"
    ERL_EPMD_ADDRESS=127.0.0.1
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="+S 1:1 +sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}"
  )
  mkdir -p "$STATE/rabbit"
  start epmd epmd -port "$EPMD_PORT" -address 127.0.0.1
  poll 10 accepts "127.0.0.1:$EPMD_PORT" || fail "epmd does not accept connections" "$LOG/epmd.log"
  start rabbitmq env "${env[@]}" "$RABBITMQ_SERVER"
}

start_mariadb() {
  start mariadb mariadbd --defaults-file="$ETC/my.cnf"
  poll 60 mariadb_settled || fail "MariaDB does not answer" "$LOG/mariadb.log"
  alive mariadb || fail "MariaDB died while starting" "$LOG/mariadb.log"
}

mariadb_settled() {
  mariadb-admin -S "$DB_SOCKET" -u root ping >/dev/null 2>&1 || ! alive mariadb
}

create_database() {
  mariadb-install-db --no-defaults --user="$(id -un)" --datadir="$DATA" --auth-root-authentication-method=normal \
    --skip-test-db >"$LOG/mariadb-install.log" 2>&1 9>&- || fail "the database could not be created" "$LOG/mariadb-install.log"
}

# ---- the template: the state right after seeding, kept so that a later start skips schemas and seeding

seed_key() {
  {
    cat "$HERE/requirements.txt" "$HERE/constraints.txt" "$HERE/seed.py" "${LAB_SEED:-$HERE/seed.yaml}" "$HERE/lib/services.sh"
    # The database holds addresses and paths.
    echo "$LAB $LAB_PORT_OFFSET"
  } | sha256sum | cut -c1-16
}
restore_template() {
  local template
  template=$CACHE/template-$(seed_key)
  [ -e "$template/complete" ] || return 1
  cp -a "$template/data" "$DATA"
  cp -a "$template/keystone" "$template/glance" "$STATE/"
  cp -a "$template/application-credentials.json" "$template/clouds.yaml" "$LAB/"
  seed_key >"$STATE/seeded"
  say "database restored from the template"
}

keep_template() {
  local template
  template=$CACHE/template-$(seed_key)
  # A copy of a running database would be no copy at all.
  stop 15 "${APIS[@]}" mariadb
  rm -rf "$CACHE"/template-*
  mkdir -p "$template"
  cp -a "$DATA" "$template/data"
  cp -a "$STATE/keystone" "$STATE/glance" "$LAB/application-credentials.json" "$LAB/clouds.yaml" "$template/"
  touch "$template/complete"
  seed_key >"$STATE/seeded"
  say "template kept"
}

# ---- first start

create_schemas() {
  local name pids=() steps=(keystone_schema nova_schema other_schemas) step
  for name in "${DATABASES[@]}"; do echo "CREATE DATABASE IF NOT EXISTS $name;"; done |
    mariadb -S "$DB_SOCKET" -u root || fail "the databases could not be created" "$LOG/mariadb.log"
  say "creating schemas"
  for step in "${steps[@]}"; do
    ( trap - ERR; set -e; "$step" ) >"$LOG/$step.log" 2>&1 9>&- &
    pids+=($!)
  done
  for step in "${!steps[@]}"; do
    wait "${pids[$step]}" || fail "step ${steps[$step]} failed" "$LOG/${steps[$step]}.log"
  done
  say "schemas created"
}

keystone_schema() {
  local manage=("$BIN/keystone-manage" --config-file "$ETC/keystone/keystone.conf")
  "${manage[@]}" fernet_setup --keystone-user "$(id -un)" --keystone-group "$(id -gn)"
  "${manage[@]}" credential_setup --keystone-user "$(id -un)" --keystone-group "$(id -gn)"
  "${manage[@]}" db_sync
  "${manage[@]}" bootstrap --bootstrap-password "$PASSWORD" --bootstrap-region-id RegionOne \
    --bootstrap-admin-url "http://$KEYSTONE/v3" --bootstrap-internal-url "http://$KEYSTONE/v3" \
    --bootstrap-public-url "http://$KEYSTONE/v3"
  "$BIN/placement-manage" --config-dir "$ETC/placement" db sync
}

nova_schema() {
  local manage=("$BIN/nova-manage" --config-file "$ETC/nova/nova.conf")
  "${manage[@]}" api_db sync
  "${manage[@]}" cell_v2 map_cell0 --database_connection "$(database nova_cell0)"
  "${manage[@]}" cell_v2 create_cell --name cell1
  "${manage[@]}" db sync
}

other_schemas() {
  "$BIN/glance-manage" --config-dir "$ETC/glance" db sync
  "$BIN/neutron-db-manage" --config-file "$ETC/neutron/neutron.conf" upgrade heads
}

seed() { # arguments of seed.py
  "$BIN/python" "$HERE/seed.py" "$@" >"$LOG/seed.log" 2>&1 9>&- || fail "seed.py $* failed" "$LOG/seed.log"
  say "seed.py $*: done"
}

# ---- every start

start_api() { # name address module threads
  # uWSGI's HTTP socket closes the connection after each answer without saying so; clients then write into a dead one.
  start "$1" "$BIN/uwsgi" --http-socket "$2" --module "$3" --virtualenv "$VENV" \
    --processes 1 --threads "$4" --enable-threads --lazy-apps --die-on-term --listen 100 \
    --buffer-size 65535 --http-chunked-input --disable-logging --add-header "Connection: close"
}

start_apis() {
  start_api keystone "$KEYSTONE" keystone.wsgi.api:application 6
  start_api nova-api "$NOVA" nova.wsgi.osapi_compute:application 12
  start_api neutron "$NEUTRON" neutron.wsgi.api:application 6
  start_api placement "$PLACEMENT" placement.wsgi.api:application 6
  start_api glance "$GLANCE" glance.wsgi.api:application 6
  wait_http keystone "$KEYSTONE"
  wait_http placement "$PLACEMENT"
  wait_http glance "$GLANCE"
  wait_http neutron "$NEUTRON"
  wait_http nova-api "$NOVA"
  say "APIs answer"
}

start_nova_daemons() { # number of hosts
  local conf=$ETC/nova/nova.conf pids=() jobs=() i host
  if ! alive nova-conductor; then
    fork_daemons nova.cmd.conductor nova-conductor "$conf" &
    pids+=($!)
  fi
  if ! alive nova-scheduler; then
    fork_daemons nova.cmd.scheduler nova-scheduler "$conf,$ETC/nova/scheduler.conf" &
    pids+=($!)
  fi
  for i in $(seq "$1"); do
    host=$(host_name "$i")
    alive "nova-$host" || jobs+=("nova-$host" "$conf,$ETC/nova/$host.conf")
  done
  if [ ${#jobs[@]} -gt 0 ]; then
    fork_daemons nova.cmd.compute "${jobs[@]}" &
    pids+=($!)
  fi
  for i in "${pids[@]}"; do wait "$i" || fail "a Nova daemon could not be started" "$LOG/forkd.log"; done
  [ ${#pids[@]} = 0 ] || say "Nova daemons started"
}

fork_daemons() { # module (name conf[,conf...])...
  "$BIN/python" "$HERE/forkd.py" "$@" >>"$LOG/forkd.log" 2>&1 9>&-
}
