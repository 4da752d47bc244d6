#pragma once

#include <filesystem>
#include <string>

#include "nnrec/base/error.hpp"

namespace nnrec::app {

/// Nothing can be drawn here.
class GnuplotMissing : public IoError {
 public:
  GnuplotMissing();
};

/// Runs gnuplot on `script` (given on its standard input) with its default settings, waits for its
/// end, and returns what it wrote to its standard output.
/// Throws GnuplotMissing, and IoError: ended with an error (the message has its last words).
std::string run_gnuplot(const std::string& script);

/// `text` as a gnuplot string constant, whatever characters it has.
std::string gnuplot_quoted(const std::string& text);

/// Draws by `script` into `path` by this terminal of gnuplot's. The file is whole, or is left as it
/// was. Throws IoError as run_gnuplot, and as io::write_text_atomically.
void draw_file(const std::filesystem::path& path, const std::string& terminal,
               const std::string& script);

/// In pixels.
struct PictureSize {
  int width;
  int height;
};

/// The same as SVG.
void draw_svg(const std::filesystem::path& path, PictureSize size, const std::string& script);

}  // namespace nnrec::app
