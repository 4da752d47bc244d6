#include "gnuplot.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nnrec/base/error.hpp"
#include "nnrec/base/file_handle.hpp"
#include "nnrec/base/system.hpp"
#include "nnrec/io/atomic_file.hpp"

extern char** environ;

namespace nnrec::app {
namespace {

/// A nameless file instead of a pipe: it can neither block nor raise SIGPIPE.
FileHandle nameless_file(const std::string& content) {
  FileHandle file(std::tmpfile());
  if (!file || std::fwrite(content.data(), 1, content.size(), file.get()) != content.size() ||
      std::fflush(file.get()) != 0)
    throw IoError("no room for gnuplot's script in the folder of temporary files: {}",
                  system_reason());
  std::rewind(file.get());
  return file;
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
  const std::array<char*, 2> arguments{name.data(), nullptr};
  pid_t child = 0;
  const int error =
      posix_spawnp(&child, name.c_str(), redirections.get(), nullptr, arguments.data(), environ);
  if (error == ENOENT)
    throw IoError(
        "gnuplot is not installed, so no chart was drawn. Install gnuplot-nox "
        "(jobs/install_packages.sh does) and run this again.");
  if (error != 0) throw IoError("gnuplot cannot be started: {}", system_reason(error));
  return child;
}

int wait_for(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) throw IoError("waiting for gnuplot failed: {}", system_reason());
  return status;
}

std::string whole_text(const FileHandle& file) {
  std::rewind(file.get());
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

std::string run_gnuplot(const std::string& script) {
  const FileHandle input = nameless_file(script);
  const FileHandle output = nameless_file("");
  const FileHandle errors = nameless_file("");
  Redirections redirections;
  redirections.add(input, STDIN_FILENO);
  redirections.add(output, STDOUT_FILENO);
  redirections.add(errors, STDERR_FILENO);
  const int status = wait_for(spawn_gnuplot(redirections));
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return whole_text(output);
  throw IoError("gnuplot failed, so no chart was drawn: {}", last_line(errors));
}

std::string gnuplot_quoted(const std::string& text) {
  std::string quoted = "'";
  for (const char letter : text) quoted += letter == '\'' ? "''" : std::string(1, letter);
  return quoted + "'";
}

void draw_file(const std::filesystem::path& path, const std::string& terminal,
               const std::string& script) {
  io::write_atomically(path, [&](const std::filesystem::path& temporary) {
    run_gnuplot("set terminal " + terminal + "\nset output " + gnuplot_quoted(temporary.string()) +
                "\n" + script);
    std::error_code ignored;
    if (!std::filesystem::exists(temporary) || std::filesystem::file_size(temporary, ignored) == 0)
      throw IoError("{}: gnuplot wrote nothing. Is the disk full?", path.string());
  });
}

void draw_svg(const std::filesystem::path& path, PictureSize size, const std::string& script) {
  draw_file(path,
            fmt::format("svg size {},{} dynamic font 'DejaVu Sans,13' background rgb 'white'",
                        size.width, size.height),
            script);
}

}  // namespace nnrec::app
