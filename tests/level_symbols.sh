#!/bin/sh
# Code compiled for a vector level must stay in the level's namespace: a function shared with other objects (an inline
# template of the standard library, say) could be taken from here by the linker and run on an older machine.
# usage: level_symbols.sh NM LEVEL OBJECT...
nm=$1
level=$2
shift 2
mangled="N4kiln7kernels${#level}${level}"

symbols=$("$nm" --defined-only --extern-only --format=posix "$@" | grep -v ':$' | cut -d' ' -f1 | grep -v '^$')
if [ -z "$symbols" ]; then
  echo "no symbols found in: $*" >&2
  exit 1
fi
leaked=$(printf '%s\n' "$symbols" | grep -v "$mangled")
if [ -n "$leaked" ]; then
  echo "symbols of level $level outside kiln::kernels::$level:" >&2
  printf '%s\n' "$leaked" | c++filt >&2
  exit 1
fi
echo "$(printf '%s\n' "$symbols" | wc -l) symbols of level $level, all in its namespace"
