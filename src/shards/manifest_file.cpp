#include "manifest_file.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <span>

#include "nnrec/base/error.hpp"
#include "nnrec/io/atomic_file.hpp"
#include "nnrec/io/h5_file.hpp"
#include "nnrec/io/sealed_file.hpp"

#include "data_digest.hpp"

namespace nnrec::shards {
namespace {

template <typename T>
std::span<const T> view(const std::vector<T>& values) {
  return values;
}

/// One list of the manifest's plain fields, for writing and reading: visit(name, field).
template <typename M, typename Visit>
void visit_fields(M& manifest, const Visit& visit) {
  visit("source", manifest.source);
  visit("format", manifest.format);
  visit("split", manifest.split);
  visit("overlap_pairs", manifest.overlap_pairs);
  visit("cold_users", manifest.cold_users);
  visit("cold_items", manifest.cold_items);
  visit("train_rows_after_test", manifest.train_rows_after_test);
  visit("user_count", manifest.user_count);
  visit("item_count", manifest.item_count);
  visit("title_count", manifest.title_count);
  visit("rated_user_count", manifest.rated_user_count);
  visit("rated_item_count", manifest.rated_item_count);
  visit("rules", manifest.rules);
  visit("has_scale", manifest.has_scale);
  visit("scale_low", manifest.scale_low);
  visit("scale_high", manifest.scale_high);
  visit("rating_min", manifest.rating_min);
  visit("rating_max", manifest.rating_max);
  visit("train_rating_mean", manifest.train_rating_mean);
  visit("has_time", manifest.has_time);
  visit("time_min", manifest.time_min);
  visit("time_max", manifest.time_max);
  visit("time_mean", manifest.time_mean);
  visit("time_variance", manifest.time_variance);
}

struct FieldWriter {
  io::H5Writer& file;
  void operator()(const char* name, const std::string& value) const { file.attribute(name, value); }
  void operator()(const char* name, double value) const { file.attribute(name, value); }
  template <typename Integer>
  void operator()(const char* name, Integer value) const {
    file.attribute(name, static_cast<std::int64_t>(value));
  }
};

struct FieldReader {
  const io::H5Reader& file;
  const std::string& path;
  void operator()(const char* name, std::string& value) const {
    value = file.string_attribute(name);
  }
  void operator()(const char* name, double& value) const { value = file.real_attribute(name); }
  void operator()(const char* name, bool& value) const {
    value = file.integer_attribute(name) != 0;
  }
  void operator()(const char* name, std::int64_t& value) const {
    value = file.integer_attribute(name);
  }
  void operator()(const char* name, std::uint64_t& value) const {
    const auto stored = file.integer_attribute(name);
    if (stored < 0) {
      throw InputError("{}: {} = {} is negative. Run nnrec_prep again.", path, name, stored);
    }
    value = static_cast<std::uint64_t>(stored);
  }
};

constexpr const char* kZips = "users/zip";

void write_list(io::H5Writer& file, const std::string& name, const ListColumn& list) {
  file.write_column(name + "_offsets", view(list.offsets));
  file.write_column(name + "_values", view(list.values));
}

ListColumn read_list(const io::H5Reader& file, const std::string& name) {
  return {file.read<std::uint64_t>(name + "_offsets"), file.read<std::uint32_t>(name + "_values")};
}

void write_catalogue(io::H5Writer& file, const Catalogue& catalogue) {
  file.write_texts("users/id", catalogue.user_ids);
  file.write_column("users/age", view(catalogue.user_ages));
  file.write_column("users/gender", view(catalogue.user_genders));
  file.write_column("users/occupation", view(catalogue.user_occupations));
  file.write_texts("occupations", catalogue.occupations);
  if (!catalogue.user_zips.empty()) file.write_column(kZips, view(catalogue.user_zips));
  file.write_texts("items/id", catalogue.item_ids);
  file.write_column("items/title", view(catalogue.item_titles));
  write_list(file, "items/genre", catalogue.item_genres);
  file.write_texts("genres", catalogue.genres);
  file.write_texts("titles/text", catalogue.titles);
  write_list(file, "titles/word", catalogue.title_words);
  file.write_texts("words", catalogue.words);
}

Catalogue read_catalogue(const io::H5Reader& file) {
  Catalogue catalogue;
  catalogue.user_ids = file.read_texts("users/id");
  catalogue.user_ages = file.read<float>("users/age");
  catalogue.user_genders = file.read<std::uint8_t>("users/gender");
  catalogue.user_occupations = file.read<std::uint32_t>("users/occupation");
  catalogue.occupations = file.read_texts("occupations");
  // Newer than the version: sets of before have none.
  if (file.has(kZips)) catalogue.user_zips = file.read<std::uint8_t>(kZips);
  catalogue.item_ids = file.read_texts("items/id");
  catalogue.item_titles = file.read<std::uint32_t>("items/title");
  catalogue.item_genres = read_list(file, "items/genre");
  catalogue.genres = file.read_texts("genres");
  catalogue.titles = file.read_texts("titles/text");
  catalogue.title_words = read_list(file, "titles/word");
  catalogue.words = file.read_texts("words");
  return catalogue;
}

void write_shards(io::H5Writer& file, const std::vector<ShardInfo>& shards) {
  std::vector<std::string> names;
  std::vector<std::string> parts;
  std::vector<std::uint64_t> rows;
  std::vector<std::uint8_t> digests;
  for (const auto& shard : shards) {
    names.push_back(shard.file);
    parts.emplace_back(part_name(shard.part));
    rows.push_back(shard.rows);
    for (const auto& digest : shard.blocks) {
      for (const auto byte : digest) digests.push_back(static_cast<std::uint8_t>(byte));
    }
  }
  file.write_texts("shards/file", names);
  file.write_texts("shards/part", parts);
  file.write_column("shards/rows", view(rows));
  file.write("blocks/digest", view(digests), std::tuple_size_v<Sha256Digest>);
}

/// Throws InputError when a promise between the manifest's parts is broken.
class Consistency {
 public:
  explicit Consistency(std::string path) : path_(std::move(path)) {}

