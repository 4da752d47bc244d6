#pragma once

#include <filesystem>

#include "nnrec/io/h5_file.hpp"
#include "nnrec/shards/shard_set.hpp"

namespace nnrec::shards {

/// Names within a shard set's folder and its files (data/FORMAT.md).
inline constexpr const char* kManifestName = "manifest.h5";
inline constexpr const char* kManifestKind = "nnrec manifest";
inline constexpr const char* kShardKind = "nnrec shard";

/// Writes the manifest, sealed and flushed.
void write_manifest(const std::filesystem::path& path, const Manifest& manifest,
                    const Catalogue& catalogue);

struct ManifestFile {
  Manifest manifest;
  Catalogue catalogue;
};
/// Checks seal, kind, schema version, and that all parts fit each other; makes the data digest.
/// Throws InputError.
ManifestFile read_manifest(const std::filesystem::path& path);
/// The manifest alone, without a digest, of a file whose seal was checked. Throws InputError.
Manifest read_numbers(const std::filesystem::path& path);

/// Throws InputError unless the file says that it is of this kind and of this program's schema.
void require_kind(const io::H5Reader& file, const std::string& path, const char* kind);

}  // namespace nnrec::shards
