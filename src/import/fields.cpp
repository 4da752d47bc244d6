#include "fields.hpp"

#include <algorithm>

namespace nnrec::import {
namespace {

/// Takes a quoted text off `rest`, from its opening to its closing quote, and adds it to `text`.
/// Returns false when it is not closed.
bool take_quoted(std::string_view& rest, std::string& text) {
  for (;;) {
    rest.remove_prefix(1);
    const auto end = rest.find('"');
    if (end == std::string_view::npos) return false;
    text += rest.substr(0, end);
    rest.remove_prefix(end + 1);
    if (!rest.starts_with('"')) return true;
    text += '"';
  }
}

}  // namespace

bool Fields::cut_quoted(std::string_view line) {
  unquoted_.clear();
  unquoted_.reserve(line.size());  // Fields point into it: it must not move.
  for (;;) {
    while (line.starts_with(' ')) line.remove_prefix(1);
    const bool quoted = line.starts_with('"');
    const auto start = unquoted_.size();
    if (quoted && !take_quoted(line, unquoted_)) return false;
    const auto end = line.find(separator_);
    const auto text = trimmed(line.substr(0, end));
    if (quoted && !text.empty()) return false;
    values_.push_back(quoted ? trimmed(std::string_view(unquoted_).substr(start)) : text);
    if (end == std::string_view::npos) return true;
    line.remove_prefix(end + separator_.size());
  }
}

bool take_record(std::string_view& text, std::string_view& record, std::uint64_t& lines) {
  if (text.empty()) return false;
  bool quoted = false;
  std::size_t end = 0;
  for (; end < text.size() && (quoted || text[end] != '\n'); ++end) {
    if (text[end] == '"') quoted = !quoted;
  }
  record = text.substr(0, end);
  lines += 1 + static_cast<std::uint64_t>(std::count(record.begin(), record.end(), '\n'));
  text.remove_prefix(std::min(end + 1, text.size()));
  if (record.ends_with('\r')) record.remove_suffix(1);
  return true;
}

}  // namespace nnrec::import
