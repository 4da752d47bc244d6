#include "nnrec/app/report_command.hpp"

#include "program.hpp"

/// Compares runs with the published results, as a table and a chart.
int main(int argc, char** argv) {
  return nnrec::programs::run_program("nnrec_report", argc, argv,
                                      [](const std::vector<std::string>& arguments) {
                                        nnrec::Log log(stdout);
                                        nnrec::app::report_command(arguments, log);
                                      });
}
