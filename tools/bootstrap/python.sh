# Python 3.11 to 3.13 and the packages of a lock, in .venv.

venv=$root/.venv
stamps=$venv/nodo
# Stands while .venv is being changed: a start that finds it begins anew.
unfinished=$cache/venv-unfinished

packages_lock() {
    if [ "$purpose" = run ]; then echo requirements.lock; else echo requirements-dev.lock; fi
}

# What .venv was made from: the lock, the folder and the Python behind it.
packages_state() {
    echo "$(cksum <"$1") $root $(readlink -f "$venv/bin/python")"
}

# has_stamp NAME STATE: true if that state was reached, and nothing interrupted it since.
has_stamp() {
    [ -f "$stamps/$1" ] && [ "$(cat "$stamps/$1")" = "$2" ]
}

packages_are_fresh() {
    [ -x "$venv/bin/python" ] && [ ! -e "$unfinished" ] || return 1
    if has_stamp packages-test "$(packages_state requirements-dev.lock)"; then return 0; fi
    [ "$purpose" = run ] && has_stamp packages-run "$(packages_state requirements.lock)"
}

# is_usable PYTHON [MODULES]: true for 3.11 to 3.13 that can import these modules.
is_usable() {
    command -v "$1" >/dev/null 2>&1 || return 1
    "$1" -c "import sys${2:+, $2}; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))" 2>/dev/null
}

# find_python [MODULES] -> the first that is usable
find_python() {
    for candidate in python3.13 python3.12 python3.11 python3; do
        if is_usable "$candidate" "${1:-}"; then
            command -v "$candidate"
            return 0
        fi
    done
    return 1
}

# python_packages_wanted -> the Debian packages that would make find_python succeed
python_packages_wanted() {
    if found=$(find_python); then
        "$found" -c 'import sys; print("python3-venv python3.%d-venv" % sys.version_info[1])'
    elif command -v python3 >/dev/null 2>&1; then
        # The system's own is outside the range: an older Ubuntu offers this one beside it.
        echo "python3.11 python3.11-venv"
    else
        echo "python3 python3-venv"
    fi
}

choose_python() {
    if python=$(find_python "venv, ensurepip"); then return 0; fi
    wanted=$(python_packages_wanted)
    # shellcheck disable=SC2086  # a list of package names
    try_packages $wanted || true
    python=$(find_python "venv, ensurepip") ||
        stop_with "Nodo needs Python 3.11, 3.12 or 3.13; please run:" \
            "sudo apt-get install $wanted$(compiler_packages_wanted)"
}

prepare_packages() {
    if packages_are_fresh; then return 0; fi
    venv_can_be_kept || remake_venv
    : >"$unfinished"
    rm -rf "$stamps"
    lock=$(packages_lock)
    step python-packages "Installing the Python packages of $lock" \
        sh tools/bootstrap/install.sh "$venv" --require-hashes -r "$lock"
    # Found from any folder, as if it were installed.
    echo "$root" >"$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/nodo.pth"
    mkdir -p "$stamps"
    state=$(packages_state "$lock")
    if [ "$purpose" = run ]; then
        echo "$state" >"$stamps/packages-run"
    else
        echo "$state" >"$stamps/packages-test"
    fi
    rm -f "$unfinished"
}

venv_can_be_kept() {
    [ ! -e "$unfinished" ] && is_usable "$venv/bin/python" pip
}

remake_venv() {
    choose_python
    mkdir -p "$cache"
    : >"$unfinished"
    rm -rf "$venv"
    step venv "Making a Python environment with $python" "$python" -m venv "$venv"
}
