#!/bin/sh
# The pages in docs/layers/ are what the program writes: layer_pages.sh PROGRAM FOLDER
# To write them anew: PROGRAM layers --pages docs/layers
set -eu
written=$(mktemp -d)
trap 'rm -rf "$written"' EXIT
cp -r "$2/examples" "$written"
"$1" layers --pages "$written"
diff -r "$2" "$written" || { echo "docs/layers is out of date: run '$1 layers --pages docs/layers'" >&2; exit 1; }
