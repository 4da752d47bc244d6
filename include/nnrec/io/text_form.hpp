#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "nnrec/io/byte_source.hpp"

namespace nnrec::io {

/// How the bytes of a text stand for its lines. Most texts need nothing done: UTF-8, or an encoding
/// of a byte a character, and lines that end in '\n' or "\r\n".
struct TextForm {
  enum class Code { bytes, utf16_le, utf16_be, utf32_le, utf32_be };
  Code code = Code::bytes;
  bool carriage_returns = false;  ///< '\r' alone ends lines

  bool operator==(const TextForm&) const = default;
  bool is_plain() const noexcept { return *this == TextForm{}; }
  /// "UTF-16 (little-endian), lines end in carriage returns"; of a plain form: empty.
  std::string description() const;
};

/// By the first bytes of a text: a mark, or the zero bytes that digits and separators have in
/// UTF-16 and UTF-32; carriage returns and no line feed.
TextForm form_of_text(std::string_view head);

/// The text that `source` has in `form`, as UTF-8 (or as its bytes are) with '\n' at line ends.
/// What the encoding does not allow is an InputError with `label` and the byte's position.
std::unique_ptr<ByteSource> as_plain_text(const TextForm& form, std::unique_ptr<ByteSource> source,
                                          const std::string& label);

}  // namespace nnrec::io
