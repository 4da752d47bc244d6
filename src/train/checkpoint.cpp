#include "nnrec/train/checkpoint.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "nnrec/base/error.hpp"
#include "nnrec/io/atomic_file.hpp"
#include "nnrec/io/h5_file.hpp"
#include "nnrec/io/sealed_file.hpp"
#include "nnrec/io/sealed_write.hpp"
#include "nnrec/train/sum_grid.hpp"

namespace nnrec::train {
namespace {

constexpr const char* kKind = "nnrec checkpoint";

using Extents = std::vector<io::Extent>;

/// Makes room for the set's values, which are yet to be written.
void place_set(io::H5Writer& file, const std::string& group, const nn::ParameterSet& set,
               Extents& extents) {
  const auto& blocks = set.layout().blocks();
  for (std::size_t block = 0; block < blocks.size(); ++block) {
    extents.push_back(
        file.make_room(group + "/" + blocks[block].name, set.values(block), blocks[block].cols));
  }
}

/// The digits may be those that were saved: a run that diverged, or memory that erred, saved them.
template <typename T>
void require_finite(const std::filesystem::path& path, const std::string& name, std::span<T> values,
                    std::size_t cols) {
  const auto bad = std::ranges::find_if(values, [](T value) { return !std::isfinite(value); });
  if (bad == values.end()) return;
  throw InputError(
      "{}: {} holds {} in row {}, where only finite numbers can be trained on: the run diverged. "
      "Go on from an earlier checkpoint (--resume PATH into a new --run folder), with a smaller "
      "--learning-rate.",
      path.string(), name, *bad, static_cast<std::size_t>(bad - values.begin()) / cols);
}

void read_set(const io::H5Reader& file, const std::filesystem::path& path, const std::string& group,
              nn::ParameterSet& set) {
  const auto& blocks = set.layout().blocks();
  for (std::size_t block = 0; block < blocks.size(); ++block) {
    const std::string name = group + "/" + blocks[block].name;
    const auto shape = file.has(name) ? file.shape(name) : std::vector<std::uint64_t>{};
    if (shape != std::vector<std::uint64_t>{blocks[block].rows, blocks[block].cols}) {
      throw InputError(
          "{}: {} is not of shape {} x {} as this variant, its optimiser and data need; use the "
          "checkpoint with the options and data it was made with",
          path.string(), name, blocks[block].rows, blocks[block].cols);
    }
    file.read_into(name, set.values(block));
    require_finite(path, name, set.values(block), blocks[block].cols);
  }
}

constexpr const char* kParameters = "parameters";
constexpr const char* kAverage = "average";
constexpr const char* kSamples = "sampling_samples";
constexpr const char* kGrids = "grids";

/// Of what answers.
const char* model_group(const io::H5Reader& file) {
  return file.has(kAverage) ? kAverage : kParameters;
}

void require_digest(const io::H5Reader& file, const std::filesystem::path& path,
                    const nn::ParameterSet& model) {
  if (model.digest() == file.string_attribute("model_digest")) return;
  throw InputError(
      "{}: the parameters of this variant with these options do not give the model digest stored "
      "with them: the model has others, too. Use the checkpoint with the options it was made with.",
      path.string());
}

/// Between weights and their average nothing can be made up for steps that are past.
void require_average(const io::H5Reader& file, const std::filesystem::path& path,
                     const TrainState& state) {
  if (state.average.has_value() == file.has(kAverage)) return;
  throw InputError("{}: holds {} average of its weights: go on {} --ema, or begin by --warm-start",
                   path.string(), file.has(kAverage) ? "an" : "no",
                   file.has(kAverage) ? "with" : "without");
}

/// Opens a file whose seal holds and that says it is a checkpoint of this schema.
io::H5Reader open_checkpoint(const std::filesystem::path& path) {
  io::check_seal(path);
  io::H5Reader file(path);
  if (!file.has_attribute("kind") || file.string_attribute("kind") != kKind) {
    throw InputError("{}: not a checkpoint of nnrec; give a file that nnrec_dist wrote",
                     path.string());
  }
  const std::int64_t version = file.integer_attribute("schema_version");
  if (version != kCheckpointSchemaVersion) {
    throw InputError(
        "{}: checkpoint schema {} and this program reads {}; use the program that "
        "wrote it",
        path.string(), version, kCheckpointSchemaVersion);
  }
  return file;
}

std::string loss_attribute(std::size_t word) {
  return fmt::format("epoch_squared_error_{}", word);
}

void write_progress(io::H5Writer& file, const TrainProgress& progress) {
  file.attribute("seed", static_cast<std::int64_t>(progress.seed));
  file.attribute("epoch", static_cast<std::int64_t>(progress.epoch));
  file.attribute("position", static_cast<std::int64_t>(progress.position));
  file.attribute("step", static_cast<std::int64_t>(progress.step));
  const auto loss = progress.epoch_squared_error.words();
  for (std::size_t word = 0; word < loss.size(); ++word) {
    file.attribute(loss_attribute(word), loss[word]);
  }
  file.attribute("best_rmse", progress.best_rmse);
  file.attribute("best_step", static_cast<std::int64_t>(progress.best_step));
  file.attribute("patience_epoch", static_cast<std::int64_t>(progress.patience_epoch));
}

std::uint64_t count_attribute(const io::H5Reader& file, const std::string& name) {
  return static_cast<std::uint64_t>(file.integer_attribute(name));
}

TrainProgress read_progress(const io::H5Reader& file) {
  TrainProgress progress;
  progress.seed = count_attribute(file, "seed");
  progress.epoch = count_attribute(file, "epoch");
  progress.position = count_attribute(file, "position");
  progress.step = count_attribute(file, "step");
  WideSum::Words loss;
  for (std::size_t word = 0; word < loss.size(); ++word) {
    loss[word] = file.integer_attribute(loss_attribute(word));
  }
  progress.epoch_squared_error = WideSum(loss);
  progress.best_rmse = file.real_attribute("best_rmse");
  progress.best_step = count_attribute(file, "best_step");
  // Newer than the version: of a file without it the counting begins anew.
  progress.patience_epoch = file.has_attribute("patience_epoch")
                                ? count_attribute(file, "patience_epoch")
                                : progress.epoch;
  return progress;
}

void write_origin(io::H5Writer& file, const CheckpointOrigin& origin) {
  file.attribute("origin", origin.path);
  if (origin.path.empty()) return;
  file.attribute("origin_from_run", origin.from_run);
  file.attribute("origin_model_digest", origin.model_digest);
}

/// Where and what it is, is newer than the version: of a file without it only the path is known.
CheckpointOrigin read_origin(const io::H5Reader& file) {
  CheckpointOrigin origin{file.string_attribute("origin")};
  if (file.has_attribute("origin_model_digest")) {
    origin.from_run = file.string_attribute("origin_from_run");
    origin.model_digest = file.string_attribute("origin_model_digest");
  }
  return origin;
}

/// Numbers of sampling, by the names of their attributes.
template <typename Numbers, typename Use>
void for_numbers(Numbers& numbers, const Use& use) {
  use("noise_precision", numbers.noise_precision);
  use("kept_noise_precision", numbers.kept_noise_precision);
  use("step_size", numbers.step_size);
  use("probes", numbers.probes);
  use("undone", numbers.undone);
  use("last_undone", numbers.last_undone);
  use("samples", numbers.samples);
}

template <typename Sampling, typename Use>
void for_values(Sampling& sampling, const Use& use) {
  use("sampling/precision", sampling.precision);
  use("sampling/curvature", sampling.curvature);
  use("sampling/kept_precision", sampling.kept_precision);
}

template <typename Sampling, typename Use>
void for_sums(Sampling& sampling, const Use& use) {
  if (sampling.validation) use("sampling/validation", *sampling.validation);
  if (sampling.test) use("sampling/test", *sampling.test);
}

void write_sampling(io::H5Writer& file, const SamplingState& sampling, Extents& extents) {
  for_numbers(sampling.numbers, [&](const std::string& name, auto number) {
    if constexpr (std::is_floating_point_v<decltype(number)>) {
      file.attribute("sampling_" + name, number);
    } else {
      file.attribute("sampling_" + name, static_cast<std::int64_t>(number));
    }
  });
  for_values(sampling, [&](const char* name, const std::vector<double>& values) {
    file.write(name, std::span(values));
  });
  place_set(file, "sampling/snapshot", sampling.snapshot, extents);
  for_sums(sampling,
           [&](const char* name, const PredictionSums& sums) { file.write(name, sums.sums()); });
}

template <typename T>
void read_as(const io::H5Reader& file, const std::filesystem::path& path, const std::string& name,
             std::span<T> values) {
  const auto shape = file.has(name) ? file.shape(name) : std::vector<std::uint64_t>{};
  if (shape != std::vector<std::uint64_t>{values.size()}) {
    throw InputError("{}: {} does not have {} numbers, as this model and set need", path.string(),
                     name, values.size());
  }
  file.read_into(name, values);
  if constexpr (std::is_floating_point_v<T>) require_finite(path, name, values, 1);
}

void read_sampling(const io::H5Reader& file, const std::filesystem::path& path,
                   SamplingState& sampling) {
  for_numbers(sampling.numbers, [&](const std::string& name, auto& number) {
    if constexpr (std::is_floating_point_v<std::remove_reference_t<decltype(number)>>) {
      number = file.real_attribute("sampling_" + name);
    } else {
      number = count_attribute(file, "sampling_" + name);
    }
  });
  for_values(sampling, [&](const char* name, std::vector<double>& values) {
    read_as(file, path, name, std::span(values));
  });
  read_set(file, path, "sampling/snapshot", sampling.snapshot);
  for_sums(sampling,
           [&](const char* name, PredictionSums& sums) { read_as(file, path, name, sums.sums()); });
}

/// Of a file without them they begin anew; a run that wants none drops them (Trainer).
void read_grids(const io::H5Reader& file, const std::filesystem::path& path, TrainState& state) {
  state.grids.clear();
  if (!file.has(kGrids)) return;
  state.grids = file.read<std::int64_t>(kGrids);
  for (const std::int64_t grid : state.grids) {
    if (grid >= 0 && std::cmp_less_equal(grid, kMostShift)) continue;
    throw InputError("{}: {} holds {}, which is not in 0..{}", path.string(), kGrids, grid,
                     kMostShift);
  }
}

void write_row_names(io::H5Writer& file, const features::RowNames& rows) {
  file.write_texts("rows/user", rows.users);
  file.write_texts("rows/title", rows.titles);
  file.write_texts("rows/word", rows.words);
  file.write_texts("rows/genre", rows.genres);
  file.attribute("time_min", rows.time_min);
  file.attribute("time_max", rows.time_max);
}

}  // namespace

void save_checkpoint(const std::filesystem::path& path, const TrainState& state,
                     const CheckpointInfo& info, const features::RowNames& rows) {
  io::write_atomically(path, [&](const std::filesystem::path& temporary) {
    io::H5Writer file(temporary);
    file.attribute("kind", std::string(kKind));
    file.attribute("schema_version", kCheckpointSchemaVersion);
    file.attribute("variant", info.variant);
    file.attribute("data_digest", info.data_digest);
    file.attribute("options", info.options);
    file.attribute("changes", info.changes);
    write_origin(file, info.origin);
    file.attribute("build", info.build);
    if (info.noise_precision > 0) file.attribute("noise_precision", info.noise_precision);
    write_progress(file, state);
    write_row_names(file, rows);
    Extents extents;
    place_set(file, kParameters, state.parameters, extents);
    if (state.average) place_set(file, kAverage, *state.average, extents);
    place_set(file, "state", state.optimizer_state, extents);
    if (state.sampling) write_sampling(file, *state.sampling, extents);
    if (!state.grids.empty()) file.write(kGrids, std::span(state.grids));
    io::SealedWrite bulk(temporary, std::move(extents));
    file.attribute("model_digest", state.model().digest());  // made while the bulk is written
    file.close();
    bulk.finish();
  });
}

CheckpointHead read_checkpoint_head(const std::filesystem::path& path) {
  const io::H5Reader file = open_checkpoint(path);
  const bool has_sampling = file.has_attribute(kSamples);
  return {{file.string_attribute("variant"), file.string_attribute("data_digest"),
           file.string_attribute("options"), file.string_attribute("changes"), read_origin(file),
           file.string_attribute("build"),
           file.has_attribute("noise_precision") ? file.real_attribute("noise_precision") : 0},
          read_progress(file),
          file.string_attribute("model_digest"),
          has_sampling && file.real_attribute("sampling_noise_precision") > 0,
          has_sampling ? count_attribute(file, kSamples) : 0};
}

SavedRowNames read_row_names(const std::filesystem::path& path) {
  const io::H5Reader file = open_checkpoint(path);
  return {file.read_texts("rows/user"),
          file.read_texts("rows/title"),
          file.read_texts("rows/word"),
          file.read_texts("rows/genre"),
          {file.integer_attribute("time_min"), file.integer_attribute("time_max")}};
}

std::vector<std::size_t> read_rows(const std::filesystem::path& path,
                                   const nn::ParameterLayout& layout) {
  const io::H5Reader file = open_checkpoint(path);
  std::vector<std::size_t> rows;
  for (const nn::Block& block : layout.blocks()) {
    const std::string name = "parameters/" + block.name;
    const auto shape = file.has(name) ? file.shape(name) : std::vector<std::uint64_t>{};
    rows.push_back(shape.empty() ? 0 : shape.front());
  }
  return rows;
}

TrainState load_checkpoint(const std::filesystem::path& path, const nn::ParameterLayout& layout,
                           const nn::UpdateRules& rules) {
  TrainState state(nn::ParameterSet(layout), nn::ParameterSet(rules.state_layout()));
  if (rules.average_decay() > 0) state.average = state.parameters;
  load_checkpoint(path, state);
  return state;
}

void load_checkpoint(const std::filesystem::path& path, TrainState& state) {
  const io::H5Reader file = open_checkpoint(path);
  static_cast<TrainProgress&>(state) = read_progress(file);
  require_average(file, path, state);
  read_set(file, path, kParameters, state.parameters);
  if (state.average) read_set(file, path, kAverage, *state.average);
  require_digest(file, path, state.model());
  read_set(file, path, "state", state.optimizer_state);
  if (state.sampling && file.has("sampling/precision")) read_sampling(file, path, *state.sampling);
  read_grids(file, path, state);
}

std::optional<MeanPredictions> read_mean_predictions(const std::filesystem::path& path,
                                                     shards::Part part) {
  const io::H5Reader file = open_checkpoint(path);
  const std::string name = fmt::format("sampling/{}", shards::part_name(part));
  if (!file.has(name)) return std::nullopt;
  MeanPredictions means{{}, count_attribute(file, kSamples)};
  if (means.samples == 0) return std::nullopt;
  for (const std::int64_t sum : file.read<std::int64_t>(name))
    means.of_rows.push_back(PredictionSums::mean_of(sum, means.samples));
  return means;
}

nn::ParameterSet load_parameters(const std::filesystem::path& path,
                                 const nn::ParameterLayout& layout) {
  const io::H5Reader file = open_checkpoint(path);
  nn::ParameterSet model(layout);
  read_set(file, path, model_group(file), model);
  require_digest(file, path, model);
  return model;
}

}  // namespace nnrec::train
