#pragma once

#include <map>
#include <string>

#include "nnrec/import/format.hpp"

namespace nnrec::testing {

/// Files beside ratings that lie in memory; their names are their labels.
class MemoryFiles : public importing::SideFiles {
 public:
  explicit MemoryFiles(std::map<std::string, std::string> texts) : texts_(std::move(texts)) {}

  bool read(const std::string& name, const Parse& parse) override {
    const auto found = texts_.find(name);
    if (found == texts_.end()) return false;
    lines += parse(found->second, name);
    return true;
  }

  std::string rating_file() const override { return "ratings"; }

  std::uint64_t lines = 0;  ///< that said something, of all files read

 private:
  std::map<std::string, std::string> texts_;
};

/// The catalogue that a format makes of `texts`, by file name.
inline importing::RawCatalogue read_catalogue(std::string_view format,
                                              std::map<std::string, std::string> texts) {
  MemoryFiles files(std::move(texts));
  return importing::find_format(format).read_catalogue(files);
}

}  // namespace nnrec::testing
