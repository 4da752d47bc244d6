#include "nnrec/app/dist_command.hpp"

#include "mpi_program.hpp"

int main(int argc, char** argv) {
  nnrec::StopSignals::hold();  // first: start_program may start the program anew
  nnrec::programs::start_program(argv);
  // Before MPI starts, and to the very end: a launcher may repeat a signal while the program ends.
  static const auto& signals = *new nnrec::StopSignals;
  return nnrec::programs::run_mpi_program(
      "nnrec_dist", argc, argv,
      [](const auto& arguments, nnrec::comm::Communicator& ranks, nnrec::Log& log) {
        nnrec::app::dist_command(arguments, ranks, signals, log);
      });
}
