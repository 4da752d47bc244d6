#include "nnrec/shards/shard_set.hpp"

#include <cmath>

#include "nnrec/io/h5_chunk.hpp"
#include "nnrec/io/h5_file.hpp"
#include "nnrec/io/sealed_file.hpp"
#include "nnrec/shards/shard_set_writer.hpp"

#include "support/damage.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"
#include "support/tiny_data.hpp"

namespace nnrec::shards {
namespace {
namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using testing::expect_error;
using ::testing::HasSubstr;
using testing::OwnedColumns;

Catalogue small_catalogue() {
  Catalogue catalogue;
  catalogue.user_ids = {"1", "2"};
  catalogue.item_ids = {"7", "007", "x"};
  catalogue.item_titles = {0, 0, 1};
  catalogue.titles = {"Caf\xC3\xA9", "x"};
  catalogue.title_words.offsets = {0, 1, 2};
  catalogue.title_words.values = {0, 1};
  catalogue.words = {"caf\xC3\xA9", "x"};
  return catalogue;
}

const OwnedColumns kTrain{
    {0, 1, 0, 1, 0}, {0, 1, 2, 2, 1}, {1, 2, 3.5, 4, 5}, {10, 20, 1LL << 40, 40, 50}};
const OwnedColumns kTest{{1}, {0}, {0.5}, {60}};

/// Train rows in shards of at most two rows, one test row.
ShardSet write_small(const fs::path& folder) {
  ShardSetOptions options;
  options.folder = folder;
  options.shard_rows = 2;
  ShardSetWriter writer(options);
  writer.append(Part::train, kTrain.view());
  writer.append(Part::test, kTest.view());
  Manifest description;
  description.source = "source";
  description.split = "policy";
  return writer.publish(description, small_catalogue());
}

void read_all(const fs::path& folder) {
  const auto set = ShardSet::open(folder);
  for (const Part part : kParts) testing::read_part(set, part);
}

TEST(ShardSet, RowsComeBackInOrderFromEveryPart) {
  const testing::TemporaryFolder folder;
  write_small(folder / "set");
  const auto set = ShardSet::open(folder / "set");
  EXPECT_EQ(set.manifest().shards.size(), 4U);
  const auto train = testing::read_part(set, Part::train);
  EXPECT_EQ(train.user, kTrain.user);
  EXPECT_EQ(train.item, kTrain.item);
  EXPECT_EQ(train.rating, kTrain.rating);
  EXPECT_EQ(train.timestamp, kTrain.timestamp);
  EXPECT_THAT(testing::read_part(set, Part::test).rating, ElementsAre(0.5F));
  EXPECT_EQ(testing::read_part(set, Part::validation).user.size(), 0U);
}

TEST(ShardSet, ManifestAndCatalogueSayWhatWasWritten) {
  const testing::TemporaryFolder folder;
  write_small(folder / "set");
  const auto set = ShardSet::open(folder / "set");
  const auto& manifest = set.manifest();
  EXPECT_EQ(manifest.rows(Part::train), 5U);
  EXPECT_EQ(manifest.rows(Part::test), 1U);
  EXPECT_EQ(manifest.user_count, 2U);
  EXPECT_EQ(manifest.item_count, 3U);
  EXPECT_EQ(manifest.title_count, 2U);
  EXPECT_EQ(manifest.rating_min, 0.5);
  EXPECT_EQ(manifest.rating_max, 5);
  EXPECT_DOUBLE_EQ(manifest.train_rating_mean, 3.1);
  EXPECT_TRUE(manifest.has_time);
  EXPECT_EQ(manifest.time_min, 10);
  EXPECT_EQ(manifest.time_max, 1LL << 40);
  const double mean = (180.0 + 0x1p40) / 6;
  EXPECT_NEAR(manifest.time_mean, mean, 1e-3);
  EXPECT_EQ(manifest.digest.size(), 64U);
  EXPECT_THAT(set.catalogue().item_ids, ElementsAre("7", "007", "x"));
  EXPECT_THAT(set.catalogue().titles, ElementsAre("Caf\xC3\xA9", "x"));
  EXPECT_TRUE(set.catalogue().user_ages.empty());
  EXPECT_TRUE(set.catalogue().user_zips.empty());
  const io::H5Reader manifest_file(folder / "set" / "manifest.h5");
  EXPECT_FALSE(manifest_file.has("users/zip")) << "as sets of before, which are read like this one";
}

TEST(ShardSet, WithoutColumnsItsRatingsAndNamesAreThere) {
  const testing::TemporaryFolder folder;
  ShardSet set = write_small(folder / "set");
  set.forget_columns();
  EXPECT_EQ(set.catalogue().item_titles.capacity(), 0U) << "the memory is given back";
  EXPECT_EQ(set.catalogue().item_ids.capacity(), 0U);
  EXPECT_EQ(set.catalogue().user_ids, small_catalogue().user_ids);
  EXPECT_EQ(set.catalogue().titles, small_catalogue().titles);
  set.forget_catalogue();
  EXPECT_EQ(set.catalogue().titles.capacity(), 0U);
  EXPECT_EQ(testing::read_part(set, Part::train).item, kTrain.item);
}

TEST(ShardSet, WhatAnotherProcessCheckedHasTheSameRatingsAndNoCatalogue) {
  const testing::TemporaryFolder folder;
  const ShardSet first = write_small(folder / "set");
  const ShardSet set = ShardSet::open_checked(folder / "set", first.manifest().digest);
  EXPECT_EQ(set.manifest().digest, first.manifest().digest);
  EXPECT_EQ(set.manifest().user_count, first.manifest().user_count);
  EXPECT_TRUE(set.catalogue().user_ids.empty());
  EXPECT_TRUE(set.catalogue().titles.empty());
  EXPECT_EQ(testing::read_part(set, Part::train).item, kTrain.item);
}

TEST(ShardSet, WithoutTimesShardsHaveNoTimestampColumn) {
  const testing::TemporaryFolder folder;
  ShardSetOptions options;
  options.folder = folder / "set";
  options.has_time = false;
  ShardSetWriter writer(options);
  writer.append(Part::train, {kTest.user, kTest.item, kTest.rating, {}});
  const auto set = writer.publish({}, small_catalogue());
  EXPECT_FALSE(set.manifest().has_time);
  EXPECT_FALSE(io::H5Reader(folder / "set/shard-00000.h5").has("timestamp"));
  EXPECT_THAT(testing::read_part(set, Part::train).timestamp, ElementsAre(0));
}

TEST(ShardSet, NoDamageOfAThousandBytesAndTwoHundredCutsIsAccepted) {
  const testing::TemporaryFolder folder;
  const auto set = testing::make_tiny_set(folder / "set", 11, 13, 400);
  testing::expect_damage_refused(set.folder() / set.manifest().shards[0].file,
                                 [&] { testing::read_part(set, Part::train); });
  testing::expect_damage_refused(set.folder() / "manifest.h5",
                                 [&] { ShardSet::open(set.folder()); });
}

// D02
TEST(ShardSet, TruncatedMissingAndForeignShardsAreRefused) {
  const testing::TemporaryFolder folder;
  write_small(folder / "set");
  const auto path = folder / "set" / "shard-00001.h5";
  const auto whole = testing::read_file(path);
  const auto expect_refused = [&](const char* reason) {
    expect_error(ErrorKind::input, AllOf(HasSubstr("shard-00001.h5"), HasSubstr(reason)),
                 [&] { read_all(folder / "set"); });
  };
  testing::write_file(path, whole.substr(0, whole.size() - 1));
  expect_refused("truncated");
  testing::write_file(path, "text");
  expect_refused("nnrec did not write it");
  fs::remove(path);
  expect_error(ErrorKind::input, AllOf(HasSubstr("shard-00001.h5"), HasSubstr("missing")),
               [&] { ShardSet::open(folder / "set"); });
}

TEST(ShardSet, AWholeShardOfAnotherPlaceIsRefused) {
  const testing::TemporaryFolder folder;
  write_small(folder / "set");
  const auto set = folder / "set";
  fs::copy_file(set / "shard-00001.h5", set / "shard-00000.h5",
                fs::copy_options::overwrite_existing);
  expect_error(ErrorKind::input, AllOf(HasSubstr("shard-00000.h5"), HasSubstr("digest differs")),
               [&] { read_all(set); });
}

TEST(ShardSet, ASetThatIsReplacedWhileItIsReadIsNotCalledDamaged) {
  const testing::TemporaryFolder folder;
  const auto set = write_small(folder / "set");
  const auto read = [&] { testing::read_part(set, Part::train); };
  read();
  fs::rename(folder / "set", folder / "former");
  testing::make_tiny_set(folder / "set", 5, 7, 200);
  const auto refusal = AllOf(HasSubstr((folder / "set").string() + ": another set was prepared"),
                             HasSubstr(set.manifest().digest.substr(0, 16)),
                             HasSubstr("--allow-changes"), Not(HasSubstr("Copy")));
  expect_error(ErrorKind::input, refusal, read);
  fs::remove(folder / "set" / "shard-00000.h5");
  expect_error(ErrorKind::input, refusal, read);
  fs::remove_all(folder / "set");
  expect_error(ErrorKind::input, HasSubstr("shard-0000"), read);
}

/// How a shard is written anew, with the values that it has.
struct ShardForm {
  std::string kind = "nnrec shard";
  std::int64_t schema_version = kShardSchemaVersion;
  std::string part = "train";
  std::uint64_t chunk_rows = 0;  ///< 0: not in chunks
};

template <typename T>
void copy_column(const io::H5Reader& from, io::H5Writer& to, const char* name,
                 std::uint64_t chunk_rows) {
  const auto values = from.read<T>(name);
  auto rest = std::span<const T>(values);
  if (chunk_rows == 0) return to.write(name, rest);
  to.create_column<T>(name, chunk_rows);
  for (; !rest.empty(); rest = rest.subspan(std::min<std::size_t>(chunk_rows, rest.size()))) {
    const auto chunk = rest.first(std::min<std::size_t>(chunk_rows, rest.size()));
    to.append_chunk(name, chunk.size(), io::pack_chunk(chunk, chunk_rows));
  }
}

void rewrite_shard(const fs::path& path, const ShardForm& form) {
  const auto copy = path.string() + ".copy";
  {
    const io::H5Reader from(path);
    io::H5Writer to(copy);
    to.attribute("kind", form.kind);
    to.attribute("schema_version", form.schema_version);
    to.attribute("part", form.part);
    copy_column<std::int64_t>(from, to, "timestamp", form.chunk_rows);
    copy_column<float>(from, to, "rating", form.chunk_rows);
    copy_column<std::uint32_t>(from, to, "item", form.chunk_rows);
    copy_column<std::uint32_t>(from, to, "user", form.chunk_rows);
    to.close();
  }
  io::append_seal(copy);
  fs::rename(copy, path);
}

TEST(ShardSet, OneSetInAnotherFolderAndPackedInAnotherWayIsTheSame) {
  const testing::TemporaryFolder folder;
  const auto digest = write_small(folder / "set").manifest().digest;
  for (const std::uint64_t chunk_rows : {0, 1, 2, 1000}) {
    const auto copy = folder / fmt::format("chunks of {}", chunk_rows);
    fs::copy(folder / "set", copy);
    rewrite_shard(copy / "shard-00000.h5", {.chunk_rows = chunk_rows});
    const auto set = ShardSet::open(copy);
    EXPECT_EQ(set.manifest().digest, digest);
    EXPECT_EQ(testing::read_part(set, Part::train).timestamp, kTrain.timestamp);
  }
}

TEST(ShardSet, ShardsOfAnotherKindVersionOrPartAreRefused) {
  const testing::TemporaryFolder folder;
  const auto expect_refused = [&](const ShardForm& form, const char* reason) {
    write_small(folder / "set");
    rewrite_shard(folder / "set" / "shard-00000.h5", form);
    expect_error(ErrorKind::input, AllOf(HasSubstr("shard-00000.h5"), HasSubstr(reason)),
                 [&] { read_all(folder / "set"); });
  };
  expect_refused({.kind = "nnrec manifest"}, "kind is \"nnrec manifest\", not \"nnrec shard\"");
  expect_refused({.schema_version = 2}, "schema version 2; this nnrec reads 3");
  expect_refused({.part = "test"}, "of the test part where the manifest says train");
}

TEST(ShardSet, MissingTruncatedAndForeignManifestsAreRefused) {
  const testing::TemporaryFolder folder;
  expect_error(ErrorKind::input,
               AllOf(HasSubstr("no manifest.h5"), HasSubstr(". Run nnrec_prep --output")),
               [&] { ShardSet::open(folder.path()); });
  write_small(folder / "set");
  const auto path = folder / "set" / "manifest.h5";
  const auto whole = testing::read_file(path);
  testing::write_file(path, whole.substr(0, whole.size() / 2));
  expect_error(ErrorKind::input, HasSubstr("manifest.h5"), [&] { ShardSet::open(folder / "set"); });
  io::H5Writer(path).close();
  io::append_seal(path);
  expect_error(ErrorKind::input,
               AllOf(HasSubstr("manifest.h5"), HasSubstr("kind is \"\", not \"nnrec manifest\"")),
               [&] { ShardSet::open(folder / "set"); });
}

TEST(ShardSet, ANewerSchemaIsRefusedWithBothVersions) {
  const testing::TemporaryFolder folder;
  io::H5Writer file(folder / "manifest.h5");
  file.attribute("kind", std::string("nnrec manifest"));
  file.attribute("schema_version", std::int64_t{99});
  file.close();
  io::append_seal(folder / "manifest.h5");
  expect_error(ErrorKind::input, AllOf(HasSubstr("version 99"), HasSubstr("reads 3")),
               [&] { ShardSet::open(folder.path()); });
}

/// Replaces the bytes of numbers in a sealed file and makes the seal right again.
template <typename T>
void forge(const fs::path& path, const std::vector<T>& found, const std::vector<T>& forged) {
  const auto bytes_of = [](const std::vector<T>& values) {
    return std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
  };
  auto bytes = testing::read_file(path);
  bytes.resize(bytes.size() - 85);
  const auto at = bytes.find(bytes_of(found));
  ASSERT_NE(at, std::string::npos);
  bytes.replace(at, found.size() * sizeof(T), bytes_of(forged));
  testing::write_file(path, bytes);
  io::append_seal(path);
}

TEST(ShardSet, RowCountsThatTheFilesCannotHoldAreRefusedBeforeMemoryIsReserved) {
  using Counts = std::vector<std::uint64_t>;
  const testing::TemporaryFolder folder;
  for (const auto& [rows, reason] : {std::pair{std::uint64_t{0}, "a shard has no rows"},
                                     {std::uint64_t{1} << 40, "rows and blocks"},
                                     {~std::uint64_t{0}, "rows and blocks"}}) {
    write_small(folder / "set");
    forge(folder / "set" / "manifest.h5", Counts{2, 2, 1, 1}, Counts{rows, 2, 1, 1});
    expect_error(ErrorKind::input, AllOf(HasSubstr("manifest.h5"), HasSubstr(reason)),
                 [&] { ShardSet::open(folder / "set"); });
  }
  write_small(folder / "set");
  forge(folder / "set" / "manifest.h5", Counts{2, 2, 1, 1}, Counts{60'000, 2, 1, 1});
  testing::write_file(folder / "set" / "shard-00000.h5", "short");
  expect_error(ErrorKind::input, AllOf(HasSubstr("shard-00000.h5"), HasSubstr("the 60000 rows")),
               [&] { ShardSet::open(folder / "set"); });
}

TEST(ShardSet, ForgedListsAreRefusedWithGenresAndWithout) {
  using Offsets = std::vector<std::uint64_t>;
  const testing::TemporaryFolder folder;
  auto catalogue = small_catalogue();
  catalogue.genres = {"Drama"};
  for (const auto& offsets : std::vector<Offsets>{
           {}, {0}, {0, 0, 0}, {0, 0, 0, 0, 0}, {1, 1, 1, 1}, {0, 1, 0, 1}, {0, 0, 0, 1 << 30}}) {
    for (const bool genres : {true, false}) {
      ShardSetOptions options;
      options.folder = folder / "set";
      ShardSetWriter writer(options);
      writer.append(Part::train, kTrain.view());
      catalogue.item_genres = {offsets, {0}};
      if (!genres) catalogue.genres.clear();
      expect_error(ErrorKind::input, HasSubstr("genre lists"),
                   [&] { writer.publish({}, catalogue); });
    }
    catalogue.genres = {"Drama"};
  }
}

TEST(ShardSet, ForgedCountsAndNumbersOfTheManifestAreRefused) {
  const testing::TemporaryFolder folder;
  const auto manifest = folder / "set" / "manifest.h5";
  const auto expect_refused = [&](const char* reason) {
    expect_error(ErrorKind::input, AllOf(HasSubstr("manifest.h5"), HasSubstr(reason)),
                 [&] { ShardSet::open(folder / "set"); });
  };
  const auto before = write_small(folder / "set").manifest();
  forge<double>(manifest, {before.time_variance}, {-1});
  expect_refused("variance");
  write_small(folder / "set");
  forge<double>(manifest, {before.train_rating_mean}, {std::nan("")});
  expect_refused("not finite");
  ShardSetOptions options;
  options.folder = folder / "set";
  ShardSetWriter writer(options);
  writer.append(Part::train, kTrain.view());
  Manifest description;
  description.cold_users = 123456789;
  description.has_scale = true;
  description.scale_low = 1.25;
  description.scale_high = 7.5;
  writer.publish(description, small_catalogue());
  const auto whole = testing::read_file(manifest);
  forge<std::int64_t>(manifest, {123456789}, {-1});
  expect_refused("cold_users = -1 is negative");
  testing::write_file(manifest, whole);
  forge<double>(manifest, {7.5}, {1.25});
  expect_refused("scale");
}

TEST(ShardSetWriter, IndicesBeyondTheCatalogueAreRefusedOnReading) {
  const testing::TemporaryFolder folder;
  ShardSetOptions options;
  options.folder = folder / "set";
  ShardSetWriter writer(options);
  const std::vector<std::uint32_t> beyond{2};
  writer.append(Part::train, {beyond, kTest.item, kTest.rating, kTest.timestamp});
  const auto set = writer.publish({}, small_catalogue());
  expect_error(ErrorKind::input, HasSubstr("user = 2 is not below 2"),
               [&] { testing::read_part(set, Part::train); });
}

TEST(ShardSetWriter, IdsAndTitlesThatAreTooLongAreRefused) {
  const testing::TemporaryFolder folder;
  ShardSetOptions options;
  options.folder = folder / "set";
  const auto publish = [&](const Catalogue& catalogue) {
    ShardSetWriter writer(options);
    writer.append(Part::train, kTrain.view());
    writer.publish({}, catalogue);
  };
  auto catalogue = small_catalogue();
  catalogue.user_ids[1] = std::string(256, 'u');
  catalogue.item_ids[2] = std::string(256, 'i');
  catalogue.titles[1] = std::string(1024, 't');
  EXPECT_NO_THROW(publish(catalogue));
  for (auto* text : {&catalogue.user_ids[1], &catalogue.item_ids[2], &catalogue.titles[1]}) {
    text->push_back('x');
    const auto size =
        fmt::format("has {} bytes; a set holds {} at most", text->size(), text->size() - 1);
    expect_error(ErrorKind::input, HasSubstr(size), [&] { publish(catalogue); });
    text->pop_back();
  }
}

TEST(ShardSetWriter, UnpublishedSetsLeaveTheOldOneWhole) {
  const testing::TemporaryFolder folder;
  const auto before = write_small(folder / "set").manifest().digest;
  {
    ShardSetOptions options;
    options.folder = folder / "set";
    ShardSetWriter writer(options);
    writer.append(Part::train, kTest.view());
  }
  EXPECT_EQ(ShardSet::open(folder / "set").manifest().digest, before);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 1);
}

TEST(ShardSetWriter, AStagedSetWithoutItsManifestIsNoSet) {
  const testing::TemporaryFolder folder;
  ShardSetOptions options;
  options.folder = folder / "set";
  ShardSetWriter writer(options);
  writer.append(Part::train, kTrain.view());
  expect_error(ErrorKind::input, HasSubstr("no shard set"),
               [&] { ShardSet::open(folder / ".set.partial"); });
  expect_error(ErrorKind::input, HasSubstr("no shard set"),
               [&] { ShardSet::open(folder / "set"); });
}

TEST(ShardSetWriter, OnlyShardSetsAndEmptyFoldersAreReplaced) {
  const testing::TemporaryFolder folder;
  fs::create_directory(folder / "set");
  EXPECT_NO_THROW(write_small(folder / "set"));
  EXPECT_NO_THROW(write_small(folder / "set"));
  testing::write_file(folder / "set" / "thesis.txt", "do not lose me");
  expect_error(ErrorKind::input, HasSubstr("has thesis.txt, which is no file of a shard set"),
               [&] { write_small(folder / "set"); });
  EXPECT_EQ(testing::read_file(folder / "set" / "thesis.txt"), "do not lose me");
  testing::write_file(folder / "file", "");
  expect_error(ErrorKind::input, HasSubstr("not replaced"), [&] { write_small(folder / "file"); });
}

TEST(ShardSetWriter, TwoRunsGiveEqualBytes) {
  const testing::TemporaryFolder folder;
  const auto a = testing::make_tiny_set(folder / "a", 9, 7, 200);
  const auto b = testing::make_tiny_set(folder / "b", 9, 7, 200);
  EXPECT_EQ(a.manifest().digest, b.manifest().digest);
  for (const auto& entry : fs::directory_iterator(folder / "a")) {
    EXPECT_EQ(testing::read_file(entry.path()),
              testing::read_file(folder / "b" / entry.path().filename()));
  }
}

/// Rows of several shards, whose last chunks are not whole.
OwnedColumns many_rows(std::size_t count) {
  OwnedColumns rows;
  for (std::size_t row = 0; row < count; ++row) {
    rows.user.push_back(static_cast<std::uint32_t>(row % 2));
    rows.item.push_back(static_cast<std::uint32_t>(row % 3));
    rows.rating.push_back(static_cast<float>(row * row % 11) / 2);
    rows.timestamp.push_back(1'000'000'000 + static_cast<std::int64_t>(row * row % 999'983));
  }
  return rows;
}

TEST(ShardSetWriter, BytesDoNotDependOnPiecesOrThreads) {
  const testing::TemporaryFolder folder;
  const auto rows = many_rows(330'000);
  std::string digest;
  for (const auto& [piece, threads] :
       {std::pair{330'000, 1}, {1'000, 2}, {65'537, 3}, {330'000, 2}}) {
    ShardSetOptions options;
    options.folder = folder / "set";
    options.shard_rows = 150'000;
    options.threads = threads;
    ShardSetWriter writer(options);
    for (std::size_t start = 0; start < rows.user.size(); start += piece) {
      const auto part = [start, size = std::min<std::size_t>(piece, rows.user.size() - start)](
                            const auto& column) { return std::span(column).subspan(start, size); };
      writer.append(Part::train,
                    {part(rows.user), part(rows.item), part(rows.rating), part(rows.timestamp)});
    }
    const auto set = writer.publish({}, small_catalogue());
    if (digest.empty()) digest = set.manifest().digest;
    EXPECT_EQ(set.manifest().digest, digest) << piece << ' ' << threads;
  }
  const auto set = ShardSet::open(folder / "set");
  const auto read = testing::read_part(set, Part::train);
  EXPECT_EQ(read.user, rows.user);
  EXPECT_EQ(read.item, rows.item);
  EXPECT_EQ(read.rating, rows.rating);
  EXPECT_EQ(read.timestamp, rows.timestamp);
}

TEST(ShardSetWriter, MeanAndVarianceAreThoseOfAllRows) {
  const testing::TemporaryFolder folder;
  const auto rows = many_rows(330'000);
  ShardSetOptions options;
  options.folder = folder / "set";
  ShardSetWriter writer(options);
  writer.append(Part::train, rows.view());
  writer.append(Part::test, kTest.view());
  const auto set = writer.publish({}, small_catalogue());
  const auto& manifest = set.manifest();
  // Exact: sums of whole numbers.
  std::int64_t halves = 0;
  std::int64_t time = kTest.timestamp[0];
  for (const auto rating : rows.rating) halves += static_cast<std::int64_t>(2 * rating);
  for (const auto value : rows.timestamp) time += value;
  const double mean = static_cast<double>(time) / 330'001;
  double squares = (60 - mean) * (60 - mean);
  for (const auto value : rows.timestamp) {
    squares += (static_cast<double>(value) - mean) * (static_cast<double>(value) - mean);
  }
  EXPECT_NEAR(manifest.train_rating_mean, static_cast<double>(halves) / 2 / 330'000, 1e-12);
  EXPECT_NEAR(manifest.time_mean, mean, 1e-5);
  EXPECT_NEAR(manifest.time_variance / (squares / 330'001), 1, 1e-9);
  EXPECT_EQ(manifest.time_min, 60);
}

TEST(TinyData, HasEverythingThatVariantsUse) {
  const testing::TemporaryFolder folder;
  const auto set = testing::make_tiny_set(folder / "set", 9, 7, 200);
  EXPECT_EQ(set.manifest().user_count, 9U);
  EXPECT_EQ(set.manifest().item_count, 7U);
  EXPECT_EQ(set.manifest().title_count, 6U);
  EXPECT_EQ(set.manifest().rows(Part::train), 160U);
  EXPECT_EQ(set.manifest().rows(Part::test), 40U);
  EXPECT_EQ(set.catalogue().user_ages.size(), 9U);
  EXPECT_THAT(set.catalogue().user_zips, ElementsAre('1', '2', '3', 'V', '1', '2', '3', 'V', '1'));
  EXPECT_EQ(set.catalogue().genres.size(), 6U);
  EXPECT_GT(set.manifest().time_variance, 0);
  EXPECT_GT(set.manifest().shards.size(), 2U);
}

}  // namespace
}  // namespace nnrec::shards
