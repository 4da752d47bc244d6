#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "nnrec/math/aligned.hpp"
#include "nnrec/math/matrix.hpp"
#include "nnrec/nn/first_weights.hpp"

namespace nnrec::nn {

/// dense: every element has a gradient in every step. table: an embedding, of which a batch touches
/// some rows.
enum class BlockKind { dense, table };

/// How a block starts: see initialize().
enum class InitialValues { zero, embedding, glorot_uniform };

/// One named block of parameters, shape (rows, cols), row-major without gaps.
struct Block {
  std::string name;
  std::size_t rows = 0;
  std::size_t cols = 0;
  BlockKind kind = BlockKind::dense;
  InitialValues initial = InitialValues::zero;
  std::size_t offset = 0;        ///< first float in ParameterSet::values
  std::size_t dense_offset = 0;  ///< first float in a gradient of dense blocks (kind dense only)

  std::size_t size() const noexcept { return rows * cols; }
};

/// The blocks of a model in declared order and where each lies in the two buffers.
class ParameterLayout {
 public:
  /// Returns the block's index. Throws InternalError on a name that exists.
  std::size_t add(std::string name, std::size_t rows, std::size_t cols, BlockKind kind,
                  InitialValues initial);

  const std::vector<Block>& blocks() const noexcept { return blocks_; }
  const Block& operator[](std::size_t index) const { return blocks_[index]; }
  /// Number of parameters, without padding.
  std::size_t parameter_count() const noexcept { return parameter_count_; }
  /// Floats of the parameter buffer and of the dense-gradient buffer, padding included.
  std::size_t buffer_size() const noexcept { return buffer_size_; }
  std::size_t dense_size() const noexcept { return dense_size_; }

 private:
  std::vector<Block> blocks_;
  std::size_t parameter_count_ = 0;
  std::size_t buffer_size_ = 0;
  std::size_t dense_size_ = 0;
};

/// One float an element of a layout: the parameters themselves, or one slot of optimiser state.
/// Blocks start on cache lines; padding is 0.
class ParameterSet {
 public:
  explicit ParameterSet(const ParameterLayout& layout, float fill = 0.0F);
  /// In memory that others may share, as it is: layout.buffer_size() floats on a cache line, which
  /// outlive it and what it is moved to. A copy has memory of its own.
  ParameterSet(const ParameterLayout& layout, std::span<float> memory);
  ParameterSet(const ParameterSet& other);
  ParameterSet(ParameterSet&&) noexcept = default;
  ParameterSet& operator=(ParameterSet other) noexcept;
  ~ParameterSet() = default;

  const ParameterLayout& layout() const noexcept { return layout_; }
  std::span<float> values(std::size_t block);
  std::span<const float> values(std::size_t block) const;
  math::ConstMatrix matrix(std::size_t block) const;

  /// SHA-256 over each block's name, shape and bytes, in declared order.
  std::string digest() const;
  /// All blocks with their padding.
  std::span<float> buffer() noexcept { return buffer_; }

 private:
  ParameterLayout layout_;
  math::AlignedVector<float> own_;
  std::span<float> buffer_;  ///< own_, or someone's
};

/// Initial values as a function of (seed, block name, element): embeddings as FirstWeights says,
/// dense weights Glorot uniform with limit sqrt(6 / (rows + cols)), the rest 0.
/// Source: Glorot and Bengio 2010, "Understanding the difficulty of training deep feedforward
/// neural networks", eq. 16.
/// Of each block's elements only those in `share`, as [share, share + 1) of `shares` equal parts.
void initialize(ParameterSet& parameters, const FirstWeights& first, int share, int shares);
/// Of all, in a set of its own.
ParameterSet initialize(const ParameterLayout& layout, const FirstWeights& first);

}  // namespace nnrec::nn
