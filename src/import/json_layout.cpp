#include <algorithm>

#include "nnrec/base/error.hpp"
#include "nnrec/import/text.hpp"
#include "nnrec/io/text_blocks.hpp"

#include "json_reader.hpp"
#include "json_records.hpp"
#include "json_shape.hpp"

namespace nnrec::importing {
namespace {

constexpr std::size_t kObjectsToLookAt = 100;
constexpr const char* kFromPython =
    "Convert it: python3 -c \"import ast, json, sys; [print(json.dumps(ast.literal_eval(line))) "
    "for line in sys.stdin]\" < FILE > ratings.json";

/// The names of the first objects in order of first appearance, and each object's values.
struct JsonTable {
  std::vector<std::string> names;
  std::vector<std::vector<std::string>> rows;

  void add(const std::vector<JsonMember>& members) {
    auto& row = rows.emplace_back(names.size());
    for (const auto& member : members) {
      const auto found = std::find(names.begin(), names.end(), member.name);
      const auto column = static_cast<std::size_t>(found - names.begin());
      if (found == names.end()) names.push_back(member.name);
      row.resize(names.size());
      row[column] = member.value;
    }
  }
};

/// Takes the first object off `text`; nothing where none is whole.
std::string_view take_object(std::string_view& text, bool array) {
  text = without_space(text);
  if (array && text.starts_with(',')) text = without_space(text.substr(1));
  if (!text.starts_with('{')) return {};
  const auto size = array ? object_size(text) : std::min(text.find('\n'), text.size());
  const auto object = text.substr(0, size);
  text.remove_prefix(size);
  return object;
}

JsonTable look_at(const TextHead& head, bool array, const std::string& label) {
  auto text = without_space(head.text);
  if (array) text.remove_prefix(1);
  JsonTable table;
  while (table.rows.size() < kObjectsToLookAt) {
    const auto object = take_object(text, array);
    if (object.empty()) break;
    std::vector<JsonMember> members;
    std::string why;
    if (members_of(object, members, why)) {
      table.add(members);
      continue;
    }
    if (!table.rows.empty()) break;  // The reader says what is wrong with a later one.
    const bool python = without_space(object.substr(1)).starts_with('\'');
    throw InputError("{}:1: {} is {}. {}.", label, escaped(object),
                     python ? "an object of Python ('...' for \"...\"), not of JSON"
                            : fmt::format("no object of JSON ({})", why),
                     python ? kFromPython
                            : "Correct it, or write a whole object on each line: "
                              "jq -c . < FILE > ratings.json");
  }
  if (table.rows.empty()) {
    throw InputError("{}:1: no object of the array is whole within {} bytes. Is the file whole?",
                     label, head.text.size());
  }
  return table;
}

/// What would cut the table of names and values is no part of what they say.
void append_field(std::string& line, std::string_view text) {
  if (!line.empty()) line += '\t';
  if (text.empty()) line += ' ';
  for (const char c : text) line += static_cast<unsigned char>(c) < ' ' || c == '"' ? ' ' : c;
}

std::string header_of(const JsonTable& table, bool is_told) {
  const auto has = [&](const char* name) {
    return std::find(table.names.begin(), table.names.end(), name) != table.names.end();
  };
  const bool variants = !is_told && has("asin") && has("parent_asin");
  std::string line;
  for (const auto& name : table.names) {
    append_field(line, variants && name == "asin" ? "asin, a variant of parent_asin" : name);
  }
  return line;
}

std::string table_text(const JsonTable& table, bool is_told) {
  auto text = header_of(table, is_told) + '\n';
  for (const auto& row : table.rows) {
    std::string line;
    for (const auto& value : row) append_field(line, value);
    text += line + '\n';
  }
  return text;
}

void require_no_table(const LayoutOptions& options) {
  if (options.separator.empty() && options.decimal == "." &&
      options.header == HeaderRule::automatic) {
    return;
  }
  throw UsageError(
      "--separator, --decimal and --header are for tables; JSON has names and points. Leave them "
      "out.");
}

}  // namespace

JsonLayout find_json_layout(const TextHead& head, const LayoutOptions& options,
                            const std::string& label) {
  if (const auto shape = json_shape(head.text)) {
    throw InputError("{}: is JSON, {}; what is read has an object a rating. Convert it: {}", label,
                     shape->name, shape->remedy);
  }
  require_no_table(options);
  JsonLayout layout;
  layout.array = without_space(head.text).starts_with('[');
  const auto table = look_at(head, layout.array, label);
  if (table.names.size() < 3) {
    throw InputError("{}:1: the objects have {} names, and a rating has user, item and rating.",
                     label, table.names.size());
  }
  auto as_table = options;
  as_table.separator.assign(1, '\t');
  as_table.header = HeaderRule::yes;
  const auto text = table_text(table, !options.columns.empty());
  const auto found = find_layout({text, true}, as_table, label);
  layout.columns = {found.user, found.item, found.rating, found.time.value_or(0)};
  for (const auto role : kRoles) {
    const auto at = static_cast<std::size_t>(role);
    if (role == Role::time && !found.time) continue;
    layout.names[at] = table.names[layout.columns[at]];
  }
  layout.time_format = options.time_format;
  layout.evidence = found.evidence;
  if (layout.array) layout.evidence.emplace_back("one array: places count its objects");
  return layout;
}

}  // namespace nnrec::importing
