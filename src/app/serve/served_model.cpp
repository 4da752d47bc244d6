#include "served_model.hpp"

#include <initializer_list>
#include <set>
#include <system_error>
#include <utility>

#include "nnrec/io/sealed_file.hpp"

namespace nnrec::app {

namespace fs = std::filesystem;
using shards::Part;

std::string files_seen(const fs::path& place) {
  std::error_code error;
  std::set<std::string> lines;
  const auto add = [&](const fs::path& path) {
    const auto time = fs::last_write_time(path, error).time_since_epoch().count();
    const auto bytes = fs::file_size(path, error);
    lines.insert(fmt::format("{} {} {}\n", path.string(), bytes, time));
  };
  const bool is_run = fs::is_directory(place, error);
  if (!is_run) add(place);
  for (const fs::path& run : is_run ? std::vector{place} : run::runs_around(place))
    add(run / "options.cfg");
  // A file that goes meanwhile is another listing next time.
  for (const char* folder : {"checkpoints", "samples"}) {
    for (auto entry = fs::directory_iterator(place / folder, error);
         !error && entry != fs::directory_iterator(); entry.increment(error))
      if (entry->path().extension() == ".h5") add(entry->path());
  }
  return fmt::format("{}", fmt::join(lines, ""));
}

std::string seals_of(const run::ModelSource& source) {
  std::string seals = io::stated_digest(source.checkpoint);
  for (const fs::path& sample : source.samples)
    seals.append(1, '\n').append(io::stated_digest(sample));
  return seals;
}

ServedModel::ServedModel(run::ModelSource source, const ServedPlace& place,
                         const ServedModel* former, Log& log)
    : source_(std::move(source)),
      seals_(run::read_present(source_, log, [&] { return seals_of(source_); })),
      model_(run::load_present_model(source_, run::open_training_set(source_, place.data), log)) {
  const math::ThreadTeam team(static_cast<int>(place.workers));
  if (former != nullptr && former->model_.set.manifest().digest == model_.set.manifest().digest) {
    facts_ = former->facts_;
    seen_ = former->seen_;
  } else {
    facts_ = std::make_shared<serve::TrainingFacts>(serve::read_training_facts(model_.set, team));
    seen_ = std::make_shared<serve::SeenItems>(
        model_.set, std::initializer_list<Part>{Part::train, Part::validation, Part::test}, team);
  }
  users_ = std::make_unique<serve::IdIndex>(model_.set.catalogue().user_ids);
  items_ = std::make_unique<serve::IdIndex>(model_.set.catalogue().item_ids);
  recommender_ = std::make_unique<serve::Recommender>(model_, *facts_, team);
  for (std::size_t worker = 0; worker < place.workers; ++worker)
    answers_.push_back(std::make_unique<serve::Answers>(model_, *facts_));
}

}  // namespace nnrec::app
