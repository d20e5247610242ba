#!/usr/bin/env bash
# Install what a version needs in a folder beside this one, and throw it away: what it needs of PyPI is then in the cache, and a
# version that cannot be installed is known before anything is stopped. `guichet upgrade --to` runs it.
# Usage: sudo /opt/guichet/deploy/server/try_install.sh VERSION
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
umask 022
there=.local/tried

take_away() {
    rm -rf "$there"
    git worktree prune
}

trap take_away EXIT
take_away
git worktree add --quiet --detach "$there" "$1"
mkdir -p "$there/.local" .local/cache
ln -s "$PWD/.local/cache" "$there/.local/cache"
[ ! -d .local/uv ] || cp -a .local/uv "$there/.local/uv" # of its version, there is nothing to fetch
UV_NO_DEV=1 PYTHON=/usr/bin/python3 "$there/deploy/bootstrap.sh" packages
