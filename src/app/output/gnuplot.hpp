#pragma once

#include <filesystem>
#include <string>

namespace nnrec::app {

/// Runs gnuplot on `script` (given on its standard input), waits for its end, and returns what it
/// wrote to its standard output.
/// Throws IoError: not installed, or ended with an error (the message has its first words).
std::string run_gnuplot(const std::string& script);

/// `text` as a gnuplot string constant, whatever characters it has.
std::string gnuplot_quoted(const std::string& text);

/// Draws by `script`, which ends in `unset output`, into `path` by this terminal of gnuplot's. The
/// file is whole or absent. Throws IoError as run_gnuplot, and where nothing was written.
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
