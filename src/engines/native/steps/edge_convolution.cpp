#include "engines/native/steps/edge_convolution.h"

#include <algorithm>
#include <cmath>

#include "engines/native/steps/steps.h"

namespace kiln::native {
namespace {

using kernels::ConvolutionPathView;
using kernels::EdgeConvolutionArguments;

/// Sender features (or their adjoints) of a chunk, per irreps block [channel block][sender][component][lane]: what a
/// path reads of one channel block is contiguous.
template <class T>
struct Gathered {
  std::vector<T*> blocks;
  std::vector<std::ptrdiff_t> strides;  ///< from channel block to channel block
};

template <class T>
Gathered<T> take_gathered(const FieldLayout& layout, int n_senders, int lanes, Arena& arena) {
  Gathered<T> gathered;
  for (const FieldLayout::Block& block : layout.blocks) {
    gathered.strides.push_back(static_cast<std::ptrdiff_t>(n_senders) * block.n_components * lanes);
    gathered.blocks.push_back(
        arena.take<T>(static_cast<std::size_t>(gathered.strides.back()) * (block.stride / lanes)));
  }
  return gathered;
}

/// Visits every run of lanes: function(gathered lanes, row's lanes).
template <class T, class Function>
void for_each_lanes(const Gathered<T>& gathered, const FieldLayout& layout, const int* rows, int n_rows, int lanes,
                    T* features, Function function) {
  for (std::size_t b = 0; b < layout.blocks.size(); ++b) {
    const FieldLayout::Block& block = layout.blocks[b];
    for (int s = 0; s < n_rows; ++s) {
      T* row = features + static_cast<std::ptrdiff_t>(rows[s]) * layout.row_size + block.offset;
      for (int m = 0; m < block.n_components; ++m)
        for (int c = 0; c < block.stride / lanes; ++c)
          function(gathered.blocks[b] + c * gathered.strides[b] + (s * block.n_components + m) * lanes,
                   row + m * block.stride + c * lanes);
    }
  }
}

template <class T>
struct EdgeConvolutionStep : Step<T> {
  PreparedConvolution<T> prepared;
  int operation;

  void forward(Run<T>& run, const Chunk& chunk) const override {
    T* out = run.values(prepared.output, chunk);
    const int row_size = run.layouts[prepared.output].row_size;
    if (!prepared.covered) std::fill_n(out, static_cast<std::size_t>(chunk.n_rows) * row_size, T(0));
    Pass pass(*this, run, chunk);
    for (int begin = 0; begin < chunk.n_rows; begin += kTileRows) {
      const int n = std::min(kTileRows, chunk.n_rows - begin);
      EdgeConvolutionArguments<T> arguments = pass.arguments(begin, n, out + begin * row_size);
      prepared.kernels->edge_convolution_forward(arguments);
      pass.copy_slots(n, out + begin * row_size, false);
    }
    run.workspace.arena.release_all();
  }

  void reverse(Run<T>& run, const Chunk& chunk) const override {
    T* out_bar = run.adjoint(prepared.output, chunk);
    const int row_size = run.layouts[prepared.output].row_size;
    Pass pass(*this, run, chunk);
    pass.take_reverse_memory();
    for (int begin = 0; begin < chunk.n_rows; begin += kTileRows) {
      const int n = std::min(kTileRows, chunk.n_rows - begin);
      EdgeConvolutionArguments<T> arguments = pass.arguments(begin, n, out_bar + begin * row_size);
      pass.copy_slots(n, out_bar + begin * row_size, true);
      pass.set_reverse(arguments);
      prepared.kernels->edge_convolution_reverse(arguments);
      pass.add_edge_gradients(begin);
    }
    pass.scatter_sender_adjoints();
    run.workspace.arena.release_all();
  }

