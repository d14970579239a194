#!/bin/sh
# Makes the root filesystem of the agent's image: Node, the libraries that it needs, and the agent's one file.
# Run in a checkout with its packages installed:  sh deploy/docker/agent.sh FOLDER
set -eu
root=${1:?usage: agent.sh FOLDER}
node=$(node -p process.execPath)

npm run --silent build:agent
mkdir -p "$root/usr/bin" "$root/etc" "$root/opt/fairway" "$root/proc" "$root/tmp"
chmod 1777 "$root/tmp"
cp dist/agent.cjs "$root/opt/fairway/"
cp "$node" "$root/usr/bin/node"

# Node links to the C and C++ libraries and to nothing else; the loader is among what ldd names.
ldd "$node" | grep -o '/[^ ]*' | while read -r library; do
  mkdir -p "$root$(dirname "$library")"
  cp -L "$library" "$root$library"
done

# Names for the user, and hosts before DNS. Without it each library would have its own idea.
echo 'fairway:x:65532:65532::/tmp:/sbin/nologin' >"$root/etc/passwd"
echo 'fairway:x:65532:' >"$root/etc/group"
echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
