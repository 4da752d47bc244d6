#pragma once

#include <memory>
#include <string>

#include "nnrec/comm/communicator.hpp"

namespace nnrec::mpi {

/// Name and version of the MPI library; needs no session. Throws IoError.
std::string library();

/// The life of MPI in this process. In main the session is outside and the try block inside its
/// life: a rank that fails alone calls abort(), else the others would wait for it for ever.
/// Only the thread that made the session may use it (MPI_THREAD_FUNNELED).
class MpiSession {
 public:
  struct Options {
    /// Longest piece, in elements, that one MPI call gets; MPI counts in int.
    int piece_elements = 1 << 28;
  };

  /// Collective. Throws IoError when MPI does not start.
  MpiSession() : MpiSession(Options{}) {}
  explicit MpiSession(const Options& options);
  /// Ends the whole job when finish() was not called: this rank's peers must not be left waiting.
  ~MpiSession();
  MpiSession(const MpiSession&) = delete;
  MpiSession& operator=(const MpiSession&) = delete;

  /// All ranks of the job.
  comm::Communicator& world() noexcept;
  /// Frees the node arrays and ends MPI; world() is dead afterwards. Collective.
  void finish();
  /// Ends all ranks of the job at once; the launcher returns `code`.
  [[noreturn]] static void abort(int code) noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace nnrec::mpi
