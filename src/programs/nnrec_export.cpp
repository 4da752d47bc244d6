#include "nnrec/app/export_command.hpp"

#include "program.hpp"

/// Writes a trained model for other programs.
int main(int argc, char** argv) {
  return nnrec::programs::run_program("nnrec_export", argc, argv,
                                      [](const std::vector<std::string>& arguments) {
                                        nnrec::Log log(stdout);
                                        nnrec::app::export_command(arguments, log);
                                      });
}
