#include <algorithm>
#include <cstdlib>

#include "nnrec/base/error.hpp"

#include "comm/contract.hpp"
#include "programs/mpi_program.hpp"

// Runs the communicator's promises on MPI ranks. Argument: the longest piece, in elements, that one
// MPI call gets; a small one makes the arrays of the list cross in several pieces.
int main(int argc, char** argv) {
  nnrec::mpi::MpiSession::Options options;
  if (argc > 1) options.piece_elements = std::max(1, std::atoi(argv[1]));
  return nnrec::programs::run_mpi_program(
      "contract_program", argc, argv,
      [](const auto&, nnrec::comm::Communicator& ranks, nnrec::Log& log) {
        for (const auto& promise : nnrec::comm::contract::promises()) {
          promise.check(ranks);
          log.line(promise.name);
        }
        log.print("{} ranks keep the contract", ranks.size());
      },
      options);
}
