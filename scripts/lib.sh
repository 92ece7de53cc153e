# Set-up that scripts/run and scripts/test share. Sourced by them, never run.
#
# Each step leaves a stamp: the hash of what it was made from. A step whose stamp is current is not
# done again, which makes the second run quick and lets it work without a network.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT"
SETUP=.setup
PY=.venv/bin/python
mkdir -p "$SETUP/log"

fail() {
  printf '\n%s\n' "$1" >&2
  exit 1
}

# step LABEL COMMAND…: one progress line; what the command says goes to a log, shown when it fails.
step() {
  local label=$1 log started
  log="$SETUP/log/${label//[^A-Za-z]/-}.log"
  shift
  started=$SECONDS
  printf '· %s …' "$label"
  if ("$@") >"$log" 2>&1; then
    printf '  %d s\n' $((SECONDS - started))
  else
    printf '  failed\n\n'
    tail -n 25 "$log" >&2
    fail "$label did not work. The whole output is in $log."
  fi
}

hash_of() {
  sha256sum "$@" | sha256sum | cut -d' ' -f1
}

stamped() { # FILE HASH
  [ -f "$1" ] && [ "$(<"$1")" = "$2" ]
}

# Two set-ups at once (a run and a test in two terminals) wait for each other.
one_at_a_time() {
  exec 9>"$SETUP/lock"
  flock -n 9 || { echo "· waiting for another set-up in this folder"; flock 9; }
}

let_others_in() {
  exec 9>&-
}

need_python() {
  command -v python3 >/dev/null || fail "Python 3.11 or newer is needed. On Debian: apt install python3 python3-venv"
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "Python 3.11 or newer is needed; here is $(python3 -V). On Debian 12 or newer: apt install python3 python3-venv"
}

make_venv() {
  python3 -c 'import ensurepip, venv' 2>/dev/null || fail "Python's venv module is missing. On Debian: apt install python3-venv"
  python3 -m venv --clear .venv
}

# The package itself is not built: the folder is put on the path, so edits count at once.
link_package() {
  local site
  site=$($PY -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
  printf '%s\n' "$ROOT" >"$site/soundmesh-here.pth"
  printf '#!/bin/sh\nexec "%s" -m soundmesh "$@"\n' "$ROOT/$PY" >.venv/bin/soundmesh
  chmod +x .venv/bin/soundmesh
}

install_python() { # LOCK
  $PY -m pip install --require-hashes --no-deps --disable-pip-version-check --quiet -r "$1" && link_package
}

# setup_python run|dev: the locked packages of the program, or of the program and its tools.
setup_python() {
  local lock=requirements.lock key
  [ "$1" = dev ] && lock=requirements-dev.lock
  if ! $PY -c '' 2>/dev/null; then
    need_python
    rm -f .venv/stamp-*
    step "Python environment" make_venv
  fi
  key=$(hash_of "$lock" scripts/lib.sh)-$ROOT
  stamped ".venv/stamp-$1" "$key" && return
  # The tools' lock holds the program's packages in the same versions.
  [ "$1" = run ] && stamped .venv/stamp-dev "$(hash_of requirements-dev.lock scripts/lib.sh)-$ROOT" && return
  step "Python packages" install_python "$lock"
  printf '%s' "$key" >".venv/stamp-$1"
}

need_node() {
  local get="get it from nodejs.org; on Debian 13 or newer: apt install nodejs npm (Debian 12's own is too old)"
  command -v node >/dev/null || fail "Node 20 or newer is needed for the crew panel: $get"
  [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ] ||
    fail "Node 20 or newer is needed; here is $(node -v): $get"
  command -v npm >/dev/null || fail "npm is needed for the crew panel. On Debian: apt install npm"
}

npm_ci() {
  cd web && npm ci --no-audit --no-fund
}

setup_node() {
  local key
  key=$(hash_of web/package-lock.json web/package.json)-$(node -v 2>/dev/null || true)
  stamped web/node_modules/.stamp "$key" && return
  need_node
  key=$(hash_of web/package-lock.json web/package.json)-$(node -v)
  step "web packages" npm_ci
  printf '%s' "$key" >web/node_modules/.stamp
}

web_sources() {
  find web -type f -not -path 'web/node_modules/*' -not -path 'web/dist/*' -not -name '*.test.*' -print0 | LC_ALL=C sort -z
}

build_web() {
  cd web && npm run build
}

setup_web() {
  local key
  key=$(web_sources | xargs -0 sha256sum | sha256sum | cut -d' ' -f1)
  [ -f web/dist/index.html ] && stamped "$SETUP/web-build" "$key" && return
  setup_node
  step "crew panel" build_web
  printf '%s' "$key" >"$SETUP/web-build"
}

find_chromium() {
  local name
  for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome; do
    [ -n "$name" ] && command -v "$name" && return
  done
  return 1
}

install_chromium() {
  apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium
}

install_iproute() {
  apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends iproute2
}

# The roaming tests cut a network of their own, made with ip.
setup_iproute() {
  command -v ip >/dev/null && return
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null ||
    fail "The roaming tests need iproute2. On Debian: sudo apt install iproute2 (or run: scripts/test fast)"
  step "iproute2" install_iproute
}

# The browser tests drive the distribution's own Chromium; CHROMIUM names another one.
setup_chromium() {
  if ! find_chromium >/dev/null; then
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null ||
      fail "The browser tests need Chromium. On Debian: sudo apt install chromium (or run: scripts/test fast)"
    step "Chromium" install_chromium
  fi
  CHROMIUM=$(find_chromium) || fail "Chromium is installed but is not on the PATH. Set CHROMIUM to its path."
  export CHROMIUM
}

find_firefox() {
  local name
  for name in "${FIREFOX:-}" firefox-esr firefox; do
    [ -n "$name" ] && command -v "$name" && return
  done
  return 1
}

install_firefox() {
  apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends firefox-esr
}

# The same for Firefox, which needs no driver: it speaks WebDriver BiDi itself.
setup_firefox() {
  if ! find_firefox >/dev/null; then
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null ||
      fail "The browser tests need Firefox. On Debian: sudo apt install firefox-esr (or run: scripts/test fast)"
    step "Firefox" install_firefox
  fi
  FIREFOX=$(find_firefox) || fail "Firefox is installed but is not on the PATH. Set FIREFOX to its path."
  export FIREFOX
}
