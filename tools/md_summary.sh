#!/bin/sh
# md_summary.sh LOG [LIMIT]: energy drift and speed of a LAMMPS log of examples/silicon/in.nve. Drift: slope of a straight line through the
# energy per atom; beyond LIMIT meV/atom/ps (or not a number) the exit status is 1.
set -eu
awk -v limit="${2:-1e30}" '
  /^Loop time of/ { loop = $4; steps = $9; atoms = $12 }
  /^ *Step /      { table = 1; next }
  /^Loop time/    { table = 0 }
  table && NF == 7 && $1 ~ /^[0-9]+$/ {
    n++; t = $2; e = $7; if (n == 1) e0 = e; e -= e0
    st += t; se += e; stt += t * t; ste += t * e; if (t > last) last = t; temperature += $3
  }
  END {
    if (n < 3 || atoms == 0) { print "no dynamics found in the log" > "/dev/stderr"; exit 1 }
    slope = (n * ste - st * se) / (n * stt - st * st)
    printf "  energy drift          %.5f meV/atom/ps over %.2f ps at %.0f K (NVE, 1 fs)\n", 1000 * slope, last, temperature / n
    printf "  speed                 %.1f us/atom/step (%d atoms, one core)\n", 1e6 * loop / steps / atoms, atoms
    if (!(1000 * slope <= limit && -1000 * slope <= limit)) {
      printf "the energy drifts by more than %s meV/atom/ps\n", limit > "/dev/stderr"; exit 1
    }
  }' "$1"
