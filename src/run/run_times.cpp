#include "run_times.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <vector>

#include <fmt/format.h>

#include "nnrec/base/error.hpp"
#include "nnrec/comm/agreement.hpp"
#include "nnrec/io/atomic_file.hpp"

namespace nnrec::run {
namespace {

using train::kPhaseNames;
using train::kPhases;

using Seconds = std::array<double, kPhases>;

std::vector<Seconds> gather_seconds(comm::Communicator& ranks, const train::PhaseClock& clock) {
  Seconds own;
  for (std::size_t phase = 0; phase < kPhases; ++phase) {
    own[phase] = clock.seconds(static_cast<train::Phase>(phase));
  }
  std::vector<Seconds> all;
  const std::string text(reinterpret_cast<const char*>(own.data()), sizeof own);
  for (const std::string& one : ranks.gather_all(text)) {
    std::memcpy(all.emplace_back().data(), one.data(), sizeof own);
  }
  return all;
}

/// A name as a JSON string's inside; names of variants need no escapes.
std::string events_of(int rank, const std::string& variant, std::int64_t begin,
                      const train::PhaseClock& clock) {
  std::string events;
  for (const train::PhaseClock::Slice& slice : clock.slices()) {
    events += fmt::format(
        ",\n{{\"name\":\"{}\",\"ph\":\"X\",\"pid\":0,\"tid\":{},\"ts\":{:.3f},\"dur\":{:.3f},"
        "\"args\":{{\"variant\":\"{}\",\"step\":{}}}}}",
        kPhaseNames[static_cast<std::size_t>(slice.phase)], rank,
        1e-3 * static_cast<double>(slice.begin - begin), 1e-3 * static_cast<double>(slice.length),
        variant, slice.step);
  }
  return events;
}

std::string row_names(int ranks) {
  std::string events =
      "{\"traceEvents\":[\n"
      "{\"name\":\"process_name\",\"ph\":\"M\",\"pid\":0,\"args\":{\"name\":\"nnrec_dist\"}}";
  for (int rank = 0; rank < ranks; ++rank) {
    events += fmt::format(
        ",\n{{\"name\":\"thread_name\",\"ph\":\"M\",\"pid\":0,\"tid\":{0},"
        "\"args\":{{\"name\":\"rank {0}\"}}}}",
        rank);
  }
  return events;
}

}  // namespace

std::string phase_table(comm::Communicator& ranks, const train::PhaseClock& clock) {
  const std::vector<Seconds> all = gather_seconds(ranks, clock);
  const auto of = [&](std::size_t phase) {
    return [phase](const Seconds& seconds) { return seconds[phase]; };
  };
  Seconds mean{};
  double total = 0;
  for (std::size_t phase = 0; phase < kPhases; ++phase) {
    for (const Seconds& seconds : all) mean[phase] += seconds[phase];
    mean[phase] /= static_cast<double>(all.size());
    total += mean[phase];
  }
  std::string table = "  phase       mean s   share    min s    max s of rank";
  for (std::size_t phase = 0; phase < kPhases; ++phase) {
    if (mean[phase] == 0) continue;
    const auto least = std::ranges::min_element(all, {}, of(phase));
    const auto most = std::ranges::max_element(all, {}, of(phase));
    table += fmt::format("\n  {:<9} {:>8.3f}  {:>5.1f} % {:>8.3f} {:>8.3f} {:>7}",
                         kPhaseNames[phase], mean[phase], 100 * mean[phase] / total,
                         (*least)[phase], (*most)[phase], most - all.begin());
  }
  return table;
}

std::size_t Trace::most_slices(const comm::Communicator& ranks) {
  // gather_all takes 2^31 bytes; an event has fewer than 200.
  constexpr std::size_t kMost = 1'000'000;
  return std::min(kMost, std::size_t{2'000'000'000} / 200 / static_cast<std::size_t>(ranks.size()));
}

Trace::Trace(std::filesystem::path path, const comm::Communicator& ranks, Log& log)
    : path_(std::move(path)), log_(log), events_(row_names(ranks.size())) {}

void Trace::require_place() const {
  if (is_wanted()) io::StagedFile(path_, io::Links::followed);
}

void Trace::begin() const {
  if (is_wanted()) write();
}

void Trace::write() const {
  try {
    io::write_text_atomically(path_, events_ + "\n]}\n", io::Links::followed);
  } catch (const IoError& refusal) {  // what is trained is worth more
    log_.warn("--trace: {}", refusal.what());
  }
}

std::uint64_t Trace::add(comm::Communicator& ranks, const std::string& variant,
                         const train::PhaseClock& clock) {
  if (!begin_) {
    constexpr auto kNone = std::numeric_limits<std::int64_t>::max();
    const std::int64_t own = clock.slices().empty() ? kNone : clock.slices().front().begin;
    std::array<std::int64_t, 1> earliest{-own};
    ranks.maximum(earliest);
    begin_ = -earliest[0];
  }
  std::array<std::int64_t, 1> left_out{static_cast<std::int64_t>(clock.slices_left_out())};
  ranks.sum(left_out);
  const auto all = ranks.gather_all(events_of(ranks.rank(), variant, *begin_, clock));
  comm::agree(ranks, [&] {
    if (ranks.rank() != 0) return;
    for (const std::string& events : all) events_ += events;
    write();
  });
  return static_cast<std::uint64_t>(left_out[0]);
}

}  // namespace nnrec::run
