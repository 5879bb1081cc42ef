#include "graph/not_finite.h"

#include <cmath>
#include <limits>
#include <utility>

namespace kiln {

Yaml not_finite_as_texts(Yaml value) {
  if (value.kind == Yaml::Kind::real && !std::isfinite(value.real_value))
    return yaml_text(std::isnan(value.real_value) ? ".nan" : value.real_value < 0.0 ? "-.inf" : ".inf");
  for (Yaml& item : value.items) item = not_finite_as_texts(std::move(item));
  for (auto& entry : value.entries) entry.second = not_finite_as_texts(std::move(entry.second));
  return value;
}

Yaml not_finite_as_reals(Yaml value) {
  constexpr std::pair<const char*, double> kReals[] = {{".inf", std::numeric_limits<double>::infinity()},
                                                       {"-.inf", -std::numeric_limits<double>::infinity()},
                                                       {".nan", std::numeric_limits<double>::quiet_NaN()}};
  for (const auto& [text, number] : kReals) {
    if (value.kind != Yaml::Kind::text || value.text != text) continue;
    const SourcePos where = value.where;
    value = yaml_real(number);
    value.where = where;
  }
  for (Yaml& item : value.items) item = not_finite_as_reals(std::move(item));
  return value;
}

}  // namespace kiln
