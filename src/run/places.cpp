#include "places.hpp"

#include <map>
#include <string_view>
#include <system_error>
#include <utility>

#include <unistd.h>

#include "nnrec/base/system.hpp"
#include "nnrec/io/atomic_file.hpp"
#include "nnrec/io/folder_lock.hpp"
#include "nnrec/io/resolved_path.hpp"
#include "nnrec/run/checkpoints.hpp"
#include "nnrec/run/history.hpp"
#include "nnrec/run/kept_files.hpp"
#include "nnrec/run/result.hpp"
#include "nnrec/run/run_folder.hpp"

namespace nnrec::run {
namespace {
namespace fs = std::filesystem;

std::string denied(std::string_view what, std::string_view reason) {
  return fmt::format("{}: {}. Mend that, or give another place.", what, reason);
}

/// Why no files can be made in a folder, or the folder itself where it is missing; else empty.
std::string folder_refusal(const fs::path& folder) {
  std::error_code unknown;
  fs::path there = fs::absolute(folder);
  fs::file_status status;
  const auto is_missing = [&] {
    status = fs::status(there, unknown);
    std::error_code ignored;
    return status.type() == fs::file_type::not_found && !fs::is_symlink(there, ignored);
  };
  while (is_missing() && there.has_relative_path()) there = there.parent_path();
  if (fs::is_directory(status) && ::access(there.c_str(), W_OK | X_OK) == 0) return "";
  std::string reason;
  if (fs::is_directory(status)) {
    reason = system_reason();
  } else if (fs::exists(status)) {
    reason = "it is no folder";
  } else if (status.type() == fs::file_type::not_found) {
    reason = fmt::format("it is a link to {}, which is not there",
                         fs::read_symlink(there, unknown).string());
  } else {
    reason = unknown.message();
  }
  if (there == fs::absolute(folder))
    return denied(fs::is_directory(status) ? "cannot be written" : "cannot be made", reason);
  return denied("cannot be made", fmt::format("{} ({})", reason, there.string()));
}

/// Of a file that is missing, or to be replaced, at the end of links.
std::string file_folder_refusal(const fs::path& file) {
  const fs::path folder = io::resolved_path(file).parent_path();
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored))
    return fmt::format("there is no folder {}. Make it.", folder.string());
  if (::access(folder.c_str(), W_OK | X_OK) == 0) return "";
  return denied(fmt::format("no file can be made in {}", folder.string()), system_reason());
}

/// Of a file that is opened, and made where it is missing.
std::string opened_refusal(const fs::path& file) {
  std::error_code ignored;
  if (fs::is_directory(file, ignored)) return "is a folder; give the name of a file";
  if (!io::is_there(file)) return file_folder_refusal(file);
  return ::access(file.c_str(), W_OK) == 0 ? "" : denied("cannot be written", system_reason());
}

/// Of a file that is written beside its place and renamed; what is no file is written into.
std::string replaced_refusal(const fs::path& file) {
  io::require_place(file, io::Links::followed);
  std::error_code ignored;
  if (io::is_there(file) && !fs::is_regular_file(file, ignored)) return opened_refusal(file);
  return file_folder_refusal(file);
}

/// Looks at the places one by one.
class Survey {
 public:
  explicit Survey(const RunOptions& options)
      : options_(options),
        run_(options.run.empty() ? default_run_folder() : fs::path(options.run)) {}

  std::vector<Place> take() {
    look_at_run();
    if (!options_.logdir.empty()) {
      look("--logdir " + options_.logdir, [&] { return folder_refusal(options_.logdir); });
      compare("--logdir", options_.logdir);
    }
    look_at_file("--trace", options_.trace, replaced_refusal);
    look_at_file("--json-log", options_.json_log, opened_refusal);
    return std::move(places_);
  }

 private:
  template <typename Ask>
  void look(const std::string& name, const Ask& ask) {
    try {
      places_.push_back({name, ask()});
    } catch (const Error& refusal) {
      std::string text = refusal.what();
      const std::string named = name.substr(name.find(' ') + 1) + ": ";
      if (text.starts_with(named)) text.erase(0, named.size());
      places_.push_back({name, text, refusal.kind()});
    }
  }

