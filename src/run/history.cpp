#include "nnrec/run/history.hpp"

#include <cmath>
#include <map>
#include <sstream>
#include <string_view>

#include "nnrec/base/error.hpp"
#include "nnrec/base/numbers.hpp"
#include "nnrec/base/system.hpp"
#include "nnrec/io/atomic_file.hpp"

namespace nnrec::run {
namespace {
namespace fs = std::filesystem;

constexpr std::string_view kHeader =
    "variant,epoch,step,train_rmse,validation_rmse,test_rmse,learning_rate,seconds,"
    "ratings_per_second";
constexpr std::string_view kRemedy =
    "Leave that run out of a report; to go on with it, move the file away.";

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
  void read(std::string_view name, Number& value) {
    const auto field = next(name);
    const auto number = parse_number<Number>(field);
    if (!number || !std::isfinite(static_cast<double>(*number)) || *number < Number{})
      fail(name, field, "a finite number of 0 or more");
    value = *number;
  }

  void read(std::string_view name, std::optional<double>& value) {
    const bool is_empty = !ended_ && rest_.starts_with(',');
    if (is_empty) {
      next(name);
    } else {
      read(name, value.emplace());
    }
  }

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

HistoryRow read_row(LineReader line) {
  HistoryRow row;
  row.variant = line.next("variant");
  if (row.variant.empty()) line.fail("variant", row.variant, "a name");
  line.read("epoch", row.epoch);
  line.read("step", row.step);
  line.read("train_rmse", row.train_rmse);
  line.read("validation_rmse", row.validation_rmse);
  line.read("test_rmse", row.test_rmse);
  line.read("learning_rate", row.learning_rate);
  line.read("seconds", row.seconds);
  line.read("ratings_per_second", row.ratings_per_second);
  line.end();
  return row;
}

/// What is read from this text is written as the same text again.
std::string text_of(const HistoryRow& row) {
  const auto text = [](const std::optional<double>& rmse) {
    return rmse ? fmt::format("{:.9g}", *rmse) : std::string();
  };
  return fmt::format("{},{},{},{},{},{},{:.9g},{:.6f},{:.0f}\n", row.variant, row.epoch, row.step,
                     text(row.train_rmse), text(row.validation_rmse), text(row.test_rmse),
                     row.learning_rate, row.seconds, row.ratings_per_second);
}

std::string read_text(const fs::path& path) {
  if (!io::is_there(path)) {
    throw InputError(
        "{}: cannot be read: {} is not the folder of a run. Give the --run folder of "
        "nnrec_dist.",
        path.string(), path.parent_path().string());
  }
  return io::read_text(path);
}

}  // namespace

bool History::exists() const {
  return io::is_there(path_);
}

std::vector<HistoryRow> History::read() const {
  const std::string file = path_.string();
  const std::string text = read_text(path_);
  std::istringstream lines(text.substr(0, text.rfind('\n') + 1));
  std::string line;
  if (!std::getline(lines, line) || line != kHeader) {
    throw InputError("{}:1:1: header = '{}' where '{}' is expected. {}", file, line.substr(0, 100),
                     kHeader, kRemedy);
  }
  std::vector<HistoryRow> rows;
  std::map<std::string, std::uint64_t> last_epoch;
  for (std::size_t number = 2; std::getline(lines, line); ++number) {
    rows.push_back(read_row({file, number, line}));
    const HistoryRow& row = rows.back();
    auto& last = last_epoch[row.variant];
    if (row.epoch <= last) {
      throw InputError("{}:{}:{}: epoch = {} of {} follows epoch {}: epochs must rise. {}", file,
                       number, row.variant.size() + 2, row.epoch, row.variant, last, kRemedy);
    }
    last = row.epoch;
  }
  return rows;
}

void History::begin(const std::vector<HistoryRow>& rows) {
  std::string text = fmt::format("{}\n", kHeader);
  for (const HistoryRow& row : rows) text += text_of(row);
  io::write_text_atomically(path_, text);
  whole_bytes_ = text.size();
  file_.reset(std::fopen(path_.c_str(), "a"));
  if (!file_) throw IoError("{}: cannot be opened: {}", path_.string(), system_reason());
}

void History::append(const HistoryRow& row) {
  pending_ += text_of(row);
  if (!file_) file_.reset(std::fopen(path_.c_str(), "a"));
  const bool written =
      file_ && std::fputs(pending_.c_str(), file_.get()) >= 0 && std::fflush(file_.get()) == 0;
  if (written) {
    whole_bytes_ += pending_.size();
    pending_.clear();
    io::flush_to_device(path_);
    return;
  }
  const std::string reason = system_reason();
  file_.reset();
  std::error_code ignored;  // the reason is on its way; a cut row would spoil the whole rows
  fs::resize_file(path_, whole_bytes_, ignored);
  throw IoError("{}: cannot be written: {}", path_.string(), reason);
}

}  // namespace nnrec::run
