#!/bin/sh
# install.sh VENV ARGS…: `pip install ARGS` in that environment, by uv where there is one (it is quicker).
set -eu
venv=$1
shift
uv=$(command -v uv || true)
[ -n "$uv" ] || { [ -x "$venv/bin/uv" ] && uv=$venv/bin/uv; } || true
if [ -n "$uv" ]; then
    if "$uv" pip install --python "$venv/bin/python" "$@"; then exit 0; fi
    # uv reads other certificates and settings than pip; where only pip is set up, pip gets through.
    echo "uv could not; trying pip"
fi
exec "$venv/bin/python" -m pip install --disable-pip-version-check --no-input "$@"
