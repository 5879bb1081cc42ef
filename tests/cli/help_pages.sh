#!/bin/sh
# The pages in docs/cli/ are what --help prints: help_pages.sh PROGRAM FOLDER
# To write them anew: PROGRAM --help-pages docs/cli
set -eu
printed=$(mktemp -d)
trap 'rm -rf "$printed"' EXIT
"$1" --help-pages "$printed"
diff -r "$2" "$printed" || { echo "docs/cli is out of date: run '$1 --help-pages docs/cli'" >&2; exit 1; }
