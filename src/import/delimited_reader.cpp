#include "delimited_reader.hpp"

#include <utility>

#include "fields.hpp"
#include "line_parser.hpp"
#include "plain_lines.hpp"
#include "rating_sink.hpp"

namespace nnrec::importing {
namespace {

class DelimitedCutter : public RecordCutter {
 public:
  explicit DelimitedCutter(const RatingLayout& layout)
      : records_(layout.separator, layout.quoting) {}
  std::size_t whole_records(std::string_view text) override { return records_.whole(text); }

 private:
  Records records_;
};

class DelimitedParser : public RecordParser {
 public:
  DelimitedParser(const RatingLayout& layout, const RatingRules& rules)
      : records_(layout.separator, layout.quoting),
        plain_(layout, rules),
        parser_(layout, rules),
        header_(layout.header) {}

  void parse(const RatingBlock& block, RatingSink& sink) override {
    bool skip = header_ && block.first_of_file;
    std::string_view text = block.text;
    PlainRating plain;
    while (!text.empty()) {
      if (!skip && plain_.take(text, plain)) {
        sink.next_record();
        sink.add(plain);
        continue;
      }
      const auto record = records_.take(text);
      if (skip || trimmed(record.text).empty()) {
        skip = skip && trimmed(record.text).empty();
        sink.skip_lines(record.lines);
        continue;
      }
      sink.next_record();
      parse_record(record, sink);
      sink.continue_record(record.lines - 1);
    }
  }

 private:
  void parse_record(const Record& record, RatingSink& sink) {
    sink.take(record.text, [&](LineRating& rating, LineFault& fault) {
      if (!record.open) return parser_.parse(record.text, rating, fault);
      fault = {0, escaped(record.text) + " has a quote that is not closed",
               LineFault::Kind::open_quote};
      return false;
    });
  }

  Records records_;
  PlainLines plain_;
  LineParser parser_;
  bool header_;
};

class DelimitedReader : public RatingReader {
 public:
  explicit DelimitedReader(const RatingLayout& layout) : layout_(layout) {}
  std::string description() const override { return layout_.description(); }
  std::vector<std::string> evidence() const override { return layout_.evidence; }
  bool has_time() const override { return layout_.time.has_value(); }
  std::unique_ptr<RecordCutter> cutter() const override {
    return std::make_unique<DelimitedCutter>(layout_);
  }
  std::unique_ptr<RecordParser> parser(const RatingRules& rules) const override {
    return std::make_unique<DelimitedParser>(layout_, rules);
  }

 private:
  RatingLayout layout_;
};

}  // namespace

std::shared_ptr<const RatingReader> read_delimited(const RatingLayout& layout) {
  return std::make_shared<DelimitedReader>(layout);
}

}  // namespace nnrec::importing
