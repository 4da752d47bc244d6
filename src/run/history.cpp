#include "nnrec/run/history.hpp"

#include <charconv>
#include <cmath>
#include <fstream>
#include <map>
#include <string_view>

#include "nnrec/base/error.hpp"

namespace nnrec::run {
namespace {

constexpr std::string_view kRemedy = "Leave that run out of the report, or train it again.";

/// Walks the fields of one line and knows where it is, for messages.
class LineReader {
 public:
  LineReader(const std::string& file, std::size_t line, std::string_view text)
      : file_(file), line_(line), rest_(text) {}

  std::string_view next(std::string_view name) {
    if (ended_) fail(name, "(missing)", "a value");
    field_start_ = position_;
    const auto comma = rest_.find(',');
    ended_ = comma == std::string_view::npos;
    const auto field = rest_.substr(0, comma);
    position_ += field.size() + 1;
    rest_ = ended_ ? std::string_view{} : rest_.substr(comma + 1);
    return field;
  }

  template <typename Number>
  Number number(std::string_view name) {
    const auto field = next(name);
    Number value{};
    const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
    const bool whole = error == std::errc{} && end == field.data() + field.size();
    if (!whole || !std::isfinite(static_cast<double>(value)) || value < Number{})
      fail(name, field, "a finite number of 0 or more");
    return value;
  }

  bool at_empty_field() const { return !ended_ && rest_.starts_with(','); }

  void end() {
    if (ended_) return;
    field_start_ = position_;
    fail("text behind the last column", rest_, "nothing");
  }

  [[noreturn]] void fail(std::string_view name, std::string_view value, std::string_view rule) {
    throw InputError("{}:{}:{}: {} = '{}' where {} is expected. {}", file_, line_, field_start_ + 1,
                     name, value, rule, kRemedy);
  }

 private:
  const std::string& file_;
  std::size_t line_;
  std::string_view rest_;
  std::size_t position_ = 0;
  std::size_t field_start_ = 0;
  bool ended_ = false;
};

HistoryRow read_row(LineReader& line) {
  HistoryRow row;
  row.variant = line.next("variant");
  if (row.variant.empty()) line.fail("variant", row.variant, "a name");
  row.epoch = line.number<int>("epoch");
  line.number<long long>("step");
  row.train_rmse = line.number<double>("train_rmse");
  if (line.at_empty_field()) {
    line.fail("val_rmse", "", "a number (the run's data has no test rows: nothing to compare)");
  }
  row.val_rmse = line.number<double>("val_rmse");
  for (const auto* name : {"learning_rate", "seconds", "ratings_per_second"})
    line.number<double>(name);
  line.end();
  return row;
}

}  // namespace

std::vector<HistoryRow> read_history(const std::filesystem::path& folder) {
  const auto file = (folder / "history.csv").string();
  std::ifstream stream(file);
  if (!stream)
    throw InputError(
        "{}: cannot be read: {} is not the folder of a run. Give the --run folder of "
        "nnrec_dist.",
        file, folder.string());
  std::string text;
  if (!std::getline(stream, text) || text != kHistoryHeader)
    throw InputError("{}:1:1: header = '{}' where '{}' is expected. {}", file, text.substr(0, 100),
                     kHistoryHeader, kRemedy);
  std::vector<HistoryRow> rows;
  std::map<std::string, int> last_epoch;
  for (std::size_t number = 2; std::getline(stream, text); ++number) {
    LineReader line(file, number, text);
    rows.push_back(read_row(line));
    auto& last = last_epoch[rows.back().variant];
    if (rows.back().epoch <= last)
      throw InputError("{}:{}:{}: epoch = {} of {} follows epoch {}: epochs must rise. {}", file,
                       number, rows.back().variant.size() + 2, rows.back().epoch,
                       rows.back().variant, last, kRemedy);
    last = rows.back().epoch;
  }
  if (stream.bad()) throw IoError("{}: reading stopped: the device reports an error", file);
  if (rows.empty()) throw InputError("{}:2:1: no epoch is there. {}", file, kRemedy);
  return rows;
}

}  // namespace nnrec::run
