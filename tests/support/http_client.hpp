#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace nnrec::testing {

/// One connection to a server on this machine, byte by byte. What does not come within ten seconds
/// is an error.
class HttpConnection {
 public:
  explicit HttpConnection(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const timeval ten{10, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &ten, sizeof ten);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      throw std::runtime_error("no connection");
  }
  ~HttpConnection() { ::close(socket_); }
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  void send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;  // the server has answered and closed: what it said is still to read
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  /// One answer with its head; what the server sent behind it stays. Empty at the connection's end.
  std::string answer() {
    for (;;) {
      const auto head = read_.find("\r\n\r\n");
      if (head != std::string::npos && read_.size() >= head + 4 + length(head)) {
        std::string one = read_.substr(0, head + 4 + length(head));
        read_.erase(0, one.size());
        return one;
      }
      if (!receive()) return "";
    }
  }
  std::string get(const std::string& target) {
    send("GET " + target + " HTTP/1.1\r\nHost: here\r\n\r\n");
    return answer();
  }
  /// Whether the server ends the connection without another byte.
  bool ends() { return read_.empty() && !receive(); }

 private:
  std::size_t length(std::size_t head) const {
    const auto field = read_.find("Content-Length: ");
    return field < head ? std::stoul(read_.substr(field + 16)) : 0;
  }
  bool receive() {
    char bytes[4096];
    const auto got = ::recv(socket_, bytes, sizeof bytes, 0);
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
      throw std::runtime_error("nothing came for ten seconds");
    if (got > 0) read_.append(bytes, static_cast<std::size_t>(got));
    return got > 0;
  }

  int socket_;
  std::string read_;
};

/// What stands behind an answer's head.
inline std::string body_of(const std::string& answer) {
  const auto head = answer.find("\r\n\r\n");
  return head == std::string::npos ? "" : answer.substr(head + 4);
}

}  // namespace nnrec::testing
