#include "nnrec/base/sha256.hpp"

#include <array>

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

std::string Sha256::hex_digest() {
  std::array<unsigned char, 32> digest{};
  if (EVP_DigestFinal_ex(context_->digest.get(), digest.data(), nullptr) != 1) {
    throw InternalError("SHA-256 finish failed");
  }
  std::string hex;
  for (const unsigned char byte : digest) hex += fmt::format("{:02x}", byte);
  return hex;
}

}  // namespace nnrec
