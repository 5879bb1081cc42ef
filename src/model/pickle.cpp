#include "model/pickle.h"

#include <cstring>
#include <map>

#include "kiln/error.h"

namespace kiln {
namespace {

using Kind = PickleValue::Kind;

struct StorageClass {
  const char* name;
  TensorDType dtype;
};
constexpr StorageClass kStorages[] = {
    {"torch DoubleStorage", TensorDType::f64}, {"torch FloatStorage", TensorDType::f32},
    {"torch HalfStorage", TensorDType::f16},   {"torch BFloat16Storage", TensorDType::bf16},
    {"torch LongStorage", TensorDType::i64},   {"torch IntStorage", TensorDType::i32},
    {"torch ShortStorage", TensorDType::i16},  {"torch CharStorage", TensorDType::i8},
    {"torch ByteStorage", TensorDType::u8},    {"torch BoolStorage", TensorDType::boolean}};

constexpr const char* kOrderedDict = "collections OrderedDict";
constexpr const char* kTensor = "torch._utils _rebuild_tensor_v2";
constexpr const char* kParameter = "torch._utils _rebuild_parameter";

/// The stack machine that pickle is, restricted.
struct Machine {
  const std::string& bytes;
  const std::string& file_name;
  Pickle pickle = {};
  std::size_t at = 0;
  std::vector<PickleValue*> stack = {};
  std::vector<std::size_t> marks = {};
  std::map<std::uint64_t, PickleValue*> memo = {};

  [[noreturn]] void fail(const std::string& what, const std::string& hint) const {
    throw Error(ErrorKind::data, "bad-state-dict", SourcePos::whole_file(file_name),
                "this is not a state dict that can be read: " + what, hint);
  }
  [[noreturn]] void damaged(const std::string& what) const {
    fail(what, "The file is damaged; write it again with torch.save(module.state_dict(), path).");
  }

  std::uint64_t number(int size) {
    std::uint64_t value = 0;
    const std::string raw = text(static_cast<std::uint64_t>(size));
    for (int i = 0; i < size; ++i) value |= std::uint64_t{static_cast<unsigned char>(raw[i])} << (8 * i);
    return value;
  }
  std::string text(std::uint64_t size) {
    if (size > bytes.size() - at) damaged("it is cut off");
    at += size;
    return bytes.substr(at - size, size);
  }
  std::string line() {
    const std::size_t end = bytes.find('\n', at);
    if (end == std::string::npos) damaged("it is cut off");
    const std::string found = bytes.substr(at, end - at);
    at = end + 1;
    return found;
  }

  PickleValue* make(Kind kind) {
    pickle.values.push_back(std::make_unique<PickleValue>());
    pickle.values.back()->kind = kind;
    return pickle.values.back().get();
  }
  void push(Kind kind) { stack.push_back(make(kind)); }
  void push_integer(std::int64_t value) {
    push(Kind::integer);
    stack.back()->integer = value;
  }
  void push_text(std::string value) {
    push(Kind::text);
    stack.back()->text = std::move(value);
  }
  PickleValue* pop() {
    if (stack.empty() || (!marks.empty() && stack.size() <= marks.back())) damaged("a value is missing");
    PickleValue* value = stack.back();
    stack.pop_back();
    return value;
  }
  PickleValue& top() {
    if (stack.empty()) damaged("a value is missing");
    return *stack.back();
  }
  std::vector<PickleValue*> pop_to_mark() {
    if (marks.empty()) damaged("a mark is missing");
    std::vector<PickleValue*> values(stack.begin() + static_cast<std::ptrdiff_t>(marks.back()), stack.end());
    stack.resize(marks.back());
    marks.pop_back();
    return values;
  }
  void push_list(std::vector<PickleValue*> items) {
    push(Kind::list);
    stack.back()->items = std::move(items);
  }
  void push_tuple(int n) {
    std::vector<PickleValue*> items(static_cast<std::size_t>(n));
    for (int k = n; k-- > 0;) items[static_cast<std::size_t>(k)] = pop();
    push_list(std::move(items));
  }

