#include "nnrec/app/export_command.hpp"

#include "program.hpp"

/// Writes a trained model for other programs. What is printed besides goes to stderr.
int main(int argc, char** argv) {
  return nnrec::programs::run_program("nnrec_export", argc, argv,
                                      [](const std::vector<std::string>& arguments) {
                                        nnrec::Log log(stderr);
                                        nnrec::app::export_command(arguments, log);
                                      });
}
