#include "json_shape.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "nnrec/import/column_names.hpp"

#include "json_records.hpp"

namespace nnrec::importing {
namespace {

constexpr std::size_t kMembersToLookAt = 64;

/// A member of an object: its name, and how its value begins.
struct Member {
  std::string_view name;
  std::string_view value;  ///< to the end of the text

  char kind() const noexcept { return value.empty() ? '\0' : value.front(); }
};

/// Takes the string that begins `text` off it; nothing where it does not end.
std::optional<std::string_view> take_string(std::string_view& text) {
  for (std::size_t end = 1; end < text.size(); ++end) {
    if (text[end] == '\\') {
      ++end;
    } else if (text[end] == '"') {
      const auto string = text.substr(1, end - 1);
      text.remove_prefix(end + 1);
      return string;
    }
  }
  return std::nullopt;
}

/// Takes the value that begins `text` off it; all of it where it does not end.
void take_value(std::string_view& text) {
  if (text.starts_with('{') || text.starts_with('[')) {
    const auto size = object_size(text);
    text.remove_prefix(size == 0 ? text.size() : size);
  } else if (text.starts_with('"')) {
    if (!take_string(text)) text = {};
  } else {
    text.remove_prefix(std::min(text.find_first_of(",]}"), text.size()));
  }
}

/// Of the object that begins `text`, in order, as far as they are there.
std::vector<Member> members_at(std::string_view text) {
  std::vector<Member> members;
  if (!text.starts_with('{')) return members;
  text.remove_prefix(1);
  while (members.size() < kMembersToLookAt) {
    text = without_space(text);
    if (!text.starts_with('"')) break;
    const auto name = take_string(text);
    text = without_space(text);
    if (!name || !text.starts_with(':')) break;
    text = without_space(text.substr(1));
    members.push_back({*name, text});
    take_value(text);
    text = without_space(text);
    if (!text.starts_with(',')) break;
    text.remove_prefix(1);
  }
  return members;
}

/// How many of user, item and rating the members name.
std::size_t roles_of(const std::vector<Member>& members) {
  const std::vector<Role> roles{Role::user, Role::item, Role::rating};
  return static_cast<std::size_t>(std::count_if(roles.begin(), roles.end(), [&](Role role) {
    return std::any_of(members.begin(), members.end(),
                       [role](const Member& member) { return role_of(member.name) == role; });
  }));
}

const Member* find(const std::vector<Member>& members, std::string_view name) {
  const auto found = std::find_if(members.begin(), members.end(),
                                  [name](const Member& member) { return member.name == name; });
  return found == members.end() ? nullptr : &*found;
}

bool is_of(const Member* member, char kind) {
  return member != nullptr && member->kind() == kind;
}

JsonShape of_pandas(const char* name, std::string_view orient) {
  return {name,
          fmt::format("python3 -c \"import pandas; pandas.read_json('FILE', orient='{}', "
                      "dtype=False, convert_dates=False).to_csv('ratings.csv', index=False)\"",
                      orient)};
}

/// The member that is a list of ratings, an object each.
const Member* list_of_ratings(const std::vector<Member>& members) {
  const auto found = std::find_if(members.begin(), members.end(), [](const Member& member) {
    if (member.kind() != '[') return false;
    return roles_of(members_at(without_space(member.value.substr(1)))) == 3;
  });
  return found == members.end() ? nullptr : &*found;
}

}  // namespace

std::optional<JsonShape> json_shape(std::string_view head) {
  head = without_space(head);
  if (head.starts_with('[') && without_space(head.substr(1)).starts_with('[')) {
    return JsonShape{"an array of arrays",
                     "python3 -c \"import json; [print(*row, sep='\\t') for row in "
                     "json.load(open('FILE'))]\" > ratings.tsv"};
  }
  const auto members = members_at(head);
  if (members.empty()) return std::nullopt;
  if (is_of(find(members, "columns"), '[') && is_of(find(members, "data"), '[')) {
    return of_pandas("one object of columns, index and data, as pandas writes it (split)", "split");
  }
  if (is_of(find(members, "schema"), '{') && is_of(find(members, "data"), '[')) {
    return of_pandas("one object of a schema and its data, as pandas writes it (table)", "table");
  }
  const bool whole_columns = std::all_of(members.begin(), members.end(), [](const Member& member) {
    return member.kind() == '{' || member.kind() == '[';
  });
  if (whole_columns && roles_of(members) >= 2) {
    return of_pandas("one object with a column a name, as pandas writes it (columns)", "columns");
  }
  if (whole_columns && roles_of(members_at(members.front().value)) == 3) {
    return of_pandas("one object with a rating a name, as pandas writes it (index)", "index");
  }
  if (const auto* list = list_of_ratings(members)) {
    return JsonShape{"one object with a list of ratings in it",
                     fmt::format("python3 -c \"import json; [print(json.dumps(rating)) for rating "
                                 "in json.load(open('FILE'))['{}']]\" > ratings.json",
                                 list->name)};
  }
  return std::nullopt;
}

}  // namespace nnrec::importing