  void require(bool holds, const char* rule) const {
    if (!holds) {
      throw InputError("{}: is not consistent: {}. Run nnrec_prep again.", path_, rule);
    }
  }
  void size(std::uint64_t size, std::uint64_t expected, const char* rule) const {
    require(size == expected, rule);
  }
  void lengths(const std::vector<std::string>& texts, std::size_t most, const char* rule) const {
    require(std::all_of(texts.begin(), texts.end(),
                        [=](const auto& text) { return text.size() <= most; }),
            rule);
  }
  void indices(const std::vector<std::uint32_t>& values, std::uint64_t limit,
               const char* rule) const {
    require(std::all_of(values.begin(), values.end(), [=](auto value) { return value < limit; }),
            rule);
  }
  void list(const ListColumn& list, std::uint64_t size, std::uint64_t limit,
            const char* rule) const {
    require(list.offsets.size() == size + 1 && list.offsets.front() == 0 &&
                list.offsets.back() == list.values.size() &&
                std::is_sorted(list.offsets.begin(), list.offsets.end()),
            rule);
    indices(list.values, limit, rule);
  }

 private:
  std::string path_;
};

Part part_of_name(const std::string& name, const std::string& place) {
  for (const Part part : kParts) {
    if (name == part_name(part)) return part;
  }
  throw InputError("{}: part \"{}\" is unknown. Run nnrec_prep again.", place, name);
}

/// Those of all shards' blocks, one shard behind the other.
std::vector<Sha256Digest> read_block_digests(const io::H5Reader& file, const Consistency& check) {
  const auto shape = file.shape("blocks/digest");
  check.require(shape.size() == 2 && shape[1] == std::tuple_size_v<Sha256Digest>,
                "the blocks' digests have not 32 bytes each");
  const auto bytes = file.read<std::uint8_t>("blocks/digest");
  std::vector<Sha256Digest> digests(shape[0]);
  if (!bytes.empty()) std::memcpy(digests.data(), bytes.data(), bytes.size());
  return digests;
}

std::vector<ShardInfo> read_shards(const io::H5Reader& file, const std::string& path) {
  const auto names = file.read_texts("shards/file");
  const auto parts = file.read_texts("shards/part");
  const auto rows = file.read<std::uint64_t>("shards/rows");
  const Consistency check(path);
  for (const auto size : {parts.size(), rows.size()}) {
    check.size(size, names.size(), "the columns of the shard list differ in length");
  }
  const auto digests = read_block_digests(file, check);
  auto left = std::span<const Sha256Digest>(digests);
  std::vector<ShardInfo> shards;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const bool plain = names[i].find('/') == std::string::npos && !names[i].empty();
    check.require(plain, "a shard's name is not that of a file in the folder");
    check.require(rows[i] > 0, "a shard has no rows");
    const auto blocks = (rows[i] - 1) / kBlockRows + 1;
    check.require(blocks <= left.size(), "rows and blocks of the shards differ");
    shards.push_back({names[i],
                      part_of_name(parts[i], path),
                      rows[i],
                      {left.begin(), left.begin() + static_cast<std::ptrdiff_t>(blocks)}});
    left = left.subspan(blocks);
  }
  check.require(left.empty(), "rows and blocks of the shards differ");
  return shards;
}

void check_catalogue(const Manifest& manifest, const Catalogue& catalogue,
                     const Consistency& check) {
  const auto users = manifest.user_count;
  const auto items = manifest.item_count;
  check.lengths(catalogue.user_ids, kMostIdBytes, "an id of a user is too long");
  check.lengths(catalogue.item_ids, kMostIdBytes, "an id of an item is too long");
  check.lengths(catalogue.titles, kMostTitleBytes, "a title is too long");
  check.size(catalogue.user_ids.size(), users, "user ids and user count differ");
  check.require(catalogue.user_ages.empty() || catalogue.user_ages.size() == users,
                "ages and user count differ");
  check.require(catalogue.user_genders.empty() || catalogue.user_genders.size() == users,
                "genders and user count differ");
  check.require(catalogue.user_occupations.empty() || catalogue.user_occupations.size() == users,
                "occupations and user count differ");
  check.indices(catalogue.user_occupations, catalogue.occupations.size(), "unknown occupation");
  check.require(catalogue.user_zips.empty() || catalogue.user_zips.size() == users,
                "zip codes and user count differ");
  check.size(catalogue.item_ids.size(), items, "item ids and item count differ");
  check.size(catalogue.item_titles.size(), items, "items' titles and item count differ");
  check.indices(catalogue.item_titles, manifest.title_count, "unknown title");
  check.list(catalogue.item_genres, catalogue.genres.empty() ? 0 : items, catalogue.genres.size(),
             "the genre lists do not fit");
  check.size(catalogue.titles.size(), manifest.title_count, "titles and title count differ");
  check.list(catalogue.title_words, manifest.title_count, catalogue.words.size(),
             "the word lists do not fit");
  check.require(
      std::ranges::none_of(catalogue.user_ages, [](float age) { return std::isinf(age); }),
      "an age is infinite");
  // A batch has room for the words of all its titles.
  for (std::size_t title = 0; title < catalogue.titles.size(); ++title) {
    const auto& offsets = catalogue.title_words.offsets;
    check.require(offsets[title + 1] - offsets[title] <= catalogue.titles[title].size(),
                  "a title has more words than letters");
  }
  check.require(manifest.rated_user_count <= users && manifest.rated_item_count <= items,
                "more rated users or items than there are");
}

/// The numbers that training computes with.
void check_numbers(const Manifest& manifest, const Consistency& check) {
  for (const double number : {manifest.rating_min, manifest.rating_max, manifest.train_rating_mean,
                              manifest.time_mean, manifest.time_variance}) {
    check.require(std::isfinite(number), "a mean or a range is not finite");
  }
  check.require(manifest.time_variance >= 0, "the variance of the times is negative");
  check.require(manifest.time_min <= manifest.time_max, "the times are not from low to high");
  const bool scale = std::isfinite(manifest.scale_low) && std::isfinite(manifest.scale_high) &&
                     manifest.scale_low < manifest.scale_high;
  check.require(scale || !manifest.has_scale, "the scale is not low < high");
}

}  // namespace

