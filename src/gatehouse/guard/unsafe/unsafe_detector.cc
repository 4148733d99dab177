#include "gatehouse/guard/unsafe/unsafe_detector.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "gatehouse/guard/unsafe/ahead.h"
#include "gatehouse/guard/unsafe/markup_judge.h"
#include "gatehouse/guard/unsafe/payloads.h"
#include "gatehouse/guard/unsafe/shell_judge.h"
#include "gatehouse/guard/unsafe/sql_judge.h"
#include "gatehouse/guard/unsafe/url_judge.h"
#include "gatehouse/guard/unsafe/value_ends.h"
#include "gatehouse/text/utf8.h"

namespace gatehouse::guard {
namespace unsafe {
namespace {

constexpr std::string_view kName = "unsafe_output";

enum class Entity : std::uint8_t {
  sql,
  xss,
  shell,
  traversal,
  ssrf,
  exfiltration,
  escape,
  hidden,
  template_code,
  ldap,
  entity,
  lookup,
};
constexpr EntityInfo kEntities[] = {
    {"SQL_INJECTION", "SQL made to change a statement it is put into", ""},
    {"XSS", "markup or a link that runs script where it is shown", ""},
    {"SHELL_COMMAND", "a command that destroys, runs fetched code or opens a shell to somebody else", ""},
    {"PATH_TRAVERSAL", "a path that leaves the folder it is put behind", ""},
    {"SSRF_URL", "a URL that leads inside: metadata, loopback, private addresses, in any spelling", ""},
    {"EXFILTRATION_URL", "a link or image whose URL takes data along", ""},
    {"ANSI_ESCAPE", "control sequences that command a terminal", ""},
    {"UNICODE_SPOOF", "characters that are not seen, or turn the order of others", ""},
    {"TEMPLATE_INJECTION", "an expression that a template engine carries out", ""},
    {"LDAP_INJECTION", "a value that ends an LDAP filter and begins another", ""},
    {"XML_ENTITY", "an XML entity that reads files or URLs, or multiplies", ""},
    {"JNDI_LOOKUP", "a lookup that loads code when it is logged", ""},
};
constexpr std::string_view kDetectors[] = {"unsafe_output.sql",  "unsafe_output.xss",     "unsafe_output.shell",
                                           "unsafe_output.path", "unsafe_output.ssrf",    "unsafe_output.exfiltration",
                                           "unsafe_output.ansi", "unsafe_output.unicode", "unsafe_output.template",
                                           "unsafe_output.ldap", "unsafe_output.xml",     "unsafe_output.jndi"};
static_assert(std::size(kEntities) == std::size(kDetectors));

// Which judge is asked about a hit.
enum class Judge : std::uint8_t {
  sql,
  procedure,  // xp_cmdshell
  value,      // a string in the JSON of a tool's arguments begins (value_ends.h)
  tag,
  handler,
  script_url,
  destroy,
  fetch,
  remote,
  fork_bomb,
  appended,
  url,
  traversal,
  template_code,
  lookup,
  ldap,
  entity,
  inclusion,
  escape,
  hidden,
};

// What gives a hint. The anchor, where a judge begins to read, is so many bytes in front of the match's end; kWord:
// where the word begins in which the match ends. Nothing behind white space may be needed for a hint, for a stream
// releases whole words.
constexpr std::uint8_t kWord = 255;
struct Hint {
  std::string_view pattern;
  std::uint8_t back;
  Judge judge;
  bool caseless = true;
};
constexpr Hint kHints[] = {
    {"union", 5, Judge::sql},
    {"select", 6, Judge::sql},
    {R"(;[\s+]{0,4}(?:drop|delete|insert|update|truncate|alter|create|exec|declare|shutdown|grant))", kWord,
     Judge::sql},
    {"(?:out|dump)file", kWord, Judge::sql},
    {"waitfor", 7, Judge::sql},
    {"(?:benchmark|pg_sleep|load_file|extractvalue|updatexml|randomblob)", kWord, Judge::sql},
    {R"(['"] ?--)", 2, Judge::sql},
    {R"(['"] ?#)", 1, Judge::sql},
    {"xp_cmdshell", 11, Judge::procedure},
    {"<[a-z]", 2, Judge::tag},
    {"on(?:error|load|click|dblclick|mouse|focus|blur|begin|end|toggle|pointer|animation|transition|start|finish|"
     "bounce|key|"
     "change|submit|reset|drag|drop|scroll|input|paste|copy|cut|wheel|resize|hash|page|message|show|unhandled|"
     "readystate|"
     "touch|search|select|invalid|play|seek|before|after)",
     kWord, Judge::handler},
    {"javascript:", 11, Judge::script_url},
    {"vbscript:", 9, Judge::script_url},
    {R"(\brm\s)", 3, Judge::destroy},
    {R"(\bdd\s)", 3, Judge::destroy},
    {R"(\bdel\s)", 4, Judge::destroy},
    {R"(\brd\s)", 3, Judge::destroy},
    {R"(\bformat\s)", 7, Judge::destroy},
    {"(?:mkfs|shred|wipefs|blkdiscard|chmod|chown|rmdir|vssadmin|wbadmin|wevtutil|rmtree)", kWord, Judge::destroy},
    {R"((?:curl|wget)[\s\\])", 5, Judge::fetch},
    {R"(base64\s)", 7, Judge::fetch},
    {R"(\biex[\s(])", 4, Judge::fetch},
    {"remove-item", 11, Judge::destroy},
    {"invoke-expression", 17, Judge::fetch},
    {"(?:powershell|pwsh|certutil|bitsadmin|mshta|regsvr32|rundll32)", kWord, Judge::fetch},
    {"/dev/(?:tcp|udp)/", 9, Judge::remote},
    {R"(\bnc\s)", 3, Judge::remote},
    {R"((?:netcat|ncat|socat)\s)", kWord, Judge::remote},
    {"(?:mkfifo|mknod|fsockopen|tcpclient|socket)", kWord, Judge::remote},
    {R"(:\(\))", 3, Judge::fork_bomb},
    {R"([;|&`(]\s{0,2}(?:cat|type|less|head|tail|more)\s)", kWord, Judge::appended},
    {R"([;|&`(]\s{0,2}(?:whoami|id|uname))", kWord, Judge::appended},
    {"://", 3, Judge::url},
    {R"(\.\.[/\\])", 3, Judge::traversal},
    {R"(\.{4}//)", 6, Judge::traversal},
    {"%2e%2e", 6, Judge::traversal},
    {R"(\.%2e)", 4, Judge::traversal},
    {R"(%2e\.)", 4, Judge::traversal},
    {R"(\.\.%(?:2f|5c|25|c0))", 5, Judge::traversal},
    {"%252e%252e", 10, Judge::traversal},
    {"%c0%ae%c0%ae", 12, Judge::traversal},
    {R"(\{\{)", 2, Judge::template_code},
    {R"([$#]\{\d)", 3, Judge::template_code},
    {"<%=", 3, Judge::template_code},
    {"__(?:class|mro|subclasses|globals|builtins|base)__", kWord, Judge::template_code},
    {R"(java\.lang\.runtime)", 17, Judge::template_code},
    {R"(java\.lang\.processbuilder)", 24, Judge::template_code},
    {R"(constructor\.constructor)", 23, Judge::template_code},
    {R"(freemarker\.template\.utility)", 27, Judge::template_code},
    {R"(\$\{jndi)", 6, Judge::lookup},
    {R"(\$\{(?:\$\{|::))", 4, Judge::lookup},
    {R"(\$\{(?:lower|upper|date:))", 7, Judge::lookup},
    {R"(\$\{(?:env:|sys:))", 6, Judge::lookup},
    {R"(\*\)\()", 3, Judge::ldap},
    {R"(\*\)\)\()", 4, Judge::ldap},
    {R"(\)\([|&]\()", 4, Judge::ldap},
    {"<!entity", 8, Judge::entity},
    {"xi:include", 10, Judge::inclusion},
    {R"(\x1b)", 1, Judge::escape, false},
    {R"(\xc2[\x90\x98\x9b\x9d-\x9f])", 2, Judge::escape, false},
    {R"(\xe2\x80[\x8b-\x8d\xaa-\xae])", 3, Judge::hidden, false},
    {R"(\xe2\x81[\xa0-\xa9])", 3, Judge::hidden, false},
    {R"(\xef\xb8[\x80-\x8f])", 3, Judge::hidden, false},
    {R"(\xef\xbb\xbf)", 3, Judge::hidden, false},
    {R"(\xf3\xa0[\x80\x81\x84-\x87])", 3, Judge::hidden, false},
};

// Where a place is, as far as the scores depend on it.
struct Site {
  bool fenced = false;
  bool inline_code = false;
  bool tool = false;
};

float weigh(Entity entity, const Verdict& verdict, const Site& site) {
  float score = verdict.score;
  if (site.fenced) {
    if (entity == Entity::hidden) return std::min(0.95F, score + 0.2F);  // code that is not what it seems
    if (entity == Entity::escape) return score;
    score *= verdict.nature == Nature::code ? 0.3F : verdict.nature == Nature::hazard ? 0.75F : 0.5F;
  } else if (site.inline_code) {
    score *= verdict.nature == Nature::code ? 0.4F : verdict.nature == Nature::hazard ? 0.9F : 0.85F;
  } else if (site.tool) {
    score *= 1.05F;
  }
  return std::min(score, 0.95F);
}

// Where the word begins that the text may end in. All hints are ASCII, or one character: what is written in other
// letters need not wait for a space, which some scripts do not have.
std::size_t open_word(const Look& look) {
  const std::string_view text = look.text;
  if (look.complete) return text.size();
  std::size_t at = text.size() - text::incomplete_tail(text);
  const std::size_t least = std::max(look.from, at - std::min<std::size_t>(at, 512));
  while (at > least) {
    const auto c = static_cast<unsigned char>(text[at - 1]);
    if (c >= 0x80 || is_space(c)) break;
    --at;
  }
  return at;
}

// One look.
class Looking {
 public:
  Looking(const Look& look, const UnsafeOptions& options, Findings& out)
      : look_(look), options_(options), out_(out), fence_(look.before.fence()), frontier_(open_word(look)) {}

