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

/// Several results, without the batch of one in dimension `dim` if what is called is `single`. Where that is not known
/// before it runs both ways are written, as lists.
std::string without_batch(const FittedCall& call, const std::string& results, bool single, int dim) {
  const std::string at = std::to_string(dim);
  if (!call.input("input").known)
    return "[result" + (single ? ".squeeze(" + at + ")" : "") + " for result in " + results + "]";
  if (!single) return results;
  return (kind_of(call) == "LSTM" ? "$squeezed_three(" : "$squeezed_two(") + results + ", " + at + ")";
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
  return "torch.constant_pad_nd(" + input + "[..., 0:0], [0, " + call.written("hidden_size") + "], 0.0)";
}

/// A vector is a batch of one while it is called.
std::string cell_text(const FittedCall& call, bool single) {
  const std::string batch = single ? ".unsqueeze(0)" : "";
  const std::string kind = kind_of(call), weights = ", $weight_ih, $weight_hh, $bias_ih, $bias_hh)";
  const std::string input = call.written("input") + batch;
  if (kind == "LSTMCell") {
    const std::string states = cell_state(call, "h_0") + batch + ", " + cell_state(call, "c_0") + batch;
    return without_batch(call, "torch.lstm_cell(" + input + ", [" + states + "]" + weights, single, 0);
  }
  const std::string step = kind == "GRUCell" ? "gru_cell" : "rnn_" + call.text("nonlinearity") + "_cell";
  return "torch." + step + "(" + input + ", " + cell_state(call, "hx") + batch + weights +
         (single ? ".squeeze(0)" : "");
}

std::string cell_text(const FittedCall& call) {
  return single_or_batch(call, 1, cell_text(call, true), cell_text(call, false));
}

std::string fault_of_shape(const std::string& name, const Shape& given, const Shape& expected) {
  if (may_equal(given, expected)) return "";
  return "takes a tensor of shape " + to_string(expected) + " as '" + name + "', not " + to_string(given);
}

/// Of a state or weight that is given.
std::string fault_of_tensor(const FittedCall& call, const char* name, const Shape& expected) {
  return fault_of_shape(name, call.input(name), expected);
}

/// The first of several faults.
std::string first_fault(std::initializer_list<std::string> faults) {
  for (const std::string& fault : faults)
    if (!fault.empty()) return fault;
  return "";
}