  void set_items(const std::vector<PickleValue*>& values) {
    if (top().kind != Kind::dictionary || values.size() % 2 != 0) damaged("entries without a dictionary");
    for (std::size_t k = 0; k < values.size(); k += 2) top().entries.emplace_back(values[k], values[k + 1]);
  }
  void add_items(const std::vector<PickleValue*>& values) {
    if (top().kind != Kind::list) damaged("items without a list");
    top().items.insert(top().items.end(), values.begin(), values.end());
  }

  void append() {
    PickleValue* item = pop();
    add_items({item});
  }
  void set_item() {
    PickleValue *value = pop(), *key = pop();
    set_items({key, value});
  }

  void push_memo(std::uint64_t key) {
    const auto found = memo.find(key);
    if (found == memo.end()) damaged("it refers to a value that is not there");
    stack.push_back(found->second);
  }

  std::vector<std::int64_t> integers(const PickleValue& list) const {
    constexpr std::size_t kMostDimensions = 64;  // torch's own limit; many tensors may share one long list
    if (list.items.size() > kMostDimensions) damaged("a tensor has more than 64 dimensions");
    std::vector<std::int64_t> values;
    for (const PickleValue* item : list.items) {
      if (item->kind != Kind::integer) damaged("a size is no whole number");
      values.push_back(item->integer);
    }
    return values;
  }

  /// ('storage', class, key, device, number of elements)
  void push_storage() {
    const PickleValue& id = *pop();
    if (id.kind != Kind::list || id.items.size() != 5 || id.items[1]->kind != Kind::global ||
        id.items[4]->kind != Kind::integer)
      damaged("a storage is described in an unknown way");
    for (const StorageClass& known : kStorages) {
      if (id.items[1]->text != known.name) continue;
      push(Kind::storage);
      stack.back()->dtype = known.dtype;
      stack.back()->text = id.items[2]->text;
      stack.back()->n_elements = id.items[4]->integer;
      return;
    }
    fail("it holds numbers of the type '" + id.items[1]->text + "'", "real numbers, integers and booleans are read");
  }

  /// (storage, offset, sizes, strides, …)
  void push_tensor(const PickleValue& arguments) {
    const auto& items = arguments.items;
    if (items.size() < 4 || items[0]->kind != Kind::storage || items[1]->kind != Kind::integer)
      damaged("a tensor is described in an unknown way");
    push(Kind::tensor);
    PickleValue& tensor = *stack.back();
    tensor.dtype = items[0]->dtype;
    tensor.text = items[0]->text;
    tensor.n_elements = items[0]->n_elements;
    tensor.offset = items[1]->integer;
    tensor.shape = integers(*items[2]);
    tensor.strides = integers(*items[3]);
  }

  void reduce() {
    const PickleValue& arguments = *pop();
    const PickleValue& function = *pop();
    if (function.text == kOrderedDict && function.kind == Kind::global && arguments.items.empty())
      return push(Kind::dictionary);
    if (function.text == kTensor && function.kind == Kind::global) return push_tensor(arguments);
    if (function.text == kParameter && function.kind == Kind::global && !arguments.items.empty())
      return stack.push_back(arguments.items[0]);
    refuse(function.text);
  }

  /// Later ones have other operations.
  void take_protocol(std::uint64_t version) const {
    if (version > 3)
      fail("it is written with pickle's protocol " + std::to_string(version) + ", not with 2, torch's own",
           "save it without pickle_protocol: torch.save(module.state_dict(), path)");
  }

  [[noreturn]] void refuse(const std::string& name) const {
    fail("it wants to call '" + name + "', which no state dict needs",
         "save the weights alone: torch.save(module.state_dict(), path)");
  }

  void push_global() {
    const std::string module = line(), name = module + " " + line();
    bool known = name == kOrderedDict || name == kTensor || name == kParameter;
    for (const StorageClass& storage : kStorages) known = known || name == storage.name;
    if (!known && name.find("Storage") == std::string::npos) refuse(name);
    push(Kind::global);
    stack.back()->text = name;
  }

  std::int64_t long_integer(int size) {
    if (size > 8) damaged("a number is too long");
    const std::uint64_t raw = number(size);
    const int unused = 64 - 8 * size;
    return size == 0 ? 0 : static_cast<std::int64_t>(raw << unused) >> unused;
  }