  std::size_t run(std::span<const Hit> hits) {
    if (look_.from == 0 && look_.before.bytes() == 0 && !look_.text.empty()) {
      Ahead ahead(look_.text, 0, kSqlReach, look_.complete);
      settle(ahead, 0, Entity::sql, judge_sql_start(ahead, 0));
    }
    // What is not left to the matcher: in the order of the text, between its hits.
    std::vector<ValueEnd> ends;
    find_value_ends(look_.text, ends);
    std::vector<std::size_t> strings;
    if (look_.kind == llm::SegmentKind::tool_arguments) find_value_strings(look_.text, strings);
    std::size_t next_end = 0;
    std::size_t next_string = 0;
    const auto judge_before = [&](std::size_t end) {
      while (reads_ <= kMostReads) {
        const std::size_t a = next_end < ends.size() ? ends[next_end].end : kNone;
        const std::size_t b = next_string < strings.size() ? strings[next_string] : kNone;
        if (std::min(a, b) >= end) return;
        const bool ended = a <= b;
        const std::size_t at = ended ? ends[next_end++].conjunction : strings[next_string++];
        if (at >= look_.from) judge(ended ? Judge::sql : Judge::value, at);
      }
    };
    for (const Hit& hit : hits) {
      const Hint& hint = kHints[hit.trigger];
      judge_before(hit.end);
      if (reads_ > kMostReads) break;
      const std::size_t at = anchor(hit.end, hint);
      if (at == kNone || at < look_.from) continue;
      judge(hint.judge, at);
      if (reads_ > kMostReads) break;
    }
    judge_before(kNone);
    if (reads_ > kMostReads) out_.fail("too much to judge whether it is unsafe");
    return std::max(frontier_, look_.from);
  }

