#include "cli/model_door.h"

#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "base/text.h"
#include "cli/child_process.h"
#include "cli/torch_process.h"
#include "engines/torch/row_function_check.h"
#include "engines/torch/torch_text.h"
#include "model/plugins.h"

namespace kiln {

namespace {

/// Imports, makes and scripts objects; writes why not, one text for each.
constexpr const char* kScript = R"python(
import sys
sys.path[:] = filter(None, sys.path)  # nothing in the working folder stands in for a module that is installed
import importlib, json, math
import torch
calls = json.load(sys.stdin)
sys.path.append("")

class PlaceholderModule(torch.nn.Module):
    "What torch saves a function in; its own forgets the defaults of arguments."

def written(value):
    return f"float('{value}')" if isinstance(value, float) and not math.isfinite(value) else repr(value)

def module_of(function):
    arguments = [a for a in function.schema.arguments  # a class has no name here that TorchScript could read again
                 if not (a.has_default_value() and "__torch__" in a.type.annotation_str)]
    declared = [f"{a.name}: {a.type.annotation_str}" + (f" = {written(a.default_value)}" if a.has_default_value() else "")
                for a in arguments]
    holder = PlaceholderModule()
    holder.function = function
    module = torch.jit.script(holder)
    module.define(f"def forward({', '.join(['self'] + declared)}):\n"
                  f"    return self.function({', '.join(f'{a.name}={a.name}' for a in arguments)})\n")
    return module

def script(call):
    module, name = call["target"].rsplit(".", 1)
    target = getattr(importlib.import_module(module), name)
    torch.manual_seed(call["seed"])
    if isinstance(target, type) and not issubclass(target, torch.nn.Module):
        sys.exit(f"{call['target']} is a class, but no torch.nn.Module")
    if isinstance(target, type):
        target = target(*call["args"], **call["kwargs"])
    scripted = torch.jit.script(target.eval() if isinstance(target, torch.nn.Module) else target)
    (module_of(scripted) if isinstance(scripted, torch.jit.ScriptFunction) else scripted).save(call["out"])

def fault_of(call):
    try:
        script(call)
        return ""
    except SystemExit as error:
        return str(error)
    except Exception as error:
        return f"{type(error).__name__}: {error}"

faults = [fault_of(call) for call in calls["objects"]]
with open(calls["faults"], "w") as file:
    json.dump(faults, file)
)python";

/// KILN_PYTHON, else Debian's interpreter, which has Debian's torch; another `python3` on the PATH may have none, or
/// one whose archives this libtorch cannot read.
std::string python_of(const Context& context) {
  if (const auto chosen = context.environment("KILN_PYTHON"); chosen && !chosen->empty()) return *chosen;
  return access("/usr/bin/python3", X_OK) == 0 ? "/usr/bin/python3" : "python3";
}

/// A file that goes when this does.
struct TemporaryFile {
  std::string path = (std::filesystem::temp_directory_path() / "kiln-XXXXXX").string();
  TemporaryFile() {
    const int descriptor = mkstemp(path.data());
    if (descriptor < 0) throw Error(ErrorKind::resources, "no-temporary-file", "cannot make the file " + path);
    close(descriptor);
  }
  ~TemporaryFile() { std::remove(path.c_str()); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
};

/// Nothing can be said of the objects: the process itself is at fault.
[[noreturn]] void fail_to_script(const std::string& python, const std::string& what) {
  throw Error(ErrorKind::configuration, "no-python", "the Python objects cannot be made: " + what,
              "'" + python + "' must be a Python with torch: KILN_PYTHON names another one");
}

/// Runs Python; the text that it writes into the file `faults`.
std::string answer_of(const std::string& python, const nlohmann::json& request, const std::string& faults) {
  ChildResult result;
  try {
    result = run_child({python, "-c", kScript}, request.dump());
  } catch (const Error& error) {
    if (error.diagnostics().front().code != "no-program") throw;
    fail_to_script(python, error.diagnostics().front().what);
  }
  const std::string told = last_line(result.err);
  if (result.exit_code != 0)
    fail_to_script(python, told.empty() ? "Python ended with code " + std::to_string(result.exit_code) : told);
  return read_file(faults);
}

/// A fault for each of the objects, "" where there is none.
std::vector<std::string> read_answer(const std::string& python, const std::string& answer, std::size_t n_objects) {
  const nlohmann::json told = nlohmann::json::parse(answer, nullptr, /*allow_exceptions=*/false);
  bool good = told.is_array() && told.size() == n_objects;
  for (std::size_t k = 0; good && k < n_objects; ++k) good = told[k].is_string();
  if (!good) fail_to_script(python, "Python ended without an answer");
  return told.get<std::vector<std::string>>();
}

std::vector<ScriptedObject> script_objects(const std::vector<PythonCall>& calls, const std::string& python,
                                           TorchLibrary& torch) {
  const TemporaryFile faults;
  const std::vector<TemporaryFile> archives(calls.size());
  nlohmann::json request = {{"faults", faults.path}, {"objects", nlohmann::json::array()}};
  for (std::size_t k = 0; k < calls.size(); ++k)
    request["objects"].push_back({{"target", calls[k].target},
                                  {"args", nlohmann::json::parse(calls[k].args_json)},
                                  {"kwargs", nlohmann::json::parse(calls[k].kwargs_json)},
                                  {"seed", calls[k].seed},
                                  {"out", archives[k].path}});
  const std::vector<std::string> told = read_answer(python, answer_of(python, request, faults.path), calls.size());
  std::vector<ScriptedObject> objects(calls.size());
  for (std::size_t k = 0; k < calls.size(); ++k) {
    objects[k].fault = told[k];
    if (!objects[k].fault.empty()) continue;
    try {
      objects[k].module = torch.inspect_module(read_file(archives[k].path));
    } catch (const std::bad_alloc&) {
      throw;
    } catch (const std::exception& error) {
      objects[k].fault = error.what();
    }
  }
  return objects;
}

}  // namespace

void add_allow_option(CLI::App& app, std::vector<std::string>& allow) {
  app.add_option("--allow", allow,
                 "code from outside that may run: python:PACKAGE, code:LAYER or plugin:PATH; may be repeated")
      ->allow_extra_args(false)
      ->option_text("WHAT");
}

ModelDoor::ModelDoor(const Context& context, const std::vector<std::string>& allow)
    : program_path_(context.program_path) {
  const auto library = std::make_shared<std::shared_ptr<TorchLibrary>>();
  open_ = [library, &context] {
    if (*library == nullptr) *library = open_torch(context);
    return *library;
  };
  host_.allow = read_allowance(allow);
  host_.layers = load_plugins(host_.allow.plugins, context.environment("KILN_PLUGINS").value_or(""));
  host_.environment = context.environment;
  host_.make_engine = [open = open_](const LoweredGraph& graph, const Weights& weights, Precision precision) {
    const std::shared_ptr<TorchLibrary> torch = open();
    require_row_functions(graph, *torch);
    return torch->make_engine(make_torch_program(graph, weights, precision));
  };
  host_.inspect = [open = open_](const std::string& bytes) { return open()->inspect_module(bytes); };
  host_.inspect_operator = [open = open_](const std::string& name) { return open()->inspect_operator(name); };
  host_.script = [open = open_, python = python_of(context)](const std::vector<PythonCall>& calls) {
    return script_objects(calls, python, *open());
  };
}

}  // namespace kiln
