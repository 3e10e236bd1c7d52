# shellcheck shell=bash
# Shared by up.sh and down.sh: paths, addresses, messages, and processes kept by recorded ids.

LAB=$(realpath -m "${LAB:-$HOME/.cache/fermata/openstack-lab}")
LAB_PORT_OFFSET=${LAB_PORT_OFFSET:-0}
export LAB LAB_PORT_OFFSET
export PATH=$PATH:/usr/sbin:/sbin

VENV=$LAB/venv
ETC=$LAB/etc
RUN=$LAB/run
LOG=$LAB/log
STATE=$LAB/state
DATA=$LAB/data
CACHE=$LAB/cache
CTL=$LAB/ctl

address() { echo "127.0.0.1:$(($1 + LAB_PORT_OFFSET))"; }
KEYSTONE=$(address 15000)
NOVA=$(address 18774)
PLACEMENT=$(address 18778)
GLANCE=$(address 19292)
NEUTRON=$(address 19696)
RABBIT=$(address 15673)
RABBIT_DIST_PORT=$((15674 + LAB_PORT_OFFSET))
EPMD_PORT=$((14369 + LAB_PORT_OFFSET))
DB_SOCKET=$RUN/mariadb.sock

# Not a secret: every listener is on the loopback address and nothing here is worth protecting.
PASSWORD=labpass

say() { printf '[%5.1fs] %s\n' "$(elapsed)" "$*"; }
elapsed() { awk -v a="$STARTED" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }'; }
STARTED=$EPOCHREALTIME

fail() { # message [log file]
  {
    if [ -n "${2:-}" ] && [ -s "$2" ]; then
      tail -n 20 "$2" | sed 's/^/    /'
    fi
    echo "openstack-lab: $1${2:+ (log: $2)}"
  } >&2
  exit 1
}

# One up.sh or down.sh at a time.  Every process started must close descriptor 9, or the lock outlives the script.
take_lock() {
  exec 9>"$LAB/lock"
  flock -w 600 9 || fail "another up.sh or down.sh has held $LAB/lock for 10 minutes"
}

# ---- processes
# NAME.pid holds the process id; NAME.born its start time, so that after a reboot
# a stranger which got the same number is never taken for ours.

born() { # pid: prints the start time in clock ticks since boot; fails for a dead process and for a zombie
  local stat fields
  { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
  read -ra fields <<<"${stat##*) }"
  [ "${fields[0]}" != Z ] && echo "${fields[19]}"
}

alive() { # name
  local pid
  [ -s "$RUN/$1.pid" ] && [ -s "$RUN/$1.born" ] || return 1
  read -r pid <"$RUN/$1.pid" || [ -n "$pid" ]
  [ "$(born "$pid")" = "$(<"$RUN/$1.born")" ]
}

start() { # name command...
  local name=$1 pid
  shift
  alive "$name" && return
  setsid nohup "$@" >>"$LOG/$name.log" 2>&1 </dev/null 9>&- &
  pid=$!
  echo "$pid" >"$RUN/$name.pid"
  born "$pid" >"$RUN/$name.born" || fail "$name died at once" "$LOG/$name.log"
}

stop() { # grace-in-seconds name...
  local tries=$(($1 * 10)) name running=()
  shift
  for name in "$@"; do
    if alive "$name"; then
      running+=("$name")
      # CONT: a frozen process would never see the TERM.
      kill -TERM "$(<"$RUN/$name.pid")" 2>/dev/null || true
      kill -CONT "$(<"$RUN/$name.pid")" 2>/dev/null || true
    else
      rm -f "$RUN/$name.pid" "$RUN/$name.born"
    fi
  done
  while [ "$tries" -gt 0 ] && any_alive "${running[@]}"; do
    sleep 0.1
    tries=$((tries - 1))
  done
  for name in "${running[@]}"; do
    # Each leads its own process group, so this also ends the children it left.
    kill -KILL -- "-$(<"$RUN/$name.pid")" 2>/dev/null || true
    rm -f "$RUN/$name.pid" "$RUN/$name.born"
  done
}

any_alive() { # name...
  local name
  for name in "$@"; do alive "$name" && return 0; done
  return 1
}

recorded() { # prints the names of all recorded processes
  local file
  for file in "$RUN"/*.pid; do
    [ -e "$file" ] && basename "$file" .pid
  done
  return 0
}

stop_everything() {
  local name daemons=()
  for name in $(recorded); do
    case $name in mariadb | rabbitmq | epmd) ;; *) daemons+=("$name") ;; esac
  done
  stop 2 "${daemons[@]}"
  # Queues are worth nothing once every service is gone, so the broker need not end in good order; the database must.
  stop 1 rabbitmq epmd
  stop 30 mariadb
  rm -rf "$STATE/rabbit"
}

# ---- conditions
poll() { # seconds command...: until the command succeeds
  local tries=$(($1 * 10))
  shift
  until "$@"; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || return 1
    sleep 0.1
  done
}

accepts() { # host:port
  (exec 3<>"/dev/tcp/${1/:/\/}") 2>/dev/null 9>&-
}

answers_or_died() { # name url
  curl -s -o /dev/null --max-time 5 "$2" || ! alive "$1"
}

wait_http() { # name address
  poll 90 answers_or_died "$1" "http://$2/" || fail "$1 does not answer at http://$2/" "$LOG/$1.log"
  alive "$1" || fail "$1 died while starting" "$LOG/$1.log"
}
