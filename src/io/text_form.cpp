#include "nnrec/io/text_form.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include <iconv.h>

#include "nnrec/base/error.hpp"
#include "nnrec/base/system.hpp"

namespace nnrec::io {
namespace {

using Code = TextForm::Code;

/// By TextForm::Code, as iconv and people name them.
struct CodeName {
  const char* iconv;
  const char* people;
  std::string_view mark;
};
using namespace std::string_view_literals;
constexpr std::array<CodeName, 5> kCodes{{
    {"", "", ""sv},
    {"UTF-16LE", "UTF-16 (little-endian)", "\xFF\xFE"sv},
    {"UTF-16BE", "UTF-16 (big-endian)", "\xFE\xFF"sv},
    {"UTF-32LE", "UTF-32 (little-endian)", "\xFF\xFE\0\0"sv},
    {"UTF-32BE", "UTF-32 (big-endian)", "\0\0\xFE\xFF"sv},
}};
const CodeName& name_of(Code code) {
  return kCodes[static_cast<std::size_t>(code)];
}

constexpr std::size_t kBytesToLookAt = 4096;

Code code_of_mark(std::string_view head) {
  // The longest mark first: that of UTF-16 begins one of UTF-32.
  for (const auto code : {Code::utf32_le, Code::utf32_be, Code::utf16_le, Code::utf16_be}) {
    if (head.starts_with(name_of(code).mark)) return code;
  }
  return Code::bytes;
}

/// Without a mark the zero bytes tell: of digits and separators all bytes but one are zero.
Code code_of_zeros(std::string_view head) {
  head = head.substr(0, std::min(head.size(), kBytesToLookAt) / 4 * 4);
  std::array<std::size_t, 4> zeros{};
  for (std::size_t at = 0; at < head.size(); ++at) zeros[at % 4] += head[at] == '\0' ? 1 : 0;
  const auto units = head.size() / 4;
  if (units == 0 || zeros[0] + zeros[1] + zeros[2] + zeros[3] == 0) return Code::bytes;
  const auto all = [&](std::size_t place) { return zeros[place] == units; };
  const auto none = [&](std::size_t place) { return zeros[place] == 0; };
  const auto most = [&](std::size_t place) { return zeros[place] * 2 > units; };
  if (none(0) && most(1) && all(2) && all(3)) return Code::utf32_le;
  if (all(0) && all(1) && most(2) && none(3)) return Code::utf32_be;
  if (none(0) && most(1) && none(2) && most(3)) return Code::utf16_le;
  if (most(0) && none(1) && most(2) && none(3)) return Code::utf16_be;
  return Code::bytes;
}

/// Whether the text has the ASCII character.
bool has(std::string_view head, Code code, char character) {
  if (code == Code::bytes) return head.find(character) != std::string_view::npos;
  const bool wide = code == Code::utf32_le || code == Code::utf32_be;
  const bool little = code == Code::utf16_le || code == Code::utf32_le;
  std::string unit(wide ? 4 : 2, '\0');
  (little ? unit.front() : unit.back()) = character;
  for (std::size_t at = 0; at + unit.size() <= head.size(); at += unit.size()) {
    if (head.substr(at, unit.size()) == unit) return true;
  }
  return false;
}

/// Bytes in another encoding become UTF-8.
class DecodedSource : public ByteSource {
 public:
  DecodedSource(Code code, std::unique_ptr<ByteSource> source, std::string label)
      : source_(std::move(source)),
        label_(std::move(label)),
        name_(name_of(code).people),
        state_(::iconv_open("UTF-8", name_of(code).iconv)) {
    // NOLINTNEXTLINE(performance-no-int-to-ptr): what iconv_open is defined to return.
    if (state_ == reinterpret_cast<::iconv_t>(-1)) {
      throw IoError("{}: this system cannot convert {}: {}", label_, name_, system_reason());
    }
  }
  ~DecodedSource() override { ::iconv_close(state_); }

  std::size_t read(std::span<char> buffer) override {
    while (taken_ == out_size_) {
      if (!convert()) return 0;
    }
    const auto count = std::min(buffer.size(), out_size_ - taken_);
    std::copy_n(out_.data() + taken_, count, buffer.data());
    taken_ += count;
    return count;
  }

 private:
  /// Returns false at the end.
  bool convert() {
    const auto count = source_->read(std::span(in_).subspan(in_size_));
    if (count == 0 && in_size_ == 0) return false;
    if (count == 0) fail("ends within a character");
    in_size_ += count;
    char* from = in_.data();
    std::size_t left = in_size_;
    char* to = out_.data();
    std::size_t room = out_.size();
    const bool refused = ::iconv(state_, &from, &left, &to, &room) == static_cast<std::size_t>(-1);
    bytes_ += in_size_ - left;
    if (refused && errno == EILSEQ) fail("has no character");
    // Otherwise the last character continues in the next bytes.
    std::memmove(in_.data(), from, left);
    in_size_ = left;
    out_size_ = out_.size() - room;
    taken_ = 0;
    return true;
  }
  [[noreturn]] void fail(const char* what) const {
    throw InputError("{}: is {}, and at byte {} {}. Copy it again, or save it as UTF-8.", label_,
                     name_, bytes_ + 1, what);
  }

  std::unique_ptr<ByteSource> source_;
  std::string label_;
  const char* name_;
  ::iconv_t state_;
  std::array<char, 1 << 14> in_{};
  std::size_t in_size_ = 0;
  std::array<char, 1 << 15> out_{};  ///< UTF-8 takes at most twice as many bytes
  std::size_t out_size_ = 0;
  std::size_t taken_ = 0;
  std::uint64_t bytes_ = 0;  ///< converted
};

/// "\r" and "\r\n" become "\n".
class LineFeedSource : public ByteSource {
 public:
  explicit LineFeedSource(std::unique_ptr<ByteSource> source) : source_(std::move(source)) {}

  std::size_t read(std::span<char> buffer) override {
    for (;;) {
      const auto count = source_->read(buffer);
      if (count == 0) return 0;
      char* to = buffer.data();
      for (const char c : buffer.first(count)) {
        if (c != '\n' || !after_return_) *to++ = c == '\r' ? '\n' : c;
        after_return_ = c == '\r';
      }
      // A single line feed that belonged to the bytes before leaves nothing.
      if (to != buffer.data()) return static_cast<std::size_t>(to - buffer.data());
    }
  }

 private:
  std::unique_ptr<ByteSource> source_;
  bool after_return_ = false;
};

}  // namespace

std::string TextForm::description() const {
  std::string text = name_of(code).people;
  if (carriage_returns) text += text.empty() ? "" : ", ";
  return text + (carriage_returns ? "lines end in carriage returns" : "");
}

TextForm form_of_text(std::string_view head) {
  TextForm form;
  form.code = code_of_mark(head);
  if (form.code == Code::bytes) form.code = code_of_zeros(head);
  form.carriage_returns = has(head, form.code, '\r') && !has(head, form.code, '\n');
  return form;
}

std::unique_ptr<ByteSource> as_plain_text(const TextForm& form, std::unique_ptr<ByteSource> source,
                                          const std::string& label) {
  if (form.code != Code::bytes) {
    source = std::make_unique<DecodedSource>(form.code, std::move(source), label);
  }
  if (form.carriage_returns) source = std::make_unique<LineFeedSource>(std::move(source));
  return source;
}

}  // namespace nnrec::io
