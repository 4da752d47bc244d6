#include "nnrec/base/sha256.hpp"

#include <openssl/evp.h>

#include "nnrec/base/error.hpp"

namespace nnrec {

struct Sha256::Context {
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> digest{EVP_MD_CTX_new(),
                                                                 &EVP_MD_CTX_free};
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {
  if (!context_->digest || EVP_DigestInit_ex(context_->digest.get(), EVP_sha256(), nullptr) != 1) {
    throw InternalError("the crypto library offers no SHA-256");
  }
}

Sha256::~Sha256() = default;

void Sha256::update(std::span<const std::byte> bytes) {
  if (EVP_DigestUpdate(context_->digest.get(), bytes.data(), bytes.size()) != 1) {
    throw InternalError("SHA-256 update failed");
  }
}

Sha256Digest Sha256::digest() {
  Sha256Digest digest{};
  auto* bytes = reinterpret_cast<unsigned char*>(digest.data());
  if (EVP_DigestFinal_ex(context_->digest.get(), bytes, nullptr) != 1) {
    throw InternalError("SHA-256 finish failed");
  }
  return digest;
}

std::string Sha256::hex_digest() {
  std::string hex;
  for (const std::byte byte : digest()) hex += fmt::format("{:02x}", byte);
  return hex;
}

}  // namespace nnrec
