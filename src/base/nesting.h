#pragma once

namespace kiln {

/// Recursion is too deep for the stack.
struct TooDeep {};

/// Levels of recursion, counted over all readers that call each other.
struct Nesting {
  static constexpr int most = 400;
  int levels = 0;
};

/// One level, as long as it lives; throws TooDeep.
class NestingLevel {
 public:
  explicit NestingLevel(Nesting& nesting) : nesting_(nesting) {
    if (nesting_.levels >= Nesting::most) throw TooDeep();
    ++nesting_.levels;
  }
  ~NestingLevel() { --nesting_.levels; }
  NestingLevel(const NestingLevel&) = delete;
  NestingLevel& operator=(const NestingLevel&) = delete;

 private:
  Nesting& nesting_;
};

}  // namespace kiln
