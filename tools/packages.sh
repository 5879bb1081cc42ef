#!/bin/sh
# Installs the missing Debian packages of the named groups (packages/debian.txt) when root; else prints the command and stops.
set -eu
cd "$(dirname "$0")/.."

missing=""
for group in "$@"; do
  for name in $(sed -n "s/^$group  *//p" packages/debian.txt); do
    dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep -q '^install ok installed' || missing="$missing $name"
  done
done
[ -n "$missing" ] || exit 0

command="apt-get install -y --no-install-recommends$missing"
if [ "$(id -u)" -ne 0 ]; then
  echo "Kiln needs Debian packages that are not installed. Run as root:" >&2
  echo "  apt-get update && $command" >&2
  exit 1
fi
echo "installing:$missing"
apt-get update -qq
DEBIAN_FRONTEND=noninteractive $command >/dev/null
