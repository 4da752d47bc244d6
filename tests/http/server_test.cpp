#include "nnrec/http/server.hpp"

#include <atomic>
#include <future>
#include <optional>
#include <thread>

#include <nlohmann/json.hpp>

#include "nnrec/base/error.hpp"

#include "support/expect_error.hpp"
#include "support/http_client.hpp"

namespace nnrec::http {
namespace {

using testing::body_of;
using testing::expect_error;
using ::testing::HasSubstr;
using testing::HttpConnection;
using ::testing::StartsWith;

/// Says what it was asked; /wait answers once the gate is open, /quick at once.
class Echo final : public Handler {
 public:
  bool is_quick(const Request& request) const override { return request.path == "/quick"; }
  Response answer(const Request& request, std::size_t) override {
    if (request.path == "/wait") {
      ++waiting;
      open.wait();
    }
    if (request.path == "/usage") throw UsageError("not so");
    if (request.path == "/input") throw InputError("not there");
    if (request.path == "/bug") throw InternalError("broken");
    std::string text = request.method + " " + request.path;
    for (const auto& [name, value] : request.parameters) text += " " + name + "=" + value;
    return {200, text + " " + request.body, "text/plain"};
  }
  void note(const Request&, unsigned, double) override {}
  void let_go() {
    if (open.wait_for(std::chrono::seconds(0)) != std::future_status::ready) gate.set_value();
  }

