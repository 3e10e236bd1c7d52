# shellcheck shell=bash
# Debian packages and the Python environment, each installed only when something is missing.

PYTHON=${LAB_PYTHON:-python3}
RABBITMQ_SERVER=/usr/lib/rabbitmq/bin/rabbitmq-server

install_packages() {
  local missing=()
  command -v mariadbd >/dev/null || missing+=(mariadb-server)
  # The script on the PATH insists on the user rabbitmq; this one runs as whoever calls it.
  [ -x "$RABBITMQ_SERVER" ] || missing+=(rabbitmq-server)
  command -v curl >/dev/null || missing+=(curl)
  command -v "$PYTHON" >/dev/null || missing+=(python3)
  if [ ! -e "$VENV/.complete" ]; then
    # uWSGI comes as source only.
    command -v cc >/dev/null || missing+=(gcc libc6-dev)
    if ! "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null; then missing+=(python3-venv); fi
    if ! "$PYTHON" -c 'import os, sys, sysconfig; sys.exit(not os.path.exists(sysconfig.get_path("include") + "/Python.h"))' 2>/dev/null; then
      missing+=(python3-dev)
    fi
  fi
  [ ${#missing[@]} -gt 0 ] || return 0

  command -v apt-get >/dev/null || fail "missing here, and there is no apt-get to install them: ${missing[*]}"
  local as_root=()
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || fail "run as root once, or install: ${missing[*]}"
    as_root=(sudo)
  fi
  say "installing ${missing[*]}"
  apt_install "${missing[@]}" || fail "apt could not install ${missing[*]}" "$LOG/apt.log"
  say "Debian packages installed"
}

apt_install() ( # package...
  # Debian starts a daemon as soon as its package is unpacked.  The lab runs its own copies, so nothing may be started.
  policy=/usr/sbin/policy-rc.d
  saved=$policy.before-openstack-lab
  restore() {
    "${as_root[@]}" rm -f "$policy"
    if [ -e "$saved" ]; then "${as_root[@]}" mv "$saved" "$policy"; fi
  }
  trap restore EXIT
  # A copy left by a run that was killed is the true one.
  if [ -e "$policy" ] && [ ! -e "$saved" ]; then "${as_root[@]}" mv "$policy" "$saved"; fi
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
  "${as_root[@]}" chmod +x "$policy"
  apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -y)
  "${apt[@]}" install --no-install-recommends "$@" >"$LOG/apt.log" 2>&1 </dev/null 9>&- && exit 0
  # Package lists may be missing or too old.
  "${apt[@]}" update >>"$LOG/apt.log" 2>&1 </dev/null 9>&-
  "${apt[@]}" install --no-install-recommends "$@" >>"$LOG/apt.log" 2>&1 </dev/null 9>&-
)

install_python_packages() {
  local wanted
  wanted=$(cat "$HERE/requirements.txt" "$HERE/constraints.txt" | sha256sum)
  if [ -e "$VENV/.complete" ] && [ "$(<"$VENV/.complete")" = "$wanted" ]; then return; fi
  "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "Python 3.11 or later is needed; set LAB_PYTHON to one"
  say "installing Python packages into $VENV"
  if [ ! -x "$VENV/bin/pip" ]; then
    "$PYTHON" -m venv --clear "$VENV" >"$LOG/pip.log" 2>&1 || fail "$PYTHON -m venv failed" "$LOG/pip.log"
  fi
  "$VENV/bin/pip" install --no-input -r "$HERE/requirements.txt" -c "$HERE/constraints.txt" \
    >>"$LOG/pip.log" 2>&1 </dev/null 9>&- || fail "pip install failed" "$LOG/pip.log"
  echo "$wanted" >"$VENV/.complete"
  say "Python packages installed"
}

install_plugins() {
  local site
  site=$("$VENV/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
  # Nova loads virt drivers from its own nova.virt package only.
  cp "$HERE/plugins/lab_virt.py" "$site/nova/virt/lab_virt.py"
  # Neutron finds mechanism drivers by entry point, so this one has to look like an installed package.
  cp "$HERE/plugins/lab_ml2.py" "$site/lab_ml2.py"
  mkdir -p "$site/lab_ml2-0.1.dist-info"
  printf 'Metadata-Version: 2.1\nName: lab-ml2\nVersion: 0.1\n' >"$site/lab_ml2-0.1.dist-info/METADATA"
  printf '[neutron.ml2.mechanism_drivers]\nlab = lab_ml2:LabMechanismDriver\n' >"$site/lab_ml2-0.1.dist-info/entry_points.txt"
}
