#pragma once

#include "operators/aten_text.h"

namespace kiln {

/// One function per operator; each writes the lines that make call.output from call.inputs.
void write_text(const OneHot& op, TextCall& call);
void write_text(const EdgeLengths& op, TextCall& call);
void write_text(const Harmonics& op, TextCall& call);
void write_text(const RadialBasis& op, TextCall& call);
void write_text(const RadialFunctions& op, TextCall& call);
void write_text(const Network& op, TextCall& call);
void write_text(const Linear& op, TextCall& call);
void write_text(const EdgeConvolution& op, TextCall& call);
void write_text(const SymmetricContraction& op, TextCall& call);
void write_text(const Add& op, TextCall& call);
void write_text(const Activation& op, TextCall& call);
void write_text(const SpeciesTable& op, TextCall& call);
void write_text(const Affine& op, TextCall& call);
void write_text(const SumAtoms& op, TextCall& call);
void write_text(const Call& op, TextCall& call);
void write_text(const Element& op, TextCall& call);
void write_text(const RowFunction& op, TextCall& call);

}  // namespace kiln
