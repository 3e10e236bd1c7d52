# shellcheck shell=bash
# Shared by up, down and ctl: where the private cluster lies, whose it is, and which programs run it.

say() { echo "postgres: $*" >&2; }
fail() { say "$*"; exit 1; }

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }
# PostgreSQL refuses to run as root.
as_owner() { if [ "$(id -u)" = 0 ]; then runuser -u "$owner" -- "$@"; else "$@"; fi; }

# Prints the newest folder with server programs of version 13 or later; nothing if there is none.
find_programs() {
  local folder found version newest=12
  for folder in /usr/lib/postgresql/*/bin "$(dirname "$(command -v postgres || echo /none)")"; do
    if [ ! -x "$folder/postgres" ] || [ ! -x "$folder/initdb" ]; then continue; fi
    version=$("$folder/postgres" --version | grep -oE '[0-9]+' | head -n 1)
    if [ "$version" -gt "$newest" ]; then newest=$version found=$folder; fi
  done
  echo "${found:-}"
}

# Needs the owner to exist. The folder below the cache, unless that is root's alone, as /root is.
find_cluster() {
  if [ -n "${FERMATA_POSTGRES_DIR:-}" ]; then
    realpath -m "$FERMATA_POSTGRES_DIR"
    return
  fi
  local cache=${FERMATA_CACHE:-$HOME/.cache/fermata}
  mkdir -p "$cache"
  if as_owner test -x "$cache"; then
    realpath -m "$cache/postgres"
  else
    echo "/var/tmp/fermata-postgres-$(id -u)"
  fi
}

# Sets what follows; fails without server programs.
use_cluster() {
  programs=$(find_programs)
  [ -n "$programs" ] || return 1
  id "$owner" >/dev/null || fail "there is no user $owner to run PostgreSQL"
  cluster=$(find_cluster)
  data=$cluster/data
}

pg_ctl() { as_owner "$programs/pg_ctl" --pgdata="$data" --log="$cluster/log" --timeout=60 "$@" 9>&-; }

# pg_ctl takes a killed server that waits for its parent for a live one.
is_zombie() { grep -q '^State:.Z' "/proc/$(head -n 1 "$data/postmaster.pid")/status"; } 2>/dev/null
is_running() { pg_ctl status >/dev/null 2>&1 && ! is_zombie; }

# One up or down at a time. Whatever is started must close descriptor 9, or the lock outlives the script.
take_lock() {
  exec 9>"$cluster/fermata.lock"
  flock -w 120 9 || fail "another up or down has held $cluster/fermata.lock for 2 minutes"
}

owner=$(id -un)
if [ "$owner" = root ]; then owner=postgres; fi
