#include "matrix_reader.hpp"

#include <utility>

#include <fmt/format.h>

#include "nnrec/base/numbers.hpp"
#include "nnrec/import/text.hpp"

#include "field_values.hpp"
#include "fields.hpp"
#include "rating_sink.hpp"

namespace nnrec::importing {
namespace {

/// Tells each block how many records were before it.
class MatrixCutter : public RecordCutter {
 public:
  explicit MatrixCutter(const MatrixLayout& layout) : records_(layout.separator, layout.quoting) {}
  std::size_t whole_records(std::string_view text) override { return records_.whole(text); }
  std::string context_of(std::string_view block) override {
    const auto before = count_;
    while (!block.empty()) count_ += trimmed(records_.take(block).text).empty() ? 0 : 1;
    return std::to_string(before);
  }

 private:
  Records records_;
  std::uint64_t count_ = 0;
};

class MatrixParser : public RecordParser {
 public:
  MatrixParser(const MatrixLayout& layout, const RatingRules& rules)
      : layout_(layout),
        records_(layout.separator, layout.quoting),
        fields_(layout.separator, layout.quoting),
        values_(rules, {layout.decimal, ""}) {}

  void parse(const RatingBlock& block, RatingSink& sink) override {
    auto before = parse_number<std::uint64_t>(block.context).value_or(0);
    std::string_view text = block.text;
    while (!text.empty()) {
      const auto record = records_.take(text);
      sink.skip_lines(1);
      if (!trimmed(record.text).empty() && (before++ > 0 || !layout_.header)) {
        parse_row(record, layout_.header ? before - 1 : before, sink);
      }
      sink.skip_lines(record.lines - 1);
    }
  }

 private:
  void parse_row(const Record& record, std::uint64_t number, RatingSink& sink) {
    const auto fields = layout_.first_item + layout_.items.size();
    if (record.open || !fields_.cut(record.text) || fields_.size() != fields) {
      const bool open = record.open;
      refuse({0,
              open ? escaped(record.text) + " has a quote that is not closed"
                   : fmt::format("{} has {} fields, not {}", escaped(record.text), fields_.size(),
                                 fields),
              open ? LineFault::Kind::open_quote : LineFault::Kind::bad},
             record.text, sink);
      return;
    }
    const auto user = layout_.first_is_user ? std::string(fields_[0]) : std::to_string(number);
    for (std::size_t item = 0; item < layout_.items.size(); ++item) {
      parse_cell(user, item, record.text, sink);
    }
  }

  void parse_cell(const std::string& user, std::size_t item, std::string_view record,
                  RatingSink& sink) {
    const auto column = layout_.first_item + item;
    if (fields_[column].empty() || stands_for_nothing(fields_[column])) {
      return refuse({column, {}, LineFault::Kind::not_rated}, record, sink);
    }
    const FieldPlace place{column, "rating"};
    sink.next_of_line();
    sink.take(record, [&](LineRating& rating, LineFault& fault) {
      return values_.user({0, "user"}, user, rating, fault) &&
             values_.item({column, "item"}, layout_.items[item], rating, fault) &&
             values_.rating(place, fields_[column], rating, fault) &&
             values_.on_scale(place, rating, fault);
    });
  }

  static void refuse(LineFault fault, std::string_view record, RatingSink& sink) {
    LineRating rating;
    sink.next_of_line();
    sink.refuse(std::move(fault), rating, record);
  }

  MatrixLayout layout_;
  Records records_;
  Fields fields_;
  FieldValues values_;
};

class MatrixReader : public RatingReader {
 public:
  explicit MatrixReader(const MatrixLayout& layout) : layout_(layout) {}
  std::string description() const override {
    return fmt::format("a row a user, {} items, {}", layout_.items.size(),
                       separator_name(layout_.separator));
  }
  std::vector<std::string> evidence() const override { return layout_.evidence; }
  bool has_time() const override { return false; }
  std::unique_ptr<RecordCutter> cutter() const override {
    return std::make_unique<MatrixCutter>(layout_);
  }
  std::unique_ptr<RecordParser> parser(const RatingRules& rules) const override {
    return std::make_unique<MatrixParser>(layout_, rules);
  }

 private:
  MatrixLayout layout_;
};

}  // namespace

std::shared_ptr<const RatingReader> read_matrix(const MatrixLayout& layout) {
  return std::make_shared<MatrixReader>(layout);
}

}  // namespace nnrec::importing
