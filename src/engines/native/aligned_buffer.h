#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <vector>

namespace kiln::native {

constexpr std::size_t kAlignment = 64;  ///< bytes: a cache line, and the widest vector

/// Uninitialized memory of a plain type, aligned for the vector kernels.
template <class T>
class AlignedBuffer {
 public:
  AlignedBuffer() = default;
  explicit AlignedBuffer(std::size_t size) { reserve(size); }

  /// Makes room for `size` values; what was there is lost if it grows.
  void reserve(std::size_t size) {
    if (size <= capacity_) return;
    data_.reset(static_cast<T*>(::operator new(size * sizeof(T), std::align_val_t(kAlignment))));
    capacity_ = size;
  }
  T* data() const { return data_.get(); }
  std::size_t capacity() const { return capacity_; }

 private:
  struct Delete {
    void operator()(T* memory) const { ::operator delete(memory, std::align_val_t(kAlignment)); }
  };
  std::unique_ptr<T, Delete> data_;
  std::size_t capacity_ = 0;
};

/// Short-lived arrays of one step: taken one after another, given back all at once.
class Arena {
 public:
  template <class T>
  T* take(std::size_t size) {
    const std::size_t bytes = (size * sizeof(T) + kAlignment - 1) / kAlignment * kAlignment;
    return reinterpret_cast<T*>(take_bytes(bytes));
  }
  void release_all() {
    if (blocks_.size() > 1) {  // from now on one block is enough
      std::size_t total = 0;
      for (const auto& block : blocks_) total += block.capacity();
      blocks_.clear();
      blocks_.emplace_back(total);
    }
    used_ = 0;
  }

 private:
  unsigned char* take_bytes(std::size_t bytes) {
    if (blocks_.empty() || used_ + bytes > blocks_.back().capacity()) {
      blocks_.emplace_back(bytes > kFirstBlock ? bytes : kFirstBlock);
      used_ = 0;
    }
    unsigned char* memory = blocks_.back().data() + used_;
    used_ += bytes;
    return memory;
  }
  static constexpr std::size_t kFirstBlock = 1 << 20;
  std::vector<AlignedBuffer<unsigned char>> blocks_;
  std::size_t used_ = 0;
};

}  // namespace kiln::native
