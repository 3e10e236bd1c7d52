# The tools of deploy/check and deploy/release, sourced by both: Prometheus, HAProxy and umoci as Debian packages, unpacked and not installed;
# helm and compose-go from Go's module proxy; Python packages from PyPI. `get_tools` gets what is missing and puts it on the PATH.
#
# FERMATA_CACHE  where tools live (default ~/.cache/fermata)
# FERMATA_GO     the Go that builds helm and compose-go (default: go)
# SDK_PYTHON     makes the virtual environment (default python3); 3.11 or newer
deploy=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
wanted=(haproxy prometheus umoci)
helm=v3.22.0
compose=v2.16.2
home=${FERMATA_CACHE:-$HOME/.cache/fermata}/deploy
python=${SDK_PYTHON:-python3}
go=${FERMATA_GO:-go}
unpacked=$home/debian$(printf -- '-%s' "${wanted[@]}")

fail() { echo "${0##*/}: $*" >&2; exit 1; }
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

# Marks are written last, so that what was cut short is done again.
debian() {
  local try
  [ ! -e "$unpacked/complete" ] || return 0
  rm -rf "$unpacked"
  mkdir -p "$unpacked/debs" "$unpacked/bin"
  for try in once updated; do
    if (fetch) >"$unpacked/log" 2>&1; then break; fi
    [ "$try" = once ] || { cat "$unpacked/log" >&2; fail "Debian's packages cannot be had"; }
    as_root apt-get update -q >"$unpacked/log" 2>&1
  done
  # What was installed before is not unpacked.
  if [ -e "$unpacked/root/usr/sbin/haproxy" ]; then
    # Its libraries are not where the loader looks.
    printf '#!/bin/sh\nLD_LIBRARY_PATH=%s exec %s "$@"\n' "$(echo "$unpacked"/root/usr/lib/*-linux-gnu)" \
      "$unpacked/root/usr/sbin/haproxy" >"$unpacked/bin/haproxy"
    chmod +x "$unpacked/bin/haproxy"
  fi
  touch "$unpacked/complete"
}

# The programs with what they need and is not installed, unpacked; and what goes into the image.
fetch() {
  local packages package
  packages=$(apt-get install --simulate --no-install-recommends "${wanted[@]}" | awk '/^Inst/ && $3 !~ /^\[/ {print $2}') || return
  cd "$unpacked/debs" || return
  # shellcheck disable=SC2086 # one word for each package
  apt-get download -q $packages libc6 libgcc-s1 ca-certificates || return
  for package in $packages; do dpkg -x "$package"_*.deb "$unpacked/root" || return; done
}

programs_of_go() {
  local folder=$home/go-$helm-$compose
  [ ! -e "$folder/complete" ] || return 0
  mkdir -p "$folder"
  GOBIN=$folder GOFLAGS=-mod=mod GOTOOLCHAIN=auto nice -n 5 "$go" install "helm.sh/helm/v3/cmd/helm@$helm"
  GOBIN=$folder GOFLAGS=-mod=mod GOTOOLCHAIN=auto nice -n 5 "$go" install "github.com/compose-spec/compose-go/v2/cmd@$compose"
  mv "$folder/cmd" "$folder/compose-go"
  touch "$folder/complete"
}

packages_of_python() {
  local key
  key=$("$python" -c 'import platform; print(platform.python_version())')-$(sha256sum "$deploy/requirements.txt" | cut -c1-12)
  venv=$home/venv-$key
  [ ! -e "$venv/complete" ] || return 0
  "$python" -m venv --clear "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$deploy/requirements.txt"
  touch "$venv/complete"
}

get_tools() {
  mkdir -p "$home"
  exec 9>"$home/lock"
  flock 9
  debian
  programs_of_go
  packages_of_python
  flock -u 9
  export PATH=$venv/bin:$unpacked/bin:$unpacked/root/usr/bin:$home/go-$helm-$compose:$PATH:/usr/sbin DEBIAN_PACKAGES=$unpacked/debs
}
