#include "nnrec/app/recommend_command.hpp"

#include "program.hpp"

/// Lists what users may like. What is printed besides goes to stderr.
int main(int argc, char** argv) {
  return nnrec::programs::run_program("nnrec_recommend", argc, argv,
                                      [](const std::vector<std::string>& arguments) {
                                        nnrec::Log log(stderr);
                                        nnrec::app::recommend_command(arguments, stdout, log);
                                      });
}
