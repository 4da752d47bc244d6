#include "support/cases.hpp"

#include "nnrec/app/prep_command.hpp"

#include "support/memory_files.hpp"

namespace nnrec::testing {

std::filesystem::path Cases::path_of(const std::string& input) {
  return std::filesystem::path(NNREC_SOURCE_DIR "/tests/cases") / input;
}

shards::ShardSet Cases::prep_path(const std::filesystem::path& path, Options options) {
  options.insert(options.end(), {"--input", path.string(), "--output", (folder_ / "set").string()});
  Log log = Log::silent();
  std::filesystem::remove(folder_ / "log");
  log.open_file(folder_ / "log");
  app::prep_command(options, log);
  text_ = read_file(folder_ / "log");
  return shards::ShardSet::open(folder_ / "set");
}

std::filesystem::path Cases::write(const std::string& name, const std::string& text) {
  const auto path = folder_ / "inputs" / name;
  std::filesystem::create_directories(path.parent_path());
  write_file(path, text);
  return path;
}

importing::RawCatalogue Cases::catalogue_of(const char* format, const char* name,
                                            const std::string& input) {
  return read_catalogue(format, {{name, bytes_of(input)}});
}  // namespace nnrec::testing

std::vector<std::string> Cases::rows(const shards::ShardSet& set) {
  const auto columns = read_part(set, shards::Part::train);
  const auto& catalogue = set.catalogue();
  std::vector<std::string> rows;
  for (std::size_t row = 0; row < columns.user.size(); ++row) {
    rows.push_back(fmt::format("{} {} {}", catalogue.user_ids[columns.user[row]],
                               catalogue.item_ids[columns.item[row]], columns.rating[row]));
    if (set.manifest().has_time) rows.back() += fmt::format(" {}", columns.timestamp[row]);
  }
  return rows;
}

}  // namespace nnrec::testing
