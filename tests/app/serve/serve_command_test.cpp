#include "nnrec/app/serve_command.hpp"

#include <atomic>
#include <map>
#include <regex>
#include <sstream>
#include <thread>

#include <nlohmann/json.hpp>

#include "nnrec/app/predict_command.hpp"
#include "nnrec/app/recommend_command.hpp"

#include "support/answering.hpp"
#include "support/expect_error.hpp"
#include "support/http_client.hpp"

namespace nnrec::app {
namespace {

using nlohmann::json;
using testing::body_of;
using testing::expect_error;
using ::testing::HasSubstr;
using testing::HttpConnection;
using ::testing::StartsWith;

class ServeCommand : public testing::Answering {
 protected:
  ~ServeCommand() override { end(); }

  /// Serves the run on a thread; returns when it listens.
  void serve(const Words& more = {}) {
    Words words{path("run"), "--port", "0", "--watch-seconds", "0.02", "--threads", "2"};
    words.insert(words.end(), more.begin(), more.end());
    std::filesystem::remove(folder_ / "serve.log");
    thread_ = std::thread([this, words] {
      Log log = Log::silent();
      log.open_file(folder_ / "serve.log");
      Log help = Log::silent();
      serve_command(words, help, log, [this] { return stop_.load(); });
    });
    wait_for("listening on");
    std::smatch match;
    const std::string text = said();
    ASSERT_TRUE(std::regex_search(text, match, std::regex("http://127.0.0.1:([0-9]+)")));
    port_ = static_cast<std::uint16_t>(std::stoi(match[1]));
  }
  void end() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
  }
  std::string said() const {
    return std::filesystem::exists(folder_ / "serve.log")
               ? testing::read_file(folder_ / "serve.log")
               : "";
  }
  void wait_for(const std::string& text) const {
    while (said().find(text) == std::string::npos)
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  std::string get(const std::string& target) const { return HttpConnection(port_).get(target); }
  json get_json(const std::string& target) const { return json::parse(body_of(get(target))); }
  void expect_refusal(const std::string& target, const char* status, const char* text) const {
    const std::string answer = get(target);
    EXPECT_THAT(answer, StartsWith(std::string("HTTP/1.1 ") + status)) << target;
    EXPECT_THAT(json::parse(body_of(answer)).at("error").get<std::string>(), HasSubstr(text));
  }
  std::string post(const std::string& body) const {
    HttpConnection client(port_);
    client.send(
        fmt::format("POST /predict HTTP/1.1\r\nContent-Length: {}\r\n\r\n{}", body.size(), body));
    return client.answer();
  }

  std::thread thread_;
  std::atomic<bool> stop_ = false;
  std::uint16_t port_ = 0;
};

std::string without_spaces(std::string text) {
  std::erase_if(text, [](char c) { return c == '\n'; });
  return text;
}

TEST_F(ServeCommand, ListsAreThoseOfRecommendToTheLastDigit) {
  for (const char* variant : {"basic", "complex"}) {
    std::filesystem::remove_all(folder_ / "run");
    train("run", variant, 2);
    stop_ = false;
    serve();
    const auto same = [&](const std::string& target, Words words) {
      words.insert(words.begin(), path("run"));
      words.insert(words.end(), {"--format", "json"});
      EXPECT_EQ(without_spaces(body_of(get(target))),
                without_spaces(ask(recommend_command, words)));
    };
    same("/recommend?user=u1&user=u7&user=nobody&top=5",
         {"--user", "u1", "--user", "u7", "--user", "nobody", "--top", "5"});
    same("/recommend?user=u1&exclude_seen=true&where=genre%3Dwar",
         {"--user", "u1", "--exclude-seen", "--where", "genre=war"});
    same("/similar?item=i5&top=3", {"--similar-to", "i5", "--top", "3"});
    end();
  }
}

TEST_F(ServeCommand, RatingsAreThoseOfPredictToTheLastDigit) {
  train("run", "enriched", 2);
  serve();
  std::string pairs;
  json asked = json::array();
  for (int user = 0; user < 12; ++user) {  // user 11 and item 13 are not there
    for (int item = 0; item < 14; ++item) {
      const std::int64_t time = 880000000 + 50000 * user + item;
      pairs += fmt::format("u{},i{},{}\n", user, item, time);
      asked.push_back(
          {{"user", fmt::format("u{}", user)}, {"item", fmt::format("i{}", item)}, {"time", time}});
    }
  }
  std::istringstream lines(ask(predict_command, {path("run"), "--pairs", file("pairs", pairs)}));
  const std::string body = body_of(post(json{{"pairs", asked}}.dump()));
  for (std::string line; std::getline(lines, line);) {
    std::smatch fields;
    ASSERT_TRUE(std::regex_match(line, fields, std::regex("(.*),(.*),(.*),(.*)")));
    const std::string expected =
        fmt::format(R"({{"user":"{}","item":"{}","rating":{},"known":"{}"}})", fields[1].str(),
                    fields[2].str(), fields[3].str(), fields[4].str());
    EXPECT_THAT(body, HasSubstr(expected));
  }
  EXPECT_EQ(get_json("/predict?user=u3&item=i4&time=880150004").at("ratings").at(0),
            json::parse(body).at("ratings").at(3 * 14 + 4));
  // In milliseconds.
  for (const char* target :
       {"/predict?user=u3&item=i4&time=880150004000", "/recommend?user=u3&time=880150004000"})
    expect_refusal(target, "400", "time 880150004000 is not in the seconds since 1970");
  EXPECT_THAT(post(R"({"pairs":[{"user":"u1","item":"i1","time":880150004000}]})"),
              HasSubstr("is not in the seconds"));
}

TEST_F(ServeCommand, WhatIsNotUnderstoodIsRefusedWithASentence) {
  train("run", "basic", 1);
  serve();
  expect_refusal("/recomend?user=u1", "404", "/recomend is not here");
  expect_refusal("/recommend", "400", "give user=ID");
  expect_refusal("/recommend?user=", "400", "give user=ID");
  expect_refusal("/recommend?user=u1&tops=3", "400", "tops is not one of user, top");
  expect_refusal("/recommend?user=u1&top=0", "400", "top = 0 is no whole number in 1..1000");
  expect_refusal("/recommend?user=u1&top=3&top=4", "400", "top is given 2 times");
  expect_refusal("/recommend?user=u1&exclude_seen=maybe", "400", "is not true or false");
  expect_refusal("/recommend?user=u1&where=genre%3DHoror", "400", "did you mean Horror?");
  expect_refusal("/similar?item=i55", "404", "item i55 is not known (did you mean i5?)");
  expect_refusal("/predict?user=u1", "400", "item is missing");
  HttpConnection client(port_);
  client.send("DELETE /predict HTTP/1.1\r\n\r\n");
  EXPECT_THAT(client.answer(), HasSubstr("Allow: GET, HEAD, POST\r\n"));
  const std::map<std::string, std::string> bodies{
      {"", "the body is no JSON"},
      {"[]", "the body is no JSON object"},
      {"{}", "has no \"pairs\""},
      {R"({"pairs":[{"user":"u1","item":"i1"},{"user":"u1"}]})", "pair 2: item is missing"},
      {R"({"pairs":[{"user":1.5,"item":"i1"}]})", "pair 1: user is neither"},
      {R"({"pairs":[{"user":"","item":"i1"}]})", "pair 1: user is neither"},
      {R"({"pairs":[{"user":"u1","item":"i1","user":"u2"}]})", "field user is given twice"},
      {R"({"pairs":[],"pairs":[{"user":"u1","item":"i1"}]})", "field pairs is given twice"},
      {R"({"pairs":[{"user":"u1","item":"i1","times":3}]})", "did you mean time?"},
      {R"({"pairs":[{"user":"u1","item":"i1","time":18446744073709551615}]})", "pair 1: time is"},
      {R"({"pairs":[],"clip":1})", "clip is neither"},
      {std::string(100000, '['), "the body is no JSON"}};
  for (const auto& [body, text] : bodies) {
    const std::string answer = post(body);
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 400")) << body.substr(0, 60);
    EXPECT_THAT(body_of(answer), HasSubstr(json(text).dump().substr(1, text.size() - 1)));
  }
  EXPECT_EQ(json::parse(body_of(post(R"({"pairs":[]})"))).at("ratings").size(), 0U);
}

TEST_F(ServeCommand, HealthAndMetricsSayWhatAnswers) {
  train("run", "basic", 1);
  serve();
  EXPECT_EQ(get_json("/health").at("step"), 5);
  EXPECT_EQ(get_json("/health").at("variant"), "basic");
  get("/recommend?user=u1");
  get("/nowhere");
  const std::string text = body_of(get("/metrics"));
  EXPECT_THAT(text, HasSubstr("nnrec_requests_total{path=\"/health\",status=\"200\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("nnrec_requests_total{path=\"/recommend\",status=\"200\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("nnrec_requests_total{path=\"other\",status=\"404\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("\nnnrec_model_step 5\n"));
  EXPECT_THAT(text, HasSubstr("\nnnrec_models_loaded_total 1\n"));
}

// Each answer is that of the model it names, and none is lost while models take over.
TEST_F(ServeCommand, ANewerCheckpointTakesOverWithoutALostRequest) {
  train("run", "one_layer", 1);
  serve();
  std::atomic<bool> enough = false;
  std::atomic<int> lost = 0;
  std::map<std::string, std::set<std::string>> by_step;
  std::thread client([&] {
    HttpConnection connection(port_);
    while (!enough) {
      const std::string answer = connection.get("/recommend?user=u1&user=u2&top=4");
      std::smatch step;
      if (!answer.starts_with("HTTP/1.1 200") ||
          !std::regex_search(answer, step, std::regex("Nnrec-Model-Step: ([0-9]+)"))) {
        ++lost;
        continue;
      }
      by_step[step[1]].insert(body_of(answer));
    }
  });
  train("run", "one_layer", 4);
  wait_for("answers are of step 20 now");
  const std::string last = body_of(get("/recommend?user=u1&user=u2&top=4"));
  enough = true;
  client.join();
  EXPECT_EQ(lost, 0);
  EXPECT_EQ(get_json("/health").at("step"), 20);
  for (const auto& [step, bodies] : by_step) EXPECT_EQ(bodies.size(), 1U) << step;
  EXPECT_EQ(without_spaces(last),
            without_spaces(ask(recommend_command, {path("run"), "--user", "u1", "--user", "u2",
                                                   "--top", "4", "--format", "json"})));
}

TEST_F(ServeCommand, ARunThatWasReplacedByOneOfTheSameNamesTakesOver) {
  train("run", "basic", 1);
  train("other", "basic", 1, {"--seed", "7"});
  serve();
  const std::string former = body_of(get("/recommend?user=u1"));
  ASSERT_EQ(newest("run", "basic").filename(), newest("other", "basic").filename());
  std::filesystem::rename(folder_ / "run", folder_ / "away");
  std::filesystem::rename(folder_ / "other", folder_ / "run");
  wait_for("answers are of step 5 now");
  const std::string now = body_of(get("/recommend?user=u1"));
  EXPECT_NE(now, former);
  EXPECT_EQ(
      without_spaces(now),
      without_spaces(ask(recommend_command, {path("run"), "--user", "u1", "--format", "json"})));
}

TEST_F(ServeCommand, ARunThatIsCopiedInPiecesAnswersWholeInTheEnd) {
  train("run", "basic", 5, testing::sampled(3));
  train("other", "basic", 6, testing::sampled(4));
  const auto copy = [&](const char* part) {
    std::filesystem::copy(folder_ / "other" / part, folder_ / "run" / part,
                          std::filesystem::copy_options::recursive);
  };
  serve();
  std::filesystem::remove_all(folder_ / "run");
  std::filesystem::create_directory(folder_ / "run");
  copy("checkpoints");
  wait_for("no run beside it says which set");
  copy("options.cfg");
  wait_for("none is kept");
  copy("samples");
  wait_for("answers are means of 4 sampled models");
  EXPECT_EQ(
      without_spaces(body_of(get("/recommend?user=u1"))),
      without_spaces(ask(recommend_command, {path("run"), "--user", "u1", "--format", "json"})));
}

// Nothing in the run's folder tells that its set is back.
TEST_F(ServeCommand, ARefusalIsSaidOnceAndTriedAgainUntilItPasses) {
  train("run", "basic", 1);
  train("other", "basic", 2, {"--seed", "7"});
  serve();
  std::filesystem::rename(folder_ / "set", folder_ / "away");
  std::filesystem::rename(folder_ / "run", folder_ / "former");
  std::filesystem::rename(folder_ / "other", folder_ / "run");
  wait_for("no prepared set is there");
  EXPECT_EQ(get_json("/health").at("step"), 5);
  std::filesystem::rename(folder_ / "away", folder_ / "set");
  wait_for("answers are of step 10 now");
  const std::string text = said();
  const auto first = text.find("no prepared set is there");
  EXPECT_EQ(text.find("no prepared set is there", first + 1), std::string::npos);
  EXPECT_THAT(body_of(get("/metrics")), HasSubstr("\nnnrec_models_loaded_total 2\n"));
}

TEST_F(ServeCommand, ADamagedNewerCheckpointIsLeftAside) {
  train("run", "basic", 1);
  serve();
  testing::write_file(folder_ / "run" / "checkpoints" / "basic-step-0000000099.h5", "rubbish");
  wait_for("checkpoint refused");
  EXPECT_EQ(get_json("/health").at("step"), 5);
  std::filesystem::remove_all(folder_ / "run" / "checkpoints");
  wait_for("the model stays that of step 5");
  EXPECT_EQ(get_json("/recommend?user=u1").at(0).at("basis"), "model");
  EXPECT_THAT(body_of(get("/metrics")), HasSubstr("\nnnrec_models_loaded_total 1\n"));
}

TEST_F(ServeCommand, OptionsOutsideTheirRangesAreRefused) {
  Log log = Log::silent();
  const auto with = [&](const Words& words) {
    serve_command(words, log, log, [] { return true; });
  };
  expect_error(ErrorKind::usage, HasSubstr("--port 70000 is not in 0..65535"), [&] {
    with({path("run"), "--port", "70000"});
  });
  expect_error(ErrorKind::input, HasSubstr("is not there"), [&] { with({path("run")}); });
}

}  // namespace
}  // namespace nnrec::app
