#include "session.hpp"

#include <array>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

#include "nnrec/base/current_error.hpp"

namespace nnrec::http {
namespace {

namespace beast = boost::beast;
namespace messages = boost::beast::http;
using boost::asio::ip::tcp;

constexpr std::size_t kReadBytes = 4096;

unsigned status_of(ErrorKind kind) {
  if (kind == ErrorKind::usage) return 400;
  return kind == ErrorKind::input ? 404 : 500;
}

}  // namespace

Session::Session(tcp::socket socket, Server::Inside& server)
    : stream_(std::move(socket)),
      server_(server),
      buffer_(server.options.most_header_bytes + 2 * kReadBytes),
      begin_(Clock::now()) {
  server_.sessions.insert(this);
  ++server_.connections;
}

Session::~Session() {
  server_.sessions.erase(this);
  --server_.connections;
}

void Session::refuse(unsigned status, std::string_view sentence) {
  is_last_ = true;
  respond(error_response(status, sentence));
}

void Session::end_if_idle() {
  if (idle_) stream_.cancel();
}

/// For the first byte of a request.
void Session::wait() {
  if (is_last_ || (server_.ends && buffer_.size() == 0)) return finish();
  request_ = {};
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(server_.options.most_header_bytes));
  parser_->body_limit(server_.options.most_body_bytes);
  if (buffer_.size() > 0) return read_header();  // sent without waiting for the answer before
  idle_ = true;
  stream_.expires_after(server_.options.idle_time);
  stream_.async_read_some(buffer_.prepare(kReadBytes),
                          [self = shared_from_this()](Error error, std::size_t bytes) {
                            self->idle_ = false;
                            if (error) return self->finish();
                            self->buffer_.commit(bytes);
                            self->read_header();
                          });
}

void Session::read_header() {
  begin_ = Clock::now();
  stream_.expires_after(server_.options.request_time);
  messages::async_read_header(
      stream_, buffer_, *parser_,
      [self = shared_from_this()](Error error, std::size_t) { self->on_header(error); });
}

void Session::on_header(Error error) {
  if (!is_whole(error)) return;
  const bool asks = beast::iequals(parser_->get()[messages::field::expect], "100-continue");
  asks ? let_body_come() : read_body();
}

/// The client waits for this before it sends the body.
void Session::let_body_come() {
  go_on_ = {messages::status::continue_, 11};
  messages::async_write(stream_, go_on_, [self = shared_from_this()](Error failed, std::size_t) {
    failed ? self->finish() : self->read_body();
  });
}

void Session::read_body() {
  messages::async_read(stream_, buffer_, *parser_,
                       [self = shared_from_this()](Error error, std::size_t) {
                         if (self->is_whole(error)) self->handle();
                       });
}

/// Answers what cannot be understood; of who left or was too slow there is nobody to answer.
bool Session::is_whole(Error error) {
  if (!error) return true;
  namespace what = messages;
  if (error == what::error::body_limit) {
    refuse(413, fmt::format("the body has more than {} bytes", server_.options.most_body_bytes));
  } else if (error == what::error::header_limit || error == what::error::buffer_overflow) {
    refuse(431,
           fmt::format("the header has more than {} bytes", server_.options.most_header_bytes));
  } else if (error != what::error::end_of_stream && error != what::error::partial_message &&
             error.category() == make_error_code(what::error::bad_version).category()) {
    refuse(400, fmt::format("this is no HTTP request: {}", error.message()));
  } else {
    if (error == beast::error::timeout) server_.handler.note({}, 408, 0);
    finish();
  }
  return false;
}

void Session::handle() {
  auto& message = parser_->get();
  is_last_ = !message.keep_alive();
  const auto method = message.method_string();
  const auto target = message.target();
  request_.method.assign(method.data(), method.size());
  request_.body = std::move(message.body());
  try {
    read_target({target.data(), target.size()}, request_);
  } catch (const nnrec::Error& error) {
    return respond(error_response(400, error.what()));
  }
  if (server_.handler.is_quick(request_)) return respond(answer(server_.options.workers));
  auto work = [self = shared_from_this(),
               guard = boost::asio::make_work_guard(server_.network)](std::size_t worker) mutable {
    auto response = self->answer(worker);
    // Back to the network's thread, where the session may end, too.
    boost::asio::post(guard.get_executor(),
                      [self = std::move(self), made = std::move(response)]() mutable {
                        self->respond(std::move(made));
                      });
    guard.reset();
  };
  // A function object that is copied cannot be run once only; the queue runs it once.
  auto once = std::make_shared<decltype(work)>(std::move(work));
  if (!server_.queue.offer([once](std::size_t worker) { (*once)(worker); })) {
    Response full = error_response(503, "too many requests wait; ask again in a second");
    full.headers.emplace_back("Retry-After", "1");
    respond(std::move(full));
  }
}

Response Session::answer(std::size_t worker) {
  try {
    return server_.handler.answer(request_, worker);
  } catch (...) {
    const auto error = current_error();
    return error_response(status_of(error.kind()), error.what());
  }
}

void Session::respond(Response response) {
  const auto seconds = std::chrono::duration<double>(Clock::now() - begin_).count();
  server_.handler.note(request_, response.status, seconds);
  const bool is_head = request_.method == "HEAD";
  is_last_ = is_last_ || server_.ends;
  response_.emplace();
  response_->version(11);
  response_->result(response.status);
  response_->set(messages::field::content_type, response.type);
  for (const auto& [name, value] : response.headers) response_->set(name, value);
  response_->keep_alive(!is_last_);
  response_->content_length(response.body.size());
  if (!is_head) response_->body() = std::move(response.body);
  stream_.expires_after(server_.options.request_time);
  messages::async_write(stream_, *response_, [self = shared_from_this()](Error error, std::size_t) {
    error ? self->finish() : self->wait();
  });
}

/// Who closes while bytes come may lose the client its answer: what comes is read for a moment.
void Session::finish() {
  Error ignored;
  stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
  if (ignored) return;
  stream_.expires_after(std::chrono::seconds(1));
  drain();
}

void Session::drain() {
  constexpr std::size_t kMostDrained = 1024 * 1024;
  buffer_.clear();
  stream_.async_read_some(buffer_.prepare(kReadBytes),
                          [self = shared_from_this()](Error error, std::size_t bytes) {
                            self->drained_ += bytes;
                            if (!error && self->drained_ < kMostDrained) self->drain();
                          });
}

}  // namespace nnrec::http
