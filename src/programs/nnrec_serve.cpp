#include "nnrec/app/serve_command.hpp"
#include "nnrec/base/stop_signals.hpp"

#include "program.hpp"

/// Answers over HTTP. TERM and Ctrl-C end it in order.
int main(int argc, char** argv) {
  return nnrec::programs::run_program(
      "nnrec_serve", argc, argv, [](const std::vector<std::string>& arguments) {
        const nnrec::StopSignals signals;
        nnrec::Log help(stdout);
        nnrec::Log log(stderr);
        nnrec::app::serve_command(arguments, help, log, [&] { return signals.received() != 0; });
      });
}
