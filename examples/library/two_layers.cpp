// Layers of a library, called one after the other: two_layers examples/library/layers.yaml
#include <kiln/library_layer.h>

#include <cstdio>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  try {
    const auto embedding = kiln::LibraryLayer::load(argv[1], "embedding", {{"h", "{shape: [N, 2]}"}});
    const auto readout = kiln::LibraryLayer::load(argv[1], "readout", {{"h", "{shape: [N, 16]}"}});

    const kiln::PortArrays atoms = {{"h", {{3, 2}, {1, 0, 0, 1, 1, 0}}}};  // three atoms of two species
    const kiln::PortArray features = embedding(atoms).at("embedding");
    const kiln::PortArray energies = readout({{"h", features}}).at("readout");
    for (const double energy : energies.reals) std::printf("%.12f\n", energy);
  } catch (const kiln::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
