#pragma once

#include <string>

#include "train/split.h"

namespace kiln {

/// Makes outputs/YYYY-MM-DD/HH-MM-SS[.n], a folder that was not there, and returns its path.
std::string make_output_folder();

/// indices/training.txt, validation.txt, test.txt: one frame a line.
void write_indices(const std::string& folder, const Split& split);

/// The newest outputs/*/*/checkpoint.kiln by modification time; "" if there is none.
std::string newest_checkpoint();

}  // namespace kiln
