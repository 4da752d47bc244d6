#include "nnrec/app/tune_command.hpp"

#include "program.hpp"

/// Plans a search for options that train well, and tabulates it.
int main(int argc, char** argv) {
  return nnrec::programs::run_program("nnrec_tune", argc, argv,
                                      [](const std::vector<std::string>& arguments) {
                                        nnrec::Log log(stdout);
                                        nnrec::app::tune_command(arguments, log);
                                      });
}
