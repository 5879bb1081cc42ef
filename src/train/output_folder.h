#pragma once

#include <fstream>
#include <string>

#include "train/split.h"

namespace kiln {

/// Makes outputs/YYYY-MM-DD/HH-MM-SS[.n], a folder that was not there, and returns its path.
std::string make_output_folder();

/// indices/training.txt, validation.txt, test.txt: one frame a line.
void write_indices(const std::string& folder, const Split& split);

/// Appends to an open file and flushes it. Throws Error of kind resources if that fails (the disk is full).
void append(std::ofstream& file, const std::string& path, const std::string& text);

/// The newest outputs/*/*/checkpoint.kiln by modification time; "" if there is none.
std::string newest_checkpoint();

}  // namespace kiln
