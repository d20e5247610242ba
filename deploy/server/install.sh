#!/usr/bin/env bash
# Install Guichet on this server: what it needs of Debian's packages, its own, and the commands `guichet` and
# `guichet-server`. Run again after each new version; it starts nothing and changes no setting.
# Usage: sudo /opt/guichet/deploy/server/install.sh
# Which mongod and which Kafka run: docs/going-live.md. GUICHET_WITHOUT_KAFKA=1: the town has a Kafka of its own; later
# its settings say so.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

say() { printf '  %s\n' "$*"; }
give_up() { printf 'Guichet: %s\n' "$*" >&2; exit 1; }

[ "$(id -u)" = 0 ] || give_up "run it as root: sudo $0"
[ "$PWD" = /opt/guichet ] || give_up "the code must lie in /opt/guichet: units and users are written for that place, and this is $PWD"
command -v systemctl >/dev/null || give_up "this machine has no systemd"
umask 022 # the services, each as a user of its own, read what lies here

printf 'Installing Guichet in /opt/guichet\n'
missing=()
for package in python3-venv libcurl4 libssl3 ca-certificates; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q ' installed$' || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
    say "Installing ${missing[*]} (Debian's packages)"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

UV_NO_DEV=1 PYTHON=/usr/bin/python3 deploy/bootstrap.sh
if grep -qs '^GUICHET_KAFKA_BOOTSTRAP_SERVERS=.' /etc/guichet/guichet.env; then GUICHET_WITHOUT_KAFKA=1; fi
[ -n "${GUICHET_WITHOUT_KAFKA:-}" ] || .venv/bin/python -m guichet_local fetch
.venv/bin/python -m compileall -q shared services deploy || true

for name in guichet guichet-server; do
    arguments=$([ "$name" = guichet ] && echo 'guichet ' || true)
    printf '#!/bin/sh\n# Written by deploy/server/install.sh.\nexec /opt/guichet/.venv/bin/python -P -m guichet_server %s"$@"\n' "$arguments" >"/usr/local/bin/$name"
    chmod 755 "/usr/local/bin/$name"
done
install -d -m 755 /etc/guichet
install -d -m 700 /etc/guichet/secrets
say "Installed: guichet, guichet-server"
