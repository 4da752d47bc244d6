#include "nnrec/run/kept_files.hpp"

#include <algorithm>
#include <system_error>

#include <fmt/format.h>

#include "nnrec/base/error.hpp"
#include "nnrec/io/resolved_path.hpp"
#include "nnrec/io/sealed_file.hpp"

namespace nnrec::run {

std::string kept_as(const std::filesystem::path& file) {
  std::error_code ignored;
  const auto place = io::resolved_path(file);
  if (!std::filesystem::is_regular_file(place, ignored)) return "";
  if (io::has_seal(place)) return "a checkpoint, or a file of a prepared set, as its seal tells";
  const auto run = place.parent_path();
  const std::string name = place.filename().string();
  // What was set aside has more behind its name.
  const bool is_own =
      std::ranges::any_of(kRunFiles, [&](const char* own) { return name.starts_with(own); }) ||
      place.extension() == ".saved";
  if (!is_own || !std::filesystem::exists(run / "options.cfg", ignored)) return "";
  return fmt::format("{} of the run in {}", name, run.string());
}

void require_not_kept(std::string_view option, const std::filesystem::path& file) {
  if (const std::string kept = kept_as(file); !kept.empty())
    throw UsageError("{} {}: is {}: give another place", option, file.string(), kept);
}

}  // namespace nnrec::run
