#pragma once

#include "kiln/atom_graph.h"
#include "kiln/span.h"
#include "kiln/structure.h"

namespace kiln {

/// A graph without ghosts: rows are the atoms, edges use periodic images. cutoffs: one per edge set.
/// species_of[z] is the species of atomic number z or -1; an unknown element throws Error of kind data naming atom and
/// element.
AtomGraph build_atom_graph(const Structure& structure, Span<const double> cutoffs, int n_hops,
                           Span<const int> species_of);

/// Several graphs side by side, structure after structure. All without ghosts and with the same number of hops and edge
/// sets.
AtomGraph batch(Span<const AtomGraph> graphs);

}  // namespace kiln