  void look_at_run() {
    look("--run " + run_.string(), [&] { return folder_refusal(run_); });
    std::error_code ignored;
    is_new_ = !fs::is_directory(run_, ignored);
    if (!places_.back().refusal.empty() || is_new_) return;
    const auto look_within = [&](const char* file, const auto& ask) {
      look("--run " + (run_ / file).string(), [&] { return ask(run_ / file); });
      if (places_.back().refusal.empty()) places_.pop_back();
    };
    look_within("checkpoints", folder_refusal);
    // Without --keep-samples those of a job before are set aside at most.
    look_within("samples", [&](const fs::path& samples) {
      const bool is_used =
          options_.training().sampling && (options_.keep_samples > 0 || io::is_there(samples));
      return is_used ? folder_refusal(samples) : std::string();
    });
    for (const char* file : {io::FolderLock::kFileName, "log.txt"})
      look_within(file, opened_refusal);
    // What is there is read before it is replaced.
    look_within("options.cfg", [](const fs::path& path) {
      io::read_text(path);
      return std::string();
    });
    for (const char* file : {kResultFileName, kEndedFileName}) {
      look_within(file, [](const fs::path& path) {
        try {
          io::read_text(path);
        } catch (const InputError&) {  // it will be set aside
        }
        return std::string();
      });
    }
    if (places_.size() > 1) places_.erase(places_.begin());
  }

  template <typename Ask>
  void look_at_file(const std::string& option, const std::string& file, const Ask& ask) {
    if (file.empty()) return;
    look(fmt::format("{} {}", option, file), [&] {
      const bool is_in_new_run =
          is_new_ && io::resolved_path(fs::absolute(file).parent_path()) == io::resolved_path(run_);
      return is_in_new_run ? std::string() : ask(file);
    });
    compare(option, file);
  }

  /// Refuses what `option` names where the run reads or writes it for something else.
  void compare(const std::string& option, const fs::path& file) {
    Place& place = places_.back();
    std::error_code ignored;
    const bool is_stream = fs::exists(file, ignored) && !fs::is_regular_file(file, ignored) &&
                           !fs::is_directory(file, ignored);
    if (!place.refusal.empty() || is_stream) return;
    try {
      std::string other = other_use(file);
      const auto [first, is_other] = others_.emplace(io::resolved_path(file), option);
      if (other.empty() && !is_other) other = "the place of " + first->second;
      if (other.empty()) other = kept_as(file);
      if (other.empty()) return;
      place.refusal = fmt::format("is {}: give another place", other);
      place.kind = ErrorKind::usage;
    } catch (const Error& refusal) {
      place.refusal = refusal.what();
    }
  }

  std::string other_use(const fs::path& file) const {
    const fs::path place = io::resolved_path(file);
    std::error_code ignored;
    if (fs::is_directory(file, ignored)) return "";  // of --logdir, where all have other names
    const auto use_of = [&](const fs::path& run, std::string_view before,
                            const std::string& behind) -> std::string {
      // By either name: some are replaced where they stand, others followed.
      const auto is_at = [&](const char* name) {
        return place == io::resolved_path(run / name) || place == io::resolved_path(run) / name;
      };
      for (const char* name : kRunFiles)
        if (is_at(name)) return fmt::format("{} {}{}", before, name, behind);
      if (place.parent_path() == io::resolved_path(run) && place.extension() == ".saved")
        return fmt::format("{} {}{}", before, place.filename().string(), behind);
      for (const char* folder : {"checkpoints", "samples"}) {
        if (is_at(folder)) return fmt::format("{} {}{}", before, folder, behind);
        if (place.parent_path() == io::resolved_path(run / folder))
          return fmt::format("among {} {}{}", before, folder, behind);
      }
      return "";
    };
    if (const std::string use = use_of(run_, "the run's own", ""); !use.empty()) return use;
    // What is no file, such as a pipe, has no place.
    if (fs::is_regular_file(options_.config, ignored) &&
        place == io::resolved_path(options_.config))
      return "what --config reads";
    if (place.extension() == ".h5" && place.parent_path() == io::resolved_path(options_.data))
      return "a file of the data set";
    for (const auto& [option, text] :
         {std::pair("--resume", options_.resume), std::pair("--warm-start", options_.warm_start)}) {
      const fs::path read = text;
      const bool is_run = fs::is_directory(read, ignored);
      if (!is_run && !fs::is_regular_file(read, ignored)) continue;  // auto, or it will be refused
      if (place == io::resolved_path(read)) return fmt::format("what {} reads", option);
      // A checkpoint mostly lies in a folder of a run's, maybe at the end of a link.
      const std::string behind = fmt::format(" of the run that {} reads", option);
      for (const fs::path& run : is_run ? std::vector{read} : runs_around(read)) {
        if (!io::is_there(run / "options.cfg")) continue;
        if (const std::string use = use_of(run, "the", behind); !use.empty()) return use;
      }
    }
    return "";
  }

  const RunOptions& options_;
  fs::path run_;
  bool is_new_ = false;
  std::vector<Place> places_;
  std::map<fs::path, std::string> others_;  ///< of options that name a place, which
};

}  // namespace

std::vector<Place> look_at_places(const RunOptions& options) {
  return Survey(options).take();
}

void require_places(const RunOptions& options) {
  for (const Place& place : look_at_places(options)) {
    if (!place.refusal.empty())
      throw Error(place.kind, fmt::format("{}: {}", place.name, place.refusal));
  }
}

}  // namespace nnrec::run