 private:
  /// The memory of one walk over a chunk.
  class Pass {
   public:
    Pass(const EdgeConvolutionStep& step, Run<T>& run, const Chunk& chunk)
        : c_(step.prepared),
          run_(run),
          chunk_(chunk),
          edges_(run.graph.edges[step.prepared.edge_set]),
          senders_(run.workspace.senders[step.operation]),
          sender_rows_(senders_.rows.data() + senders_.first[chunk.index]),
          n_senders_(senders_.count(chunk.index)) {
      Arena& arena = run.workspace.arena;
      const int lanes = c_.kernels->lanes;
      features_ = take_gathered<T>(sender_layout(), n_senders_, lanes, arena);
      for_each_lanes(features_, sender_layout(), sender_rows_, n_senders_, lanes, run.all_values(c_.sender),
                     [lanes](T* gathered, const T* row) { std::copy(row, row + lanes, gathered); });
      tile_ = take_tile_memory(c_, largest_tile(), arena);
      slots_ = arena.take<T>(static_cast<std::size_t>(kTileRows) * c_.slot_row_size);
      for (const PreparedConvolutionPath<T>& path : c_.paths) views_.push_back(path.view);
    }

    void take_reverse_memory() {
      Arena& arena = run_.workspace.arena;
      const std::size_t n = largest_tile(), n_harmonics = c_.n_harmonics();
      harmonics_bar_ = arena.take<T>(n * n_harmonics);
      lengths_bar_ = arena.take<T>(n);
      wide_bar_ = arena.take<double>(n * n_harmonics);
      scratch_ = arena.take<T>((n * (n_harmonics + 1) + c_.kernels->lanes) * c_.kernels->lanes);
      if (!run_.plan.fields[c_.sender].differentiated) return;
      features_bar_ = take_gathered<T>(sender_layout(), n_senders_, c_.kernels->lanes, arena);
      for (std::size_t b = 0; b < features_bar_.blocks.size(); ++b)
        std::fill_n(features_bar_.blocks[b],
                    features_bar_.strides[b] * (sender_layout().blocks[b].stride / c_.kernels->lanes), T(0));
    }

    EdgeConvolutionArguments<T> arguments(int begin, int n_receivers, T* out) {
      fill_tile(c_, edges_, senders_, chunk_.begin + begin, n_receivers, tile_);
      const FieldLayout& layout = run_.layouts[c_.output];
      for (std::size_t k = 0; k < views_.size(); ++k) {
        const PreparedConvolutionPath<T>& path = c_.paths[k];
        ConvolutionPathView<T>& view = views_[k];
        const FieldLayout::Block& block = layout.blocks[path.out_block];
        view.features = features_.blocks[path.in_block];
        view.features_stride = features_.strides[path.in_block];
        view.features_bar = features_bar_.blocks.empty() ? nullptr : features_bar_.blocks[path.in_block];
        view.out = path.direct ? out + block.offset + path.out_channel : slots_ + path.slot;
        view.out_stride = path.direct ? layout.row_size : c_.slot_row_size;
        view.out_component_stride = path.direct ? block.stride : view.n_blocks * c_.kernels->lanes;
      }
      EdgeConvolutionArguments<T> arguments;
      arguments.tile = tile_.view;
      arguments.paths = views_.data();
      arguments.n_paths = static_cast<int>(views_.size());
      arguments.n_harmonics = c_.n_harmonics();
      return arguments;
    }

    void set_reverse(EdgeConvolutionArguments<T>& arguments) {
      const std::size_t n = tile_edges();
      std::fill_n(harmonics_bar_, n * c_.n_harmonics(), T(0));
      std::fill_n(lengths_bar_, n, T(0));
      arguments.harmonics_bar = harmonics_bar_;
      arguments.lengths_bar = lengths_bar_;
      arguments.scratch = scratch_;
    }

