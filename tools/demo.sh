#!/usr/bin/env bash
# The main job on real data: a silicon potential is checked, trained, evaluated on unseen structures, exported and run in LAMMPS.
# DEMO=short trains and runs for less; everything is written under build/demo.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
build=$root/${KILN_BUILD:-build/release}
demo=$root/build/demo
prefix=$root/build/install
name=Kiln_demo_silicon

epochs=""
steps=2000
if [ "${DEMO:-full}" = short ]; then
  epochs="-r architecture.training.num_epochs=${DEMO_EPOCHS:-30}"
  steps=400
fi

rm -rf "$demo"
mkdir -p "$demo"
ln -s "$root/data" "$root/examples" "$demo"
cd "$demo"
export PATH=$prefix/bin:$PATH
step() { if [ -t 1 ]; then printf '\n\033[1m%s\033[0m\n' "$*"; else printf '\n== %s\n' "$*"; fi; }
run() { printf '$ %s\n' "$*"; "$@"; }

step "Install Kiln to build/install"
cmake --install "$build" --prefix "$prefix" >/dev/null

step "1. Check the potential's graph"
run kiln validate examples/silicon/model.yaml

step "2. Train it on Quantum ESPRESSO data"
# shellcheck disable=SC2086
run kiln train examples/silicon/options.yaml -o silicon.kiln $epochs

step "3. Evaluate it on structures it has not seen"
outputs=$(ls -d outputs/*/* | tail -n 1)
run kiln eval silicon.kiln data/silicon/silicon.xyz --indices "$outputs/indices/test.txt" -o predicted.xyz | tee eval.txt

step "4. Export it as a KIM model and install it into a collection of its own"
run kiln export silicon.kiln --to kim --name "$name" -o "$name"
. "$root/tools/kim_collection.sh" "$demo/kim"
kim_install "$prefix/share/kiln/kim-driver" Kiln_Driver_v1 model-drivers
kim_install "$name" "$name" portable-models

step "5. Molecular dynamics in LAMMPS"
run lmp -in examples/silicon/in.nve -var model "$name" -var steps "$steps" -log lammps.log -screen none
"$root/tools/md_summary.sh" lammps.log 0.05 > md.txt

step "Result"
awk '$1 == "energy" || $1 == "forces" || $1 == "stress" {
  printf "  %-21s MAE %.1f, RMSE %.1f %s on %d unseen structures\n", "test error, " $1, $2, $3, $4, $5 }' eval.txt
cat md.txt
cat <<END
  potential             build/demo/silicon.kiln
  predictions           build/demo/predicted.xyz
  training log          build/demo/$outputs/train.log
  KIM model             build/demo/$name
  LAMMPS log            build/demo/lammps.log
END
