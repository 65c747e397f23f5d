# Where what several checkouts share is kept: the user's cache, or the checkout's where there is none.

shared_cache=${XDG_CACHE_HOME:-${HOME:-$root}/.cache}/nodo
# A service's user may have no home, or one that it cannot write.
if ! mkdir -p "$shared_cache" 2>/dev/null || [ ! -w "$shared_cache" ]; then
    shared_cache=$root/.cache/shared
fi