    /// Paths whose channels do not fill cache lines: temporary -> output rows, or (reverse) back.
    void copy_slots(int n_receivers, T* out, bool to_slots) {
      const FieldLayout& layout = run_.layouts[c_.output];
      if (to_slots) std::fill_n(slots_, static_cast<std::size_t>(n_receivers) * c_.slot_row_size, T(0));
      for (std::size_t k = 0; k < c_.paths.size(); ++k) {
        const PreparedConvolutionPath<T>& path = c_.paths[k];
        if (path.direct) continue;
        const FieldLayout::Block& block = layout.blocks[path.out_block];
        for (int i = 0; i < n_receivers; ++i)
          for (int m = 0; m < path.n_out; ++m) {
            T* slot = slots_ + i * c_.slot_row_size + path.slot + m * views_[k].out_component_stride;
            T* row = out + i * layout.row_size + block.offset + m * block.stride + path.out_channel;
            to_slots ? std::copy_n(row, path.mul, slot) : std::copy_n(slot, path.mul, row);
          }
      }
    }

    void add_edge_gradients(int begin) {
      const int first_edge = edges_.first[chunk_.begin + begin];
      double* gradients = run_.out.edge_gradients[c_.edge_set].data() + 3 * static_cast<std::size_t>(first_edge);
      const int n = static_cast<int>(tile_edges());
      std::copy_n(harmonics_bar_, static_cast<std::size_t>(n) * c_.n_harmonics(), wide_bar_);
      harmonics_reverse(c_.harmonics, n, tile_.vectors, wide_bar_, gradients, c_.level);
      for (int e = 0; e < n; ++e) {
        const double per_length = tile_.lengths[e] > 0.0 ? lengths_bar_[e] / tile_.lengths[e] : 0.0;
        for (int x = 0; x < 3; ++x) gradients[3 * e + x] += per_length * tile_.vectors[3 * e + x];
      }
    }

    void scatter_sender_adjoints() {
      if (features_bar_.blocks.empty()) return;
      const int lanes = c_.kernels->lanes;
      for_each_lanes(features_bar_, sender_layout(), sender_rows_, n_senders_, lanes, run_.all_adjoints(c_.sender),
                     [lanes](const T* gathered, T* row) {
                       for (int i = 0; i < lanes; ++i) row[i] += gathered[i];
                     });
    }

   private:
    const FieldLayout& sender_layout() const { return run_.layouts[c_.sender]; }
    std::size_t tile_edges() const { return tile_.first[tile_.view.n_receivers]; }

    int largest_tile() const {
      int n = 0;
      for (int begin = 0; begin < chunk_.n_rows; begin += kTileRows) {
        const int first = chunk_.begin + begin, last = chunk_.begin + std::min(begin + kTileRows, chunk_.n_rows);
        n = std::max(n, edges_.first[last] - edges_.first[first]);
      }
      return n;
    }

    const PreparedConvolution<T>& c_;
    Run<T>& run_;
    const Chunk& chunk_;
    const EdgeList& edges_;
    const ChunkSenders& senders_;
    const int* sender_rows_;
    int n_senders_;
    Gathered<T> features_, features_bar_;
    TileEdges<T> tile_;
    T* slots_ = nullptr;
    T *harmonics_bar_ = nullptr, *lengths_bar_ = nullptr, *scratch_ = nullptr;
    double* wide_bar_ = nullptr;
    std::vector<ConvolutionPathView<T>> views_;
  };
};

}  // namespace

template <class T>
std::unique_ptr<Step<T>> make_edge_convolution_step(const Preparation<T>& preparation, int operation) {
  auto step = std::make_unique<EdgeConvolutionStep<T>>();
  step->prepared = prepare_convolution(preparation, preparation.graph.operations[operation]);
  step->operation = operation;
  return step;
}

template std::unique_ptr<Step<double>> make_edge_convolution_step(const Preparation<double>&, int);
template std::unique_ptr<Step<float>> make_edge_convolution_step(const Preparation<float>&, int);

}  // namespace kiln::native
