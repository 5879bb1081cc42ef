#!/usr/bin/env bash
# Installs Kiln, its KIM driver and three small trained silicon models into WORK: set_up.sh SOURCE BUILD WORK
set -euo pipefail
source_folder=$1
build=$2
work=$3
prefix=$work/prefix

rm -rf "$work"
mkdir -p "$work"
ln -s "$source_folder/data" "$source_folder/tests" "$work"
cmake --install "$build" --prefix "$prefix" >/dev/null
. "$source_folder/tools/kim_collection.sh" "$work/collection"
kim_install "$prefix/share/kiln/kim-driver" Kiln_Driver_v1 model-drivers

cd "$work"
for model in one_layer two_layers exact; do
  "$prefix/bin/kiln" train tests/kim/options.yaml -r "architecture.model.file=tests/kim/$model.yaml" -o "$model.kiln" > "$model.log" 2>&1 ||
    { cat "$model.log"; exit 1; }
  "$prefix/bin/kiln" export "$model.kiln" --to kim --name "Kiln_test_$model" -o "Kiln_test_$model"
  kim_install "Kiln_test_$model" "Kiln_test_$model" portable-models
done
