#pragma once

#include <cstddef>
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

/// How lines of pairs are cut, and which fields are what. The first line decides: where it names a
/// user and an item it is a header, and names bind the fields, a time too. Without a header user
/// and item come first, and a third field must look like a time.
class PairLines {
 public:
  /// `now`: Unix seconds; no time without a name is later. Throws InputError where no separator
  /// stands in `first_line`, and where it names fields but not one user and one item.
  PairLines(std::string label, std::string_view first_line, std::int64_t now);

  const std::string& separator() const noexcept { return separator_; }
  bool has_header() const noexcept { return has_header_; }
  /// Further fields are left aside. Throws InputError with label:line where the user or the item is
  /// missing or empty, and where the time is no whole number or, without a name, looks like none.
  PairLine parse(std::string_view line, std::uint64_t number) const;

 private:
  void bind_by_names(std::string_view header);
  std::int64_t time_of(std::string_view text, std::uint64_t number) const;

  std::string label_;
  std::string separator_;
  std::int64_t now_;
  bool has_header_ = false;
  std::size_t user_ = 0;
  std::size_t item_ = 1;
  std::optional<std::size_t> time_ = 2;
};

}  // namespace nnrec::app
