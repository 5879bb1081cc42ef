#include <algorithm>

#include "operators/targets/target_table.h"

namespace kiln {

namespace {

std::string kind_of(const FittedCall& call) {
  const std::string& name = call.parts.back().signature.name;
  return name.substr(name.rfind('.') + 1);
}

/// Gates of the weights: rows are gates x hidden_size.
int gates_of(const std::string& kind) {
  return kind.compare(0, 4, "LSTM") == 0 ? 4 : kind.compare(0, 3, "GRU") == 0 ? 3 : 1;
}

// --- one step ---

std::vector<CallParameter> cell_parameters(const FittedCall& call) {
  const std::int64_t hidden = call.integer("hidden_size"), rows = gates_of(kind_of(call)) * hidden;
  const double bound = inverse_root(hidden);
  std::vector<CallParameter> parameters = {uniform_parameter("weight_ih", {rows, call.integer("input_size")}, bound),
                                           uniform_parameter("weight_hh", {rows, hidden}, bound)};
  if (!call.boolean("bias")) return parameters;
  parameters.push_back(uniform_parameter("bias_ih", {rows}, bound));
  parameters.push_back(uniform_parameter("bias_hh", {rows}, bound));
  return parameters;
}

/// The given state, or zeros: (…, hidden_size).
std::string cell_state(const FittedCall& call, const std::string& name) {
  if (call.given(name)) return call.written(name);
  const std::string input = call.written("input");
  return input + ".new_zeros(list(" + input + ".size()[:-1]) + [" + call.written("hidden_size") + "])";
}

std::string cell_text(const FittedCall& call) {
  const std::string kind = kind_of(call), weights = ", $weight_ih, $weight_hh, $bias_ih, $bias_hh)";
  const std::string input = call.written("input");
  if (kind == "LSTMCell")
    return "torch.lstm_cell(" + input + ", [" + cell_state(call, "h_0") + ", " + cell_state(call, "c_0") + "]" +
           weights;
  const std::string step = kind == "GRUCell" ? "gru_cell" : "rnn_" + call.text("nonlinearity") + "_cell";
  return "torch." + step + "(" + input + ", " + cell_state(call, "hx") + weights;
}

ShapeResult cell_shape(const FittedCall& call) {
  const Shape input = call.input("input");
  ShapeResult result = columns_checked(input, call.integer("input_size"));
  if (!input.known || !result.fault.empty()) return result;
  if (input.rank() != 2) result.fault = "takes tensors of two dimensions, not of shape " + to_string(input);
  result.shapes[0].sizes.back() = fixed_size(call.integer("hidden_size"));
  if (kind_of(call) == "LSTMCell") result.shapes.push_back(result.shapes[0]);
  return result;
}

// --- sequences ---

int n_directions(const FittedCall& call) { return call.boolean("bidirectional") ? 2 : 1; }

/// Size of what a layer gives on: hidden_size, or the projection's.
std::int64_t output_size(const FittedCall& call) {
  const bool projects = find_argument(call, "proj_size").part != nullptr && call.integer("proj_size") > 0;
  return call.integer(projects ? "proj_size" : "hidden_size");
}

constexpr std::int64_t kMostLayers = 1000;

/// "_l0", "_l0_reverse", "_l1", …
std::vector<std::string> suffixes(const FittedCall& call) {
  std::vector<std::string> all;
  for (std::int64_t layer = 0; layer < std::min(call.integer("num_layers"), kMostLayers); ++layer) {
    for (int direction = 0; direction < n_directions(call); ++direction)
      all.push_back("_l" + std::to_string(layer) + (direction == 1 ? "_reverse" : ""));
  }
  return all;
}

std::vector<CallParameter> sequence_parameters(const FittedCall& call) {
  const std::int64_t hidden = call.integer("hidden_size"), rows = gates_of(kind_of(call)) * hidden;
  const std::int64_t out = output_size(call);
  const double bound = inverse_root(hidden);
  std::vector<CallParameter> parameters;
  for (const std::string& suffix : suffixes(call)) {
    const bool first = suffix.compare(0, 3, "_l0") == 0 && (suffix.size() == 3 || suffix[3] == '_');
    const std::int64_t in = first ? call.integer("input_size") : out * n_directions(call);
    parameters.push_back(uniform_parameter("weight_ih" + suffix, {rows, in}, bound));
    parameters.push_back(uniform_parameter("weight_hh" + suffix, {rows, out}, bound));
    if (call.boolean("bias")) {
      parameters.push_back(uniform_parameter("bias_ih" + suffix, {rows}, bound));
      parameters.push_back(uniform_parameter("bias_hh" + suffix, {rows}, bound));
    }
    if (out != hidden) parameters.push_back(uniform_parameter("weight_hr" + suffix, {out, hidden}, bound));
  }
  return parameters;
}

/// The given state, or zeros: (layers x directions, batch, size).
std::string sequence_state(const FittedCall& call, const std::string& name, std::int64_t size) {
  if (call.given(name)) return call.written(name);
  const std::string input = call.written("input"), batch = call.boolean("batch_first") ? "0" : "1";
  return input + ".new_zeros([" + std::to_string(suffixes(call).size()) + ", " + input + ".size(" + batch + "), " +
         std::to_string(size) + "])";
}

std::string sequence_text(const FittedCall& call) {
  const std::string kind = kind_of(call);
  std::string weights;
  for (const CallParameter& parameter : sequence_parameters(call))
    weights += (weights.empty() ? "$" : ", $") + parameter.name;
  const std::int64_t out = output_size(call);
  const std::string state = kind == "LSTM" ? "[" + sequence_state(call, "h_0", out) + ", " +
                                                 sequence_state(call, "c_0", call.integer("hidden_size")) + "]"
                                           : sequence_state(call, "h_0", out);
  const std::string name = kind == "RNN" ? "rnn_" + call.text("nonlinearity") : kind == "GRU" ? "gru" : "lstm";
  return fill_in("torch." + name + "({input}, " + state + ", [" + weights +
                     "], {bias}, {num_layers}, {dropout}, $training, {bidirectional}, {batch_first})",
                 call);
}

ShapeResult sequence_shape(const FittedCall& call) {
  const Shape input = call.input("input");
  ShapeResult result = columns_checked(input, call.integer("input_size"));
  const std::int64_t n_layers = call.integer("num_layers");
  if (n_layers < 1 || n_layers > kMostLayers)
    result.fault = "needs 1 to " + std::to_string(kMostLayers) + " layers, not " + std::to_string(n_layers);
  if (!input.known || !result.fault.empty()) return result;
  if (input.rank() != 3) {
    result.fault = "takes tensors of three dimensions, not of shape " + to_string(input);
    return result;
  }
  const std::int64_t out = output_size(call);
  result.shapes[0].sizes.back() = fixed_size(out * n_directions(call));
  const Size n = fixed_size(static_cast<std::int64_t>(suffixes(call).size()));
  const Size batch = input.sizes[call.boolean("batch_first") ? 0 : 1];
  result.shapes.push_back(make_shape({n, batch, fixed_size(out)}));
  if (kind_of(call) == "LSTM") result.shapes.push_back(make_shape({n, batch, fixed_size(call.integer("hidden_size"))}));
  result.row_wise = false;  // states have another leading dimension
  return result;
}

}  // namespace

void add_recurrent(std::vector<TargetRow>& rows) {
  TargetRow row;
  row.write = cell_text;
  row.shape = cell_shape;
  row.parameters = cell_parameters;
  const std::string sizes = "(int input_size, int hidden_size, bool bias=True";
  row.forward = "forward(Tensor input, Optional[Tensor] hx=None) -> Tensor";
  row.signature = "torch.nn.RNNCell" + sizes + ", Literal['tanh','relu'] nonlinearity='tanh')";
  rows.push_back(row);
  row.signature = "torch.nn.GRUCell" + sizes + ")";
  rows.push_back(row);
  row.forward = "forward(Tensor input, Optional[Tensor] h_0=None, Optional[Tensor] c_0=None) -> Tensor, Tensor";
  row.signature = "torch.nn.LSTMCell" + sizes + ")";
  rows.push_back(row);
  row.write = sequence_text;
  row.shape = sequence_shape;
  row.parameters = sequence_parameters;
  row.random = true;  // dropout between layers
  const std::string options = "bool bias=True, bool batch_first=False, float dropout=0.0, bool bidirectional=False";
  const std::string start = "(int input_size, int hidden_size, int num_layers=1, ";
  row.forward = "forward(Tensor input, Optional[Tensor] h_0=None, Optional[Tensor] c_0=None) -> Tensor, Tensor, Tensor";
  row.signature = "torch.nn.LSTM" + start + options + ", int proj_size=0)";
  rows.push_back(row);
  row.forward = "forward(Tensor input, Optional[Tensor] h_0=None) -> Tensor, Tensor";
  row.signature = "torch.nn.GRU" + start + options + ")";
  rows.push_back(row);
  row.signature = "torch.nn.RNN" + start + "Literal['tanh','relu'] nonlinearity='tanh', " + options + ")";
  rows.push_back(row);
}

}  // namespace kiln
