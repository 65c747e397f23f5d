# The interface: ui/dist, built by Node.js from ui/ when its sources have changed.

node_cache=$shared_cache/node
node_modules_stamp=node_modules/.nodo-lock

interface_sources() {
    find ui build.mjs package.json package-lock.json -path ui/dist -prune -o -type f -print |
        LC_ALL=C sort | tr '\n' '\0' | xargs -0 cksum | cksum
}

has_interface_sources() {
    [ -f package.json ] && [ -f package-lock.json ] && [ -f build.mjs ]
}

interface_is_fresh() {
    has_interface_sources || return 0
    if [ "$purpose" = check ] && ! node_modules_are_fresh; then return 1; fi
    [ -f ui/dist/.sources ] && [ "$(cat ui/dist/.sources)" = "$(interface_sources)" ]
}

node_modules_are_fresh() {
    [ -f "$node_modules_stamp" ] && [ "$(cat "$node_modules_stamp")" = "$(cksum <package-lock.json)" ]
}

prepare_interface() {
    if interface_is_fresh; then return 0; fi
    choose_node
    if ! node_modules_are_fresh; then
        rm -f "$node_modules_stamp"
        step npm "Installing the packages of the interface" npm ci --ignore-scripts --no-audit --no-fund
        cksum <package-lock.json >"$node_modules_stamp"
    fi
    sources=$(interface_sources)
    rm -f ui/dist/.sources
    step interface "Building the interface" npm run --silent build
    echo "$sources" >ui/dist/.sources
}

node_folder() {
    echo "$node_cache/$(cksum <requirements-node.lock | tr ' ' '-')-$(uname -m)"
}

# Puts a Node.js of version 20.19 or newer, with npm, first on the PATH.
choose_node() {
    if command -v npm >/dev/null 2>&1 && is_new_node node; then return 0; fi
    folder=$(node_folder)
    if ! is_new_node "$folder/bin/node"; then
        rm -rf "$folder"
        step node "Fetching Node.js (60 MB)" sh tools/bootstrap/fetch_node.sh "$venv" "$folder"
    fi
    PATH=$folder/bin:$PATH
    export PATH
}

is_new_node() {
    "$1" -e '
        const [major, minor] = process.versions.node.split(".").map(Number);
        process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1)' 2>/dev/null
}