 private:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  // Of one text, of bytes by judges. Some milliseconds.
  static constexpr std::size_t kMostReads = 8'000'000;
  static constexpr std::size_t kFlatReads = 64;  // what a judgement costs besides, in the same coin

  std::size_t anchor(std::size_t end, const Hint& hint) const {
    if (hint.back != kWord) return end - hint.back;
    std::size_t at = end;
    while (at > 0 && is_space(static_cast<unsigned char>(look_.text[at - 1]))) --at;
    const auto in_word = [](char c) {
      const int b = static_cast<unsigned char>(c);
      return is_alnum(b) || b == '_';
    };
    const std::size_t least = at - std::min<std::size_t>(at, 40);
    while (at > least && in_word(look_.text[at - 1])) --at;
    return at < end ? at : kNone;
  }

  std::string_view behind(std::size_t at, std::size_t most) const {
    const std::size_t size = std::min(at, most);
    return look_.text.substr(at - size, size);
  }

  Site site(std::size_t at) {
    Site site;
    site.tool = look_.kind == llm::SegmentKind::tool_arguments;
    if (site.tool) return site;
    if (at > fenced_to_) {
      fence_.feed(look_.text.substr(fenced_to_, at - fenced_to_));
      fenced_to_ = at;
    }
    site.fenced = fence_.inside();
    if (!site.fenced) {
      const std::string_view line = behind(at, 160);
      const std::size_t begin = line.rfind('\n') == std::string_view::npos ? 0 : line.rfind('\n') + 1;
      site.inline_code = std::ranges::count(line.substr(begin), '`') % 2 == 1;
    }
    return site;
  }

