# The text engine (llama.cpp by llama-cpp-python): compiled once for this very processor, then kept.
# With ENGINE_BUILD=portable it is compiled for all processors of its kind, as packages need it.

engine_version=$(sed -n 's/^llama-cpp-python==\([^ ]*\).*/\1/p' requirements-llama.lock)
wheels=$shared_cache/wheels
engine_build=${ENGINE_BUILD:-native}
case $engine_build in
native | portable) ;;
*) stop_with "ENGINE_BUILD '$engine_build' is not one of native, portable" ;;
esac

# The native build uses every instruction that this processor has. A copied home or a moved disk must not
# meet a processor that lacks one, so the processor's abilities are part of the name.
engine_key() {
    if [ "$engine_build" = portable ]; then
        abilities=portable
    else
        abilities=$(grep -m 1 -E '^(flags|Features)' /proc/cpuinfo 2>/dev/null || uname -p)
    fi
    hash=$(echo "$abilities ${CMAKE_ARGS:-}" | cksum | tr ' ' '-')
    echo "$engine_version-$(uname -m)-$hash"
}

# Settled: installed, or found impossible on this machine (which was said when it was tried).
engine_is_settled() {
    key=$(engine_key)
    has_stamp engine "$key" && return 0
    [ -f "$cache/engine-failed" ] && [ "$(cat "$cache/engine-failed")" = "$key" ] || return 1
    say "The engine could not be compiled on this computer; Nodo starts without it." \
        "To try again: rm '$cache/engine-failed' && ./run"
}

prepare_engine() {
    if engine_is_settled; then return 0; fi
    wheel=$(find_wheel) || compile_engine || return 0
    step engine-install "Installing the engine" \
        sh tools/bootstrap/install.sh "$venv" --no-deps --force-reinstall "$wheel"
    if engine_loads || { try_packages libgomp1 && engine_loads; }; then
        echo "$key" >"$stamps/engine"
    else
        say "The engine is installed but does not load; Nodo starts without it, and cannot answer." \
            "Please run: sudo apt-get install libgomp1, and start again."
    fi
}

engine_loads() {
    "$venv/bin/python" -c "import llama_cpp" >"$logs/engine-loads.log" 2>&1
}

find_wheel() {
    for found in "$wheels/$key"/llama_cpp_python-"$engine_version"-*.whl; do
        [ -f "$found" ] && echo "$found" && return 0
    done
    return 1
}

compile_engine() {
    has_compiler || try_packages g++ libgomp1 || true
    if ! has_compiler; then
        say "The engine needs a compiler once; Nodo starts without it, and cannot answer." \
            "Please run: sudo apt-get install g++ libgomp1, and start again."
        return 1
    fi
    build=$cache/engine-build
    rm -rf "$build"
    if ! try_step engine "Compiling the engine for this computer (once, 3 to 10 minutes)" \
        sh tools/bootstrap/compile_engine.sh "$venv/bin/python" "$build" "$engine_build"; then
        show_log
        say "The engine could not be compiled; Nodo starts without it, and cannot answer." \
            "The whole output is in $step_log"
        echo "$key" >"$cache/engine-failed"
        return 1
    fi
    keep_wheel "$build"/wheel/llama_cpp_python-*.whl && wheel=$(find_wheel) ||
        stop_with "The compiled engine could not be kept in $wheels; is the disk full?"
    rm -rf "$build"
}

# keep_wheel FILE: into the cache, whole or not at all.
keep_wheel() {
    mkdir -p "$wheels/$key" &&
        cp "$1" "$wheels/$key/part-$$" &&
        mv "$wheels/$key/part-$$" "$wheels/$key/$(basename "$1")"
}

# compiler_packages_wanted -> what the engine will ask for next, so that people are told once
compiler_packages_wanted() {
    has_compiler || echo " g++ libgomp1"
}

has_compiler() {
    command -v c++ >/dev/null 2>&1 && command -v cc >/dev/null 2>&1
}
