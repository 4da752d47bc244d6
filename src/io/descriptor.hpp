#pragma once

#include <unistd.h>

namespace nnrec::io {

/// An open descriptor; close errors after a successful fsync carry no news and are dropped.
class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const noexcept { return value_; }

 private:
  int value_;
};

}  // namespace nnrec::io