  void settle(const Ahead& ahead, std::size_t at, Entity entity, const Verdict& verdict) {
    reads_ += ahead.reads() + kFlatReads;
    if (ahead.starved()) {
      frontier_ = std::min(frontier_, at);
      return;
    }
    if (!verdict) return;
    const float score = weigh(entity, verdict, site(at));
    if (score < 0.2F) return;
    const auto index = static_cast<std::size_t>(entity);
    out_.add({.family = Family::unsafe_output,
              .entity = kEntities[index].entity,
              .detector = kDetectors[index],
              .begin = verdict.begin,
              .end = std::min(std::max(verdict.end, verdict.begin + 1), look_.text.size()),
              .score = score,
              .view = look_.view});
  }

  template <class Ask>
  void ask(std::size_t at, std::size_t reach, Entity entity, Ask ask) {
    Ahead ahead(look_.text, at, reach, look_.complete);
    const Verdict verdict = ask(ahead);
    settle(ahead, at, entity, verdict);
  }

  void judge(Judge judge, std::size_t at) {
    switch (judge) {
      case Judge::sql: {
        const int before = at > 0 ? static_cast<unsigned char>(look_.text[at - 1]) : ' ';
        if (is_letter(before) || before == '_' || before == '.' || is_union_of_words(at)) return;
        return ask(at, kSqlReach, Entity::sql,
                   [&](Ahead& ahead) { return judge_sql_at(ahead, at, behind(at, kSqlBehind)); });
      }
      case Judge::procedure:
        return ask(at, 16, Entity::sql, [&](Ahead&) { return Verdict{.score = 0.7F, .begin = at, .end = at + 11}; });
      case Judge::value:
        return value(at);
      case Judge::tag:
        return ask(at, kMarkupReach, Entity::xss, [&](Ahead& ahead) { return judge_tag(ahead, at); });
      case Judge::handler:
        return ask(at, kMarkupReach, Entity::xss,
                   [&](Ahead& ahead) { return judge_handler(ahead, at, behind(at, kMarkupBehind)); });
      case Judge::script_url:
        return ask(at, kMarkupReach, Entity::xss,
                   [&](Ahead& ahead) { return judge_script_url(ahead, at, behind(at, kMarkupBehind)); });
      case Judge::destroy:
        return ask(at, kShellReach, Entity::shell,
                   [&](Ahead& ahead) { return judge_destroy(ahead, at, behind(at, kShellBehind)); });
      case Judge::fetch:
        return ask(at, kShellReach, Entity::shell,
                   [&](Ahead& ahead) { return judge_fetch(ahead, at, behind(at, kShellBehind)); });
      case Judge::remote:
        return ask(at, kShellReach, Entity::shell,
                   [&](Ahead& ahead) { return judge_remote_shell(ahead, at, behind(at, kShellBehind)); });
      case Judge::fork_bomb:
        return ask(at, kShellReach, Entity::shell, [&](Ahead& ahead) { return judge_fork_bomb(ahead, at); });
      case Judge::appended:
        return ask(at, kShellReach, Entity::shell,
                   [&](Ahead& ahead) { return judge_appended(ahead, at, behind(at, kShellBehind)); });
      case Judge::url:
        return url(at);
      case Judge::traversal:
        return ask(at, kPayloadReach, Entity::traversal,
                   [&](Ahead& ahead) { return judge_traversal(ahead, at, behind(at, kPayloadBehind)); });
      case Judge::template_code:
        return ask(at, kPayloadReach, Entity::template_code,
                   [&](Ahead& ahead) { return judge_template(ahead, at, behind(at, kPayloadBehind)); });
      case Judge::lookup:
        return ask(at, kPayloadReach, Entity::lookup, [&](Ahead& ahead) { return judge_lookup(ahead, at); });
      case Judge::ldap:
        return ask(at, kPayloadReach, Entity::ldap,
                   [&](Ahead& ahead) { return judge_ldap(ahead, at, behind(at, kPayloadBehind)); });
      case Judge::entity:
        return ask(at, kMarkupReach, Entity::entity, [&](Ahead& ahead) { return judge_entity(ahead, at); });
      case Judge::inclusion:
        return ask(at, kPayloadReach, Entity::entity, [&](Ahead& ahead) { return judge_inclusion(ahead, at); });
      case Judge::escape:
        return ask(at, kMarkupReach, Entity::escape, [&](Ahead& ahead) { return judge_escape(ahead, at); });
      case Judge::hidden:
        return ask(at, kHiddenReach, Entity::hidden,
                   [&](Ahead& ahead) { return judge_hidden(ahead, at, behind(at, kPayloadBehind)); });
    }
  }

