#include "data_digest.hpp"

#include <bit>
#include <span>

namespace nnrec::shards {
namespace {

static_assert(std::endian::native == std::endian::little, "values are hashed as they are stored");

template <typename T>
void add_values(Sha256& hash, std::span<const T> values) {
  hash.update(std::as_bytes(values));
}

class DataHash {
 public:
  DataHash() { hash_.update("nnrec data 1\n"); }

  template <typename T>
  void number(T value) {
    static_assert(sizeof value == 8);
    add_values(hash_, std::span<const T>(&value, 1));
  }
  template <typename T>
  void array(const std::vector<T>& values) {
    number(std::uint64_t{values.size()});
    add_values(hash_, std::span<const T>(values));
  }
  void list(const ListColumn& lists) {
    array(lists.offsets);
    array(lists.values);
  }
  void texts(const std::vector<std::string>& texts) {
    std::vector<std::uint64_t> offsets{0};
    for (const auto& text : texts) offsets.push_back(offsets.back() + text.size());
    array(offsets);
    number(offsets.back());
    for (const auto& text : texts) hash_.update(text);
  }
  std::string hex_digest() { return hash_.hex_digest(); }

 private:
  Sha256 hash_;
};

void add_numbers(DataHash& hash, const Manifest& manifest) {
  hash.number(std::uint64_t{manifest.has_time});
  hash.number(manifest.time_min);
  hash.number(manifest.time_max);
  hash.number(manifest.time_mean);
  hash.number(manifest.time_variance);
  hash.number(std::uint64_t{manifest.has_scale});
  hash.number(manifest.scale_low);
  hash.number(manifest.scale_high);
}

void add_catalogue(DataHash& hash, const Catalogue& catalogue) {
  hash.texts(catalogue.user_ids);
  hash.array(catalogue.user_ages);
  hash.array(catalogue.user_genders);
  hash.array(catalogue.user_occupations);
  hash.texts(catalogue.occupations);
  hash.texts(catalogue.item_ids);
  hash.array(catalogue.item_titles);
  hash.list(catalogue.item_genres);
  hash.texts(catalogue.genres);
  hash.texts(catalogue.titles);
  hash.list(catalogue.title_words);
  hash.texts(catalogue.words);
  if (!catalogue.user_zips.empty()) hash.array(catalogue.user_zips);
}

void add_part(DataHash& hash, const Manifest& manifest, Part part) {
  std::vector<Sha256Digest> blocks;
  for (const auto& shard : manifest.shards) {
    if (shard.part == part) blocks.insert(blocks.end(), shard.blocks.begin(), shard.blocks.end());
  }
  hash.number(manifest.rows(part));
  hash.array(blocks);
}

}  // namespace

Sha256Digest block_digest(const RatingColumns& rows) {
  Sha256 hash;
  add_values(hash, rows.user);
  add_values(hash, rows.item);
  add_values(hash, rows.rating);
  add_values(hash, rows.timestamp);
  return hash.digest();
}

std::string data_digest(const Manifest& manifest, const Catalogue& catalogue) {
  DataHash hash;
  add_numbers(hash, manifest);
  add_catalogue(hash, catalogue);
  for (const Part part : kParts) add_part(hash, manifest, part);
  return hash.hex_digest();
}

}  // namespace nnrec::shards
