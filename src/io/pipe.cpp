#include "pipe.hpp"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "nnrec/base/error.hpp"
#include "nnrec/base/system.hpp"

namespace nnrec::io {
namespace {
namespace fs = std::filesystem;

/// More than anyone looks at, also where it is packed.
constexpr std::size_t kMostKept = 8 << 20;

}  // namespace

class PipeSource : public ByteSource {
 public:
  explicit PipeSource(std::shared_ptr<Pipe> pipe) : pipe_(std::move(pipe)) {}

  std::size_t read(std::span<char> buffer) override {
    const auto& kept = pipe_->kept_;
    if (at_ < kept.size()) {
      const auto count = std::min(buffer.size(), kept.size() - at_);
      std::copy_n(kept.data() + at_, count, buffer.data());
      at_ += count;
      return count;
    }
    if (pipe_->passed_ && !passed_) throw InternalError("{}: is read twice", pipe_->name_);
    const auto count = pipe_->take(buffer);
    passed_ = pipe_->passed_;
    at_ = kept.size();
    return count;
  }

  bool would_wait() const override { return at_ >= pipe_->kept_.size() && pipe_->is_drained(); }

 private:
  std::shared_ptr<Pipe> pipe_;
  std::size_t at_ = 0;   ///< in what is kept
  bool passed_ = false;  ///< this one went beyond it
};

bool Pipe::is_one(const fs::path& path) {
  if (path == "-") return true;
  std::error_code status;
  const auto type = fs::status(path, status).type();
  return type == fs::file_type::fifo || type == fs::file_type::character ||
         type == fs::file_type::socket;
}

std::shared_ptr<Pipe> Pipe::open(const fs::path& path) {
  const bool standard = path == "-";
  const auto name = standard ? std::string("the standard input") : path.string();
  const int descriptor =
      standard ? ::dup(STDIN_FILENO) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) throw InputError("{}: cannot be read: {}", name, system_reason());
  return std::shared_ptr<Pipe>(new Pipe(descriptor, name));
}

Pipe::~Pipe() {
  ::close(descriptor_);
}

std::unique_ptr<ByteSource> Pipe::read(const std::shared_ptr<Pipe>& pipe) {
  return std::make_unique<PipeSource>(pipe);
}

bool Pipe::is_drained() const {
  ::pollfd asked{descriptor_, POLLIN, 0};
  return ::poll(&asked, 1, 0) == 0;
}

/// New bytes; they are kept as long as there is room.
std::size_t Pipe::take(std::span<char> buffer) {
  for (;;) {
    const auto count = ::read(descriptor_, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw IoError("{}: cannot be read to its end: {}", name_, system_reason());
    const auto size = static_cast<std::size_t>(count);
    passed_ = passed_ || kept_.size() + size > kMostKept;
    if (!passed_) kept_.append(buffer.data(), size);
    return size;
  }
}

}  // namespace nnrec::io
