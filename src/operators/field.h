#pragma once

#include <string>
#include <vector>

#include "operators/irreps.h"
#include "operators/shape.h"

namespace kiln {

enum class Level {
  system,
  atom,
  edge,
  free  ///< a tensor whose rows mean nothing to Kiln: what arbitrary modules read and give
};
enum class DType { real, integer };

/// What a field stands for beyond its numbers; layers read it to find what they need (and inputs get it from their
/// role).
enum class Meaning {
  plain,
  species,          ///< atom, integer, 0 .. n_species - 1
  atomic_numbers,   ///< atom, integer, 1 .. 118
  one_hot_species,  ///< atom, n_species x 0e: per-species weights become look-ups
  positions,        ///< atom, 1x1o, Å
  edge_index,       ///< [2, E] integer; the edge set itself
  shift,            ///< edge, 3, Å: Cartesian shift S·H
  structure,        ///< atom, integer: index of the structure (KLay's contributions, batch)
  cell,             ///< system, 3x3, Å
  edge_vectors,     ///< edge, 1x1o, Å, receiver to sender
  edge_lengths,     ///< edge, 1x0e, Å
  harmonics,        ///< edge, 1x0e + 1x1o + …
  radial_basis,     ///< edge, n_basis x 0e: made by RadialBasisEdgeEncoding
  energy,           ///< system or atom, eV
  forces,           ///< atom, 1x1o, eV/Å
  virial,           ///< system, 3x3, eV
  stress,           ///< system, 3x3, eV/Å^3
  atom_virials,     ///< atom, 3x3, eV
  tensors           ///< free: a tuple or list of tensors, as a call gives it
};

/// The type of a field, inferred through the graph.
struct FieldType {
  Level level = Level::atom;
  DType dtype = DType::real;
  Meaning meaning = Meaning::plain;
  int edge_set = -1;            ///< for Level::edge and edge_index: index into the graph's edge sets
  Irreps irreps;                ///< of a row, layout mul_ir; empty for integers, cell, virial
  std::string unit;             ///< "" where it is not physical
  int n_species = 0;            ///< of species and one-hot species; 0 until a reader says it
  std::string species_reader;   ///< while checking: that reader, with its place
  Shape shape;                  ///< of Level::free
  std::vector<Shape> elements;  ///< of Meaning::tensors, where their number is known
  bool guessed_real = false;    ///< `dtype` is real as long as nothing says otherwise
  bool open = false;            ///< while checking: a free tensor that no layer with typed ports has read yet
  bool guessed_role = false;    ///< species or atomic numbers by the input's name: the first reader says which
  std::string role_reader;      ///< while checking: the layer that said which
  bool at_fault = false;        ///< while checking: what makes it is at fault, so that nothing is known of it
  bool in_doubt = false;        ///< while checking: it may be a fault that keeps its sizes from being known
};

/// Of the energy: forces, virial, stress, virials of atoms.
bool is_derivative(Meaning meaning);

/// A field whose irreps, and no more, a fault keeps from being known.
FieldType field_of_unknown_irreps(Level level);
/// Is it such a field?
bool has_unknown_irreps(const FieldType& type);

/// Sizes of the whole tensor: rows (N, B, E) and irreps.dim(); the shape itself for Level::free.
Shape shape_of(const FieldType& type);

/// Are their rows alike: level, dtype, edge set and irreps?
bool same_rows(const FieldType& a, const FieldType& b);

std::string to_string(Level level);
std::string to_string(Meaning meaning);
std::string to_string(const FieldType& type);  ///< "atom 32x0e + 32x1o"

}  // namespace kiln
