#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <functional>
#include <iterator>
#include <memory>

#include <fmt/format.h>

#include "nnrec/base/error.hpp"
#include "nnrec/base/permutation.hpp"
#include "nnrec/data/synthetic.hpp"
#include "nnrec/io/atomic_file.hpp"

#include "synthetic_random.hpp"

namespace nnrec::data {
namespace {

namespace fs = std::filesystem;

/// Text to one file, in pieces of a megabyte; every refusal of the machine is an IoError.
class TextFile {
 public:
  /// `name`: the file's final path, for messages.
  TextFile(const fs::path& path, fs::path name)
      : name_(std::move(name)), file_(std::fopen(path.c_str(), "wb")) {
    if (!file_) fail();
  }

  template <typename... Args>
  void print(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(buffer_), format, std::forward<Args>(args)...);
    if (buffer_.size() >= kPiece) flush();
  }

  void close() {
    flush();
    if (std::fclose(file_.release()) != 0) fail();
  }

 private:
  static constexpr std::size_t kPiece = 1 << 20;
  struct Close {
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }
  };

  void flush() {
    if (std::fwrite(buffer_.data(), 1, buffer_.size(), file_.get()) != buffer_.size()) fail();
    buffer_.clear();
  }
  [[noreturn]] void fail() const {
    throw IoError("{}: cannot be written: {}", name_.string(), std::strerror(errno));
  }

  fs::path name_;
  std::unique_ptr<std::FILE, Close> file_;
  fmt::memory_buffer buffer_;
};

void write_text(const fs::path& path, const std::function<void(TextFile&)>& write) {
  io::write_atomically(path, [&](const fs::path& temporary) {
    TextFile file(temporary, path);
    write(file);
    file.close();
  });
}

/// Requires: only letters that Latin-1 has, which UTF-8 writes as C2 xx or C3 xx.
std::string latin1(const std::string& utf8) {
  std::string text;
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const auto byte = static_cast<unsigned char>(utf8[i]);
    if (byte < 0x80) {
      text += utf8[i];
      continue;
    }
    const auto low = static_cast<unsigned char>(utf8.at(++i)) & 0x3FU;
    text += static_cast<char>(((byte & 3U) << 6) | low);
  }
  return text;
}

SyntheticSummary write_ratings(const SyntheticSet& set, TextFile& file) {
  SyntheticSummary summary;
  std::vector<bool> rated(set.options().items);
  const auto users = set.options().users;
  // Users do not stand in the order of their ids: a reader that mixes up id and position shows.
  const Permutation order(users, set.options().seed, Purpose::synthetic,
                          draw_step(Draw::file_order, 0));
  double squares = 0;
  for (std::uint64_t position = 0; position < users; ++position) {
    const auto user = order(position);
    for (const auto& rating : set.ratings_of(user)) {
      file.print("{}\t{}\t{}\t{}\n", user + 1, rating.item + 1, rating.value, rating.time);
      rated[rating.item] = true;
      ++summary.values[static_cast<std::size_t>(rating.value - 1)];
      ++summary.ratings;
      squares += (rating.value - rating.expected) * (rating.value - rating.expected);
    }
  }
  for (const bool one : rated) summary.rated_items += one ? 1 : 0;
  summary.noise_floor_rmse = std::sqrt(squares / static_cast<double>(summary.ratings));
  return summary;
}

void write_items(const SyntheticSet& set, TextFile& file) {
  for (std::uint64_t i = 0; i < set.options().items; ++i) {
    const auto item = set.item(i);
    std::string flags;
    for (std::size_t genre = 0, next = 0; genre < synthetic_genres().size(); ++genre) {
      const bool has = next < item.genres.size() && item.genres[next] == genre;
      if (has) ++next;
      flags += has ? "|1" : "|0";
    }
    // The two empty columns are the date of the video and the address of a page about it.
    file.print("{}|{}|01-Jan-{}||{}\n", i + 1, latin1(item.title), item.year, flags);
  }
}

void write_users(const SyntheticSet& set, TextFile& file) {
  for (std::uint64_t i = 0; i < set.options().users; ++i) {
    const auto user = set.user(i);
    file.print("{}|{}|{}|{}|{}\n", i + 1, user.age, user.gender,
               synthetic_occupations()[user.occupation], user.zip_code);
  }
}

SyntheticSummary write_files(const SyntheticSet& set, const fs::path& folder) {
  const auto& options = set.options();
  SyntheticSummary summary;
  write_text(folder / "u.data", [&](TextFile& file) { summary = write_ratings(set, file); });
  write_text(folder / "u.item", [&](TextFile& file) { write_items(set, file); });
  write_text(folder / "u.user", [&](TextFile& file) { write_users(set, file); });
  write_text(folder / "u.genre", [](TextFile& file) {
    for (std::size_t i = 0; i < synthetic_genres().size(); ++i)
      file.print("{}|{}\n", synthetic_genres()[i], i);
  });
  write_text(folder / "u.occupation", [](TextFile& file) {
    for (const auto& occupation : synthetic_occupations()) file.print("{}\n", occupation);
  });
  write_text(folder / "u.info", [&](TextFile& file) {
    file.print("{} users\n{} items\n{} ratings\n", options.users, options.items, options.ratings);
  });
  write_text(folder / "noise_floor.txt", [&](TextFile& file) {
    file.print("noise_floor_rmse {:.6f}\nseed {}\n", summary.noise_floor_rmse, options.seed);
  });
  return summary;
}

}  // namespace

SyntheticSummary write_movielens_100k(const SyntheticSet& set, const fs::path& folder) {
  // Without a closing slash, which would put the temporary sibling inside.
  auto target = fs::absolute(folder).lexically_normal();
  if (!target.has_filename()) target = target.parent_path();
  std::error_code error;
  const bool is_empty_folder = fs::is_directory(target, error) && fs::is_empty(target, error);
  if (fs::exists(target, error) && !is_empty_folder)
    throw InputError("{}: is there already. Remove it, or choose another --output.",
                     folder.string());
  auto temporary = target;
  temporary += ".partial";
  try {
    fs::remove_all(temporary);  // what a killed run may have left
    fs::create_directories(temporary);
    const auto summary = write_files(set, temporary);
    fs::rename(temporary, target);
    return summary;
  } catch (const fs::filesystem_error& failure) {
    fs::remove_all(temporary, error);
    throw IoError("{}: cannot be written: {}", folder.string(), failure.code().message());
  } catch (...) {
    fs::remove_all(temporary, error);
    throw;
  }
}

}  // namespace nnrec::data
