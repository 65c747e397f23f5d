#!/bin/sh
# Prepares what this checkout needs to run, and costs next to nothing when that is done already.
#
#   tools/bootstrap.sh run     Python packages, the interface, the engine
#   tools/bootstrap.sh test    the same with what the tests need
#   tools/bootstrap.sh check   the same with what the checks of the interface need
#
# Everything is decided by checksums that are written last, so that a preparation that was killed
# half-way is not taken for a finished one.
set -eu

purpose=${1:-run}
case $purpose in
run | test | check) ;;
*) echo "tools/bootstrap.sh: '$purpose' is not one of run, test, check" >&2 && exit 2 ;;
esac

root=$(dirname -- "$(dirname -- "$(readlink -f -- "$0")")")
cd -- "$root"
. "$root/tools/bootstrap/steps.sh"
. "$root/tools/bootstrap/shared_cache.sh"
. "$root/tools/bootstrap/debian.sh"
. "$root/tools/bootstrap/python.sh"
. "$root/tools/bootstrap/engine.sh"
. "$root/tools/bootstrap/interface.sh"

is_prepared() {
    packages_are_fresh && interface_is_fresh && engine_is_settled
}

prepare() {
    prepare_test_programs
    prepare_packages
    prepare_interface
    prepare_engine
}

if is_prepared; then exit 0; fi

mkdir -p "$logs" 2>/dev/null ||
    stop_with "Nodo cannot write to its folder $root; make it yours (chown) or copy it to your home."

# Several starts at once: one prepares, the others wait. The steps inherit the lock, so that it
# holds until the last of them has ended, even when this script is killed.
if command -v flock >/dev/null 2>&1; then
    exec 9>"$cache/bootstrap.lock"
    if ! flock -n 9; then
        say "Another start is preparing this folder; waiting for it."
        flock 9
        if is_prepared; then exit 0; fi
    fi
fi

prepare
