#include "nnrec/run/result.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <nlohmann/json.hpp>

#include "nnrec/base/error.hpp"
#include "nnrec/io/atomic_file.hpp"
#include "nnrec/run/option_lines.hpp"

namespace nnrec::run {
namespace {

using nlohmann::ordered_json;

constexpr int kSchemaVersion = 3;
constexpr const char* kKind = "nnrec result";

/// JSON has no number for what is not finite.
ordered_json number(double value) {
  return std::isfinite(value) ? ordered_json(value) : ordered_json(nullptr);
}

/// A name that stands there several times, as `group` may, has the list of its values.
ordered_json options_object(const std::string& lines) {
  ordered_json object = ordered_json::object();
  for (const auto& [name, value] : read_option_lines(lines)) {
    ordered_json& known = object[name];
    if (known.is_null()) {
      known = value;
      continue;
    }
    if (known.is_string()) known = ordered_json::array({known});
    known.push_back(value);
  }
  return object;
}

ordered_json errors_object(const train::Errors& errors) {
  if (errors.squared.rows == 0) return nullptr;
  return {{"rows", errors.squared.rows},
          {"rmse", number(errors.rmse())},
          {"clipped_rmse", errors.clipped ? number(errors.clipped->rmse()) : nullptr},
          {"mae", number(errors.mae())},
          {"warm_rows", errors.warm.rows},
          {"warm_rmse", number(errors.warm.rmse())}};
}

ordered_json baselines_object(const train::Baselines& baselines) {
  return {{"training_mean", errors_object(baselines.training_mean)},
          {"user_item_means", errors_object(baselines.user_item_means)}};
}

/// Without a validation part there is none, whatever a former run's progress says.
ordered_json best_object(const TrainedVariant& trained) {
  const train::TrainProgress& progress = trained.progress;
  if (trained.validation.squared.rows == 0 || !std::isfinite(progress.best_rmse)) return nullptr;
  return {{"rmse", progress.best_rmse}, {"step", progress.best_step}};
}

/// Rank 0's.
ordered_json seconds_object(const TrainedVariant& trained) {
  ordered_json seconds{{"training", trained.training_seconds}};
  for (std::size_t phase = 0; phase < train::kPhases; ++phase) {
    seconds[std::string(train::kPhaseNames[phase])] =
        trained.clock.seconds(static_cast<train::Phase>(phase));
  }
  seconds["plan_beside_compute"] = trained.statistics.plan_seconds;
  return seconds;
}

ordered_json clusters_array(const ScalingForecast& scaling) {
  auto clusters = ordered_json::array();
  for (const ClusterForecast& cluster : scaling.clusters) {
    clusters.push_back({{"nodes", cluster.nodes},
                        {"ranks", cluster.ranks},
                        {"batch_seconds", cluster.batch_seconds},
                        {"efficiency", cluster.efficiency},
                        {"batch_bytes", cluster.batch_bytes}});
  }
  return clusters;
}

ordered_json forecast_object(const std::optional<ForecastFigures>& figures) {
  if (!figures) return nullptr;
  const auto both = [](const Foretold& of) {
    return ordered_json{{"forecast", of.forecast}, {"measured", of.measured}};
  };
  return {{"batch_seconds", both(figures->batch_seconds)},
          {"batch_bytes", both(figures->batch_bytes)},
          {"node_memory", both(figures->node_memory)},
          {"network", figures->scaling.network},
          {"clusters", clusters_array(figures->scaling)}};
}

ordered_json variant_object(const TrainedVariant& trained, const RunResult& result) {
  const train::TrainStatistics& statistics = trained.statistics;
  return {{"variant", trained.variant},
          {"epochs", trained.progress.epoch},
          {"steps", trained.progress.step},
          {"model_digest", trained.model_digest},
          {"build", options_object(result.build)},
          {"ranks", result.ranks},
          {"threads", result.threads},
          {"validation", errors_object(trained.validation)},
          {"test", errors_object(trained.test)},
          {"best_validation", best_object(trained)},
          {"best_test", errors_object(trained.best_test)},
          {"options", options_object(trained.options)},
          {"changes", trained.changes},
          {"seconds", seconds_object(trained)},
          {"forecast", forecast_object(trained.forecast)},
          {"exchange",
           {{"batches", statistics.exchanges},
            {"way", train::exchange_name(statistics.way)},
            {"bytes", statistics.bytes.sent},
            {"lower_bound_bytes", statistics.bytes.needed}}}};
}

ordered_json data_object(const shards::Manifest& data) {
  return {{"digest", data.digest},
          {"source", data.source},
          {"split", data.split},
          {"train_rows", data.rows(shards::Part::train)},
          {"validation_rows", data.rows(shards::Part::validation)},
          {"test_rows", data.rows(shards::Part::test)},
          {"users", data.user_count},
          {"titles", data.title_count}};
}

std::optional<double> read_number(const ordered_json& number) {
  return number.is_null() ? std::nullopt : std::optional(number.get<double>());
}

std::optional<ErrorFigures> read_errors(const ordered_json& errors) {
  if (errors.is_null()) return std::nullopt;
  return ErrorFigures{errors.at("rows"),      errors.at("rmse"),
                      errors.at("mae"),       read_number(errors.at("clipped_rmse")),
                      errors.at("warm_rows"), read_number(errors.at("warm_rmse"))};
}

/// Texts as they are, numbers as JSON has them.
std::vector<std::pair<std::string, std::string>> read_texts(const ordered_json& object) {
  std::vector<std::pair<std::string, std::string>> texts;
  for (const auto& [name, value] : object.items())
    texts.emplace_back(name, value.is_string() ? value.get<std::string>() : value.dump());
  return texts;
}

std::optional<ForecastFigures> read_forecast(const ordered_json& object) {
  if (object.is_null()) return std::nullopt;
  const auto both = [&](const char* name) {
    return Foretold{object.at(name).at("forecast"), object.at(name).at("measured")};
  };
  ForecastFigures figures{both("batch_seconds"), both("batch_bytes"), both("node_memory")};
  figures.scaling.network = object.value("network", "");
  for (const auto& cluster : object.value("clusters", ordered_json::array())) {
    figures.scaling.clusters.push_back({cluster.at("nodes"), cluster.at("ranks"),
                                        cluster.at("batch_seconds"), cluster.at("efficiency"),
                                        cluster.at("batch_bytes")});
  }
  return figures;
}

constexpr std::array kJobNames{"build", "ranks", "threads"};

/// Gives an entry of an older program what that says of its job, beside all of them.
void add_job(ordered_json& entry, const ordered_json& result) {
  for (const char* name : kJobNames)
    if (!entry.contains(name)) entry[name] = result.at(name);
}

VariantEnd read_variant(const ordered_json& object) {
  VariantEnd end;
  end.variant = object.at("variant");
  end.epochs = object.at("epochs");
  end.steps = object.at("steps");
  end.validation = read_errors(object.at("validation"));
  end.test = read_errors(object.at("test"));
  end.best_test = read_errors(object.at("best_test"));
  if (const auto& best = object.at("best_validation"); !best.is_null())
    end.best_step = best.at("step").get<std::uint64_t>();
  end.model_digest = object.at("model_digest");
  end.build = read_texts(object.at("build"));
  end.ranks = object.at("ranks");
  end.threads = object.at("threads");
  end.changes = object.at("changes");
  end.options = read_texts(object.at("options"));
  for (const auto& [phase, seconds] : object.at("seconds").items())
    end.seconds.emplace_back(phase, seconds.get<double>());
  const ordered_json& exchange = object.at("exchange");
  end.batches = exchange.at("batches");
  end.bytes_sent = exchange.at("bytes");
  end.bytes_needed = exchange.at("lower_bound_bytes");
  end.forecast = read_forecast(object.value("forecast", ordered_json()));  // newer than the version
  return end;
}

RunEnd read_end(const ordered_json& object) {
  RunEnd end;
  end.data = read_texts(object.at("data"));
  const ordered_json& baselines = object.at("baselines");
  const bool has_test = !baselines.at("test").at("training_mean").is_null();
  const ordered_json& held_out = baselines.at(has_test ? "test" : "validation");
  end.training_mean = read_errors(held_out.at("training_mean"));
  end.user_item_means = read_errors(held_out.at("user_item_means"));
  for (const auto& variant : object.at("variants")) end.variants.push_back(read_variant(variant));
  return end;
}

/// A name of a file may be no UTF-8: replaced, since JSON is.
std::string text_of(const ordered_json& object) {
  return object.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

/// Null where the text is a result of another kind or version. Throws ordered_json::exception.
ordered_json parse_this_version(const std::string& text) {
  ordered_json object = ordered_json::parse(text);
  if (object.at("kind") != kKind || object.at("schema_version") != kSchemaVersion) return nullptr;
  for (auto& entry : object.at("variants")) add_job(entry, object);
  return object;
}

/// Null where the text is no result of this version.
ordered_json parse_result(const std::string& text) {
  try {
    ordered_json object = parse_this_version(text);
    if (!object.is_null()) read_end(object);  // all of it is there
    return object;
  } catch (const ordered_json::exception&) {
    return nullptr;
  }
}

bool is_of(const ordered_json& entry, const std::vector<std::string>& variants) {
  return std::ranges::find(variants, entry.at("variant").get<std::string>()) != variants.end();
}

}  // namespace

std::string result_text(const RunResult& result) {
  ordered_json variants = ordered_json::array();
  for (const TrainedVariant& trained : result.variants)
    variants.push_back(variant_object(trained, result));
  const ordered_json object{{"kind", kKind},
                            {"schema_version", kSchemaVersion},
                            {"build", options_object(result.build)},
                            {"ranks", result.ranks},
                            {"threads", result.threads},
                            {"options", options_object(result.options)},
                            {"data", data_object(result.data)},
                            {"baselines",
                             {{"validation", baselines_object(result.validation_baselines)},
                              {"test", baselines_object(result.test_baselines)}}},
                            {"variants", variants}};
  return text_of(object);
}

std::string entries_of(const std::string& result, const std::vector<std::string>& variants) {
  ordered_json object = parse_result(result);
  if (object.is_null()) return "";
  ordered_json entries = ordered_json::array();
  for (const auto& entry : object.at("variants")) {
    if (is_of(entry, variants)) entries.push_back(entry);
  }
  if (entries.empty()) return "";
  object["variants"] = std::move(entries);
  return text_of(object);
}

std::string with_entries_of(const std::string& result, const std::string& former,
                            const std::vector<std::string>& repeated) {
  const ordered_json then = parse_result(former);
  ordered_json now = ordered_json::parse(result);
  if (then.is_null() || then.at("data").at("digest") != now.at("data").at("digest")) return result;
  ordered_json& entries = now["variants"];
  for (const auto& entry : then.at("variants")) {
    const auto own = std::ranges::find_if(
        entries, [&](const ordered_json& one) { return one.at("variant") == entry.at("variant"); });
    if (own == entries.end()) {
      entries.push_back(entry);
    } else if (is_of(entry, repeated)) {
      ordered_json best_test = entry.at("best_test");
      if (best_test.is_null()) best_test = own->at("best_test");
      *own = entry;
      (*own)["best_test"] = std::move(best_test);
    }
  }
  return text_of(now);
}

std::string VariantEnd::option(std::string_view name) const {
  return value_of(options, name);
}

std::optional<RunEnd> read_result(const std::filesystem::path& run, const char* file) {
  const auto path = run / file;
  if (!io::is_there(path)) return std::nullopt;
  const std::string text = io::read_text(path);
  try {
    const ordered_json object = parse_this_version(text);
    if (object.is_null()) {
      throw InputError("{}: is of another kind or version; use the program that wrote it",
                       path.string());
    }
    return read_end(object);
  } catch (const ordered_json::exception& error) {
    throw InputError("{}: is no result of a run: {}", path.string(), error.what());
  }
}

}  // namespace nnrec::run
