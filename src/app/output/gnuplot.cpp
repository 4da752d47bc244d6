#include "gnuplot.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nnrec/base/file_handle.hpp"
#include "nnrec/base/system.hpp"
#include "nnrec/io/atomic_file.hpp"

extern char** environ;

namespace nnrec::app {
namespace {

/// A nameless file in memory, at its beginning: it neither blocks nor raises SIGPIPE as a pipe may,
/// and needs no room in a folder of temporary files.
FileHandle nameless_file(const std::string& content) {
  const int descriptor = memfd_create("gnuplot", MFD_CLOEXEC);
  FileHandle file(descriptor < 0 ? nullptr : fdopen(descriptor, "w+b"));
  if (!file || std::fwrite(content.data(), 1, content.size(), file.get()) != content.size() ||
      std::fflush(file.get()) != 0)
    throw IoError("no room for gnuplot's script in memory: {}", system_reason());
  std::rewind(file.get());
  return file;
}

/// What gnuplot writes, which ends with 0 whether or not a disk takes it: a pipe takes everything.
struct Pipe {
  FileHandle end_to_read;
  FileHandle end_to_write;
};

Pipe open_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw IoError("no pipe to gnuplot: {}", system_reason());
  Pipe pipe{FileHandle(fdopen(ends[0], "rb")), FileHandle(fdopen(ends[1], "wb"))};
  if (!pipe.end_to_read || !pipe.end_to_write)
    throw IoError("no pipe to gnuplot: {}", system_reason());
  return pipe;
}

/// Owner of posix_spawn's list of redirections.
class Redirections {
 public:
  Redirections() { posix_spawn_file_actions_init(&actions_); }
  ~Redirections() { posix_spawn_file_actions_destroy(&actions_); }
  Redirections(const Redirections&) = delete;
  Redirections& operator=(const Redirections&) = delete;

  void add(const FileHandle& file, int descriptor) {
    posix_spawn_file_actions_adddup2(&actions_, fileno(file.get()), descriptor);
  }
  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_;
};

pid_t spawn_gnuplot(const Redirections& redirections) {
  std::string name = "gnuplot";
  // Charts are the same for everybody: ~/.gnuplot is not read.
  std::string defaults = "--default-settings";
  const std::array<char*, 3> arguments{name.data(), defaults.data(), nullptr};
  pid_t child = 0;
  const int error =
      posix_spawnp(&child, name.c_str(), redirections.get(), nullptr, arguments.data(), environ);
  // PATH may name folders that are closed, or files.
  if (error == ENOENT || error == EACCES || error == ENOTDIR) throw GnuplotMissing();
  if (error != 0) throw IoError("gnuplot cannot be started: {}", system_reason(error));
  return child;
}

int wait_for(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) throw IoError("waiting for gnuplot failed: {}", system_reason());
  return status;
}

/// All that comes until the last writer ends.
std::string whole_text(const FileHandle& file) {
  std::string text;
  std::array<char, 4096> buffer{};
  while (const auto count = std::fread(buffer.data(), 1, buffer.size(), file.get()))
    text.append(buffer.data(), count);
  return text;
}

/// One line, without gnuplot's echo of the script.
std::string last_line(const FileHandle& file) {
  std::rewind(file.get());
  std::array<char, 500> buffer{};
  std::string last = "(no message)";
  while (std::fgets(buffer.data(), buffer.size(), file.get()) != nullptr) {
    std::string line = buffer.data();
    line.erase(line.find_last_not_of(" \r\n") + 1);
    if (!line.empty()) last = line;
  }
  return last;
}

}  // namespace

GnuplotMissing::GnuplotMissing()
    : IoError(
          "gnuplot is not installed, so no chart was drawn. Install gnuplot-nox "
          "(jobs/install_packages.sh does) and run this again.") {}

std::string run_gnuplot(const std::string& script) {
  const FileHandle input = nameless_file(script);
  const FileHandle errors = nameless_file("");
  Pipe output = open_pipe();
  Redirections redirections;
  redirections.add(input, STDIN_FILENO);
  redirections.add(output.end_to_write, STDOUT_FILENO);
  redirections.add(errors, STDERR_FILENO);
  const pid_t child = spawn_gnuplot(redirections);
  output.end_to_write.reset();  // else there were always somebody who may write
  std::string drawn = whole_text(output.end_to_read);
  const int status = wait_for(child);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return drawn;
  if (WIFSIGNALED(status))
    throw IoError("gnuplot was ended by signal {}, so no chart was drawn", WTERMSIG(status));
  throw IoError("gnuplot failed, so no chart was drawn: {}", last_line(errors));
}

std::string gnuplot_quoted(const std::string& text) {
  std::string quoted = "'";
  for (const char letter : text) quoted += letter == '\'' ? "''" : std::string(1, letter);
  return quoted + "'";
}

void draw_file(const std::filesystem::path& path, const std::string& terminal,
               const std::string& script) {
  const std::string drawn = run_gnuplot("set terminal " + terminal + "\n" + script);
  if (drawn.empty()) throw IoError("{}: gnuplot drew nothing", path.string());
  io::write_text_atomically(path, drawn);
}

void draw_svg(const std::filesystem::path& path, PictureSize size, const std::string& script) {
  draw_file(path,
            fmt::format("svg size {},{} dynamic font 'DejaVu Sans,13' background rgb 'white'",
                        size.width, size.height),
            script);
}

}  // namespace nnrec::app