ShapeResult cell_shape(const FittedCall& call) {
  const Shape input = first_with_last_size(call);
  ShapeResult result = columns_checked(input, call.integer("input_size"));
  if (!input.known || !result.fault.empty()) return result;
  if (input.rank() > 2) result.fault = "takes tensors of one or two dimensions, not of shape " + to_string(input);
  result.shapes[0].sizes.back() = fixed_size(call.integer("hidden_size"));
  const Shape& state = result.shapes[0];
  if (result.fault.empty())
    result.fault = first_fault(
        {fault_of_tensor(call, "hx", state), fault_of_tensor(call, "h_0", state), fault_of_tensor(call, "c_0", state)});
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
std::string sequence_state(const FittedCall& call, const std::string& name, std::int64_t size, bool single) {
  if (call.given(name)) return call.written(name) + (single ? ".unsqueeze(1)" : "");
  const std::string input = call.written("input"), dim = call.boolean("batch_first") ? "0" : "1";
  const std::string batch = single ? "1" : input + ".size(" + dim + ")";
  return input + ".new_zeros([" + std::to_string(suffixes(call).size()) + ", " + batch + ", " + std::to_string(size) +
         "])";
}

/// One sequence, (steps, input_size), is a batch of one while it is called.
std::string sequence_text(const FittedCall& call, bool single) {
  const std::string kind = kind_of(call);
  std::string weights;
  for (const CallParameter& parameter : sequence_parameters(call))
    weights += (weights.empty() ? "$" : ", $") + parameter.name;
  const std::int64_t out = output_size(call), hidden = call.integer("hidden_size");
  const std::string state = kind == "LSTM" ? "[" + sequence_state(call, "h_0", out, single) + ", " +
                                                 sequence_state(call, "c_0", hidden, single) + "]"
                                           : sequence_state(call, "h_0", out, single);
  const std::string name = kind == "RNN" ? "rnn_" + call.text("nonlinearity") : kind == "GRU" ? "gru" : "lstm";
  const std::string input = "torch." + name + "({input}" + (single ? ".unsqueeze(1), " : ", ") + state;
  const std::string rest = "], {bias}, {num_layers}, {dropout}, $training, {bidirectional}, ";
  const std::string step = fill_in(input + ", [" + weights + rest + (single ? "False)" : "{batch_first})"), call);
  return without_batch(call, step, single, 1);
}

std::string sequence_text(const FittedCall& call) {
  return single_or_batch(call, 2, sequence_text(call, true), sequence_text(call, false));
}

/// (layers x directions, batch, size), or without a batch.
Shape state_shape(const FittedCall& call, std::int64_t size) {
  const Shape input = call.input("input");
  Shape shape = make_shape({fixed_size(static_cast<std::int64_t>(suffixes(call).size()))});
  if (input.rank() == 3) shape.sizes.push_back(input.sizes[call.boolean("batch_first") ? 0 : 1]);
  shape.sizes.push_back(fixed_size(size));
  return shape;
}

ShapeResult sequence_shape(const FittedCall& call) {
  const Shape input = first_with_last_size(call);
  ShapeResult result = columns_checked(input, call.integer("input_size"));
  const std::int64_t n_layers = call.integer("num_layers");
  if (n_layers < 1 || n_layers > kMostLayers)
    result.fault = "needs 1 to " + std::to_string(kMostLayers) + " layers, not " + std::to_string(n_layers);
  if (!input.known || !result.fault.empty()) return result;
  if (input.rank() != 2 && input.rank() != 3) {
    result.fault = "takes tensors of two or three dimensions, not of shape " + to_string(input);
    return result;
  }
  const std::int64_t out = output_size(call);
  result.shapes[0].sizes.back() = fixed_size(out * n_directions(call));
  const Shape state = state_shape(call, out), cell = state_shape(call, call.integer("hidden_size"));
  result.shapes.push_back(state);
  if (kind_of(call) == "LSTM") result.shapes.push_back(cell);
  result.fault = first_fault({fault_of_tensor(call, "h_0", state), fault_of_tensor(call, "c_0", cell)});
  result.row_wise = false;  // states have another leading dimension
  return result;
}

// --- the steps as functions ---

bool is_lstm_step(const FittedCall& call) { return call.parts.front().signature.name == "torch.lstm_cell"; }
bool is_gru_step(const FittedCall& call) { return call.parts.front().signature.name == "torch.gru_cell"; }

std::int64_t gates_of_step(const FittedCall& call) { return is_lstm_step(call) ? 4 : is_gru_step(call) ? 3 : 1; }

/// A matrix whose rows are those of all gates. torch trusts that they are: where nothing is known of them, what cannot
/// be divided fails when it runs.
std::string gated_text(const FittedCall& call, const char* name) {
  const std::string matrix = call.written(name), columns = matrix + ".size(-1)";
  if (n_components(call.input(name)).known()) return matrix;
  return matrix + ".t().t().reshape([" + std::to_string(gates_of_step(call)) + ", -1, " + columns + "]).reshape([-1, " +
         columns + "])";
}

std::string step_text(const FittedCall& call) {
  const bool several = gates_of_step(call) > 1;
  return call.parts.front().signature.name + "(" + call.written("input") + ", " + call.written("hx") + ", " +
         (is_gru_step(call) ? gated_text(call, "w_ih") : call.written("w_ih")) + ", " +
         (several ? gated_text(call, "w_hh") : call.written("w_hh")) + fill_in(", {b_ih}, {b_hh})", call);
}

/// A bias is added to what a weight gives: (batch, rows).
std::string fault_of_bias(const FittedCall& call, const char* name, const Shape& sum) {
  const Shape bias = call.input(name);
  const int behind = sum.rank() - bias.rank();
  bool fits = !bias.known || behind >= 0;
  for (int k = 0; fits && bias.known && k < bias.rank(); ++k)
    fits = bias.sizes[k].n == 1 || may_equal(bias.sizes[k], sum.sizes[behind + k]);
  if (fits) return "";
  return "cannot add '" + std::string(name) + "' of shape " + to_string(bias) + " to " + to_string(sum);
}

/// Weights of a step, as matrices of unknown sizes where nothing is known.
struct StepWeights {
  Shape from_input, from_state;
  Size gate;  ///< numbers of each gate
};

Shape matrix_of(const Shape& shape) { return shape.known ? shape : make_shape({Size{}, Size{}}); }

StepWeights step_weights(const FittedCall& call) {
  StepWeights weights{matrix_of(call.input("w_ih")), matrix_of(call.input("w_hh")), {}};
  const Size rows = weights.from_state.rank() == 2 ? weights.from_state.sizes[0] : Size{};
  if (rows.known()) weights.gate = fixed_size(rows.n / gates_of_step(call));
  return weights;
}

/// What comes from the input stretches to what comes from the state: of a GRU gate by gate, else as a whole.
bool stretches(const FittedCall& call, const Size& from_input, const Size& from_state) {
  return may_equal(from_input, from_state) || from_input.n == (is_gru_step(call) ? gates_of_step(call) : 1);
}

bool has_all_gates(const FittedCall& call, const Size& rows) {
  return !rows.known() || rows.n % gates_of_step(call) == 0;
}

std::string fault_of_weights(const FittedCall& call, const StepWeights& weights, const Shape& input) {
  const std::string gates = std::to_string(gates_of_step(call));
  for (const Shape& weight : {weights.from_input, weights.from_state})
    if (weight.rank() != 2) return "takes weights of two dimensions, not of shape " + to_string(weight);
  const Size &rows = weights.from_state.sizes[0], &columns = weights.from_state.sizes[1];
  if (!has_all_gates(call, rows))
    return "needs rows for " + gates + " gates in a 'w_hh' of shape " + to_string(weights.from_state);
  if (is_gru_step(call) && !has_all_gates(call, weights.from_input.sizes[0]))
    return "needs rows for " + gates + " gates in a 'w_ih' of shape " + to_string(weights.from_input);
  if (!stretches(call, weights.from_input.sizes[0], rows))
    return "cannot add what a 'w_ih' of shape " + to_string(weights.from_input) + " gives to what a 'w_hh' of shape " +
           to_string(weights.from_state) + " gives";
  const bool widths = weights.gate.n == 1 || columns.n == 1 || may_equal(weights.gate, columns);
  if (gates_of_step(call) > 1 && !widths)
    return "needs " + gates + " rows per column in a 'w_hh' of shape " + to_string(weights.from_state);
  return first_fault({fault_of_tensor(call, "w_ih", make_shape({weights.from_input.sizes[0], input.sizes[1]})),
                      fault_of_bias(call, "b_ih", make_shape({input.sizes[0], weights.from_input.sizes[0]})),
                      fault_of_bias(call, "b_hh", make_shape({input.sizes[0], rows}))});
}

/// hx, or both tensors of (hx, cx).
std::string fault_of_states(const FittedCall& call, const Shape& state) {
  if (!is_lstm_step(call)) return fault_of_tensor(call, "hx", state);
  std::string fault;
  std::vector<Shape> states;
  for (const int input : find_argument(call, "hx").bound().inputs)
    for (const Shape& shape : call.request.inputs[input].shapes) states.push_back(shape);
  for (const Shape& given : states)
    if (fault.empty()) fault = fault_of_shape("hx", given, state);
  return fault;
}

/// What comes out has the width of the gates, where those of LSTM and GRU do not stretch to the state's.
ShapeResult step_shape(const FittedCall& call) {
  const Shape input = call.input("input"), rows = matrix_of(input);
  if (rows.rank() != 2) return {{}, false, "takes tensors of two dimensions, not of shape " + to_string(input)};
  const StepWeights weights = step_weights(call);
  std::string fault = fault_of_weights(call, weights, rows);
  if (!fault.empty()) return faulty(fault);
  const Size hidden = weights.from_state.sizes[1];
  fault = fault_of_states(call, make_shape({rows.sizes[0], hidden}));
  const bool stretches_to_state = gates_of_step(call) > 1 && weights.gate.n == 1;
  const Shape state = make_shape({rows.sizes[0], stretches_to_state ? hidden : weights.gate});
  return {std::vector<Shape>(is_lstm_step(call) ? 2 : 1, state), false, fault};
}

void add_steps(std::vector<TargetRow>& rows) {
  const std::string weights =
      "Tensor w_ih, Tensor w_hh, Optional[Tensor] b_ih=None, Optional[Tensor] b_hh=None) -> Tensor";
  TargetRow row;
  row.write = step_text;
  row.shape = step_shape;
  for (const char* name : {"gru_cell", "rnn_tanh_cell", "rnn_relu_cell"}) {
    row.signature = "torch." + std::string(name) + "(Tensor input, Tensor hx, " + weights;
    rows.push_back(row);
  }
  row.signature = "torch.lstm_cell(Tensor input, List[Tensor] hx, " + weights + ", Tensor";
  rows.push_back(row);
}

}  // namespace

void add_recurrent(std::vector<TargetRow>& rows) {
  add_steps(rows);
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
