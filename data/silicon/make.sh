#!/bin/sh
# Make the silicon set again with Debian 12's packages. May be stopped and called again: finished cells are kept.
#   apt-get install quantum-espresso quantum-espresso-data lammps openkim-models python3-ase
set -e
cd "$(dirname "$0")"
/usr/bin/python3 make_cells.py
/usr/bin/python3 label.py
/usr/bin/python3 validate.py
/usr/bin/python3 ../describe.py silicon.xyz
