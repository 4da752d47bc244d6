#include <new>
#include <stdexcept>

#include "nnrec/base/error.hpp"
#include "nnrec/comm/agreement.hpp"

#include "programs/mpi_program.hpp"

namespace {

using nnrec::InputError;
using nnrec::UsageError;

/// Fails in the way that the first argument names. Rank 1 is the one that fails alone, while the
/// others wait for it in a collective.
void fail_as_told(const std::vector<std::string>& arguments, nnrec::comm::Communicator& ranks,
                  nnrec::Log& log) {
  const std::string way = arguments.empty() ? "none" : arguments.front();
  const bool is_culprit = ranks.rank() == 1;
  if (way == "lonely" && is_culprit) throw InputError("u.data:7 is broken");
  if (way == "foreign" && is_culprit) throw std::runtime_error("surprise");
  if (way == "memory" && is_culprit) throw std::bad_alloc();
  if (way == "everyone") throw UsageError("--epochs 0");
  if (way == "agreed")
    nnrec::comm::agree(ranks, [&] {
      if (is_culprit) throw InputError("u.data:7 is broken");
    });
  if (way == "alike") nnrec::comm::agree(ranks, [] { throw UsageError("--epochs 0"); });
  ranks.barrier();
  log.line("done");
}

}  // namespace

int main(int argc, char** argv) {
  return nnrec::programs::run_mpi_program("failure_program", argc, argv, fail_as_told);
}
