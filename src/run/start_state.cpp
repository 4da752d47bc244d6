#include "start_state.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <variant>

#include "nnrec/base/error.hpp"
#include "nnrec/features/row_names.hpp"
#include "nnrec/run/option_lines.hpp"
#include "nnrec/train/checkpoint.hpp"

namespace nnrec::run {
namespace {

using features::kNoRow;
using features::RowMap;

/// A state and the model and rules that it is of.
struct Whole {
  const nn::ParameterLayout& layout;
  const nn::UpdateRules& rules;
  train::TrainState& state;
};

/// What no training rating looked up is zero: it has learned nothing that could be kept.
bool has_learned(std::span<const float> row) {
  return std::ranges::any_of(row, [](float value) { return value != 0; });
}

/// Copies whole rows of a block of parameters or state.
void copy_rows(const nn::ParameterSet& from, nn::ParameterSet& to, std::size_t block,
               const RowMap& map) {
  const std::size_t cols = to.layout()[block].cols;
  for (std::size_t row = 0; row < map.from.size(); ++row) {
    if (map.from[row] == kNoRow) continue;
    const auto source = from.values(block).subspan(map.from[row] * cols, cols);
    std::ranges::copy(source, to.values(block).subspan(row * cols, cols).begin());
  }
}

/// The map without rows that have learned nothing.
RowMap learned_rows(const nn::ParameterSet& from, std::size_t block, RowMap map) {
  const std::size_t cols = from.layout()[block].cols;
  for (std::uint32_t& row : map.from) {
    if (row != kNoRow && !has_learned(from.values(block).subspan(row * cols, cols))) row = kNoRow;
  }
  return map;
}

/// A block with the state of its optimiser. Without a map rows stay where they are.
void follow_block(const Whole& then, const Whole& now, std::size_t block,
                  const std::optional<RowMap>& map) {
  RowMap rows;
  if (map) {
    rows = learned_rows(then.state.parameters, block, *map);
  } else {
    for (std::uint32_t row = 0; row < now.layout[block].rows; ++row) rows.from.push_back(row);
  }
  copy_rows(then.state.parameters, now.state.parameters, block, rows);
  if (now.state.average) copy_rows(*then.state.average, *now.state.average, block, rows);
  for (std::size_t slot = 0; slot < now.rules.slot_count(block); ++slot) {
    copy_rows(then.state.optimizer_state, now.state.optimizer_state,
              now.rules.first_slot(block) + slot, rows);
  }
}

std::string counts_line(const std::string& name, const RowMap& map) {
  return fmt::format("rows of {} follow what they stand for: {} kept, {} new, {} gone", name,
                     map.kept, map.added, map.gone);
}

std::string begins_epoch_anew(const train::TrainProgress& progress) {
  return fmt::format("epoch {}, of which {} ratings were done, begins anew", progress.epoch + 1,
                     progress.position);
}

/// How far training is, where the ratings are others.
std::vector<std::string> follow_progress(const train::TrainProgress& then,
                                         train::TrainProgress& now) {
  now.epoch = then.epoch;
  now.step = then.step;
  std::vector<std::string> lines;
  if (then.position > 0) lines.push_back(begins_epoch_anew(then));
  if (then.best_step > 0) {
    lines.push_back(
        fmt::format("the best model, of step {}, was another validation part's: best "
                    "starts anew",
                    then.best_step));
  }
  return lines;
}

/// Of sampled models the mean answers, and none is the best.
std::vector<std::string> forget_best_before_sampling(const Session& session,
                                                     train::TrainProgress& progress) {
  if (!session.options().training().sampling || progress.best_step == 0) return {};
  const train::TrainProgress fresh;
  progress.best_rmse = fresh.best_rmse;
  return {
      fmt::format("the best model, of step {}, was chosen before --sampler: it is none of a "
                  "mean's, which answers from here on",
                  std::exchange(progress.best_step, fresh.best_step))};
}

using RowMaps = std::vector<std::optional<RowMap>>;

/// By block, where its rows have gone, with lines that say so.
RowMaps map_tables(const Continuation& who, const nn::ParameterLayout& former,
                   const train::SavedRowNames& saved, std::vector<std::string>& lines) {
  const nn::ParameterLayout& layout = who.network.layout();
  const features::RowNames then = saved.view();
  const features::RowNames now = who.session.row_names();
  RowMaps maps(layout.blocks().size());
  std::string without_names;
  for (const models::NamedRows& rows : who.network.named_rows()) {
    const std::string& name = layout[rows.block].name;
    std::visit(
        [&](auto column) {
          if (features::rows_have_names(column)) {
            maps[rows.block] = features::map_rows(column, {then, former[rows.block].rows},
                                                  {now, layout[rows.block].rows});
            lines.push_back(counts_line(name, *maps[rows.block]));
          } else {
            maps[rows.block] = RowMap{std::vector(layout[rows.block].rows, kNoRow)};
            without_names += (without_names.empty() ? "" : ", ") + name;
          }
        },
        rows.column);
  }
  if (!without_names.empty()) {
    lines.push_back(
        fmt::format("rows of {} begin anew: each data set numbers them by itself", without_names));
  }
  return maps;
}

/// What was begun by other options, whose values are part of the state.
std::vector<std::string> follow_options(const Session& session, const train::CheckpointInfo& then,
                                        const models::Network& network, train::TrainState& state) {
  const auto is_other = [now = read_option_lines(session.deciding(network)),
                         before = read_option_lines(then.options)](std::string_view name) {
    return value_of(now, name) != value_of(before, name);
  };
  std::vector<std::string> lines;
  if (state.position > 0 && (is_other("seed") || is_other("order"))) {
    // In two orders some ratings would come twice and others never.
    lines.push_back(begins_epoch_anew(state));
    state.position = 0;
    state.epoch_squared_error = {};
  }
  const auto sampling = session.options().training().sampling;
  if (sampling && state.sampling && is_other("sampler")) {
    const auto taken = state.sampling->follow(*sampling, network.layout(), state.epoch);
    lines.insert(lines.end(), taken.begin(), taken.end());
  }
  return lines;
}

}  // namespace

nn::ParameterLayout saved_layout(const models::Network& network,
                                 const std::filesystem::path& checkpoint) {
  const auto& blocks = network.layout().blocks();
  const auto saved = train::read_rows(checkpoint, network.layout());
  std::vector<std::size_t> rows;
  for (const nn::Block& block : blocks) rows.push_back(block.rows);
  for (const models::NamedRows& table : network.named_rows()) {
    rows[table.block] = saved[table.block];
  }
  nn::ParameterLayout former;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    former.add(blocks[i].name, rows[i], blocks[i].cols, blocks[i].kind, blocks[i].initial);
  }
  return former;
}

