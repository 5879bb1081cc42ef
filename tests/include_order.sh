#!/bin/sh
# A part may include only itself and the parts above it (the order of docs/architecture.md). Prints every offender.
set -eu
cd "$(dirname "$0")/.."
order="base structure kernels operators graph layers pipeline engines model train export kim cli"

allowed=""
bad=0
for part in $order; do
  allowed="$allowed $part"
  [ -d "src/$part" ] || continue
  for included in $(grep -rhoE '^#include "[a-z]+/' "src/$part" | sed 's/#include "//; s,/,,' | sort -u); do
    case "$included" in kiln | generated) continue ;; esac
    case " $allowed " in *" $included "*) continue ;; esac
    grep -rn "^#include \"$included/" "src/$part" | sed "s,^,include order: $part may not include $included: ,"
    bad=1
  done
done
[ "$bad" -eq 0 ] && echo "include order holds"
exit "$bad"