  std::promise<void> gate;
  std::shared_future<void> open = gate.get_future().share();
  std::atomic<int> waiting = 0;
};

class ServerTest : public ::testing::Test {
 protected:
  void serve(const ServerOptions& options = {}) {
    server_.emplace(options, echo_);
    thread_ = std::thread([this] { server_->run([this] { return stop_.load(); }); });
  }
  ~ServerTest() override { end(); }
  void end() {
    stop_ = true;
    echo_.let_go();
    if (thread_.joinable()) thread_.join();
  }
  std::uint16_t port() const { return server_->port(); }
  /// Until `holds`; the test ends by its own time where it never does.
  template <typename Condition>
  static void wait_until(const Condition& holds) {
    while (!holds()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }

  Echo echo_;
  std::atomic<bool> stop_ = false;
  std::optional<Server> server_;
  std::thread thread_;
};

std::string error_of(const std::string& answer) {
  return nlohmann::json::parse(body_of(answer)).at("error");
}

TEST_F(ServerTest, RequestsOfOneConnectionAreAnsweredInTheirOrder) {
  serve();
  HttpConnection client(port());
  EXPECT_THAT(client.get("/a?b=c%20d"), StartsWith("HTTP/1.1 200 OK\r\n"));
  client.send(
      "GET /1 HTTP/1.1\r\n\r\nPOST /2 HTTP/1.1\r\nContent-Length: 3\r\n\r\nxyzGET /3 HTTP/");
  EXPECT_EQ(body_of(client.answer()), "GET /1 ");
  EXPECT_EQ(body_of(client.answer()), "POST /2 xyz");
  client.send("1.1\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(body_of(client.answer()), "GET /3 ");
  EXPECT_TRUE(client.ends());
}

TEST_F(ServerTest, HeadHasNoBodyAndABodyMayWaitForItsGoAhead) {
  serve();
  HttpConnection client(port());
  client.send("HEAD /a HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\nConnection: close\r\n\r\n");
  std::string all;
  for (std::string part; !(part = client.answer()).empty();) all += part;
  EXPECT_THAT(all, HasSubstr("Content-Length: 8\r\n\r\nHTTP/1.1 200 OK")) << "of \"HEAD /a \"";
  HttpConnection other(port());
  other.send("POST /c HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_THAT(other.answer(), StartsWith("HTTP/1.1 100 Continue"));
  other.send("hi");
  EXPECT_EQ(body_of(other.answer()), "POST /c hi");
}

TEST_F(ServerTest, BrokenRequestsGetASentenceAndTheConnectionEnds) {
  ServerOptions options;
  options.most_body_bytes = 100;
  options.most_header_bytes = 1000;
  serve(options);
  const auto refused = [&](const std::string& bytes, const char* status, const char* text) {
    HttpConnection client(port());
    client.send(bytes);
    const std::string answer = client.answer();
    EXPECT_THAT(answer, StartsWith(std::string("HTTP/1.1 ") + status)) << bytes.substr(0, 60);
    EXPECT_THAT(error_of(answer), HasSubstr(text));
    EXPECT_TRUE(client.ends());
  };
  refused("rubbish\r\n\r\n", "400", "no HTTP request");
  refused(std::string("\0\x01\x02\xff\r\n\r\n", 8), "400", "no HTTP request");
  refused("GET / HTTP/9.9\r\n\r\n", "400", "no HTTP request");
  refused("POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "400", "no HTTP request");
  refused("POST / HTTP/1.1\r\nContent-Length: 101\r\n\r\n", "413", "more than 100 bytes");
  refused("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string("80\r\n") +
              std::string(128, 'x') + "\r\n",
          "413", "more than 100 bytes");
  refused("GET / HTTP/1.1\r\nA: " + std::string(2000, 'x') + "\r\n\r\n", "431",
          "more than 1000 bytes");
  HttpConnection client(port());
  EXPECT_THAT(error_of(client.get("/a?b=%zz")), HasSubstr("hexadecimal"));
  EXPECT_EQ(body_of(client.get("/a")), "GET /a ") << "the server, and this connection, go on";
}

TEST_F(ServerTest, WhatTheHandlerThrowsIsAnsweredByItsKind) {
  serve();
  HttpConnection client(port());
  EXPECT_THAT(client.get("/usage"), StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(client.get("/input"), StartsWith("HTTP/1.1 404"));
  EXPECT_EQ(error_of(client.get("/bug")), "broken");
}

TEST_F(ServerTest, ASlowClientHoldsNobodyUpAndIsLeft) {
  ServerOptions options;
  options.request_time = std::chrono::milliseconds(300);
  serve(options);
  HttpConnection slow(port());
  slow.send("POST /a HTTP/1.1\r\nContent-Length: 10\r\n\r\nx");
  HttpConnection other(port());
  EXPECT_EQ(body_of(other.get("/b")), "GET /b ");
  EXPECT_TRUE(slow.ends());
}

TEST_F(ServerTest, IdleConnectionsEnd) {
  ServerOptions options;
  options.idle_time = std::chrono::milliseconds(50);
  serve(options);
  HttpConnection client(port());
  EXPECT_EQ(body_of(client.get("/b")), "GET /b ");
  EXPECT_TRUE(client.ends());
}

TEST_F(ServerTest, AFullQueueRefusesWhileWhatIsQuickIsAnswered) {
  ServerOptions options;
  options.most_waiting = 1;
  serve(options);
  HttpConnection first(port());
  first.send("GET /wait HTTP/1.1\r\n\r\n");
  wait_until([&] { return echo_.waiting == 1; });
  HttpConnection second(port());
  second.send("GET /second HTTP/1.1\r\n\r\n");
  wait_until([&] { return server_->waiting() == 1; });
  HttpConnection third(port());
  const std::string refusal = third.get("/third");
  EXPECT_THAT(refusal, StartsWith("HTTP/1.1 503"));
  EXPECT_THAT(refusal, HasSubstr("Retry-After: 1"));
  EXPECT_EQ(body_of(third.get("/quick")), "GET /quick ");
  echo_.let_go();
  EXPECT_EQ(body_of(first.answer()), "GET /wait ");
  EXPECT_EQ(body_of(second.answer()), "GET /second ");
}

TEST_F(ServerTest, TooManyConnectionsAreToldSo) {
  ServerOptions options;
  options.most_connections = 1;
  serve(options);
  HttpConnection first(port());
  EXPECT_EQ(body_of(first.get("/a")), "GET /a ");
  HttpConnection second(port());
  const std::string refusal = second.answer();
  EXPECT_THAT(refusal, StartsWith("HTTP/1.1 503"));
  EXPECT_THAT(error_of(refusal), HasSubstr("too many connections"));
  EXPECT_TRUE(second.ends());
  EXPECT_EQ(body_of(first.get("/a")), "GET /a ");
}

TEST_F(ServerTest, AStopAnswersWhatIsUnderWay) {
  ServerOptions options;
  options.workers = 2;
  serve(options);
  HttpConnection idle(port());
  EXPECT_EQ(body_of(idle.get("/a")), "GET /a ");
  HttpConnection under_way(port());
  under_way.send("GET /wait HTTP/1.1\r\n\r\n");
  wait_until([&] { return echo_.waiting == 1; });
  HttpConnection half(port());
  half.send("GET /half HTTP/1.1\r\n");
  wait_until([&] { return server_->connections() == 3; });
  stop_ = true;
  EXPECT_TRUE(idle.ends());
  half.send("\r\n");
  EXPECT_THAT(half.answer(), HasSubstr("Connection: close"));
  echo_.let_go();
  EXPECT_EQ(body_of(under_way.answer()), "GET /wait ");
  EXPECT_TRUE(under_way.ends());
  end();
}

TEST_F(ServerTest, PlacesThatCannotBeListenedOnAreNamed) {
  serve();
  ServerOptions options;
  options.port = port();
  expect_error(ErrorKind::io, HasSubstr("cannot be listened on"),
               [&] { const Server second(options, echo_); });
  options.address = "here";
  expect_error(ErrorKind::usage, HasSubstr("here is no address"),
               [&] { const Server second(options, echo_); });
}

}  // namespace
}  // namespace nnrec::http
