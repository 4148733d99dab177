#include "gatehouse/govern/jwt_door.h"

#include <utility>

namespace gatehouse::govern {

JwtDoor::JwtDoor(const JwtVerifier& rules, std::shared_ptr<const IssuerKeys> keys, UnknownKids& unknown,
                 std::size_t capacity)
    : rules_(rules), keys_(std::move(keys)), unknown_(unknown), cache_(capacity) {}

bool JwtDoor::known(std::string_view token, crypto::HmacSha256& hash, base::WallTime now) {
  return token.size() <= kMaxTokenSize && cache_.find(hash(token), keys_->generation(), now) != nullptr;
}

std::expected<std::shared_ptr<const JwtCaller>, JwtRefusal> JwtDoor::find(std::string_view token,
                                                                          crypto::HmacSha256& hash, NodeLookup lookup,
                                                                          base::WallTime now) {
  const auto refuse = [this](JwtRefusal&& refusal) {
    ++refused_.at(static_cast<std::size_t>(refusal.fault));
    return std::unexpected(std::move(refusal));
  };
  // Before the hash: a long header must not buy a long computation.
  if (token.size() > kMaxTokenSize) {
    return refuse({.fault = JwtFault::malformed,
                   .error = Error(Code::unauthenticated, "The token is not valid."),
                   .issuer = 0,
                   .kid = {}});
  }
  const crypto::Digest digest = hash(token);
  if (auto caller = cache_.find(digest, keys_->generation(), now)) return caller;
  auto verified = rules_.verify(token, *keys_, lookup, now);
  if (!verified) {
    if (verified.error().fault == JwtFault::unknown_key) unknown_.note(verified.error().issuer, verified.error().kid);
    return refuse(std::move(verified.error()));
  }
  auto caller = std::make_shared<const JwtCaller>(*std::move(verified));
  cache_.put(digest, keys_->generation(), caller);
  return caller;
}

}  // namespace gatehouse::govern
