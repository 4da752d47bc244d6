#include "nnrec/nn/parameters.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "nnrec/base/error.hpp"
#include "nnrec/base/random.hpp"
#include "nnrec/base/range.hpp"
#include "nnrec/base/sha256.hpp"
#include "nnrec/nn/normal.hpp"

namespace nnrec::nn {

std::size_t ParameterLayout::add(std::string name, std::size_t rows, std::size_t cols,
                                 BlockKind kind, InitialValues initial) {
  for (const Block& block : blocks_) {
    if (block.name == name) throw InternalError("two parameter blocks are named {}", name);
  }
  Block block{std::move(name), rows, cols, kind, initial, buffer_size_, dense_size_};
  const std::size_t padded = math::round_up(block.size(), math::kAlignmentFloats);
  parameter_count_ += block.size();
  buffer_size_ += padded;
  if (kind == BlockKind::dense) dense_size_ += padded;
  blocks_.push_back(std::move(block));
  return blocks_.size() - 1;
}

ParameterSet::ParameterSet(const ParameterLayout& layout, float fill)
    : layout_(layout), own_(layout.buffer_size(), 0.0F), buffer_(own_) {
  for (std::size_t block = 0; block < layout_.blocks().size(); ++block) {
    std::ranges::fill(values(block), fill);
  }
}

ParameterSet::ParameterSet(const ParameterLayout& layout, std::span<float> memory)
    : layout_(layout), buffer_(memory) {
  if (memory.size() != layout.buffer_size()) {
    throw InternalError("{} floats for parameters that need {}", memory.size(),
                        layout.buffer_size());
  }
}

ParameterSet::ParameterSet(const ParameterSet& other)
    : layout_(other.layout_), own_(other.buffer_.begin(), other.buffer_.end()), buffer_(own_) {}

ParameterSet& ParameterSet::operator=(ParameterSet other) noexcept {
  std::swap(layout_, other.layout_);
  own_.swap(other.own_);  // spans stay valid
  buffer_ = other.buffer_;
  return *this;
}

std::span<float> ParameterSet::values(std::size_t block) {
  return {buffer_.data() + layout_[block].offset, layout_[block].size()};
}

std::span<const float> ParameterSet::values(std::size_t block) const {
  return {buffer_.data() + layout_[block].offset, layout_[block].size()};
}

math::ConstMatrix ParameterSet::matrix(std::size_t block) const {
  const Block& b = layout_[block];
  return {buffer_.data() + b.offset, b.rows, b.cols, b.cols};
}

std::string ParameterSet::digest() const {
  Sha256 hash;
  for (std::size_t block = 0; block < layout_.blocks().size(); ++block) {
    const Block& b = layout_[block];
    hash.update(fmt::format("{} {} {}\n", b.name, b.rows, b.cols));
    hash.update(std::as_bytes(values(block)));
  }
  return hash.hex_digest();
}

namespace {

/// FNV-1a of the name: the random sequence of a block follows its name, so adding or moving a block
/// leaves the others' initial values as they were.
std::uint64_t name_hash(const std::string& name) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : name) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  }
  return hash ^ (hash >> 48);  // CounterRandom keeps 48 bits
}

/// Of a block that begins uniform in (-limit, limit); 0: with zeros.
float limit_of(const Block& block, const FirstWeights& first) {
  switch (block.initial) {
    case InitialValues::zero:
      return 0.0F;
    case InitialValues::embedding:
      return static_cast<float>(first.size());
    case InitialValues::glorot_uniform:
      return static_cast<float>(std::sqrt(6.0 / static_cast<double>(block.rows + block.cols)));
  }
  throw InternalError("unknown initial values of block {}", block.name);
}

/// Some elements of the block.
void draw(const Block& block, const FirstWeights& first, std::span<float> values, Range elements) {
  const CounterRandom random(first.seed(), Purpose::initial_weights, name_hash(block.name));
  if (block.initial == InitialValues::embedding && first.is_normal()) {
    const double deviation = first.size() / std::sqrt(static_cast<double>(block.cols));
    for (std::size_t i = elements.begin; i < elements.end; ++i) {
      values[i] = static_cast<float>(deviation * standard_normal(random, i));
    }
    return;
  }
  const float limit = limit_of(block, first);
  for (std::size_t i = elements.begin; i < elements.end; ++i) {
    values[i] = limit == 0.0F ? 0.0F : (2.0F * random.uniform_float(i) - 1.0F) * limit;
  }
}

}  // namespace

void initialize(ParameterSet& parameters, const FirstWeights& first, int share, int shares) {
  const ParameterLayout& layout = parameters.layout();
  for (std::size_t block = 0; block < layout.blocks().size(); ++block) {
    const auto values = parameters.values(block);
    draw(layout[block], first, values, share_of(values.size(), share, shares));
  }
}

ParameterSet initialize(const ParameterLayout& layout, const FirstWeights& first) {
  ParameterSet parameters(layout);
  initialize(parameters, first, 0, 1);
  return parameters;
}

}  // namespace nnrec::nn
