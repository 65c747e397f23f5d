#!/bin/sh
# compile_engine.sh PYTHON FOLDER [native|portable]: leaves the wheel of requirements-llama.lock in
# FOLDER/wheel. `native` is for this very processor; `portable`, for packages, holds the code for a
# dozen kinds of processors, of which the engine takes the best at its start.
set -eu
python=$1
folder=$2
kind=${3:-native}
here=$(dirname -- "$0")
mkdir -p "$folder"
"$python" -m venv "$folder/venv"
sh "$here/install.sh" "$folder/venv" --require-hashes -r requirements-llama-build.lock
PATH=$folder/venv/bin:$PATH
export PATH
if [ "$kind" = portable ]; then
    # The binding's own installation forgets the variants; where they go by themselves is said here.
    CMAKE_ARGS="-DGGML_NATIVE=OFF -DGGML_BACKEND_DL=ON -DGGML_CPU_ALL_VARIANTS=ON \
-DCMAKE_INSTALL_BINDIR=llama_cpp/lib ${CMAKE_ARGS:-}"
    export CMAKE_ARGS
fi
# Without pip's cache: it would hand out a wheel that another processor built in a copied home.
"$folder/venv/bin/python" -m pip wheel -v --disable-pip-version-check --no-input --no-cache-dir \
    --no-deps --no-build-isolation --require-hashes -r requirements-llama.lock -w "$folder/wheel"
