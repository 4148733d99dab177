// Whatever is accepted as a key set keeps its bounds, and no key of it accepts a signature that nobody made.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "gatehouse/govern/jwks.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gatehouse;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto set = govern::JwkSet::parse(text);
  if (!set) return 0;
  require(!set->keys().empty() && set->keys().size() + set->left_out() <= govern::kMaxJwksKeys);
  for (const auto& key : set->keys()) {
    for (int i = 0; i <= static_cast<int>(crypto::SignatureAlgorithm::eddsa); ++i) {
      const auto algorithm = static_cast<crypto::SignatureAlgorithm>(i);
      const auto* found = set->find(key.kid, algorithm);
      require(found == nullptr || found->type() == crypto::key_type_of(algorithm));
      // An RSA key of somebody's choosing can be one for which a signature is easy to find; ours to check is the type.
      if (key.key.type() != crypto::key_type_of(algorithm))
        require(!key.key.verify(algorithm, "m", text.substr(0, 64)));
    }
  }
  return 0;
}
