#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nnrec/nn/optimizer.hpp"
#include "nnrec/nn/parameters.hpp"

namespace nnrec::nn {

/// Some blocks with an optimiser, a rate or a penalty of their own, as --group gives them:
///   BLOCKS:optimizer=NAME,rate=R or rate_factor=F,l2=D,row_penalty=P,count_penalty=C,
///   rows=touched or all,...
/// BLOCKS: `biases` (blocks whose names end in `bias`), `tables` (looked-up rows, if not biases),
/// `dense` (all others), or a name with * for any letters and ? for one. What is not named is as
/// outside of the group; further settings are the optimiser's.
struct ParameterGroup {
  std::string blocks;
  NamedOptimizer optimizer;
  double rate;  ///< before a schedule
  /// l2 w is added to the mean gradient: of a dense element in every update, of a table's row in
  /// those that touch it.
  double l2 = 0;
  /// The loss gets (row_penalty + count_penalty x look-ups of the row) |row|^2 / training ratings
  /// for each row, spread over the updates that touch it (train::RowPenalties).
  double row_penalty = 0;
  double count_penalty = 0;
  /// All rows of a table move in every update, those that a batch does not touch by a gradient of 0
  /// (and penalties): exact, at the cost of the whole table; else only touched rows move.
  bool moves_all_rows = false;

  bool penalizes_rows() const noexcept { return row_penalty != 0 || count_penalty != 0; }
  bool holds(const Block& block) const;
  /// With every setting spelled out.
  std::string text() const;
};

/// What a user says of updates.
struct UpdateOptions {
  std::string optimizer = "adagrad";  ///< NAME or NAME:setting=value,...
  double learning_rate = 0.1;
  std::vector<std::string> groups{};  ///< as ParameterGroup
  double average_decay = 0;  ///< of a moving average of the parameters, in a step; 0: none is kept
};

/// What stands outside of all groups, named `*`, then the groups in the order given. Throws
/// UsageError as make_optimizer() does, and where a group is not understood.
std::vector<ParameterGroup> parse_groups(const UpdateOptions& options);

/// How each block of a model is updated, and where its optimiser's state lies.
class UpdateRules {
 public:
  /// Throws as parse_groups().
  UpdateRules(const ParameterLayout& layout, const UpdateOptions& options);

  /// The last group that holds the block.
  const ParameterGroup& group_of(std::size_t block) const { return groups_[places_[block].group]; }
  /// Those given that some block follows, in the order given, a text each.
  std::vector<std::string> groups_in_force() const;

  /// The state of all blocks: a slot of a block is a block named slot/block, of its shape or (rows,
  /// 1). Slot s of `block` is first_slot(block) + s.
  const ParameterLayout& state_layout() const noexcept { return state_layout_; }
  std::size_t first_slot(std::size_t block) const { return places_[block].first_slot; }
  std::size_t slot_count(std::size_t block) const { return places_[block].slot_count; }
  /// As UpdateOptions.
  double average_decay() const noexcept { return average_decay_; }
  ParameterSet initial_state() const;
  /// What each block of the state begins with, by its name.
  std::vector<std::pair<std::string, float>> first_state() const;
  /// The same into a set of state_layout(), as far as `share` of `shares` equal parts goes.
  void initialize(ParameterSet& state, int share, int shares) const;

 private:
  struct Place {
    std::size_t group;
    std::size_t first_slot;
    std::size_t slot_count;
  };
  std::vector<ParameterGroup> groups_;
  double average_decay_;
  std::vector<Place> places_;  ///< of each block
  ParameterLayout state_layout_;
  std::vector<float> initial_;  ///< of each block of the state
};

}  // namespace nnrec::nn
