#include "nnrec/http/server.hpp"

#include <chrono>
#include <utility>

#include <boost/asio/ip/address.hpp>

#include "nnrec/base/error.hpp"

#include "inside.hpp"
#include "session.hpp"

namespace nnrec::http {

using boost::asio::ip::tcp;
using Failure = boost::system::error_code;

Server::Inside::Inside(const ServerOptions& given, Handler& answers)
    : options(given), handler(answers), queue(given.workers, given.most_waiting) {}

void Server::Inside::listen() {
  Failure failure;
  const auto address = boost::asio::ip::make_address(options.address, failure);
  if (failure) {
    throw UsageError("{} is no address to listen on; give one as 127.0.0.1 or ::1",
                     options.address);
  }
  const tcp::endpoint endpoint(address, options.port);
  const auto check = [&] {
    if (failure)
      throw IoError("{}:{}: cannot be listened on: {}", options.address, options.port,
                    failure.message());
  };
  acceptor.open(endpoint.protocol(), failure);
  check();
  acceptor.set_option(tcp::acceptor::reuse_address(true), failure);
  check();
  acceptor.bind(endpoint, failure);
  check();
  acceptor.listen(boost::asio::socket_base::max_listen_connections, failure);
  check();
}

void Server::Inside::accept() {
  acceptor.async_accept([this](Failure failure, tcp::socket socket) {
    if (!acceptor.is_open()) return;
    if (failure) {  // no descriptor is left, say: others end meanwhile
      pause.expires_after(std::chrono::milliseconds(100));
      pause.async_wait([this](Failure) { accept(); });
      return;
    }
    Failure ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    const std::size_t open = connections;
    if (open < options.most_connections) {
      std::make_shared<Session>(std::move(socket), *this)->start();
    } else if (open < 2 * options.most_connections) {
      std::make_shared<Session>(std::move(socket), *this)
          ->refuse(503, "too many connections; ask again in a second");
    }
    accept();
  });
}

void Server::Inside::look_for_stop(const std::function<bool()>& stop_is_asked) {
  if (stop_is_asked()) return end();
  timer.expires_after(std::chrono::milliseconds(50));
  timer.async_wait([this, &stop_is_asked](Failure) { look_for_stop(stop_is_asked); });
}

void Server::Inside::end() {
  ends = true;
  Failure ignored;
  acceptor.close(ignored);
  pause.cancel();
  for (Session* session : sessions) session->end_if_idle();
}

Server::Server(const ServerOptions& options, Handler& handler)
    : inside_(std::make_unique<Inside>(options, handler)) {
  inside_->listen();
}

Server::~Server() = default;

std::uint16_t Server::port() const {
  return inside_->acceptor.local_endpoint().port();
}

void Server::run(const std::function<bool()>& stop_is_asked) {
  inside_->accept();
  inside_->look_for_stop(stop_is_asked);
  inside_->network.run();
}

std::size_t Server::connections() const {
  return inside_->connections;
}

std::size_t Server::waiting() const {
  return inside_->queue.waiting();
}

}  // namespace nnrec::http
