#include "step_lines.hpp"

#include <string>

#include "nnrec/base/wording.hpp"

#include "run_times.hpp"

namespace nnrec::run {
namespace {

/// Of what a node must send a batch.
const char* bound_of(train::ExchangeWay way, train::ExchangeBits bits) {
  if (way == train::ExchangeWay::owner) {
    return "packed sums and values of rows that others keep, dense x 8:";
  }
  return bits == train::ExchangeBits::all ? "(touched rows x dim + dense) x 8:"
                                          : "touched rows x dim x 4 + dense x 8:";
}

}  // namespace

void print_steps(const Session& session, const train::Trainer& trainer) {
  const train::TrainStatistics& statistics = trainer.statistics();
  const std::string table = phase_table(session.ranks(), trainer.clock());
  if (statistics.exchanges == 0) return;
  Log& log = session.log();
  log.print("{}", table);
  const auto batches = static_cast<double>(statistics.exchanges);
  const auto needed = static_cast<double>(statistics.bytes.needed);
  const auto sent = static_cast<double>(statistics.bytes.sent);
  if (statistics.bytes.sent == 0) {
    log.print("  one node: nothing is sent; a batch's sums are {:.0f} bytes", needed / batches);
  } else {
    log.print(
        "  exchange {}, {} bits: {:.0f} bytes sent a batch and node; lower bound {} {:.0f} "
        "({:+.2f} %)",
        train::exchange_name(statistics.way), session.options().exchange_bits, sent / batches,
        bound_of(statistics.way, session.options().training().exchange_bits), needed / batches,
        100.0 * (sent / needed - 1.0));
  }
}

}  // namespace nnrec::run
