#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nnrec::app {

/// One line: ids as people write them, perhaps a time.
struct PairLine {
  std::string_view user;
  std::string_view item;
  std::optional<std::int64_t> time;
};

/// How lines of pairs are cut. The first line decides what stands between fields.
class PairLines {
 public:
  /// Throws InputError where no separator stands in `first_line`.
  PairLines(std::string label, std::string_view first_line);

  const std::string& separator() const noexcept { return separator_; }
  /// Whether this first line names columns: "user..." stands in front of another name.
  bool is_header(std::string_view first_line) const;
  /// Further fields are left aside. Throws InputError with label:line where there are fewer than
  /// two, an empty id, or a time that is no whole number.
  PairLine parse(std::string_view line, std::uint64_t number) const;

 private:
  std::string label_;
  std::string separator_;
};

}  // namespace nnrec::app
