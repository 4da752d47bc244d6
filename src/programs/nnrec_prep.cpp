#include "nnrec/app/prep_command.hpp"

#include "program.hpp"

int main(int argc, char** argv) {
  return nnrec::programs::run_program("nnrec_prep", argc, argv, [](const auto& arguments) {
    nnrec::Log log(stdout);
    nnrec::app::prep_command(arguments, log);
  });
}
