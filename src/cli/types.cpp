#include "cli/command.h"
#include "graph/category_table.h"
#include "layers/layer_table.h"

namespace kiln {

Run declare_types(CLI::App& app) {
  auto format = std::make_shared<std::string>("text");
  add_format_option(app, *format);
  return [format](Context& context) {
    context.out << (*format == "json" ? describe_categories_json(layer_table()) + "\n"
                                      : describe_categories(layer_table()));
    return 0;
  };
}

}  // namespace kiln
