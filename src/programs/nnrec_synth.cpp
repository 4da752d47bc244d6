#include "nnrec/app/synth_command.hpp"

#include "program.hpp"

/// Writes a synthetic data set with a planted truth and a known noise floor.
int main(int argc, char** argv) {
  return nnrec::programs::run_program("nnrec_synth", argc, argv,
                                      [](const std::vector<std::string>& arguments) {
                                        nnrec::Log log(stdout);
                                        nnrec::app::synth_command(arguments, log);
                                      });
}
