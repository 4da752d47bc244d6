#pragma once

#include <string>

namespace nnrec::app {

/// Runs gnuplot on `script` (given on its standard input), waits for its end, and returns what it
/// wrote to its standard output.
/// Throws IoError: not installed, or ended with an error (the message has its first words).
std::string run_gnuplot(const std::string& script);

/// `text` as a gnuplot string constant, whatever characters it has.
std::string gnuplot_quoted(const std::string& text);

}  // namespace nnrec::app
