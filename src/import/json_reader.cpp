#include "json_reader.hpp"

#include <optional>
#include <utility>

#include <fmt/format.h>

#include "nnrec/base/error.hpp"
#include "nnrec/import/text.hpp"
#include "nnrec/io/text_blocks.hpp"

#include "field_values.hpp"
#include "json_records.hpp"
#include "json_values.hpp"
#include "rating_sink.hpp"

namespace nnrec::importing {
namespace {

constexpr std::size_t at(Role role) {
  return static_cast<std::size_t>(role);
}

/// Cuts behind the comma that follows an object.
class ArrayCutter : public RecordCutter {
 public:
  std::size_t whole_records(std::string_view text) override {
    std::size_t whole = 0;
    for (auto rest = text;;) {
      rest = without_space(rest);
      if (rest.empty()) return whole;
      if (rest[0] == ',' || rest[0] == '[') {
        rest.remove_prefix(1);
        if (text[text.size() - rest.size() - 1] == ',') whole = text.size() - rest.size();
        continue;
      }
      // Anything else is for the parser to refuse.
      if (rest[0] != '{') return text.size();
      const auto size = object_size(rest);
      if (size == 0) return whole;
      rest.remove_prefix(size);
    }
  }
  std::string context_of(std::string_view block) override {
    const auto last = block.find_last_not_of(" \t\r\n");
    if (last != std::string_view::npos) is_closed_ = block[last] == ']';
    return {};
  }
  void end(const std::string& label) const override {
    if (!is_closed_) {
      throw InputError("{}: does not end with the ']' of its array. Is the file whole?", label);
    }
  }

 private:
  bool is_closed_ = false;
};

/// Finds a rating in an object.
class ObjectParser {
 public:
  ObjectParser(const JsonLayout& layout, const RatingRules& rules)
      : layout_(layout), values_(rules, {'.', layout.time_format}) {}

  /// Requires SIMDJSON_PADDING bytes behind `object`.
  bool parse(std::string_view object, LineRating& rating, LineFault& fault) {
    rating.seen = {};
    if (!find_values(object, fault)) return false;
    return values_.user(place(Role::user), text(Role::user), rating, fault) &&
           values_.item(place(Role::item), text(Role::item), rating, fault) &&
           values_.rating(place(Role::rating), trimmed(text(Role::rating)), rating, fault) &&
           values_.time(place(Role::time), trimmed(text(Role::time)), rating, fault) &&
           values_.on_scale(place(Role::rating), rating, fault);
  }

 private:
  FieldPlace place(Role role) const { return {layout_.columns[at(role)], role_name(role)}; }
  std::string_view text(Role role) const { return texts_[at(role)].value_or(""); }

  bool find_values(std::string_view object, LineFault& fault) {
    simdjson::dom::object members;
    if (const auto error = parser_.parse(object.data(), object.size(), false).get(members)) {
      fault = {0, fmt::format("{} is no object of JSON ({})", escaped(object), json_fault(error))};
      return false;
    }
    texts_ = {};
    for (const auto& [name, value] : members) {
      for (const auto role : kRoles) {
        if (name != layout_.names[at(role)]) continue;
        if (!take(role, value, fault)) return false;
      }
    }
    for (const auto role : {Role::user, Role::item, Role::rating}) {
      if (texts_[at(role)]) continue;
      fault = {place(role).column, fmt::format("the object has no {}", name_of(role))};
      return false;
    }
    return true;
  }

  bool take(Role role, const simdjson::dom::element& value, LineFault& fault) {
    auto& text = texts_[at(role)];
    const bool twice = text.has_value();
    text = plain_text(value, buffers_[at(role)]);
    if (!twice && text) return true;
    fault = {place(role).column,
             fmt::format("{} {}", name_of(role),
                         twice ? "stands twice in the object" : "is neither text nor a number")};
    return false;
  }
  std::string name_of(Role role) const { return escaped(layout_.names[at(role)]); }

  JsonLayout layout_;
  FieldValues values_;
  simdjson::dom::parser parser_;
  std::array<std::string, kRoles.size()> buffers_;
  std::array<std::optional<std::string_view>, kRoles.size()> texts_;
};

class JsonParser : public RecordParser {
 public:
  JsonParser(const JsonLayout& layout, const RatingRules& rules)
      : is_array_(layout.array), parser_(layout, rules) {}

  void parse(const RatingBlock& block, RatingSink& sink) override {
    // The padding is asked for by the library, which reads ahead.
    padded_.assign(block.text);
    padded_.append(simdjson::SIMDJSON_PADDING, ' ');
    const auto text = std::string_view(padded_).substr(0, block.text.size());
    if (is_array_) {
      parse_array(text, block.first_of_file, sink);
    } else {
      parse_lines(text, sink);
    }
  }

 private:
  void parse_lines(std::string_view text, RatingSink& sink) {
    for (std::string_view line; io::take_line(text, line);) {
      if (trimmed(line).empty()) {
        sink.skip_lines(1);
      } else {
        sink.next_record();
        parse_object(line, sink);
      }
    }
  }

  /// A block begins with an object, the first one with the array's bracket.
  void parse_array(std::string_view text, bool first, RatingSink& sink) {
    text = without_space(text);
    if (first && text.starts_with('[')) text = without_space(text.substr(1));
    while (!text.empty()) {
      const auto size = text[0] == '{' ? object_size(text) : 0;
      if (size == 0) return refuse_array(text, "is no whole object of the array", sink);
      sink.next_record();
      parse_object(text.substr(0, size), sink);
      text = without_space(text.substr(size));
      if (text.starts_with(']')) {
        text = without_space(text.substr(1));
        if (!text.empty()) refuse_array(text, "stands behind the array", sink);
        return;
      }
      if (!text.starts_with(',')) {
        if (!text.empty()) refuse_array(text, "follows an object without ','", sink);
        return;
      }
      text = without_space(text.substr(1));
    }
  }

  void parse_object(std::string_view object, RatingSink& sink) {
    sink.take(object, [&](LineRating& rating, LineFault& fault) {
      return parser_.parse(object, rating, fault);
    });
  }

  static void refuse_array(std::string_view text, const char* what, RatingSink& sink) {
    LineRating rating;
    sink.next_record();
    sink.refuse({0, fmt::format("{} {}", escaped(text), what), LineFault::Kind::open_quote}, rating,
                text);
  }

  bool is_array_;
  ObjectParser parser_;
  std::string padded_;
};

class JsonReader : public RatingReader {
 public:
  explicit JsonReader(const JsonLayout& layout) : layout_(layout) {}
  std::string description() const override {
    std::string text = layout_.array ? "an array of objects," : "an object a line,";
    for (const auto role : kRoles) {
      if (role == Role::time && !has_time()) continue;
      text += fmt::format(" {}={}", role_name(role), escaped(layout_.names[at(role)]));
    }
    return text;
  }
  std::vector<std::string> evidence() const override { return layout_.evidence; }
  bool has_time() const override { return !layout_.names[at(Role::time)].empty(); }
  std::unique_ptr<RecordCutter> cutter() const override {
    if (layout_.array) return std::make_unique<ArrayCutter>();
    return std::make_unique<RecordCutter>();
  }
  std::unique_ptr<RecordParser> parser(const RatingRules& rules) const override {
    return std::make_unique<JsonParser>(layout_, rules);
  }

 private:
  JsonLayout layout_;
};

}  // namespace

std::shared_ptr<const RatingReader> read_json(const JsonLayout& layout) {
  return std::make_shared<JsonReader>(layout);
}

}  // namespace nnrec::importing
