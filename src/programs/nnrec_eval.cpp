#include "nnrec/app/eval_command.hpp"

#include "program.hpp"

/// Judges trained models. What is printed besides goes to stderr.
int main(int argc, char** argv) {
  return nnrec::programs::run_program("nnrec_eval", argc, argv,
                                      [](const std::vector<std::string>& arguments) {
                                        nnrec::Log log(stderr);
                                        nnrec::app::eval_command(arguments, stdout, log);
                                      });
}
