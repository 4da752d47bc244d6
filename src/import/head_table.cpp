#include "head_table.hpp"

#include <algorithm>
#include <array>

#include "nnrec/base/error.hpp"
#include "nnrec/import/text.hpp"
#include "nnrec/io/text_blocks.hpp"

#include "fields.hpp"

namespace nnrec::importing {
namespace {

constexpr std::size_t kRecordsToLookAt = 100;
/// A separator that cuts so many of the records alike may be the one.
constexpr double kLeastAlike = 0.5;

/// Separators by how rare they are in other text: what stands in one line is not in question when
/// one of an earlier line cuts all records alike.
const std::array<std::vector<std::string>, 3> kSeparators{{{"::", "\t"}, {";", "|", ","}, {" "}}};

bool is_spreadsheet_separator(std::string_view separator) {
  return separator == "," || separator == ";";
}

/// A text cut one way.
struct Trial {
  HeadTable table;
  std::size_t uncut = 0;  ///< records whose quotes do not fit
  std::size_t alike = 0;  ///< records with as many fields as the first

  bool cuts() const {
    return table.fields() >= 3 &&
           static_cast<double>(alike) >= kLeastAlike * static_cast<double>(table.records.size());
  }
  bool cuts_all() const { return table.fields() >= 3 && alike == table.records.size(); }
};

/// Empty fields at the end say nothing.
std::size_t used_fields(const std::vector<std::string>& record) {
  const auto last = std::find_if(record.rbegin(), record.rend(),
                                 [](const std::string& field) { return !field.empty(); });
  return static_cast<std::size_t>(record.rend() - last);
}

Trial try_quoting(const TextHead& head, const std::string& separator, Quoting quoting) {
  Trial trial{{separator, quoting, {}, {}}};
  const Records records(separator, quoting);
  Fields fields(separator, quoting);
  auto text = head.text;
  while (!text.empty() && trial.table.records.size() < kRecordsToLookAt) {
    const auto record = records.take(text);
    if (trimmed(record.text).empty()) continue;
    // What a quote holds may end behind the head.
    if (record.open && !head.whole && !trial.table.records.empty()) break;
    if (!fields.cut(record.text)) {
      ++trial.uncut;
      Fields(separator).cut(record.text);
    }
    if (trial.table.records.empty()) trial.table.first_line = record.text;
    trial.table.records.emplace_back(fields.all().begin(), fields.all().end());
  }
  const auto first = used_fields(trial.table.records.front());
  for (const auto& record : trial.table.records)
    trial.alike += used_fields(record) == first ? 1 : 0;
  return trial;
}

/// Whether every field that begins with a quote mark ends in one, and there are some.
bool shows_quotes(const HeadTable& table) {
  bool some = false;
  for (const auto& record : table.records) {
    for (const auto& field : record) {
      if (!field.starts_with('"')) continue;
      if (field.size() < 2 || !field.ends_with('"')) return false;
      some = true;
    }
  }
  return some;
}

/// Quotes are usual between commas and semicolons. Between other separators they are a part of the
/// text unless all of them stand around fields.
Trial try_separator(const TextHead& head, const std::string& separator) {
  if (!is_spreadsheet_separator(separator)) {
    auto plain = try_quoting(head, separator, Quoting::none);
    if (!shows_quotes(plain.table)) return plain;
    auto quoted = try_quoting(head, separator, Quoting::one_line);
    return quoted.uncut == 0 ? quoted : plain;
  }
  auto usual = try_quoting(head, separator, Quoting::rfc4180);
  if (usual.uncut == 0 || head.text.find("\\\"") == std::string_view::npos) return usual;
  auto escaped_quotes = try_quoting(head, separator, Quoting::backslash);
  return escaped_quotes.uncut == 0 ? escaped_quotes : usual;
}

/// Those of a line of kSeparators that cut the head, the best first.
std::vector<Trial> trials_of(const TextHead& head, const std::vector<std::string>& separators) {
  std::vector<Trial> trials;
  for (const auto& separator : separators) {
    auto trial = try_separator(head, separator);
    if (trial.cuts()) trials.push_back(std::move(trial));
  }
  std::stable_sort(trials.begin(), trials.end(),
                   [](const Trial& a, const Trial& b) { return a.alike > b.alike; });
  return trials;
}

/// The ways of cutting the head between which nothing decides.
std::vector<Trial> guess(const TextHead& head) {
  std::vector<Trial> all;
  for (const auto& separators : kSeparators) {
    auto trials = trials_of(head, separators);
    if (!trials.empty() && trials.front().cuts_all() && all.empty()) {
      std::erase_if(trials, [](const Trial& trial) { return !trial.cuts_all(); });
      return trials;
    }
    if (separators.front() != " " || all.empty()) {
      std::move(trials.begin(), trials.end(), std::back_inserter(all));
    }
  }
  return all;
}

std::string names_of(const std::vector<Trial>& trials) {
  std::vector<std::string> names;
  for (const auto& trial : trials) names.push_back(separator_name(trial.table.separator));
  return fmt::format("{}", fmt::join(names, " and "));
}

/// A comment, "sep=;", a header without a name for the row numbers: where all below is alike.
void refuse_first_line(TextHead head, const std::string& label) {
  std::string_view line;
  if (!io::take_line(head.text, line)) return;
  if (head.text.find_first_not_of(" \t\r\n") == std::string_view::npos) return;
  const auto below = guess(head);
  if (below.size() != 1 || !below.front().cuts_all()) return;
  const auto& table = below.front().table;
  throw InputError(
      "{}:1: {} is not cut as the lines below it are, into {} fields by {}. Take line 1 away, or "
      "complete it.",
      label, escaped(line), table.fields(), separator_name(table.separator));
}

}  // namespace

std::vector<std::string_view> HeadTable::column(std::size_t column, std::size_t from) const {
  std::vector<std::string_view> fields;
  for (auto record = from; record < records.size(); ++record) {
    if (column < records[record].size()) fields.emplace_back(records[record][column]);
  }
  return fields;
}

HeadTable cut_head(const TextHead& head, const std::string& separator, const std::string& label) {
  if (!separator.empty()) {
    auto trial = try_separator(head, separator);
    if (trial.table.fields() >= 2) return std::move(trial.table);
    const auto others = guess(head);
    throw InputError(
        "{}:1: no separator {} found on line 1 ({}). Use --separator or --format auto.", label,
        separator_name(separator),
        others.empty() ? "nor another one: is it a file of ratings?"
                       : fmt::format("is it {}?", names_of(others)));
  }
  auto trials = guess(head);
  if (trials.empty()) {
    refuse_first_line(head, label);
    throw InputError(
        "{}:1: {} is not cut into user, item and rating by '::', tab, ';', '|', ',' or blank. Give "
        "--separator, or is it no file of ratings?",
        label, escaped(try_quoting(head, "\t", Quoting::none).table.first_line));
  }
  if (trials.size() > 1) {
    throw InputError("{}:1: {} is cut by {} alike. Say --separator.", label,
                     escaped(trials.front().table.first_line), names_of(trials));
  }
  return std::move(trials.front().table);
}

}  // namespace nnrec::importing
