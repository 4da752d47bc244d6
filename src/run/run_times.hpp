#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "nnrec/base/log.hpp"
#include "nnrec/comm/communicator.hpp"
#include "nnrec/train/phases.hpp"

namespace nnrec::run {

/// Lines of a table: for each phase that took time the mean over ranks, its share of all phases,
/// and the least and the most with its rank. The same on every rank.   Collective: yes.
std::string phase_table(comm::Communicator& ranks, const train::PhaseClock& clock);

/// What every rank did when, as Chrome and Perfetto read it (JSON, "Trace Event Format"): a row a
/// rank, a slice a phase of a step.
class Trace {
 public:
  /// Nothing is kept where `path` is empty. `log` outlives the object.
  Trace(std::filesystem::path path, const comm::Communicator& ranks, Log& log);
  /// That the file can be written is to be known before training; one that is there stays as it is.
  /// Not collective: rank 0 calls it. Throws IoError naming the file.
  void require_place() const;
  /// Begins the file, on rank 0: of a run that is stopped there is one, too. What the device
  /// refuses is warned of.
  void begin() const;

  bool is_wanted() const noexcept { return !path_.empty(); }
  /// Slices that a rank may keep so that all ranks' fit into one message.
  static std::size_t most_slices(const comm::Communicator& ranks);
  /// Takes the slices of all ranks and writes the file anew, on rank 0. Returns how many slices
  /// were left out by all ranks together. What the device refuses is warned of.   Collective: yes.
  std::uint64_t add(comm::Communicator& ranks, const std::string& variant,
                    const train::PhaseClock& clock);

 private:
  void write() const;  ///< warns of what the device refuses

  std::filesystem::path path_;
  Log& log_;
  std::optional<std::int64_t> begin_;  ///< of the first slice of all: times are told from here
  std::string events_;                 ///< of rank 0: the file so far, without its end
};

}  // namespace nnrec::run
