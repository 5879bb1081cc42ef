#include "cli/command.h"
#include "cli/model_door.h"
#include "graph/category_table.h"

namespace kiln {

Run declare_types(CLI::App& app) {
  auto format = std::make_shared<std::string>("text");
  auto allow = std::make_shared<std::vector<std::string>>();
  add_allow_option(app, *allow);
  add_format_option(app, *format);
  return [format, allow](Context& context) {
    const ModelDoor door(context, *allow);
    const LayerTable table = table_of(door.host().layers);
    context.out << (*format == "json" ? describe_categories_json(table) + "\n" : describe_categories(table));
    return 0;
  };
}

}  // namespace kiln
