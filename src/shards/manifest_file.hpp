#pragma once

#include <filesystem>

#include "nnrec/shards/shard_set.hpp"

namespace nnrec::shards {

/// Names within a shard set's folder and its files (data/FORMAT.md).
inline constexpr const char* kManifestName = "manifest.h5";
inline constexpr const char* kManifestKind = "nnrec manifest";
inline constexpr const char* kShardKind = "nnrec shard";

/// Writes the manifest, sealed and flushed; the digest of the result is returned.
std::string write_manifest(const std::filesystem::path& path, const Manifest& manifest,
                           const Catalogue& catalogue);

struct ManifestFile {
  Manifest manifest;
  Catalogue catalogue;
};
/// Checks seal, kind, schema version, and that all parts fit each other. Throws InputError.
ManifestFile read_manifest(const std::filesystem::path& path);

Part part_of_name(const std::string& name, const std::string& place);

}  // namespace nnrec::shards
