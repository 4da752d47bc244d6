#include "nnrec/run/host_memory.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string_view>
#include <system_error>

#include "nnrec/base/numbers.hpp"

namespace nnrec::run {
namespace {
namespace fs = std::filesystem;

/// The number behind `name` in a file of lines `name number ...`; of a file with one number: name
/// is empty.
std::optional<std::uint64_t> number_in(const fs::path& path, std::string_view name) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string word;
    if (!name.empty() && !(words >> word && word == name)) continue;
    if (words >> word) return parse_number<std::uint64_t>(word);
  }
  return std::nullopt;
}

/// The names of the files by which a version of control groups tells.
struct GroupFiles {
  const char* limit;
  const char* used;
  const char* given_back;  ///< in memory.stat: cache of files that is not in use
};
constexpr GroupFiles kVersion2{"memory.max", "memory.current", "inactive_file"};
constexpr GroupFiles kVersion1{"memory.limit_in_bytes", "memory.usage_in_bytes",
                               "total_inactive_file"};

/// What is left in `folder`, if it has a limit ("max" is none).
std::optional<std::uint64_t> left_in(const fs::path& folder, const GroupFiles& files) {
  const auto limit = number_in(folder / files.limit, {});
  const auto used = number_in(folder / files.used, {});
  if (!limit || !used) return std::nullopt;
  const std::uint64_t given_back =
      std::min(*used, number_in(folder / "memory.stat", files.given_back).value_or(0));
  const std::uint64_t held = *used - given_back;
  return *limit > held ? *limit - held : 0;
}

/// Calls visit(folder) for a group and those around it.
template <typename Visit>
void for_each_around(const fs::path& top, std::string group, const Visit& visit) {
  for (;;) {
    visit(top / fs::path(group).relative_path());
    if (group.empty() || group == "/") return;
    group = fs::path(group).parent_path().string();
  }
}

}  // namespace

std::optional<HostMemory> available_memory(const fs::path& root) {
  std::optional<HostMemory> least;
  const auto take = [&](std::optional<std::uint64_t> bytes, const std::string& bound) {
    if (bytes && (!least || *bytes < least->available)) least = HostMemory{*bytes, bound};
  };
  if (const auto kilobytes = number_in(root / "proc/meminfo", "MemAvailable:")) {
    take(*kilobytes * 1024, "MemAvailable of /proc/meminfo");
  }
  std::ifstream groups(root / "proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {  // number:controllers:group
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const std::string group = line.substr(second + 1);
    const bool is_second = controllers.empty();
    if (!is_second && controllers != "memory") continue;
    const fs::path top = root / (is_second ? "sys/fs/cgroup" : "sys/fs/cgroup/memory");
    for_each_around(top, group, [&](const fs::path& folder) {
      take(left_in(folder, is_second ? kVersion2 : kVersion1),
           "the memory limit of control group " + group);
    });
  }
  return least;
}

bool has_node_memory(std::uint64_t bytes, int ranks) {
  const auto memory = available_memory();
  if (memory && memory->available < bytes) return false;
  std::error_code unknown;
  const auto shared = fs::space(kSharedMemory, unknown);
  return ranks == 1 || unknown || shared.available >= bytes;  // one rank's memory is its own
}

std::optional<std::uint64_t> own_memory(const fs::path& root) {
  const auto kilobytes = number_in(root / "proc/self/smaps_rollup", "Pss:");
  if (!kilobytes) return std::nullopt;
  return *kilobytes * 1024;
}

}  // namespace nnrec::run