void require_kind(const io::H5Reader& file, const std::string& path, const char* kind) {
  const auto found = file.has_attribute("kind") ? file.string_attribute("kind") : std::string();
  if (found != kind) {
    throw InputError(
        "{}: its kind is \"{}\", not \"{}\". Copy the whole set or run nnrec_prep again.", path,
        found, kind);
  }
  const auto version = file.integer_attribute("schema_version");
  if (version != kShardSchemaVersion) {
    throw InputError("{}: has schema version {}; this nnrec reads {}. Run nnrec_prep again.", path,
                     version, kShardSchemaVersion);
  }
}

void write_manifest(const std::filesystem::path& path, const Manifest& manifest,
                    const Catalogue& catalogue) {
  io::H5Writer file(path);
  file.attribute("kind", std::string(kManifestKind));
  file.attribute("schema_version", kShardSchemaVersion);
  visit_fields(manifest, FieldWriter{file});
  write_catalogue(file, catalogue);
  write_shards(file, manifest.shards);
  file.close();
  io::append_seal(path);
  io::flush_to_device(path);
}

namespace {

Manifest read_numbers(const io::H5Reader& file, const std::string& path) {
  Manifest manifest;
  require_kind(file, path, kManifestKind);
  visit_fields(manifest, FieldReader{file, path});
  manifest.shards = read_shards(file, path);
  check_numbers(manifest, Consistency(path));
  return manifest;
}

}  // namespace

Manifest read_numbers(const std::filesystem::path& path) {
  return read_numbers(io::H5Reader(path), path.string());
}

ManifestFile read_manifest(const std::filesystem::path& path) {
  io::check_seal(path);
  const io::H5Reader file(path);
  ManifestFile result{read_numbers(file, path.string()), read_catalogue(file)};
  const Consistency check(path.string());
  check_catalogue(result.manifest, result.catalogue, check);
  result.manifest.digest = data_digest(result.manifest, result.catalogue);
  return result;
}

}  // namespace nnrec::shards
