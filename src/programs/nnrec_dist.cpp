#include "nnrec/app/dist_command.hpp"

#include "mpi_program.hpp"

int main(int argc, char** argv) {
  nnrec::programs::start_program(argv);  // may start the program anew: signals are noted after it
  const nnrec::StopSignals signals;      // before anything long begins
  return nnrec::programs::run_mpi_program(
      "nnrec_dist", argc, argv,
      [&signals](const auto& arguments, nnrec::comm::Communicator& ranks, nnrec::Log& log) {
        nnrec::app::dist_command(arguments, ranks, signals, log);
      });
}
