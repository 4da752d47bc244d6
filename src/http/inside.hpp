#pragma once

#include <atomic>
#include <functional>
#include <set>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "nnrec/http/server.hpp"
#include "nnrec/http/work_queue.hpp"

namespace nnrec::http {

class Session;

/// What a server's sessions share. All but the counts and the queue are of the network's thread.
struct Server::Inside {
  Inside(const ServerOptions& given, Handler& answers);

  void listen();
  void accept();
  void look_for_stop(const std::function<bool()>& stop_is_asked);
  void end();

  const ServerOptions options;
  Handler& handler;
  boost::asio::io_context network{1};
  boost::asio::ip::tcp::acceptor acceptor{network};
  boost::asio::steady_timer timer{network};
  boost::asio::steady_timer pause{network};
  std::set<Session*> sessions;
  std::atomic<std::size_t> connections = 0;
  bool ends = false;
  WorkQueue queue;  // last: what it does uses the others
};

}  // namespace nnrec::http
