#include "nnrec/io/text_output.hpp"

#include "nnrec/base/error.hpp"
#include "nnrec/base/system.hpp"

namespace nnrec::io {

TextOutput::TextOutput(const std::string& place, std::FILE* console)
    : name_(place == "-" ? "the standard output" : place), stream_(console) {
  if (place == "-") return;
  staged_.emplace(place, Links::followed);
  file_.reset(std::fopen(staged_->path().c_str(), "w"));
  stream_ = file_.get();
  if (stream_ == nullptr) refuse();
}

void TextOutput::refuse() const {
  throw IoError("{} cannot be written: {}", name_, system_reason());
}

void TextOutput::write(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stream_) != text.size()) refuse();
}

void TextOutput::flush() {
  if (std::fflush(stream_) != 0) refuse();
}

void TextOutput::close() {
  flush();
  if (!staged_) return;
  file_.reset();
  staged_->publish();
}

}  // namespace nnrec::io
