# shellcheck shell=bash
# Writes the configuration of every service below $ETC, and $LAB/lab.env for whoever uses the lab.

database() { # name: prints its URL
  echo "mysql+pymysql://root@localhost/$1?unix_socket=$DB_SOCKET&charset=utf8mb4"
}

service_user() { # name: prints the keystoneauth options by which it signs in
  cat <<X
auth_type = password
auth_url = http://$KEYSTONE/v3
username = $1
password = $PASSWORD
project_name = service
user_domain_name = Default
project_domain_name = Default
region_name = RegionOne
X
}

host_name() { printf 'compute%02d\n' "$1"; }

write_configuration() { # number of hosts
  local i
  mkdir -p "$ETC"/{keystone,nova,placement,glance,neutron} "$STATE"/home \
    "$STATE"/keystone "$STATE"/nova/lock "$STATE"/neutron/lock "$STATE"/glance/{images,staging,tasks}
  configure_mariadb
  configure_rabbitmq
  configure_keystone
  configure_placement
  configure_glance
  configure_neutron
  configure_nova
  for i in $(seq "$1"); do configure_compute "$(host_name "$i")"; done
  echo "$1" >"$LAB/hosts"
  write_lab_env
  export OS_KEYSTONE_CONFIG_DIR=$ETC/keystone OS_KEYSTONE_CONFIG_FILES=$ETC/keystone/keystone.conf
  export OS_NEUTRON_CONFIG_DIR=$ETC/neutron OS_NEUTRON_CONFIG_FILES=$ETC/neutron/neutron.conf
  export OS_PLACEMENT_CONFIG_DIR=$ETC/placement OS_GLANCE_CONFIG_DIR=$ETC/glance OS_NOVA_CONFIG_DIR=$ETC/nova
}

configure_mariadb() {
  # Durability is given up on purpose: the contents can always be made again.
  cat >"$ETC/my.cnf" <<X
[mysqld]
user = $(id -un)
datadir = $DATA
socket = $DB_SOCKET
pid-file = $DATA/mariadb.pid
skip-networking
skip-name-resolve
max_connections = 1000
innodb_flush_log_at_trx_commit = 0
innodb_doublewrite = 0
innodb_flush_method = nosync
innodb_buffer_pool_size = 192M
innodb_log_file_size = 16M
performance_schema = off
character-set-server = utf8mb4
collation-server = utf8mb4_general_ci
X
}

configure_rabbitmq() {
  cat >"$ETC/rabbitmq.conf" <<X
listeners.tcp.1 = $RABBIT
loopback_users.guest = true
vm_memory_high_watermark.absolute = 512MB
disk_free_limit.absolute = 50MB
log.file = $LOG/rabbitmq-server.log
X
  echo '[].' >"$ETC/rabbitmq-plugins"
  : >"$ETC/rabbitmq-env.conf"
}

configure_keystone() {
  # [cache]: without one, each check of a token costs some 50 queries and Keystone is what everything else waits for.
  # Not dogpile.cache.memory: it hands out shared mutable objects, and service users then get a 403 now and then.
  cat >"$ETC/keystone/keystone.conf" <<X
[DEFAULT]
use_stderr = true
[database]
connection = $(database keystone)
[token]
provider = fernet
expiration = 86400
[fernet_tokens]
key_repository = $STATE/keystone/fernet-keys
[fernet_receipts]
key_repository = $STATE/keystone/fernet-keys
[credential]
key_repository = $STATE/keystone/credential-keys
[cache]
enabled = true
backend = dogpile.cache.memory_pickle
[identity]
password_hash_rounds = 4
X
}

configure_placement() {
  cat >"$ETC/placement/placement.conf" <<X
[placement_database]
connection = $(database placement)
[api]
auth_strategy = keystone
[keystone_authtoken]
www_authenticate_uri = http://$KEYSTONE/v3
$(service_user placement)
X
}

configure_glance() {
  cp "$VENV/etc/glance/glance-api-paste.ini" "$ETC/glance/"
  cat >"$ETC/glance/glance-api.conf" <<X
[DEFAULT]
enabled_backends = file:file
use_stderr = true
workers = 1
[glance_store]
default_backend = file
[file]
filesystem_store_datadir = $STATE/glance/images
[os_glance_staging_store]
filesystem_store_datadir = $STATE/glance/staging
[os_glance_tasks_store]
filesystem_store_datadir = $STATE/glance/tasks
[database]
connection = $(database glance)
[keystone_authtoken]
www_authenticate_uri = http://$KEYSTONE/v3
$(service_user glance)
[paste_deploy]
flavor = keystone
config_file = $ETC/glance/glance-api-paste.ini
X
}

