#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "nnrec/base/error.hpp"
#include "nnrec/base/numbers.hpp"
#include "nnrec/import/raw_catalogue.hpp"
#include "nnrec/import/text.hpp"
#include "nnrec/io/text_blocks.hpp"

#include "fields.hpp"

namespace nnrec::importing {

/// One line of a catalogue: its fields and their place for messages. What a member asks for and the
/// line does not have is an InputError: file:line:column.
struct CatalogueLine {
  const Fields& fields;
  const std::string& label;
  std::uint64_t number;

  std::string_view operator[](std::size_t column) const { return fields[column]; }
  [[noreturn]] void fail(std::size_t column, std::string_view name, std::string_view rule) const;
  void require_fields(bool fits, std::string_view rule) const;
  /// The first field.
  std::string id(std::string_view name) const;
  /// Years.
  float age(std::size_t column) const;
  template <typename T>
  T value(std::size_t column, std::string_view name) const {
    const auto parsed = parse_number<T>(fields[column]);
    if (!parsed) fail(column, name, "is not a number that fits");
    return *parsed;
  }
};

/// Calls use(line, its whole text) for each line that is not blank. Returns their number.
template <typename Use>
std::uint64_t for_each_line(std::string_view text, const std::string& label,
                            const std::string& separator, const Use& use) {
  Fields fields(separator);
  std::uint64_t number = 0;
  std::uint64_t lines = 0;
  for (std::string_view line; io::take_line(text, line);) {
    ++number;
    if (trimmed(line).empty()) continue;
    ++lines;
    fields.cut(line);
    use(CatalogueLine{fields, label, number}, line);
  }
  return lines;
}

/// How the records of a catalogue are cut.
struct RecordForm {
  std::string separator;
  Quoting quoting = Quoting::none;
};

/// Calls use(line, how many before said something) for each record that is not blank; it returns
/// whether the record says something. Returns the number of those. Throws InputError where a quote
/// is not closed.
template <typename Use>
std::uint64_t for_each_record(std::string_view text, const std::string& label,
                              const RecordForm& form, const Use& use) {
  const Records records(form.separator, form.quoting);
  Fields fields(form.separator, form.quoting);
  std::uint64_t next_line = 1;
  std::uint64_t said = 0;
  while (!text.empty()) {
    const auto number = next_line;
    const auto record = records.take(text);
    next_line += record.lines;
    if (trimmed(record.text).empty()) continue;
    if (!fields.cut(record.text) || record.open) {
      throw InputError("{}:{}:{}: {} has a quote that is not closed. Correct the line.", label,
                       number, fields.size() + 1, escaped(record.text));
    }
    said += use(CatalogueLine{fields, label, number}, said) ? 1 : 0;
  }
  return said;
}

/// "Comedy|Drama" as indices into `genres`, to which new ones are added.
std::vector<std::uint32_t> genre_list(std::string_view text, std::vector<std::string>& genres,
                                      std::string_view between = "|");
/// 'F', 'M', or 0 for anything else.
char gender_of(std::string_view text) noexcept;
/// First character of a zip code, which in most countries says where: '0'..'9', 'A'..'Z' of either
/// case; 0 where it is none of them.
char zip_area(std::string_view text) noexcept;

}  // namespace nnrec::importing
