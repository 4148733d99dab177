#include "gatehouse/guard/redact/redactor.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <initializer_list>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "gatehouse/base/secret.h"
#include "gatehouse/base/strings.h"
#include "gatehouse/crypto/encoding.h"
#include "gatehouse/crypto/hmac.h"
#include "gatehouse/guard/redact/mask.h"
#include "gatehouse/guard/redact/normalise.h"
#include "gatehouse/guard/redact/surrogate.h"
#include "gatehouse/guard/redact/token.h"
#include "gatehouse/guard/vault/vault.h"
#include "gatehouse/json/value.h"

namespace gatehouse::guard {
namespace {

using Purpose = TenantKeys::Purpose;

constexpr std::size_t kHashBytes = 8;  // shown as twice as many digits

std::string_view view_of(const TenantKeys::Key& key) { return {reinterpret_cast<const char*>(key.data()), key.size()}; }

// A MAC's message: each part with its length in front, so that no two lists of parts are the same message.
base::Secret message_of(std::initializer_list<std::string_view> parts) {
  std::size_t size = 0;
  for (const std::string_view part : parts) size += 4 + part.size();
  std::string message;
  message.reserve(size);  // growing would leave copies behind
  for (const std::string_view part : parts) {
    for (unsigned shift = 0; shift < 32; shift += 8) message.push_back(static_cast<char>(part.size() >> shift & 0xff));
    message.append(part);
  }
  return base::Secret(std::move(message));
}

// A finding and how far it reaches once characters and escapes are kept whole.
struct Span {
  std::size_t begin;
  std::size_t end;
  std::size_t longest;  // of what it was made of
  float score;
  Family family;
  std::string_view entity;
  RedactStyle style;
};

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80; }

// To whole characters; where the text is no UTF-8 at most three bytes further.
void widen_to_characters(std::string_view text, Span& span) {
  for (int i = 0; i < 3 && span.begin > 0 && continues(text[span.begin]); ++i) --span.begin;
  for (int i = 0; i < 3 && span.end < text.size() && continues(text[span.end]); ++i) ++span.end;
}

// The escape of a JSON string that `at` lies within (not at its beginning): from and to; from == to if there is none.
std::pair<std::size_t, std::size_t> escape_around(std::string_view text, std::size_t at) {
  for (std::size_t back = 1; back <= 5 && back <= at; ++back) {
    const std::size_t start = at - back;
    if (text[start] != '\\') continue;
    std::size_t run = 1;
    while (run <= start && text[start - run] == '\\') ++run;
    if (run % 2 == 0) return {at, at};  // the backslash there is itself escaped
    const std::size_t size = start + 1 < text.size() && text[start + 1] == 'u' ? 6 : 2;
    if (back >= size) return {at, at};
    return {start, std::min(text.size(), start + size)};
  }
  return {at, at};
}

// Whether the escape at `at` is \uD800 to \uDBFF (`high`) or \uDC00 to \uDFFF.
bool is_surrogate_escape(std::string_view text, std::size_t at, bool high) {
  if (at + 6 > text.size() || text[at] != '\\' || text[at + 1] != 'u' || (text[at + 2] | 0x20) != 'd') return false;
  const char digit = base::lower(text[at + 3]);
  return high ? digit == '8' || digit == '9' || digit == 'a' || digit == 'b' : digit >= 'c' && digit <= 'f';
}

void widen_to_escapes(std::string_view text, Span& span) {
  const auto front = escape_around(text, span.begin);
  if (front.first != front.second) span.begin = front.first;
  const auto back = escape_around(text, span.end);
  if (back.first != back.second) span.end = back.second;
  // A character above U+FFFF is two escapes.
  if (is_surrogate_escape(text, span.begin, false) && span.begin >= 6 &&
      is_surrogate_escape(text, span.begin - 6, true)) {
    span.begin -= 6;
  }
  if (span.end >= 6 && is_surrogate_escape(text, span.end - 6, true) && is_surrogate_escape(text, span.end, false)) {
    span.end += 6;
  }
}

void merge(std::vector<Span>& spans) {
  std::ranges::sort(spans, {}, [](const Span& span) { return std::pair(span.begin, span.end); });
  std::size_t last = 0;
  for (std::size_t i = 1; i < spans.size(); ++i) {
    Span& into = spans[last];
    const Span& next = spans[i];
    if (next.begin >= into.end) {
      spans[++last] = next;
      continue;
    }
    into.end = std::max(into.end, next.end);
    into.style = std::min(into.style, next.style);
    if (next.longest > into.longest || (next.longest == into.longest && next.score > into.score)) {
      into.longest = next.longest;
      into.score = next.score;
      into.family = next.family;
      into.entity = next.entity;
    }
  }
  if (!spans.empty()) spans.erase(spans.begin() + static_cast<std::ptrdiff_t>(last) + 1, spans.end());
}

// The value that a stretch of JSON text stands for; as it is where it is none (a stretch over several strings).
base::Secret unescaped(std::string_view stretch) {
  if (stretch.find('\\') != std::string_view::npos) {
    const base::Secret quoted(fmt::format("\"{}\"", stretch));
    if (auto read = json::read_string(quoted.reveal())) return base::Secret(std::move(*read));
  }
  return base::Secret(std::string(stretch));
}

}  // namespace

