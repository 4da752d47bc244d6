#include "nnrec/app/predict_command.hpp"

#include "program.hpp"

/// Predicts ratings of pairs with a trained model. What is printed besides goes to stderr.
int main(int argc, char** argv) {
  return nnrec::programs::run_program("nnrec_predict", argc, argv,
                                      [](const std::vector<std::string>& arguments) {
                                        nnrec::Log log(stderr);
                                        nnrec::app::predict_command(arguments, stdout, log);
                                      });
}