  // "union" in a sentence, which judge_union would make nothing of: a word follows that is none of those that it goes
  // on with (all, distinct, div, mod, select), by its first letter.
  bool is_union_of_words(std::size_t at) const {
    constexpr std::string_view kUnion = "union ";
    if (!look_.complete || look_.text.size() - at <= kUnion.size()) return false;
    for (std::size_t i = 0; i < kUnion.size(); ++i) {
      if (lower(static_cast<unsigned char>(look_.text[at + i])) != kUnion[i]) return false;
    }
    const int next = lower(static_cast<unsigned char>(look_.text[at + kUnion.size()]));
    return is_letter(next) && next != 'a' && next != 'd' && next != 'm' && next != 's';
  }

  // The inside of a JSON string is a text of its own.
  void value(std::size_t begin) {
    if (look_.kind != llm::SegmentKind::tool_arguments) return;
    Ahead string(look_.text, begin, kSqlReach, look_.complete);
    std::size_t end = begin;
    while (string[end] >= 0 && string[end] != '"') end += string[end] == '\\' ? 2 : 1;
    if (string.starved()) {
      reads_ += string.reads();
      frontier_ = std::min(frontier_, begin);
      return;
    }
    if (end == begin || string[end] != '"') return;
    Ahead ahead(look_.text.substr(0, end), begin, kSqlReach, true);
    settle(ahead, begin, Entity::sql, judge_sql_start(ahead, begin));
  }

  void url(std::size_t colon) {
    const std::string_view front = behind(colon, kUrlBehind);
    Ahead ahead(look_.text, colon, kUrlReach, look_.complete);
    const bool tool = look_.kind == llm::SegmentKind::tool_arguments;
    const UrlVerdicts verdicts = judge_url(ahead, colon, front, tool, options_.trusted_hosts);
    // It begins with its scheme, which is of the same word.
    std::size_t begin = colon;
    while (begin > look_.from && colon - begin < 12 && is_alnum(static_cast<unsigned char>(look_.text[begin - 1])))
      --begin;
    settle(ahead, begin, Entity::ssrf, verdicts.inside);
    settle(ahead, begin, Entity::exfiltration, verdicts.carries);
  }

  const Look& look_;
  const UnsafeOptions& options_;
  Findings& out_;
  FenceState fence_;
  std::size_t fenced_to_ = 0;
  std::size_t frontier_;
  std::size_t reads_ = 0;
};

class UnsafeDetector final : public Detector {
 public:
  explicit UnsafeDetector(UnsafeOptions options) : options_(std::move(options)) {}

  std::string_view name() const override { return kName; }
  Family family() const override { return Family::unsafe_output; }
  std::span<const EntityInfo> entities() const override { return kEntities; }
  text::ViewKinds views(Direction) const override {
    return {text::ViewKind::original, text::ViewKind::json,   text::ViewKind::percent,
            text::ViewKind::html,     text::ViewKind::base64, text::ViewKind::hex};
  }
  bool concerns(Direction direction, llm::Role role, llm::SegmentKind kind) const override {
    if (kind == llm::SegmentKind::media) return false;
    return direction == Direction::response || role != llm::Role::system;
  }
  std::vector<Trigger> triggers() const override {
    std::vector<Trigger> triggers;
    for (std::size_t i = 0; i < std::size(kHints); ++i) {
      triggers.push_back({.trigger = static_cast<std::uint32_t>(i),
                          .pattern = std::string(kHints[i].pattern),
                          .caseless = kHints[i].caseless});
    }
    return triggers;
  }
  std::size_t look(const Look& look, std::span<const Hit> hits, Findings& out) const override {
    return Looking(look, options_, out).run(hits);
  }

 private:
  UnsafeOptions options_;
};

}  // namespace
}  // namespace unsafe

std::unique_ptr<Detector> make_unsafe_detector(UnsafeOptions options) {
  return std::make_unique<unsafe::UnsafeDetector>(std::move(options));
}

}  // namespace gatehouse::guard