std::size_t whole_until(std::string_view text, std::size_t frontier, llm::SegmentKind kind) {
  for (int i = 0; i < 3 && frontier > 0 && frontier < text.size() && continues(text[frontier]); ++i) --frontier;
  if (kind != llm::SegmentKind::tool_arguments) return frontier;
  if (const auto inside = escape_around(text, frontier); inside.first != inside.second) frontier = inside.first;
  // The second half of a character above U+FFFF may follow.
  if (frontier >= 6 && is_surrogate_escape(text, frontier - 6, true)) frontier -= 6;
  return frontier;
}

// What is derived when the first finding needs it.
struct Redaction::Keyed {
  explicit Keyed(std::shared_ptr<const TenantKeys> tenant_keys) : keys(std::move(tenant_keys)) {}

  crypto::Digest mac(Purpose purpose, const base::Secret& message) {
    auto& made = macs[static_cast<std::size_t>(purpose)];
    if (!made) made.emplace(view_of(keys->key(purpose)));
    return (*made)(message.reveal());
  }
  FormatPreserver& format(ValidCheck valid) {
    if (!preserver) preserver.emplace(keys->key(Purpose::format), valid);
    return *preserver;
  }

  std::shared_ptr<const TenantKeys> keys;
  std::array<std::optional<crypto::HmacSha256>, TenantKeys::kPurposes> macs;
  std::optional<FormatPreserver> preserver;
};

Redaction::Redaction(Keyring* keys, Vault* vault, const RedactScope& scope, base::WallTime now)
    : keys_(keys), vault_(vault), scope_(scope), now_(now) {}
Redaction::~Redaction() = default;

Result<Redaction::Keyed*> Redaction::keyed() {
  if (!keyed_) {
    if (keys_ == nullptr) return fail(Code::configuration, "redaction: this style needs a master key");
    keyed_ = std::make_unique<Keyed>(keys_->tenant(scope_.tenant));
  }
  return keyed_.get();
}

