#include "nnrec/import/whole_ids.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "nnrec/base/wording.hpp"
#include "nnrec/import/text.hpp"

namespace nnrec::importing {
namespace {

bool is_whole(std::string_view id) {
  return is_digits(id.substr(id.starts_with('-') ? 1 : 0));
}

/// "7.0", "-7.00": what is before the point; nothing for other texts.
std::optional<std::string_view> before_point(std::string_view id) {
  const auto point = id.find('.');
  if (point == std::string_view::npos || point + 1 == id.size()) return std::nullopt;
  const auto whole = id.substr(0, point);
  const bool zeros = id.find_first_not_of('0', point + 1) == std::string_view::npos;
  return is_whole(whole) && zeros ? std::optional(whole) : std::nullopt;
}

/// How the ids of a column are written.
struct Writing {
  std::uint64_t with_point = 0;  ///< as 7.0
  std::uint64_t both = 0;        ///< of these, how many stand there as 7, too
  bool all_whole = true;
  std::string first;  ///< of `with_point`, or of `both` where there are some
};

Writing writing_of(const IdMap& ids) {
  Writing writing;
  for (std::uint32_t index = 0; index < ids.size(); ++index) {
    const auto id = ids.id(index);
    const auto whole = before_point(id);
    if (!whole) {
      writing.all_whole = writing.all_whole && is_whole(id);
      continue;
    }
    const bool both = ids.find(*whole).has_value();
    if (writing.with_point == 0 || (both && writing.both == 0)) writing.first = id;
    ++writing.with_point;
    writing.both += both ? 1 : 0;
  }
  return writing;
}

/// Ids of a kind, and the first of them.
struct Odd {
  std::uint64_t count = 0;
  std::string first;

  void add(const std::string& id) {
    if (count++ == 0) first = id;
  }
};

bool is_code(std::string_view id) {
  return std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  });
}

/// What is a word among whole numbers is no id like the others: the last line of a table ("Total"),
/// or a name for who is not known. Among very many nor is what has other characters: "1,500", "7%".
void note_odd_ones(const IdMap& ids, const char* noun, RepairLog& repairs) {
  std::uint64_t numbers = 0;
  Odd words;
  Odd marked;
  for (std::uint32_t index = 0; index < ids.size(); ++index) {
    const auto id = ids.id(index);
    if (is_whole(before_point(id).value_or(id))) {
      ++numbers;
    } else if (id.find_first_of("0123456789") == std::string::npos) {
      words.add(id);
    } else if (!is_code(id)) {
      marked.add(id);
    }
  }
  const auto note = [&](const Odd& odd, const char* what) {
    if (odd.count == 0) return;
    repairs.note(
        fmt::format("warning: {} {} where others are whole numbers, as {}: taken for ids like them",
                    counted(odd.count, ids.size(), noun), what, escaped(odd.first)));
  };
  if (numbers * 2 > ids.size()) note(words, "are words");
  if (numbers * 20 >= ids.size() * 19) note(marked, "have other characters");
}

/// Numbers the ids anew, without ".0", and the column with them.
void merge(IdMap& ids, shards::Column<std::uint32_t>& column) {
  IdMap merged(NumberedRatings::kDirectIds);
  std::vector<std::uint32_t> numbers(ids.size());
  for (std::uint32_t index = 0; index < numbers.size(); ++index) {
    const auto id = ids.id(index);
    numbers[index] = merged.insert(before_point(id).value_or(id));
  }
  for (std::size_t row = 0; row < column.size(); ++row) column[row] = numbers[column[row]];
  ids = std::move(merged);
}

/// Which ids stand there without the zeros in front of them, too: 0439886341 of 439886341.
void note_zeros_in_front(const IdMap& ids, const char* noun, RepairLog& repairs) {
  Odd odd;
  for (std::uint32_t index = 0; index < ids.size(); ++index) {
    const auto id = ids.id(index);
    if (id.size() < 2 || id.front() != '0') continue;
    const auto start = std::min(id.find_first_not_of('0'), id.size() - 1);
    if (ids.find(std::string_view(id).substr(start))) odd.add(id);
  }
  if (odd.count == 0) return;
  repairs.note(fmt::format(
      "warning: {} are other ones with zeros in front, as {}, and stay apart: spreadsheets take "
      "such zeros off",
      counted(odd.count, ids.size(), noun), odd.first));
}

void settle(IdMap& ids, shards::Column<std::uint32_t>& column, const char* noun,
            RepairLog& repairs) {
  note_zeros_in_front(ids, noun, repairs);
  note_odd_ones(ids, noun, repairs);
  const auto writing = writing_of(ids);
  if (writing.with_point == 0) return;
  if (writing.all_whole) {
    repairs.add({writing.with_point, ids.size(), noun},
                fmt::format("are written with .0, as {}: read without it", writing.first), "");
    merge(ids, column);
  } else if (writing.both > 0) {
    repairs.note(fmt::format(
        "warning: {} {} are written in two ways, as {} and without .0, and stay apart: other ids "
        "are no whole numbers",
        writing.both, noun, writing.first));
  }
}

}  // namespace

void settle_whole_ids(NumberedRatings& ratings, RepairLog& repairs) {
  settle(ratings.users, ratings.table.user, "users", repairs);
  settle(ratings.items, ratings.table.item, "items", repairs);
}

}  // namespace nnrec::importing
