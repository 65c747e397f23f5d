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

# On a terminal one line that is renewed; elsewhere a plain line now and then.
report_progress() {
    exec 9>&-
    trap - INT TERM HUP
    if [ -t 2 ]; then pause_s=2; else pause_s=30; fi
    while sleep "$pause_s" >/dev/null 2>&1; do
        elapsed_s=$(($(now_s) - step_began_s))
        line="  $(duration "$elapsed_s")$(counted_progress "$elapsed_s")"
        if [ -t 2 ]; then printf '\r\033[K%s' "$line" >&2; else say "$line"; fi
    done
}

# counted_progress ELAPSED_S -> ", 45 of 136, about 3 min 10 s left" when the step counts, as ninja does: [45/136]
counted_progress() {
    counted=$(tail -c 4000 "$step_log" | grep -o '\[[0-9][0-9]*/[0-9][0-9]*\]' | tail -n 1 | tr -d '[]')
    done_steps=${counted%/*}
    all_steps=${counted#*/}
    # The first few tell nothing about the pace.
    if [ "${done_steps:-0}" -ge 5 ]; then
        left_s=$(($1 * (all_steps - done_steps) / done_steps))
        echo ", $done_steps of $all_steps, about $(duration "$left_s") left"
    fi
}

end_reporter() {
    if [ -n "$reporter_process" ]; then
        kill "$reporter_process" 2>/dev/null || true
        wait "$reporter_process" 2>/dev/null || true
        reporter_process=
        if [ -t 2 ]; then printf '\r\033[K' >&2; fi
    fi
}

stop_step() {
    end_reporter
    if [ -n "$step_process" ]; then
        kill -TERM "-$step_process" 2>/dev/null || kill -TERM "$step_process" 2>/dev/null || true
    fi
}
