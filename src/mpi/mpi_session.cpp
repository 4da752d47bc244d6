#include "nnrec/mpi/mpi_session.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "mpi_check.hpp"
#include "mpi_communicator.hpp"

namespace nnrec::mpi {
namespace {

/// Starts MPI before anything else of the session exists.
struct Start {
  Start() {
    int provided = MPI_THREAD_SINGLE;
    check(MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided), "MPI_Init_thread");
    if (provided < MPI_THREAD_FUNNELED)
      throw IoError("this MPI has no thread support (MPI_THREAD_FUNNELED); use one that has it");
  }
};

}  // namespace

std::string library() {
  std::array<char, MPI_MAX_LIBRARY_VERSION_STRING> text{};
  int length = 0;
  check(MPI_Get_library_version(text.data(), &length), "MPI_Get_library_version");
  // Behind the version come packagers, dates and the options of the library's own build.
  std::string name(text.data(), static_cast<std::size_t>(length));
  name.resize(std::min(name.find_first_of(",\n"), name.size()));
  std::ranges::replace(name, '\t', ' ');
  return name;
}

struct MpiSession::State {
  explicit State(int piece_elements) : world(piece_elements) {}
  Start start;
  MpiCommunicator world;
};

MpiSession::MpiSession(const Options& options)
    : state_(std::make_unique<State>(options.piece_elements)) {}

MpiSession::~MpiSession() {
  if (state_) abort(exit_code(ErrorKind::internal));
}

comm::Communicator& MpiSession::world() noexcept {
  return state_->world;
}

void MpiSession::finish() {
  // Given up first: when a call below fails, its error is to be printed, not an abort's.
  const std::unique_ptr<State> state = std::move(state_);
  state->world.free();
  check(MPI_Finalize(), "MPI_Finalize");
}

void MpiSession::abort(int code) noexcept {
  std::fflush(nullptr);
  MPI_Abort(MPI_COMM_WORLD, code);
  std::_Exit(code);  // MPI_Abort does not return in practice; the standard does not promise it
}

}  // namespace nnrec::mpi
