#include "nnrec/app/dist_command.hpp"

#include "mpi_program.hpp"

int main(int argc, char** argv) {
  return nnrec::programs::run_mpi_program("nnrec_dist", argc, argv, nnrec::app::dist_command);
}
