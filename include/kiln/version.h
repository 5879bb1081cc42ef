#pragma once

namespace kiln {

const char* version();  ///< "0.1.0"
const char* commit();   ///< the git commit of the build, or "unknown"

}  // namespace kiln
