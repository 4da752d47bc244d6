// The seal itself, on any bytes.
#include "support.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nnrec;
  const auto text = fuzz::text_of(data, size);
  const auto raw = fuzz::write_input("raw", text);
  fuzz::allow_refusal([&] {
    const auto digest = io::check_seal(raw);
    fuzz::require(io::has_seal(raw) && text.find(digest) != std::string_view::npos,
                  "a digest that is accepted stands in the file");
  });
  if (size == 0) return 0;
  std::string digest;
  const auto sealed = fuzz::write_sealed("sealed", text, digest);
  fuzz::require(io::check_seal(sealed) == digest, "a seal that was appended is accepted");
  testing::flip_byte(sealed, size / 2);
  try {
    io::check_seal(sealed);
    fuzz::require(false, "one wrong bit is refused");
  } catch (const InputError&) {
    // Right.
  }
  return 0;
}
