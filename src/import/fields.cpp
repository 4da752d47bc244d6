#include "fields.hpp"

#include <algorithm>

namespace nnrec::importing {
namespace {

constexpr auto kNone = std::string_view::npos;
/// A quote that is not closed for so long is a mistake: the parser says where it opens.
constexpr std::size_t kLongestRecord = 1 << 23;

/// Takes a quoted text off `rest`, from its opening to its closing quote, and adds it to `text`.
/// Returns false when it is not closed.
bool take_quoted(std::string_view& rest, std::string& text, Quoting quoting) {
  const char* special = quoting == Quoting::backslash ? "\"\\" : "\"";
  rest.remove_prefix(1);
  for (;;) {
    const auto end = rest.find_first_of(special);
    if (end == kNone) return false;
    text += rest.substr(0, end);
    const bool escapes = rest[end] == '\\';
    rest.remove_prefix(end + 1);
    if (escapes ? rest.empty() : !rest.starts_with('"')) return !escapes;
    text += rest.front();
    rest.remove_prefix(1);
  }
}

}  // namespace

bool Fields::cut_quoted(std::string_view record) {
  unquoted_.clear();
  unquoted_.reserve(record.size());  // Fields point into it: it must not move.
  for (;;) {
    while (record.starts_with(' ')) record.remove_prefix(1);
    const bool quoted = record.starts_with('"');
    const auto start = unquoted_.size();
    if (quoted && !take_quoted(record, unquoted_, quoting_)) return false;
    const auto end = record.find(separator_);
    const auto text = trimmed(record.substr(0, end));
    if (quoted && !text.empty()) return false;
    values_.push_back(quoted ? trimmed(std::string_view(unquoted_).substr(start)) : text);
    if (end == kNone) return true;
    record.remove_prefix(end + separator_.size());
  }
}

/// Behind the quote that closes the one at `at`.
std::size_t Records::end_of_quoted(std::string_view text, std::size_t at) const {
  const char* special = backslash_ ? "\"\\" : "\"";
  for (++at;;) {
    at = backslash_ ? text.find_first_of(special, at) : text.find('"', at);
    if (at == kNone) return kNone;
    const bool doubled = text[at] == '"' && at + 1 < text.size() && text[at + 1] == '"';
    if (text[at] == '"' && !doubled) return at + 1;
    at += 2;
  }
}

/// Behind its line end, or the text's end where it has none; kNone where a quote is not closed. As
/// Fields does, only a quote at the start of a field opens one.
std::size_t Records::end_of_first(std::string_view text) const {
  const auto line_end = std::min(text.find('\n'), text.size() - 1) + 1;
  if (!over_lines_ || text.substr(0, line_end).find('"') == kNone) return line_end;
  for (std::size_t at = 0;;) {
    while (at < text.size() && text[at] == ' ') ++at;
    if (at < text.size() && text[at] == '"') at = end_of_quoted(text, at);
    if (at == kNone) return kNone;
    while (at < text.size() && text[at] != '\n' && !text.substr(at).starts_with(separator_)) ++at;
    if (at == text.size()) return at;
    if (text[at] == '\n') return at + 1;
    at += separator_.size();
  }
}

Record Records::take(std::string_view& text) const {
  const auto end = end_of_first(text);
  Record record{text.substr(0, end), 1, end == kNone};
  text.remove_prefix(record.text.size());
  if (record.text.ends_with('\n')) record.text.remove_suffix(1);
  if (record.text.ends_with('\r')) record.text.remove_suffix(1);
  if (over_lines_) {
    record.lines +=
        static_cast<std::uint64_t>(std::count(record.text.begin(), record.text.end(), '\n'));
  }
  return record;
}

std::size_t Records::whole(std::string_view text) const {
  if (!over_lines_ || text.find('"') == kNone) return text.rfind('\n') + 1;
  std::size_t whole = 0;
  while (whole < text.size()) {
    const auto end = end_of_first(text.substr(whole));
    if (end == kNone || text[whole + end - 1] != '\n') break;
    whole += end;
  }
  return whole == 0 && text.size() > kLongestRecord ? text.rfind('\n') + 1 : whole;
}

}  // namespace nnrec::importing
