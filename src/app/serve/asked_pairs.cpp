#include "asked_pairs.hpp"

#include <limits>
#include <set>

#include <nlohmann/json.hpp>

#include "nnrec/base/error.hpp"
#include "nnrec/base/nearest_name.hpp"

#include "parameters.hpp"

namespace nnrec::app {
namespace {

using nlohmann::json;

constexpr std::int64_t kFirstTime = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kLastTime = std::numeric_limits<std::int64_t>::max();

void refuse_others(const json& object, const std::vector<std::string>& known,
                   const std::string& place) {
  for (const auto& [name, value] : object.items()) {
    if (std::ranges::find(known, name) == known.end())
      throw UsageError("{}: field {}", place, not_one_of(name, known));
  }
}

std::string id_of(const json& pair, const char* name, std::size_t number) {
  const auto found = pair.find(name);
  if (found == pair.end()) throw UsageError("pair {}: {} is missing", number, name);
  if (found->is_string() && !found->get_ref<const std::string&>().empty())
    return found->get<std::string>();
  if (found->is_number_integer()) return found->dump();
  throw UsageError("pair {}: {} is neither a text, of one letter at least, nor a whole number",
                   number, name);
}

AskedPair pair_of(const json& pair, std::size_t number) {
  const std::string place = fmt::format("pair {}", number);
  if (!pair.is_object()) throw UsageError("{} is no object", place);
  refuse_others(pair, {"user", "item", "time"}, place);
  AskedPair asked{id_of(pair, "user", number), id_of(pair, "item", number), std::nullopt};
  const auto time = pair.find("time");
  if (time == pair.end() || time->is_null()) return asked;
  const bool is_time = time->is_number_integer() &&
                       !(time->is_number_unsigned() &&
                         time->get<std::uint64_t>() > static_cast<std::uint64_t>(kLastTime));
  if (!is_time) throw UsageError("{}: time is no whole number of seconds", place);
  asked.time = time->get<std::int64_t>();
  return asked;
}

/// Of a field that is there twice JSON's readers take one, which may be the wrong one.
json parse_once(const std::string& body) {
  std::vector<std::set<std::string>> objects;
  return json::parse(body, [&](int, json::parse_event_t event, json& parsed) {
    if (event == json::parse_event_t::object_start) objects.emplace_back();
    if (event == json::parse_event_t::object_end) objects.pop_back();
    if (event == json::parse_event_t::key) {
      const auto name = parsed.get<std::string>();
      if (!objects.back().insert(name).second)
        throw UsageError("field {} is given twice in one object", name);
    }
    return true;
  });
}

AskedPairs of_body(const std::string& body) {
  json object;
  try {
    object = parse_once(body);
  } catch (const json::exception& error) {
    throw UsageError("the body is no JSON: {}", error.what());
  }
  if (!object.is_object()) throw UsageError("the body is no JSON object");
  refuse_others(object, {"pairs", "clip"}, "the body");
  const auto pairs = object.find("pairs");
  if (pairs == object.end() || !pairs->is_array())
    throw UsageError(R"(the body has no "pairs": [{{"user": ID, "item": ID}}, ...])");
  AskedPairs asked;
  for (const json& pair : *pairs) asked.pairs.push_back(pair_of(pair, asked.pairs.size() + 1));
  const auto clip = object.find("clip");
  if (clip == object.end()) return asked;
  if (!clip->is_boolean()) throw UsageError("clip is neither true nor false");
  asked.clip = clip->get<bool>();
  return asked;
}

}  // namespace

AskedPairs asked_pairs(const http::Request& request) {
  if (request.method == "POST") {
    const Parameters none(request, {});
    return of_body(request.body);
  }
  const Parameters given(request, {"user", "item", "time", "clip"});
  return {{{given.required("user"), given.required("item"),
            given.integer("time", kFirstTime, kLastTime)}},
          given.flag("clip")};
}

}  // namespace nnrec::app