Result<> Redaction::replace(std::string_view text, llm::SegmentKind kind, const std::vector<Redacted>& findings,
                            std::vector<Replacement>& out) {
  std::vector<Span> spans;
  spans.reserve(findings.size());
  for (const auto& [finding, style] : findings) {
    const std::size_t end = std::min(finding.end, text.size());
    if (finding.begin >= end) continue;
    spans.push_back({.begin = finding.begin,
                     .end = end,
                     .longest = end - finding.begin,
                     .score = finding.score,
                     .family = finding.family,
                     .entity = finding.entity,
                     .style = style});
  }
  merge(spans);  // first, so that what follows is done for few
  for (Span& span : spans) {
    widen_to_characters(text, span);
    if (kind == llm::SegmentKind::tool_arguments) widen_to_escapes(text, span);
  }
  merge(spans);
  const std::size_t before = out.size();
  for (const Span& span : spans) {
    const std::string_view stretch = text.substr(span.begin, span.end - span.begin);
    const base::Secret value =
        kind == llm::SegmentKind::tool_arguments ? unescaped(stretch) : base::Secret(std::string(stretch));
    // What an earlier turn's redaction put there: nothing would be gained, and the text would not stay coherent.
    if (span.style == RedactStyle::surrogate && belongs_to_nobody(span.entity, value.reveal())) continue;
    auto made = stand_in(span.family, span.entity, value.reveal(), span.style);
    if (!made) {
      out.resize(before);
      return std::unexpected(std::move(made.error()));
    }
    out.push_back({.offset = span.begin,
                   .length = span.end - span.begin,
                   .text = std::move(*made),
                   .entity = span.entity,
                   .style = span.style});
  }
  return {};
}

Result<std::string> Redaction::stand_in(Family family, std::string_view entity, std::string_view value,
                                        RedactStyle style) {
  switch (style) {
    case RedactStyle::placeholder:
      break;
    case RedactStyle::mask:
      return masked(family, entity, value);
    case RedactStyle::hash: {
      auto keys = keyed();
      if (!keys) return std::unexpected(std::move(keys.error()));
      const base::Secret plain(normalised(entity, value));
      const crypto::Digest digest = (*keys)->mac(Purpose::hash, message_of({entity, plain.reveal()}));
      return fmt::format("[{}:h_{}]", label_of(entity), crypto::to_hex(std::span(digest).first(kHashBytes)));
    }
    case RedactStyle::surrogate: {
      auto keys = keyed();
      if (!keys) return std::unexpected(std::move(keys.error()));
      const base::Secret plain(normalised(entity, value));
      const crypto::Digest draw =
          (*keys)->mac(Purpose::surrogate, message_of({scope_.conversation, entity, plain.reveal()}));
      if (auto made = surrogate(entity, value, draw)) return std::move(*made);
      return (*keys)->format(scope_.valid).replace(entity, value);
    }
    case RedactStyle::format_preserving: {
      auto keys = keyed();
      if (!keys) return std::unexpected(std::move(keys.error()));
      return (*keys)->format(scope_.valid).replace(entity, value);
    }
    case RedactStyle::token:
      return token_of(family, entity, value);
  }
  return fmt::format("[{}]", label_of(entity));
}

Result<std::string> Redaction::token_of(Family family, std::string_view entity, std::string_view value) {
  if (vault_ == nullptr) return fail(Code::configuration, "redaction: tokens need the vault");
  auto keys = keyed();
  if (!keys) return std::unexpected(std::move(keys.error()));
  const base::Secret plain(normalised(entity, value));
  const crypto::Digest digest =
      (*keys)->mac(Purpose::token, message_of({scope_.tenant, scope_.conversation, entity, plain.reveal()}));
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < sizeof(bits); ++i) bits = bits << 8U | digest[i];
  VaultItem item{.tenant = scope_.tenant,
                 .scope = scope_.conversation,
                 .owner = scope_.owner,
                 .entity = entity,
                 .token = token_id_of(bits >> 4U),
                 .check = {},
                 .value = value,
                 .retention = scope_.retention};
  std::memcpy(item.check.data(), digest.data() + sizeof(bits), item.check.size());
  if (auto kept = vault_->put(item, now_); !kept) return std::unexpected(std::move(kept.error()));
  return token_text(family, entity, item.token);
}

}  // namespace gatehouse::guard