configure_neutron() {
  # Ports are only ever recorded: there are no agents, and Nova does not wait for a port to be plugged.
  cat >"$ETC/neutron/neutron.conf" <<X
[DEFAULT]
core_plugin = ml2
service_plugins =
auth_strategy = keystone
transport_url = rabbit://guest:guest@$RABBIT/
state_path = $STATE/neutron
api_paste_config = $VENV/etc/neutron/api-paste.ini
use_stderr = true
rpc_workers = 0
rpc_state_report_workers = 0
dhcp_agent_notification = false
notify_nova_on_port_status_changes = false
notify_nova_on_port_data_changes = false
[ml2]
type_drivers = local
tenant_network_types = local
mechanism_drivers = lab
extension_drivers = port_security
[database]
connection = $(database neutron)
[keystone_authtoken]
www_authenticate_uri = http://$KEYSTONE/v3
$(service_user neutron)
[oslo_concurrency]
lock_path = $STATE/neutron/lock
[quotas]
quota_port = -1
quota_network = -1
quota_subnet = -1
X
}

configure_nova() {
  cp "$VENV/etc/nova/api-paste.ini" "$ETC/nova/"
  # report_interval, service_down_time: a test of a dead host should not have to wait a minute.
  cat >"$ETC/nova/nova.conf" <<X
[DEFAULT]
transport_url = rabbit://guest:guest@$RABBIT/
my_ip = 127.0.0.1
host = controller
state_path = $STATE/nova
use_stderr = true
compute_driver = lab_virt.LabDriver
report_interval = 3
service_down_time = 12
rpc_response_timeout = 15
long_rpc_timeout = 60
resume_guests_state_on_host_boot = true
running_deleted_instance_action = noop
heal_instance_info_cache_interval = -1
vif_plugging_is_fatal = false
vif_plugging_timeout = 0
allow_resize_to_same_host = false
[quota]
instances = -1
cores = -1
ram = -1
server_groups = -1
server_group_members = -1
[api_database]
connection = $(database nova_api)
[database]
connection = $(database nova_cell1)
[api]
auth_strategy = keystone
[conductor]
workers = 1
[scheduler]
workers = 1
discover_hosts_in_cells_interval = 2
[filter_scheduler]
enabled_filters = ComputeFilter,ComputeCapabilitiesFilter,ImagePropertiesFilter,ServerGroupAntiAffinityFilter,ServerGroupAffinityFilter,SameHostFilter,DifferentHostFilter,AggregateInstanceExtraSpecsFilter
[keystone_authtoken]
www_authenticate_uri = http://$KEYSTONE/v3
service_token_roles = service
service_token_roles_required = true
$(service_user nova)
[service_user]
send_service_user_token = true
$(service_user nova)
[placement]
$(service_user nova)
[glance]
endpoint_override = http://$GLANCE
$(service_user nova)
[neutron]
$(service_user nova)
service_metadata_proxy = false
[vnc]
enabled = false
[oslo_concurrency]
lock_path = $STATE/nova/lock
[oslo_messaging_notifications]
driver = noop
X
  # periodic_fuzzy_delay: otherwise the first search for new hosts starts after a random wait of up to a minute.
  # executor_thread_pool_size: servers booted at the same time would all be given the same, emptiest host.
  # build_failure_weight_multiplier: a host where a test made a build fail would be shunned from then on.
  cat >"$ETC/nova/scheduler.conf" <<X
[DEFAULT]
periodic_fuzzy_delay = 0
executor_thread_pool_size = 1
[filter_scheduler]
shuffle_best_same_weighed_hosts = true
build_failure_weight_multiplier = 0
X
}

configure_compute() { # host
  mkdir -p "$STATE/nova/$1"
  # A host keeps its identity when it is restarted, and gets the same one again after a wipe.
  [ -s "$STATE/nova/$1/compute_id" ] ||
    "$VENV/bin/python" -c 'import sys, uuid; print(uuid.uuid5(uuid.NAMESPACE_DNS, sys.argv[1]))' "$1" \
      >"$STATE/nova/$1/compute_id"
  cat >"$ETC/nova/$1.conf" <<X
[DEFAULT]
host = $1
state_path = $STATE/nova/$1
[oslo_concurrency]
lock_path = $STATE/nova/$1/lock
X
}

write_lab_env() {
  cat >"$LAB/lab.env" <<X
export LAB=$LAB
export LAB_PORT_OFFSET=$LAB_PORT_OFFSET
export LAB_PASSWORD=$PASSWORD
export KEYSTONE_URL=http://$KEYSTONE/v3
export NOVA_URL=http://$NOVA/v2.1
export PLACEMENT_URL=http://$PLACEMENT
export GLANCE_URL=http://$GLANCE
export NEUTRON_URL=http://$NEUTRON
export RABBIT=$RABBIT
export OS_CLIENT_CONFIG_FILE=$LAB/clouds.yaml
X
}
