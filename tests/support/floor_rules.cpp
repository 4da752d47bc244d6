#include "support/floor_rules.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include <fmt/format.h>

namespace nnrec::test {
namespace {

constexpr int kMostLines = 600;

/// Height of every floor; floors of one height do not see each other.
const std::map<std::string, int>& heights() {
  static const std::map<std::string, int> all{
      {"base", 0},    {"math", 1},     {"io", 1},    {"http", 1},      {"shards", 2},
      {"nn", 2},      {"import", 3},   {"comm", 3},  {"features", 3},  {"models", 4},
      {"prepare", 4}, {"train", 5},    {"serve", 5}, {"synthetic", 5}, {"run", 6},
      {"app", 7},     {"programs", 8},
  };
  return all;
}

/// A floor, and the room on it where a floor has several: the commands of app, one room each.
struct Room {
  std::string floor;
  std::string name;
};

std::string name_of(const Room& room) {
  return room.floor == "app" && !room.name.empty() ? room.floor + "/" + room.name : room.floor;
}

bool may_include(const Room& from_room, const Room& to_room) {
  const std::string& from = from_room.floor;
  const std::string& to = to_room.floor;
  // Commands share the option table, and how tables and charts are made.
  if (from == "app" && to == "app") {
    return from_room.name == to_room.name || to_room.name == "options" ||
           to_room.name == "output" || to_room.name.empty();
  }
  if (from == to) return true;
  // MPI is a side room: it implements comm's interface, and programs alone open its door.
  if (to == "mpi") return from == "programs";
  if (from == "mpi") return to == "comm" || to == "base";
  // What trains sees sets, never people's files.
  static const std::set<std::string> preparing{"import", "prepare", "synthetic", "app"};
  if (to == "import" || to == "prepare") {
    if (!preparing.contains(from)) return false;
  }
  const auto lower = heights().find(to);
  const auto upper = heights().find(from);
  return lower != heights().end() && upper != heights().end() && lower->second < upper->second;
}

/// What stays behind a wall: in `floors`, and in the tests of these floors.
struct Wall {
  std::regex pattern;
  std::string name;
  std::set<std::string> floors;
};

const std::vector<Wall>& walls() {
  static const std::vector<Wall> all{
      {std::regex(R"(^\s*#\s*include\s*[<"]mpi\.h)"), "mpi.h", {"mpi"}},
      {std::regex(R"(^\s*#\s*include\s*[<"]hdf5)"), "hdf5.h", {"io", "support"}},
      {std::regex(R"(^\s*#\s*include\s*[<"](archive|archive_entry)\.h)"),
       "libarchive",
       {"io", "support"}},
      {std::regex(R"(^\s*#\s*include\s*[<"]libdeflate)"), "a packer", {"io"}},
      {std::regex(R"(^\s*#\s*include\s*[<"]simdjson)"), "simdjson", {"import"}},
      {std::regex(R"(^\s*#\s*include\s*[<"]boost/program_options)"),
       "Boost.Program_options",
       {"app"}},
      {std::regex(R"(^\s*#\s*include\s*[<"]boost/(asio|beast))"), "Boost.Beast", {"http"}},
      {std::regex(R"(^\s*#\s*include\s*[<"]Eigen/)"), "Eigen", {"math"}},
      {std::regex(R"(^\s*#\s*include\s*[<"]hwy/)"), "Highway", {"math"}},
      {std::regex(R"(^\s*#\s*include\s*[<"]omp\.h)"), "omp.h", {"math"}},
      {std::regex(R"(^\s*#\s*pragma\s+omp\b)"), "#pragma omp", {"math"}},
  };
  return all;
}

const std::vector<Wall>& program_walls() {
  static const std::vector<Wall> all{
      {std::regex(R"(\bargv\b)"), "argv", {"programs"}},
      {std::regex(R"(\b(exit|quick_exit)\s*\()"), "exit()", {"programs"}},
  };
  return all;
}

/// "src", "include" or "tests", and the room: `src/app/dist/x.cpp` is {"src", {"app", "dist"}}.
struct Place {
  std::string root;
  Room room;
};

Place place_of(const std::string& path) {
  static const std::regex pattern(
      R"((src|tests)/(?:([^/]+)/)?(?:([^/]+)/)?.*|include/nnrec/(?:([^/]+)/)?.*)");
  std::smatch match;
  if (!std::regex_match(path, match, pattern)) return {};
  if (match[1].matched) return {match[1], {match[2], match[3]}};
  return {"include", {match[4], {}}};
}

/// The room that an include line goes to; without a floor for a library or a file of the own
/// folder.
Room included_room(const std::string& line) {
  static const std::regex own(R"re(^\s*#\s*include\s*[<"]nnrec/([^/"]+)/)re");
  static const std::regex beside(R"re(^\s*#\s*include\s*"(?:\.\./)*([^/"]+)/(?:([^/"]+)/)?)re");
  std::smatch match;
  if (std::regex_search(line, match, own)) return {match[1], {}};
  if (std::regex_search(line, match, beside)) return {match[1], match[2]};
  return {};
}

std::string without_comment(const std::string& line) {
  return line.substr(0, line.find("//"));
}

void find_walls(const std::vector<Wall>& kept, const std::string& floor, const std::string& place,
                const std::string& line, std::vector<std::string>& found) {
  for (const Wall& wall : kept)
    if (!wall.floors.contains(floor) && std::regex_search(line, wall.pattern))
      found.push_back(fmt::format("{} {} uses {}, which only {} may", place, floor, wall.name,
                                  *wall.floors.begin()));
}

}  // namespace

std::vector<std::string> violations_in_text(const std::string& path, const std::string& text) {
  const Place place = place_of(path);
  const bool is_test = place.root == "tests";
  std::vector<std::string> found;
  if (!is_test && place.room.floor != "mpi" && !heights().contains(place.room.floor))
    found.push_back(fmt::format("{}: \"{}\" is no floor", path, place.room.floor));
  std::istringstream lines(text);
  std::string line;
  int number = 0;
  while (std::getline(lines, line)) {
    const std::string where = fmt::format("{}:{}", path, ++number);
    const std::string code = without_comment(line);
    // A public header would carry the library to every floor above: its room is no floor here.
    find_walls(walls(), place.root == "include" ? "include" : place.room.floor, where, code, found);
    // Tests have mains of their own and include what they test.
    if (is_test) continue;
    find_walls(program_walls(), place.room.floor, where, code, found);
    const Room target = included_room(code);
    if (!target.floor.empty() && !may_include(place.room, target))
      found.push_back(fmt::format("{} {} -> {}", where, name_of(place.room), name_of(target)));
  }
  if (number > kMostLines)
    found.push_back(fmt::format("{}: {} lines, at most {}", path, number, kMostLines));
  return found;
}

std::vector<std::string> violations_in_tree(const std::filesystem::path& source_folder) {
  namespace fs = std::filesystem;
  std::vector<fs::path> files;
  for (const char* root : {"src", "include", "tests"})
    for (const auto& entry : fs::recursive_directory_iterator(source_folder / root)) {
      const std::string extension = entry.path().extension().string();
      if (extension == ".hpp" || extension == ".cpp" || extension == ".h")
        files.push_back(entry.path());
    }
  std::ranges::sort(files);
  std::vector<std::string> found;
  for (const auto& path : files) {
    std::ifstream file(path);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    std::ranges::move(violations_in_text(fs::relative(path, source_folder).string(), text),
                      std::back_inserter(found));
  }
  return found;
}

}  // namespace nnrec::test
