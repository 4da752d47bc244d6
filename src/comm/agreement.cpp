#include "nnrec/comm/agreement.hpp"

#include <algorithm>

#include "nnrec/base/current_error.hpp"

namespace nnrec::comm {
namespace {

/// One character for the kind, then the message; empty when `work` returned.
std::string run_for_report(const std::function<void()>& work) {
  try {
    work();
    return {};
  } catch (...) {
    const Error error = current_error();
    return static_cast<char>('0' + static_cast<int>(error.kind())) + std::string(error.what());
  }
}

}  // namespace

void agree(Communicator& ranks, const std::function<void()>& work) {
  const std::vector<std::string> reports = ranks.gather_all(run_for_report(work));
  const auto failed = std::ranges::find_if(reports, [](const auto& text) { return !text.empty(); });
  if (failed == reports.end()) return;
  const auto kind = static_cast<ErrorKind>(failed->front() - '0');
  const std::string message = failed->substr(1);
  const bool all_alike =
      std::ranges::all_of(reports, [&](const auto& text) { return text == *failed; });
  if (all_alike) throw AgreedError(kind, message);
  throw AgreedError(kind, fmt::format("rank {}: {}", failed - reports.begin(), message));
}

void agree_on_text(Communicator& ranks, ErrorKind kind, const std::string& what,
                   const std::string& text) {
  const std::vector<std::string> texts = ranks.gather_all(text);
  for (std::size_t rank = 1; rank < texts.size(); ++rank) {
    if (texts[rank] == texts[0]) continue;
    throw AgreedError(kind, fmt::format("{} differs: rank 0 has\n{}\nand rank {} has\n{}\nGive "
                                        "all ranks the same options, data and program.",
                                        what, texts[0], rank, texts[rank]));
  }
}

}  // namespace nnrec::comm
