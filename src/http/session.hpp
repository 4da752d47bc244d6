#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string_view>

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "inside.hpp"

namespace nnrec::http {

/// One connection: reads a request, has it answered, writes the answer, reads the next. Lives as
/// long as one of these is under way.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(boost::asio::ip::tcp::socket socket, Server::Inside& server);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Reads requests until the connection ends.
  void start() { wait(); }
  /// Answers without having read anything, and ends.
  void refuse(unsigned status, std::string_view sentence);
  /// Ends where no byte of a request has come.
  void end_if_idle();

 private:
  using Clock = std::chrono::steady_clock;
  using Error = boost::system::error_code;

  void wait();
  void read_header();
  void on_header(Error error);
  void let_body_come();
  void read_body();
  bool is_whole(Error error);
  void handle();
  void hand_over(Request request);
  Response answer(std::size_t worker);
  void respond(Response response);
  void finish();
  void drain();

  boost::beast::tcp_stream stream_;
  Server::Inside& server_;
  boost::beast::flat_buffer buffer_;
  std::optional<boost::beast::http::request_parser<boost::beast::http::string_body>> parser_;
  std::optional<boost::beast::http::response<boost::beast::http::string_body>> response_;
  boost::beast::http::response<boost::beast::http::empty_body> go_on_;
  Request request_;
  Clock::time_point begin_;
  std::size_t drained_ = 0;
  bool idle_ = false;
  bool is_last_ = false;  ///< the connection ends with the answer
};

}  // namespace nnrec::http