  void set_state() {
    pop();  // metadata of an OrderedDict
    if (top().kind != Kind::dictionary) refuse("__setstate__");
  }
};

struct Operation {
  unsigned char code;
  void (*run)(Machine& m);
};

/// Pickle's operations that state dicts need, with pickle's names.
constexpr Operation kOperations[] = {
    {0x80, [](Machine& m) { m.take_protocol(m.number(1)); }},                                   // PROTO
    {'(', [](Machine& m) { m.marks.push_back(m.stack.size()); }},                               // MARK
    {'}', [](Machine& m) { m.push(Kind::dictionary); }},                                        // EMPTY_DICT
    {']', [](Machine& m) { m.push(Kind::list); }},                                              // EMPTY_LIST
    {')', [](Machine& m) { m.push(Kind::list); }},                                              // EMPTY_TUPLE
    {'t', [](Machine& m) { m.push_list(m.pop_to_mark()); }},                                    // TUPLE
    {0x85, [](Machine& m) { m.push_tuple(1); }},                                                // TUPLE1
    {0x86, [](Machine& m) { m.push_tuple(2); }},                                                // TUPLE2
    {0x87, [](Machine& m) { m.push_tuple(3); }},                                                // TUPLE3
    {'N', [](Machine& m) { m.push(Kind::other); }},                                             // NONE
    {0x88, [](Machine& m) { m.push_integer(1); }},                                              // NEWTRUE
    {0x89, [](Machine& m) { m.push_integer(0); }},                                              // NEWFALSE
    {'J', [](Machine& m) { m.push_integer(static_cast<std::int32_t>(m.number(4))); }},          // BININT
    {'K', [](Machine& m) { m.push_integer(static_cast<std::int64_t>(m.number(1))); }},          // BININT1
    {'M', [](Machine& m) { m.push_integer(static_cast<std::int64_t>(m.number(2))); }},          // BININT2
    {0x8a, [](Machine& m) { m.push_integer(m.long_integer(static_cast<int>(m.number(1)))); }},  // LONG1
    {'G', [](Machine& m) { m.text(8), m.push(Kind::other); }},                                  // BINFLOAT
    {'X', [](Machine& m) { m.push_text(m.text(m.number(4))); }},                                // BINUNICODE
    {'q', [](Machine& m) { m.memo[m.number(1)] = &m.top(); }},                                  // BINPUT
    {'r', [](Machine& m) { m.memo[m.number(4)] = &m.top(); }},                                  // LONG_BINPUT
    {'h', [](Machine& m) { m.push_memo(m.number(1)); }},                                        // BINGET
    {'j', [](Machine& m) { m.push_memo(m.number(4)); }},                                        // LONG_BINGET
    {'c', [](Machine& m) { m.push_global(); }},                                                 // GLOBAL
    {'Q', [](Machine& m) { m.push_storage(); }},                                                // BINPERSID
    {'R', [](Machine& m) { m.reduce(); }},                                                      // REDUCE
    {'b', [](Machine& m) { m.set_state(); }},                                                   // BUILD
    {'a', [](Machine& m) { m.append(); }},                                                      // APPEND
    {'e', [](Machine& m) { m.add_items(m.pop_to_mark()); }},                                    // APPENDS
    {'s', [](Machine& m) { m.set_item(); }},                                                    // SETITEM
    {'u', [](Machine& m) { m.set_items(m.pop_to_mark()); }},                                    // SETITEMS
};

constexpr unsigned char kStop = '.';

/// False at the end.
bool step(Machine& machine) {
  const auto code = static_cast<unsigned char>(machine.number(1));
  if (code == kStop) return false;
  for (const Operation& operation : kOperations)
    if (operation.code == code) return operation.run(machine), true;
  machine.fail("it uses pickle's operation " + std::to_string(code) + ", which no state dict needs",
               "save the weights alone: torch.save(module.state_dict(), path)");
}

}  // namespace

Pickle read_pickle(const std::string& bytes, const std::string& file_name) {
  Machine machine{bytes, file_name};
  while (step(machine)) {
  }
  machine.pickle.root = machine.pop();
  return std::move(machine.pickle);
}

}  // namespace kiln
