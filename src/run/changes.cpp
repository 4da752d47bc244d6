#include "nnrec/run/changes.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "nnrec/base/numbers.hpp"
#include "nnrec/base/text.hpp"

namespace nnrec::run {
namespace {

constexpr std::string_view kWarmStartFrom = "begins with the weights of ";
constexpr std::string_view kWarmStartStep = " (step ";
constexpr std::string_view kWarmStartDigest = ", data digest ";
constexpr std::string_view kLearntFrom = "which had learnt from data digest ";
constexpr std::string_view kData = "data digest = ";
constexpr std::string_view kWas = ", was ";
constexpr std::string_view kStep = "step ";
constexpr std::string_view kColon = ": ";

/// Of a line that begins with kStep.
std::uint64_t step_of(std::string_view line) {
  const auto number = line.substr(kStep.size(), line.find(':') - kStep.size());
  return parse_number<std::uint64_t>(number).value_or(0);
}

}  // namespace

std::vector<std::string> warm_start_lines(const WarmStart& from) {
  std::vector<std::string> lines{fmt::format("{}{}{}{}{}{:.16})", kWarmStartFrom, from.place,
                                             kWarmStartStep, from.step, kWarmStartDigest,
                                             from.data_digest)};
  for (const std::string& digest : from.former_digests)
    lines.push_back(fmt::format("{}{:.16}", kLearntFrom, digest));
  return lines;
}

std::optional<WarmStart> warm_start_of(const std::string& changes) {
  std::string_view line = std::string_view(changes).substr(0, changes.find('\n'));
  for (const std::string_view head : {kWarmStartMark, kWarmStartFrom}) {
    if (!line.starts_with(head)) return std::nullopt;
    line.remove_prefix(head.size());
  }
  // From the end: a path may hold anything.
  const auto step = line.rfind(kWarmStartStep);
  const auto digest = line.rfind(kWarmStartDigest);
  const auto end = line.rfind(')');
  const bool is_whole = step < digest && digest < end && end != std::string_view::npos;
  if (!is_whole) return std::nullopt;
  const auto number = step + kWarmStartStep.size();
  const auto digits = digest + kWarmStartDigest.size();
  WarmStart from{std::string(line.substr(0, step)),
                 parse_number<std::uint64_t>(line.substr(number, digest - number)).value_or(0),
                 std::string(line.substr(digits, end - digits))};
  const std::string mark = fmt::format("{}{}", kWarmStartMark, kLearntFrom);
  for (const std::string_view other : split(changes, '\n')) {
    if (other.starts_with(mark)) from.former_digests.emplace_back(other.substr(mark.size()));
  }
  return from;
}

std::string data_change(std::string_view digest, std::string_view former) {
  return fmt::format("{}{:.16}{}{:.16}", kData, digest, kWas, former);
}

std::vector<std::string> former_data_digests(const std::string& changes) {
  std::vector<std::string> digests;
  for (const std::string_view line : split(changes, '\n')) {
    const auto was = line.rfind(kWas);
    if (line.find(fmt::format(": {}", kData)) != std::string_view::npos &&
        was != std::string_view::npos)
      digests.emplace_back(line.substr(was + kWas.size()));
  }
  return digests;
}

std::vector<std::string> earlier_data_digests(const std::string& changes) {
  std::vector<std::string> digests;
  const auto add = [&](const std::string& digest) {
    if (std::ranges::find(digests, digest) == digests.end()) digests.push_back(digest);
  };
  if (const auto began = warm_start_of(changes)) {
    std::ranges::for_each(began->former_digests, add);
    add(began->data_digest);
  }
  std::ranges::for_each(former_data_digests(changes), add);
  return digests;
}

std::vector<std::string> other_digests(std::vector<std::string> digests, std::string_view own) {
  std::erase_if(digests, [&](const std::string& digest) { return own.starts_with(digest); });
  return digests;
}

std::uint64_t last_other_mean_step(const std::string& changes) {
  std::uint64_t step = 0;
  for (const std::string_view line : split(changes, '\n')) {
    const auto colon = line.find(kColon);
    if (!line.starts_with(kStep) || colon == std::string_view::npos) continue;
    const auto change = line.substr(colon + kColon.size());
    if (change.starts_with(kData) || change.starts_with("sampler = ")) step = step_of(line);
  }
  return step;
}

std::string change_at(std::uint64_t step, std::string_view change) {
  return fmt::format("{}{}: {}", kStep, step, change);
}

std::uint64_t last_change_step(const std::string& changes) {
  const auto end = changes.empty() ? std::string::npos : changes.rfind('\n', changes.size() - 2);
  const auto line = std::string_view(changes).substr(end == std::string::npos ? 0 : end + 1);
  return line.starts_with(kStep) ? step_of(line) : 0;
}

}  // namespace nnrec::run
