#pragma once

#include <string>
#include <vector>

#include "nnrec/base/log.hpp"
#include "nnrec/math/thread_team.hpp"
#include "nnrec/serve/table.hpp"
#include "nnrec/shards/shard_set.hpp"

namespace nnrec::app {

/// A trained model that a report shows.
struct ShownModel {
  std::string name;  ///< in tables
  std::string run;   ///< folder
  std::string variant;
};

/// The lists of one user: what each model recommends first, in the models' order.
struct UserLists {
  std::string user;
  std::uint64_t training_ratings = 0;
  std::vector<std::vector<std::string>> lists;  ///< of each model: title and predicted rating
};

/// What the models of one prepared set answer.
struct SetAnswers {
  std::string folder;
  shards::Manifest manifest;
  std::string part;                 ///< that errors are of
  std::vector<std::string> models;  ///< their names
  /// A sentence for each that is not the one whose errors its run's result has.
  std::vector<std::string> doubts;
  std::vector<std::uint64_t> parameters;
  std::vector<serve::Table> errors;  ///< as nnrec_eval gives them
  std::vector<UserLists> lists;
};

struct ModelAnswers {
  std::vector<SetAnswers> sets;
  std::vector<std::string> left_out;  ///< a sentence for each model that cannot be asked
};

inline constexpr std::size_t kSampleTop = 5;

/// Judges the models by the test part of their set (without one by the validation part), and asks
/// for lists for three of its users: of few, of middling and of many training ratings, without what
/// they have rated.
/// `set`: folder of the set that all were trained on; empty: the one that each run names, and a
/// model whose set is not there is left out. Throws InputError where a given set is another one.
ModelAnswers ask_models(const std::vector<ShownModel>& models, const std::string& set,
                        const math::ThreadTeam& team, Log& log);

}  // namespace nnrec::app
