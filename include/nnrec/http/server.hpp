#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "nnrec/http/message.hpp"

namespace nnrec::http {

/// What answers. What is quick is answered on the network's own thread, so that it is answered
/// however much waits; the rest by workers.
class Handler {
 public:
  virtual ~Handler() = default;
  virtual bool is_quick(const Request& request) const = 0;
  /// `worker` in [0, workers); for what is quick: workers. What it throws is answered as an error
  /// of its kind: usage 400, input 404, else 500.
  virtual Response answer(const Request& request, std::size_t worker) = 0;
  /// An answer was made, or a request refused (its path may be empty then); `seconds` since its
  /// first byte came. On the network's thread.
  virtual void note(const Request& request, unsigned status, double seconds) = 0;
};

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: any that is free
  std::size_t workers = 1;
  std::size_t most_waiting = 256;      ///< requests; more are answered 503
  std::size_t most_connections = 512;  ///< more are answered 503 and closed
  std::size_t most_header_bytes = 16 * 1024;
  std::size_t most_body_bytes = 1024 * 1024;
  std::chrono::milliseconds request_time{
      10'000};                                  ///< to come whole, and for its answer to be taken
  std::chrono::milliseconds idle_time{60'000};  ///< between the requests of a connection
};

/// An HTTP/1.1 server: one thread for the network, on which a slow client costs nothing but its
/// connection, and workers.
class Server {
 public:
  /// Listens from here on. Throws UsageError: no such address; IoError: the port is taken.
  /// `handler` outlives the server.
  Server(const ServerOptions& options, Handler& handler);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const;
  /// Serves until `stop_is_asked`, which it asks some times a second. Then connections without a
  /// request end, requests under way are answered, and it returns.
  void run(const std::function<bool()>& stop_is_asked);

  /// At this moment; of any thread.
  std::size_t connections() const;
  std::size_t waiting() const;

  struct Inside;  ///< for this room's own sources

 private:
  std::unique_ptr<Inside> inside_;
};

}  // namespace nnrec::http
