# Saying what happens, and running what takes long. Sourced by tools/bootstrap.sh.

cache=$root/.cache
logs=$cache/bootstrap-logs
step_process=
reporter_process=
trap 'stop_step; exit 130' INT
trap 'stop_step; exit 143' TERM HUP

say() {
    printf 'nodo: %s\n' "$*" >&2
}

stop_with() {
    say "$*"
    exit 1
}

now_s() {
    date +%s
}

# duration SECONDS -> "48 s", "3 min 20 s"
duration() {
    if [ "$1" -lt 60 ]; then
        echo "$1 s"
    else
        echo "$(($1 / 60)) min $(($1 % 60)) s"
    fi
}

# try_step NAME WHAT COMMAND…: runs it, tells how long it takes; its output is kept in a log.
try_step() {
    step_log=$logs/$1.log
    step_what=$2
    shift 2
    step_began_s=$(now_s)
    say "$step_what …"
    # A session of its own, so that everything that the step starts can be ended together.
    if command -v setsid >/dev/null 2>&1; then
        setsid "$@" >"$step_log" 2>&1 </dev/null &
    else
        "$@" >"$step_log" 2>&1 </dev/null &
    fi
    step_process=$!
    report_progress &
    reporter_process=$!
    step_status=0
    wait "$step_process" || step_status=$?
    end_reporter
    step_process=
    if [ "$step_status" = 0 ]; then
        say "$step_what: done in $(duration $(($(now_s) - step_began_s)))"
    fi
    return "$step_status"
}

# step NAME WHAT COMMAND…: as try_step, but nothing goes on without it.
step() {
    try_step "$@" && return
    show_log
    stop_with "$step_what failed. The whole output is in $step_log"
}

show_log() {
    tail -n 15 "$step_log" | sed 's/^/    /' >&2
}

report_progress() {
    exec 9>&-
    trap - INT TERM HUP
    while sleep 15 >/dev/null 2>&1; do
        # ninja counts its steps: [45/136]
        counted=$(tail -c 4000 "$step_log" | grep -o '\[[0-9]*/[0-9]*\]' | tail -n 1 || true)
        say "  still at it after $(duration $(($(now_s) - step_began_s))) $counted"
    done
}

end_reporter() {
    if [ -n "$reporter_process" ]; then
        kill "$reporter_process" 2>/dev/null || true
        wait "$reporter_process" 2>/dev/null || true
        reporter_process=
    fi
}

stop_step() {
    end_reporter
    if [ -n "$step_process" ]; then
        kill -TERM "-$step_process" 2>/dev/null || kill -TERM "$step_process" 2>/dev/null || true
    fi
}
