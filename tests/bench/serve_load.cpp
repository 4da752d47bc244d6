#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

// A client of nnrec_serve on this machine: as many connections as asked, each of which asks again
// as soon as it is answered. Prints a line: requests, how many were not answered 200, requests a
// second, the median and the 99th percentile of an answer's time. Ends with 1 where one was lost.
namespace {

using Clock = std::chrono::steady_clock;

struct Load {
  std::uint16_t port = 0;
  double seconds = 1;
  std::vector<std::string> targets;
};

/// What one connection saw; times in microseconds.
struct Seen {
  std::vector<float> microseconds;
  std::uint64_t lost = 0;
};

int connect_to(std::uint16_t port) {
  const int connection = ::socket(AF_INET, SOCK_STREAM, 0);
  const int one = 1;
  ::setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
    return connection;
  ::close(connection);
  return -1;
}

/// Whether a whole answer of status 200 came.
bool take_answer(int connection) {
  std::string text;
  char bytes[16384];
  for (;;) {
    const auto got = ::recv(connection, bytes, sizeof bytes, 0);
    if (got <= 0) return false;
    text.append(bytes, static_cast<std::size_t>(got));
    const auto head = text.find("\r\n\r\n");
    if (head == std::string::npos) continue;
    const auto field = text.find("Content-Length: ");
    if (field > head) return false;
    if (text.size() < head + 4 + std::stoul(text.substr(field + 16))) continue;
    return text.starts_with("HTTP/1.1 200");
  }
}

/// Asks for the targets in turn, beginning with number `first`.
void ask(const Load& load, std::size_t first, Seen& seen) {
  const auto end = Clock::now() + std::chrono::duration<double>(load.seconds);
  int connection = connect_to(load.port);
  for (std::size_t number = first; Clock::now() < end; ++number) {
    const auto begin = Clock::now();
    const std::string request = fmt::format("GET {} HTTP/1.1\r\nHost: localhost\r\n\r\n",
                                            load.targets[number % load.targets.size()]);
    const bool is_sent = ::send(connection, request.data(), request.size(), MSG_NOSIGNAL) ==
                         static_cast<std::ptrdiff_t>(request.size());
    if (!is_sent || !take_answer(connection)) {
      ++seen.lost;
      ::close(connection);
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
      connection = connect_to(load.port);
      continue;
    }
    const std::chrono::duration<float, std::micro> time = Clock::now() - begin;
    seen.microseconds.push_back(time.count());
  }
  ::close(connection);
}

float percentile(const std::vector<float>& rising, double part) {
  if (rising.empty()) return 0;
  return rising[static_cast<std::size_t>(part * static_cast<double>(rising.size() - 1))];
}

}  // namespace

int main(int count, char** words) {
  if (count < 5) {
    std::fprintf(stderr, "serve_load PORT CONNECTIONS SECONDS TARGET...\n");
    return 2;
  }
  Load load{static_cast<std::uint16_t>(std::atoi(words[1])),
            std::atof(words[3]),
            {words + 4, words + count}};
  std::vector<Seen> seen(static_cast<std::size_t>(std::max(1, std::atoi(words[2]))));
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < seen.size(); ++i)
    threads.emplace_back([&load, &seen, i] { ask(load, i, seen[i]); });
  for (std::thread& thread : threads) thread.join();
  std::vector<float> all;
  std::uint64_t lost = 0;
  for (const Seen& one : seen) {
    all.insert(all.end(), one.microseconds.begin(), one.microseconds.end());
    lost += one.lost;
  }
  std::ranges::sort(all);
  fmt::print(
      "{} connections: {} answers, {} lost, {:.0f} a second, median {:.2f} ms, 99 % {:.2f} ms\n",
      seen.size(), all.size(), lost, static_cast<double>(all.size()) / load.seconds,
      static_cast<double>(percentile(all, 0.5)) / 1000,
      static_cast<double>(percentile(all, 0.99)) / 1000);
  return lost == 0 ? 0 : 1;
}
