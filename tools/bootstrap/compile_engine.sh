#!/bin/sh
# compile_engine.sh PYTHON FOLDER: leaves the wheel of requirements-llama.lock in FOLDER/wheel.
set -eu
python=$1
folder=$2
here=$(dirname -- "$0")
mkdir -p "$folder"
"$python" -m venv "$folder/venv"
sh "$here/install.sh" "$folder/venv" --require-hashes -r requirements-llama-build.lock
PATH=$folder/venv/bin:$PATH
export PATH
# Without pip's cache: it would hand out a wheel that another processor built in a copied home.
"$folder/venv/bin/python" -m pip wheel -v --disable-pip-version-check --no-input --no-cache-dir \
    --no-deps --no-build-isolation --require-hashes -r requirements-llama.lock -w "$folder/wheel"
