#!/bin/sh
# Prints the folder of the Node.js that builds the interface: the system's, or the fetched one.
set -eu
root=$(dirname -- "$(dirname -- "$(dirname -- "$(readlink -f -- "$0")")")")
cd -- "$root"
. tools/bootstrap/shared_cache.sh
. tools/bootstrap/interface.sh
if command -v npm >/dev/null 2>&1 && is_new_node node; then
    dirname -- "$(command -v node)"
else
    echo "$(node_folder)/bin"
fi
