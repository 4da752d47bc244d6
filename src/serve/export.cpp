#include "nnrec/serve/export.hpp"

#include <iterator>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "nnrec/base/error.hpp"
#include "nnrec/io/atomic_file.hpp"
#include "nnrec/io/folder.hpp"
#include "nnrec/io/h5_file.hpp"
#include "nnrec/io/npz_file.hpp"
#include "nnrec/io/text_output.hpp"

namespace nnrec::serve {
namespace {

using features::IdColumn;

/// Whose ids the rows of a block have, from row 1 on.
std::optional<IdColumn> rows_of(const Model& model, std::size_t block) {
  for (const models::TableUse& use : model.network.tables()) {
    const auto* column = std::get_if<IdColumn>(&use.column);
    if (use.block != block || column == nullptr) continue;
    if (*column == IdColumn::user || *column == IdColumn::title) return *column;
  }
  return std::nullopt;
}

/// A block without the row of what is out of vocabulary, where it has one.
std::span<const float> known_rows(const Model& model, std::size_t block) {
  const auto values = model.parameters.values(block);
  return rows_of(model, block) ? values.subspan(model.network.layout()[block].cols) : values;
}

/// Field without what would end it.
std::string one_field(std::string text) {
  for (char& c : text)
    if (c == '\t' || c == '\n' || c == '\r') c = ' ';
  return text;
}

void write_vectors(const Model& model, std::size_t block, const std::filesystem::path& path) {
  io::TextOutput output(path.string(), nullptr);
  const auto values = known_rows(model, block);
  const std::size_t cols = model.network.layout()[block].cols;
  fmt::memory_buffer line;
  for (std::size_t first = 0; first < values.size(); first += cols) {
    line.clear();
    fmt::format_to(std::back_inserter(line), "{}\n", fmt::join(values.subspan(first, cols), "\t"));
    output.write({line.data(), line.size()});
  }
  output.close();
}

void write_users(const Model& model, const TrainingFacts& facts,
                 const std::filesystem::path& path) {
  io::TextOutput output(path.string(), nullptr);
  output.write("user\tratings\n");
  const auto& ids = model.set.catalogue().user_ids;
  for (std::size_t user = 0; user < ids.size(); ++user)
    output.write(fmt::format("{}\t{}\n", one_field(ids[user]), facts.users.rows[user]));
  output.close();
}

void write_titles(const Model& model, const TrainingFacts& facts,
                  const std::filesystem::path& path) {
  const auto& catalogue = model.set.catalogue();
  std::vector<std::string> items(catalogue.titles.size());
  std::vector<std::uint64_t> ratings(catalogue.titles.size(), 0);
  for (std::size_t item = 0; item < catalogue.item_ids.size(); ++item) {
    const std::uint32_t title = catalogue.item_titles[item];
    if (!items[title].empty()) items[title] += "|";  // items that share one
    items[title] += one_field(catalogue.item_ids[item]);
    ratings[title] += facts.items.rows[item];
  }
  io::TextOutput output(path.string(), nullptr);
  output.write("title\titem\tratings\n");
  for (std::size_t title = 0; title < items.size(); ++title) {
    output.write(fmt::format("{}\t{}\t{}\n", one_field(catalogue.titles[title]), items[title],
                             ratings[title]));
  }
  output.close();
}

/// Writes ids, counts and blocks with a file's own calls for texts, numbers and blocks.
template <typename File>
void write_all(File& file, const std::string& group, const Model& model,
               const TrainingFacts& facts) {
  const auto& catalogue = model.set.catalogue();
  file.texts("user_ids", catalogue.user_ids);
  file.numbers("user_ratings", std::span<const std::uint64_t>(facts.users.rows));
  file.texts("item_ids", catalogue.item_ids);
  file.numbers("item_ratings", std::span<const std::uint64_t>(facts.items.rows));
  file.numbers("item_titles", std::span<const std::uint32_t>(catalogue.item_titles));
  file.texts("titles", catalogue.titles);
  const auto& blocks = model.network.layout().blocks();
  for (std::size_t block = 0; block < blocks.size(); ++block)
    file.block(group + blocks[block].name, known_rows(model, block), blocks[block].cols);
}

struct Npz {
  io::NpzFile file;
  void texts(const std::string& name, const std::vector<std::string>& values) {
    file.add(name, std::span<const std::string>(values));
  }
  template <typename T>
  void numbers(const std::string& name, std::span<const T> values) {
    file.add(name, values);
  }
  void block(const std::string& name, std::span<const float> values, std::size_t cols) {
    file.add(name, values, cols);
  }
};

struct Hdf5 {
  io::H5Writer file;
  void texts(const std::string& name, const std::vector<std::string>& values) {
    file.write_texts(name, values);
  }
  template <typename T>
  void numbers(const std::string& name, std::span<const T> values) {
    file.write(name, values);
  }
  void block(const std::string& name, std::span<const float> values, std::size_t cols) {
    file.write(name, values, cols);
  }
};

}  // namespace

void export_tsv(const Model& model, const TrainingFacts& facts,
                const std::filesystem::path& folder) {
  io::make_folder(folder);
  const auto& blocks = model.network.layout().blocks();
  for (std::size_t block = 0; block < blocks.size(); ++block) {
    const auto rows = rows_of(model, block);
    if (!rows) continue;
    const std::string& name = blocks[block].name;
    write_vectors(model, block, folder / (name + "_vectors.tsv"));
    const auto metadata = folder / (name + "_metadata.tsv");
    *rows == IdColumn::user ? write_users(model, facts, metadata)
                            : write_titles(model, facts, metadata);
  }
}

void export_npz(const Model& model, const TrainingFacts& facts, const std::filesystem::path& path) {
  io::write_atomically(
      path,
      [&](const std::filesystem::path& temporary) {
        Npz npz{io::NpzFile(temporary)};
        write_all(npz, "", model, facts);
        npz.file.close();
      },
      io::Links::followed);
}

void export_hdf5(const Model& model, const TrainingFacts& facts,
                 const std::filesystem::path& path) {
  io::write_atomically(
      path,
      [&](const std::filesystem::path& temporary) {
        Hdf5 hdf5{io::H5Writer(temporary)};
        hdf5.file.attribute("kind", std::string("nnrec export"));
        hdf5.file.attribute("variant", model.variant);
        hdf5.file.attribute("model_digest", model.digest);
        hdf5.file.attribute("data_digest", model.set.manifest().digest);
        write_all(hdf5, "parameters/", model, facts);
        hdf5.file.close();
      },
      io::Links::followed);
}

}  // namespace nnrec::serve
