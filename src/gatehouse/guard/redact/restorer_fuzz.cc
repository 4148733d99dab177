// Any text, of any kind, cut anywhere: what is restored does not depend on the cut, tokens in arguments leave JSON that
// was valid valid, little is held back, and what the finder of tokens sees is what the restorer restores.
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/guard/redact/restorer.h"
#include "gatehouse/json/scan.h"

namespace {

using namespace gatehouse;

void require(bool condition) {
  if (!condition) std::abort();
}

// Every second token has a value, one that must be escaped.
std::optional<base::Secret> find(const guard::TokenId& id) {
  if ((guard::bits_of(id) & 1U) != 0) return std::nullopt;
  return base::Secret("\"v\\\n{" + std::string(guard::view(id)));
}

std::string apply(std::string_view text, llm::SegmentKind kind, std::size_t cut) {
  const auto lookup = [](const guard::TokenId& id) { return find(id); };
  guard::Restorer restorer(lookup);
  std::string out;
  std::size_t from = 0;
  for (const std::size_t end : {cut, text.size()}) {
    const std::string_view seen = text.substr(0, end);
    const bool complete = end == text.size();
    std::vector<guard::Restoration> edits;
    const std::size_t frontier = restorer.look(seen, from, complete, kind, edits);
    require(frontier >= from && frontier <= seen.size());
    require(!complete || frontier == seen.size());
    require(seen.size() - frontier <= guard::kLongestToken + 2);
    for (const auto& edit : edits) {
      require(edit.offset >= from && edit.offset + edit.length <= frontier);
      out.append(seen.substr(from, edit.offset - from)).append(edit.value.reveal());
      from = edit.offset + edit.length;
    }
    out.append(seen.substr(from, frontier - from));
    from = frontier;
    if (complete) break;
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3 || size > 1U << 16U) return 0;
  constexpr llm::SegmentKind kKinds[] = {llm::SegmentKind::text, llm::SegmentKind::tool_arguments,
                                         llm::SegmentKind::url, llm::SegmentKind::media};
  const auto kind = kKinds[data[0] % std::size(kKinds)];
  const std::string_view text(reinterpret_cast<const char*>(data) + 3, size - 3);
  const std::size_t cut = (data[1] * 256U + data[2]) % (text.size() + 1);
  const std::string whole = apply(text, kind, text.size());
  require(apply(text, kind, cut) == whole);

  std::size_t known = 0;
  (void)guard::find_tokens(text, SIZE_MAX, [&](std::size_t begin, std::size_t end, const guard::TokenId& id) {
    require(begin < end && end <= text.size() && end - begin <= guard::kLongestToken);
    if (find(id)) ++known;
  });
  if (known == 0 || kind == llm::SegmentKind::media) require(whole == text);
  // A value that must be escaped is put into a string: outside of one it would not be JSON anyhow.
  if (kind == llm::SegmentKind::tool_arguments && known > 0 && text.starts_with("{\"") && json::validate(text)) {
    require(json::validate(whole).has_value());
  }
  return 0;
}
