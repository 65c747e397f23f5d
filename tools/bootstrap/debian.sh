# Debian and Ubuntu packages: installed where that needs no question, named where it would.

is_root() {
    [ "$(id -u)" = 0 ]
}

can_install_packages() {
    command -v apt-get >/dev/null 2>&1 || return 1
    is_root || { command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; }
}

# try_packages PACKAGE…: fails when they cannot be installed without asking somebody.
try_packages() {
    can_install_packages || return 1
    sudo_word=
    is_root || sudo_word="sudo -n"
    # The lock (9) is closed: a package may start a server that would keep it for ever.
    try_step apt "Installing $*" sh -c '
        exec 9>&-
        sudo_word=$1
        shift
        export DEBIAN_FRONTEND=noninteractive
        $sudo_word apt-get update -qq
        $sudo_word env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 \
            install -y -qq --no-install-recommends "$@"' sh "$sudo_word" "$@"
}

# What the tests can use beside Python. A test whose program is missing is skipped and says so.
prepare_test_programs() {
    [ "$purpose" != run ] || return 0
    missing=
    command -v chromium >/dev/null 2>&1 || missing="$missing chromium"
    has_postgresql || missing="$missing postgresql"
    command -v redis-server >/dev/null 2>&1 || missing="$missing redis-server"
    [ -n "$missing" ] || return 0
    # shellcheck disable=SC2086  # a list of package names
    try_packages $missing ||
        say "Some tests will be skipped; for all of them: sudo apt-get install$missing"
}

has_postgresql() {
    command -v initdb >/dev/null 2>&1 && return 0
    for program in /usr/lib/postgresql/*/bin/initdb; do
        [ -x "$program" ] && return 0
    done
    return 1
}
