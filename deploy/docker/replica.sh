#!/bin/sh
# Starts a further hub beside a first one. Both are one authority and open what either sealed, so this one begins with
# a copy of the first one's keys; all else in its data directory is its own. The keys may lie in a mounted Secret too.
#   sh replica.sh DATA_DIRECTORY_OF_THE_FIRST COMMAND…
set -eu
first=$1
shift
data=${FAIRWAY_DATA_DIR:?}

if [ ! -e "$data/authority" ] || [ ! -e "$data/data.key" ]; then
  until [ -e "$first/authority" ] && [ -e "$first/data.key" ]; do sleep 1; done
  umask 077
  rm -rf "$data/keys.new" "$data/authority" "$data/data.key"
  mkdir -p "$data/keys.new"
  # What is mounted from a Secret are links.
  cp -RL "$first/authority" "$first/data.key" "$data/keys.new"
  mv "$data/keys.new/authority" "$data/keys.new/data.key" "$data"
  rmdir "$data/keys.new"
fi
exec "$@"