std::vector<std::string> load_warm_start(const Continuation& who,
                                         const std::filesystem::path& checkpoint,
                                         const train::CheckpointInfo& saved,
                                         nn::ParameterSet& parameters) {
  const nn::ParameterLayout& layout = who.network.layout();
  if (saved.data_digest == who.session.data_digest()) {
    std::ranges::copy(train::load_parameters(checkpoint, layout).buffer(),
                      parameters.buffer().begin());
    return {};
  }
  const nn::ParameterLayout former = saved_layout(who.network, checkpoint);
  const nn::ParameterSet loaded = train::load_parameters(checkpoint, former);
  std::vector<std::string> lines;
  const RowMaps maps = map_tables(who, former, train::read_row_names(checkpoint), lines);
  for (std::size_t block = 0; block < maps.size(); ++block) {
    if (maps[block]) {
      copy_rows(loaded, parameters, block, learned_rows(loaded, block, *maps[block]));
    } else {
      std::ranges::copy(loaded.values(block), parameters.values(block).begin());
    }
  }
  return lines;
}

std::vector<std::string> load_start(const Continuation& who,
                                    const std::filesystem::path& checkpoint,
                                    const train::CheckpointInfo& saved, train::TrainState& state) {
  const Session& session = who.session;
  const models::Network& network = who.network;
  const std::uint64_t seed = state.seed;
  if (saved.data_digest == session.data_digest()) {
    train::load_checkpoint(checkpoint, state);
    state.seed = seed;
    std::vector<std::string> lines = follow_options(session, saved, network, state);
    const auto forgotten = forget_best_before_sampling(session, state);
    lines.insert(lines.end(), forgotten.begin(), forgotten.end());
    return lines;
  }
  const nn::ParameterLayout former = saved_layout(network, checkpoint);
  const nn::UpdateRules former_rules(former, session.options().updates());
  train::TrainState loaded = train::load_checkpoint(checkpoint, former, former_rules);

  std::vector<std::string> changes;
  const RowMaps maps = map_tables(who, former, train::read_row_names(checkpoint), changes);
  const nn::UpdateRules rules = session.make_rules(network);
  const Whole then{former, former_rules, loaded};
  const Whole now{network.layout(), rules, state};
  for (std::size_t block = 0; block < maps.size(); ++block) {
    follow_block(then, now, block, maps[block]);
  }
  const auto lines = follow_progress(loaded, state);
  changes.insert(changes.end(), lines.begin(), lines.end());
  if (session.options().training().sampling) {
    changes.push_back(fmt::format(
        "the mean of sampled models begins anew at step {}: those before are of other data",
        loaded.step));
  }
  return changes;
}

}  // namespace nnrec::run
